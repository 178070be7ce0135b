"""One device as BlueZ shows it: what it advertises, its connection, and its services."""

import asyncio
from collections.abc import Callable

from bleak.backends.scanner import AdvertisementData
from bumble import gatt_client
from bumble.core import BaseBumbleError, InvalidStateError
from bumble.device import Connection, Device
from bumble.device import Peer as GattPeer
from bumble.hci import Address
from dbus_fast import Variant

from simulator.bench.emulate.bluez.tree import ObjectTree, Properties
from simulator.bench.emulate.bluez.words import CHARACTERISTIC, DESCRIPTOR, DEVICE, SERVICE, failed
from simulator.bench.links.heard import property_words, uuid_text

CONNECT_S = 20.0
_MTU = 517
_SHORT = 17  # characters of an address without its kind

Attribute = gatt_client.CharacteristicProxy[bytes] | gatt_client.DescriptorProxy


def path_of(adapter: str, address: Address) -> str:
    """Return the place of a device on the bus."""
    return f"{adapter}/dev_{str(address)[:_SHORT].replace(':', '_')}"


class Peer:
    """A device that was heard; `path` is its place on the bus."""

    def __init__(self, tree: ObjectTree, adapter: str, central: Device, address: Address) -> None:
        name = str(address)[:_SHORT]
        self.path = path_of(adapter, address)
        self._tree = tree
        self._central = central
        self._address = address
        self._connection: Connection | None = None
        self._attributes: dict[str, Attribute] = {}
        self._listeners: dict[str, Callable[[bytes], None]] = {}
        self._resolving: asyncio.Task[None] | None = None
        kind = "public" if address.is_public else "random"
        device = {
            "Address": Variant("s", name),
            "AddressType": Variant("s", kind),
            "Alias": Variant("s", name.replace(":", "-")),
            "Adapter": Variant("o", adapter),
            "ServicesResolved": Variant("b", False),
            "UUIDs": Variant("as", []),
        }
        facts = ("Connected", "Paired", "Bonded", "Trusted", "Blocked", "LegacyPairing")
        self._first = {DEVICE: {**device, **{fact: Variant("b", False) for fact in facts}}}

    def hear(self, said: AdvertisementData) -> None:
        """Take one advertisement; as in BlueZ, what it says is added to what was said before."""
        if self.path not in self._tree.objects:
            self._first[DEVICE] |= _news(self._first[DEVICE], said)
            self._tree.add(self.path, self._first)
            return
        news = _news(self._tree.properties(self.path, DEVICE), said)
        self._tree.change(self.path, DEVICE, news, always=("ManufacturerData", "ServiceData"))

    @property
    def is_connected(self) -> bool:
        """Return whether there is a connection."""
        return self._connection is not None

    async def connect(self) -> None:
        """Connect; the answer comes before the services are known."""
        if self._connection is not None:
            return
        try:
            connection = await self._central.connect(self._address, timeout=CONNECT_S)
        except (TimeoutError, BaseBumbleError) as error:
            raise failed("le-connection-abort-by-local") from error
        self._connection = connection
        connection.once("disconnection", self._dropped)
        self._tree.change(self.path, DEVICE, {"Connected": Variant("b", True)})
        self._resolving = asyncio.create_task(self._resolve(connection))

    async def disconnect(self) -> None:
        """Let go of the device."""
        if self._resolving is not None:
            self._resolving.cancel()
            await asyncio.wait([self._resolving])
        if self._connection is not None:
            await self._connection.disconnect()

    async def pair(self) -> None:
        """Pair, and keep no bond."""
        if self._connection is None:
            await self.connect()
        try:
            await self._linked().pair()
        except BaseBumbleError as error:
            raise failed("Authentication Failed", "AuthenticationFailed") from error
        news = {"Paired": Variant("b", True), "Bonded": Variant("b", True)}
        self._tree.change(self.path, DEVICE, news)

    async def read(self, path: str) -> bytes:
        """Read a characteristic or a descriptor."""
        self._linked()
        return bytes(await self._attribute(path).read_value())

    async def write(self, path: str, data: bytes, *, with_response: bool) -> None:
        """Write a characteristic or a descriptor."""
        self._linked()
        await self._attribute(path).write_value(data, with_response=with_response)

    async def notify(self, path: str) -> None:
        """Have a characteristic tell of its changes."""
        flags = self._tree.value(path, CHARACTERISTIC, "Flags").value
        one = self._attribute(path)
        if not {"notify", "indicate"} & set(flags) or isinstance(one, gatt_client.DescriptorProxy):
            raise failed("Operation is not supported", "NotSupported")
        if path in self._listeners:
            raise failed("Operation already in progress", "InProgress")

        def told(value: bytes) -> None:
            if path in self._tree.objects:
                news = {"Value": Variant("ay", bytes(value))}
                self._tree.change(path, CHARACTERISTIC, news, always=("Value",))

        self._listeners[path] = told
        await one.subscribe(told)
        self._tree.change(path, CHARACTERISTIC, {"Notifying": Variant("b", True)})

    async def hush(self, path: str) -> None:
        """End what `notify` began."""
        one, told = self._attribute(path), self._listeners.pop(path, None)
        if told is None or isinstance(one, gatt_client.DescriptorProxy):
            raise failed("No notify session started")
        await one.unsubscribe(told)
        self._tree.change(path, CHARACTERISTIC, {"Notifying": Variant("b", False)})

    def _linked(self) -> Connection:
        if self._connection is None:
            raise failed("Not connected", "NotConnected")
        return self._connection

    def _attribute(self, path: str) -> Attribute:
        if path not in self._attributes:
            raise failed("Not connected", "NotConnected")
        return self._attributes[path]

    def _dropped(self, reason: int) -> None:
        del reason
        self._connection = None
        self._attributes.clear()
        self._listeners.clear()
        if self.path not in self._tree.objects:
            return
        for path in [one for one in self._tree.objects if one.startswith(f"{self.path}/service")]:
            self._tree.remove(path)
        gone = {"ServicesResolved": Variant("b", False), "Connected": Variant("b", False)}
        self._tree.change(self.path, DEVICE, gone)

    async def _resolve(self, connection: Connection) -> None:
        """Find the services of the device and put them on the bus."""
        try:
            peer = GattPeer(connection)
            mtu = await peer.request_mtu(_MTU)
            for service in await peer.discover_services():
                await self._show(service, mtu)
        except (BaseBumbleError, InvalidStateError, TimeoutError):
            return  # the device left in the middle; its drop is told
        if self._connection is connection:
            self._tree.change(self.path, DEVICE, {"ServicesResolved": Variant("b", True)})

    async def _show(self, service: gatt_client.ServiceProxy, mtu: int) -> None:
        place = f"{self.path}/service{service.handle:04x}"
        properties = {
            "UUID": Variant("s", uuid_text(service.uuid)),
            "Device": Variant("o", self.path),
            "Primary": Variant("b", True),
            "Includes": Variant("ao", []),
        }
        self._tree.add(place, {SERVICE: properties})
        for one in await service.discover_characteristics():
            # the handle of the declaration, which stands in front of the value
            path = f"{place}/char{one.handle - 1:04x}"
            self._attributes[path] = one
            self._tree.add(path, {CHARACTERISTIC: _characteristic(one, place, mtu)})
            for descriptor in await one.discover_descriptors():
                below = f"{path}/desc{descriptor.handle:04x}"
                self._attributes[below] = descriptor
                self._tree.add(below, {DESCRIPTOR: _descriptor(descriptor, path)})


def _characteristic(
    one: gatt_client.CharacteristicProxy[bytes], service: str, mtu: int
) -> Properties:
    return {
        "UUID": Variant("s", uuid_text(one.uuid)),
        "Service": Variant("o", service),
        "Value": Variant("ay", b""),
        "Notifying": Variant("b", False),
        "MTU": Variant("q", mtu),
        "Flags": Variant("as", property_words(int(one.properties))),
    }


def _descriptor(one: gatt_client.DescriptorProxy, characteristic: str) -> Properties:
    return {
        "UUID": Variant("s", uuid_text(one.type)),
        "Characteristic": Variant("o", characteristic),
        "Value": Variant("ay", b""),
    }


def _news(known: Properties, said: AdvertisementData) -> Properties:
    """Return the properties of a device after one more advertisement."""

    def before(name: str) -> dict[str, Variant] | dict[int, Variant]:
        return known[name].value if name in known else {}

    companies = {key: Variant("ay", data) for key, data in said.manufacturer_data.items()}
    services = {key: Variant("ay", data) for key, data in said.service_data.items()}
    uuids = dict.fromkeys([*known["UUIDs"].value, *said.service_uuids])
    news = {
        "RSSI": Variant("n", said.rssi),
        "UUIDs": Variant("as", list(uuids)),
        "ManufacturerData": Variant("a{qv}", {**before("ManufacturerData"), **companies}),
        "ServiceData": Variant("a{sv}", {**before("ServiceData"), **services}),
    }
    if said.local_name:
        news |= {"Name": Variant("s", said.local_name), "Alias": Variant("s", said.local_name)}
    return news
