"""Which BLE device is meant: an address, a name, or the beginning of one."""

import re
from dataclasses import dataclass

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from simulator.bench.links.radio import full_uuid
from simulator.profile import Wire

_ADDRESS = re.compile(
    r"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-.*"
)


@dataclass(frozen=True, slots=True)
class Aim:
    """Names a device: an address (or macOS' UUID), a name, or `any` for one of the profile's."""

    text: str
    wire: Wire

    def fits(self, device: BLEDevice, heard: AdvertisementData) -> bool:
        """Return whether an advertisement is of the device that is meant."""
        name = heard.local_name or device.name or ""
        if self.text == "any":
            return knows(self.wire, name, heard)
        if _ADDRESS.fullmatch(self.text):
            return device.address.lower() == self.text.lower()
        return name.strip() == self.text.strip()


def knows(wire: Wire, name: str, heard: AdvertisementData) -> bool:
    """Return whether an advertisement looks like one of a profile."""
    if wire.ble_name and name.startswith(wire.ble_name):
        return True
    if wire.service and full_uuid(wire.service) in heard.service_uuids:
        return True
    return not wire.ble_name and frame_in(wire, heard) is not None


def frame_in(wire: Wire, heard: AdvertisementData) -> bytes | None:
    """Return the frame that an advertisement carries; None where it carries none."""
    if wire.service_data:
        return heard.service_data.get(full_uuid(wire.service_data))
    if wire.manufacturer is not None:
        return heard.manufacturer_data.get(wire.manufacturer)
    return None
