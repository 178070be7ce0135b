"""bleak on bumble: any HCI transport, a USB dongle or a virtual controller, is the adapter.

It is for machines whose system has no Bluetooth, and for tests. The classes are what bleak asks of
a backend of one's own; they are made for one adapter, because bleak takes classes, not objects.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeVar

from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError
from bumble.core import BaseBumbleError
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.hci import Address

from simulator.bench.links.hci import adapter_error, hci_transport, switch_on
from simulator.bench.links.heard import property_words, said_in, uuid_text
from simulator.bench.links.radio import Radio

T = TypeVar("T")
_OUR_ADDRESS = "F1:A5:5A:00:00:01"
_MTU = 247
_SHORT = 17  # characters of an address without its kind


@asynccontextmanager
async def dongle_radio(transport: str) -> AsyncIterator[Radio]:
    """Give the radio of an HCI transport, such as `usb:0` or `serial:/dev/ttyACM0`."""
    name = f"bumble:{transport}"
    async with hci_transport(transport, name=name) as hci:
        device = Device.with_hci("aurasim", Address(_OUR_ADDRESS), hci.source, hci.sink)
        await switch_on(device, name)
        try:
            yield radio_of(device, name)
        except BaseBumbleError as error:
            raise adapter_error(name, error) from error
        finally:
            await device.power_off()


def radio_of(central: Device, name: str = "bumble") -> Radio:
    """Return the radio of a bumble device that is switched on."""
    return Radio(name, _scanner_class(central), _client_class(central))


def _scanner_class(central: Device) -> type[BaseBleakScanner]:
    class Scanner(BaseBleakScanner):
        def __init__(
            self,
            detection_callback: Any,
            service_uuids: list[str] | None,
            scanning_mode: Literal["active", "passive"],
            **_: Any,
        ) -> None:
            super().__init__(detection_callback, service_uuids)
            self._is_active = scanning_mode == "active"

        async def start(self) -> None:
            self.seen_devices = {}
            central.on("advertisement", self._hear)
            await central.start_scanning(active=self._is_active, filter_duplicates=False)

        async def stop(self) -> None:
            central.remove_listener("advertisement", self._hear)
            await central.stop_scanning()

        def _hear(self, heard: Advertisement) -> None:
            said = said_in(heard)
            if self.is_allowed_uuid(said.service_uuids):
                address = str(heard.address)[:_SHORT]
                device = self.create_or_update_device(
                    address, address, said.local_name, heard.address, said
                )
                self.call_detection_callbacks(device, said)

    return Scanner


def _client_class(central: Device) -> type[BaseBleakClient]:
    class Client(BaseBleakClient):
        def __init__(self, address_or_ble_device: BLEDevice | str, **options: Any) -> None:
            options.pop("services", None)
            super().__init__(address_or_ble_device, **options)
            known = getattr(address_or_ble_device, "details", None)
            self._peer_address = known if isinstance(known, Address) else Address(self.address)
            self._name = getattr(address_or_ble_device, "name", None)
            self._connection: Connection | None = None
            self._peer: Peer | None = None
            self._told: dict[int, Callable[[bytes], None]] = {}

        @property
        def name(self) -> str:
            return self._name or self.address

        @property
        def mtu_size(self) -> int:
            return self._peer.gatt_client.mtu if self._peer else 23

        @property
        def is_connected(self) -> bool:
            return self._connection is not None

        async def connect(self, pair: bool, **options: Any) -> None:
            timeout_s = options.get("timeout", self._timeout)
            try:
                connection = await central.connect(self._peer_address, timeout=timeout_s)
            except (TimeoutError, BaseBumbleError) as error:
                raise BleakDeviceNotFoundError(self.address, f"no connection: {error}") from error
            self._connection = connection
            connection.once("disconnection", self._drop)
            self._peer = Peer(connection)
            await self._ask(self._peer.request_mtu(_MTU))
            if pair:
                await self._ask(connection.pair())
            self.services = await self._ask(_discovered(self._peer, lambda: self.mtu_size - 3))

        def _drop(self, reason: int) -> None:
            del reason
            self._connection = self._peer = None
            self._told.clear()
            if self._disconnected_callback:
                self._disconnected_callback()

        async def disconnect(self) -> None:
            if self._connection:
                await self._connection.disconnect()

        async def pair(self, *_: Any, **__: Any) -> None:
            if self._connection:
                await self._ask(self._connection.pair())

        async def unpair(self) -> None:
            raise BleakError("bonds are not kept")

        async def _ask(self, work: Awaitable[T]) -> T:
            try:
                return await work
            except (BaseBumbleError, TimeoutError) as error:
                raise BleakError(str(error) or "no answer") from error

        def _connected(self) -> Peer:
            if self._peer is None:
                raise BleakError("not connected")
            return self._peer

        async def read_gatt_char(
            self, characteristic: BleakGATTCharacteristic, **_: Any
        ) -> bytearray:
            client = self._connected().gatt_client
            return bytearray(await self._ask(client.read_value(characteristic.obj)))

        async def read_gatt_descriptor(
            self, descriptor: BleakGATTDescriptor, **_: Any
        ) -> bytearray:
            client = self._connected().gatt_client
            return bytearray(await self._ask(client.read_value(descriptor.obj)))

        async def write_gatt_char(
            self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
        ) -> None:
            client = self._connected().gatt_client
            await self._ask(client.write_value(characteristic.obj, bytes(data), response))

        async def write_gatt_descriptor(
            self, descriptor: BleakGATTDescriptor, data: SizedBuffer
        ) -> None:
            client = self._connected().gatt_client
            await self._ask(client.write_value(descriptor.obj, bytes(data), True))

        async def start_notify(
            self, characteristic: BleakGATTCharacteristic, callback: Any, **_: Any
        ) -> None:
            def tell(value: bytes) -> None:
                callback(bytearray(value))

            self._told[characteristic.handle] = tell
            await self._ask(self._connected().gatt_client.subscribe(characteristic.obj, tell))

        async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
            told = self._told.pop(characteristic.handle, None)
            await self._ask(self._connected().gatt_client.unsubscribe(characteristic.obj, told))

    return Client


async def _discovered(peer: Peer, room: Callable[[], int]) -> BleakGATTServiceCollection:
    found = BleakGATTServiceCollection()
    for service in await peer.discover_services():
        ours = BleakGATTService(service, service.handle, uuid_text(service.uuid))
        found.add_service(ours)
        for one in await service.discover_characteristics():
            words: Any = property_words(int(one.properties))
            found.add_characteristic(
                BleakGATTCharacteristic(one, one.handle, uuid_text(one.uuid), words, room, ours)
            )
            await one.discover_descriptors()
    return found
