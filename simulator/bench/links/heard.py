"""What bumble hears, in the words that bleak and BlueZ have for it."""

import uuid

from bleak.backends.characteristic import GattCharacteristicsFlags
from bleak.backends.scanner import AdvertisementData
from bumble.core import UUID, AdvertisingData
from bumble.device import Advertisement


def said_in(heard: Advertisement) -> AdvertisementData:
    """Return an advertisement as bleak puts it; parts that are cut short are left out."""
    kinds, uuids, name = AdvertisingData, [], None
    companies: dict[int, bytes] = {}
    services: dict[str, bytes] = {}
    for kind, data in heard.data.ad_structures:
        if kind in (kinds.COMPLETE_LOCAL_NAME, kinds.SHORTENED_LOCAL_NAME):
            name = data.decode(errors="replace")
        elif kind == kinds.MANUFACTURER_SPECIFIC_DATA and len(data) >= 2:
            companies[int.from_bytes(data[:2], "little")] = bytes(data[2:])
        elif size := _UUID_LISTS.get(kind):
            pieces = (data[at : at + size] for at in range(0, len(data) - size + 1, size))
            uuids += [uuid_text(UUID.from_bytes(piece)) for piece in pieces]
        elif (size := _SERVICE_DATA.get(kind)) and len(data) >= size:
            services[uuid_text(UUID.from_bytes(data[:size]))] = bytes(data[size:])
    return AdvertisementData(name, companies, services, uuids, None, heard.rssi, (heard,))


_UUID_LISTS = {
    AdvertisingData.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
    AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
    AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
    AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
}
_SERVICE_DATA = {
    AdvertisingData.SERVICE_DATA_16_BIT_UUID: 2,
    AdvertisingData.SERVICE_DATA_128_BIT_UUID: 16,
}


def uuid_text(one: UUID) -> str:
    """Return a UUID in its long form."""
    return str(uuid.UUID(bytes=bytes(reversed(one.to_bytes(force_128=True)))))


def property_words(properties: int) -> list[str]:
    """Return what a characteristic can do, such as `notify`, from its bits."""
    flags = (flag for flag in GattCharacteristicsFlags if flag.value & properties)
    return [flag.name.replace("_", "-") for flag in flags]
