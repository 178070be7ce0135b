"""A BLE peripheral on bumble: advertises, and notifies whoever is connected.

It runs on any HCI transport: a virtual controller in tests, a dongle on a desk.
"""

import asyncio
from collections.abc import Callable

from bumble.core import UUID, AdvertisingData
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Service

from simulator.profile import Wire

_FLAGS = b"\x06"  # general discoverable, no classic Bluetooth
_NAME_ROOM = 26
_USUAL_SERVICE, _USUAL_NOTIFY = "ffe0", "ffe1"
_SEGMENT = 20


class BlePeripheral:
    """One device on the air, by the [wire] of its profile; `hear` is told what is written to it."""

    def __init__(
        self,
        device: Device,
        wire: Wire,
        *,
        name: str,
        hear: Callable[[bytes], object] = lambda _: None,
    ) -> None:
        self._device = device
        self._wire = wire
        self._name = name
        self._hear = hear
        self._frame = b""
        self.speaks_gatt = not wire.service_data and wire.manufacturer is None
        properties = Characteristic.Properties
        value: CharacteristicValue[bytes] = CharacteristicValue(
            read=lambda _: self._frame, write=self._written
        )
        self._voice: Characteristic[bytes] = Characteristic(
            UUID((wire.notify or [_USUAL_NOTIFY])[0]),
            properties.NOTIFY | properties.READ | properties.WRITE_WITHOUT_RESPONSE,
            Characteristic.READABLE | Characteristic.WRITEABLE,
            value,
        )
        if self.speaks_gatt:
            service = UUID(wire.service or _USUAL_SERVICE)
            device.add_service(Service(service, [self._voice]))

    @property
    def address(self) -> str:
        """Return the address it advertises with."""
        return str(self._device.random_address)[:17]

    @property
    def is_connected(self) -> bool:
        """Return whether somebody is connected."""
        return bool(self._device.connections)

    async def start(self) -> None:
        """Switch on and advertise."""
        await self._device.power_on()
        await self._advertise()

    async def say(self, frame: bytes) -> None:
        """Say a frame: in the advertisement, or to whoever is connected, in pieces of 20 bytes."""
        self._frame = frame
        if not self.speaks_gatt:
            await self._advertise()
            return
        for at in range(0, len(frame), _SEGMENT):
            await self._device.notify_subscribers(self._voice, frame[at : at + _SEGMENT])

    async def drop(self) -> None:
        """Leave whoever is connected, as a device that is carried away does."""
        for connection in list(self._device.connections.values()):
            await connection.disconnect()

    async def stop(self) -> None:
        """Switch off."""
        await self.drop()
        if self._device.is_advertising:
            await self._device.stop_advertising()
        await self._device.power_off()

    async def _advertise(self) -> None:
        if self._device.is_advertising:
            await self._device.stop_advertising()
        await self._device.start_advertising(
            advertising_data=self._advertisement(),
            advertising_interval_min=30.0,
            advertising_interval_max=30.0,
            auto_restart=True,
        )

    def _advertisement(self) -> bytes:
        kinds, wire = AdvertisingData, self._wire
        said: list[tuple[int, bytes]] = [(kinds.FLAGS, _FLAGS)]
        if self.speaks_gatt:
            service = UUID(wire.service or _USUAL_SERVICE).to_bytes()
            kind = (
                kinds.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS
                if len(service) == 2
                else kinds.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS
            )
            said.append((kind, service))
        elif wire.service_data:
            head = UUID(wire.service_data).to_bytes()
            said.append((kinds.SERVICE_DATA_16_BIT_UUID, head + self._frame))
        elif wire.manufacturer is not None:
            head = wire.manufacturer.to_bytes(2, "little")
            said.append((kinds.MANUFACTURER_SPECIFIC_DATA, head + self._frame))
        room = 31 - len(bytes(AdvertisingData(said))) - 2
        if room > 0:
            said.append((kinds.COMPLETE_LOCAL_NAME, self._name.encode()[:room]))
        return bytes(AdvertisingData(said))

    def _written(self, connection: Connection, value: bytes) -> None:
        del connection
        asyncio.get_running_loop().call_soon(self._hear, bytes(value))


class BleVoice:
    """A peripheral as a voice."""

    def __init__(self, peripheral: BlePeripheral) -> None:
        self._peripheral = peripheral
        self._is_on = False

    @property
    def where(self) -> str:
        """The address, as an option."""
        return f"--ble {self._peripheral.address}"

    async def say(self, frame: bytes) -> None:
        """Say a frame, unless it is switched off."""
        if self._is_on:
            await self._peripheral.say(frame)

    async def unplug(self) -> None:
        """Switch off."""
        if self._is_on:
            self._is_on = False
            await self._peripheral.stop()

    async def plug(self) -> None:
        """Switch on."""
        if not self._is_on:
            await self._peripheral.start()
            self._is_on = True
