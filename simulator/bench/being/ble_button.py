"""A BLE peripheral on bumble: advertises, and notifies whoever is connected.

It runs on any HCI transport: a virtual controller in tests, a dongle on a desk. A device whose
frames are advertisements is silent until it has something to say.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from bumble.core import UUID, AdvertisingData
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Service

from simulator.bench.links import LinkError, LinkReason
from simulator.bench.links.ending import end
from simulator.bench.links.hci import HCI_FAILURES, switch_on
from simulator.profile import Wire

_FLAGS = b"\x06"  # general discoverable, no classic Bluetooth
_AD_BYTES = 31  # of an advertisement, as all scanners hear it
_USUAL_INTERVAL_S = 0.03
_USUAL_SERVICE, _USUAL_NOTIFY = "ffe0", "ffe1"
_SEGMENT = 20
_TOO_LONG = "Let the profile say shorter frames, or frames of a connection (service in [wire])."


class BlePeripheral:
    """One device on the air, by the [wire] of its profile; `hear` is told what is written to it."""

    def __init__(
        self,
        device: Device,
        wire: Wire,
        *,
        name: str,
        hear: Callable[[bytes], object] = lambda _: None,
        interval_s: float = _USUAL_INTERVAL_S,
    ) -> None:
        self._device = device
        self._wire = wire
        self._name = name
        self._hear = hear
        self._interval_ms = 1000.0 * interval_s
        self._listened = asyncio.Event()
        self._is_leaving = False
        self._returning: asyncio.Task[None] | None = None
        self._frame = b""
        self.speaks_gatt = not wire.service_data and wire.manufacturer is None
        can, may = Characteristic.Properties, Characteristic.READABLE | Characteristic.WRITEABLE
        notify = (wire.notify or [_USUAL_NOTIFY])[0]
        into = can.WRITE | can.WRITE_WITHOUT_RESPONSE
        value: CharacteristicValue[bytes] = CharacteristicValue(
            read=lambda _: self._frame, write=self._written
        )
        takes_too = wire.write in ("", notify)
        self._voice: Characteristic[bytes] = Characteristic(
            UUID(notify), can.NOTIFY | can.READ | (into if takes_too else 0), may, value
        )
        if self.speaks_gatt:
            offered = [self._voice]
            if not takes_too:
                offered.append(Characteristic(UUID(wire.write), into, may, value))
            device.add_service(Service(UUID(wire.service or _USUAL_SERVICE), offered))
            self._voice.on(self._voice.EVENT_SUBSCRIPTION, self._subscribed)
            device.on(device.EVENT_CONNECTION, self._connected)

    @property
    def address(self) -> str:
        """Return the address it advertises with."""
        return str(self._device.random_address)[:17]

    @property
    def is_connected(self) -> bool:
        """Return whether somebody is connected."""
        return bool(self._device.connections)

    async def start(self) -> None:
        """Switch on, and advertise that it can be connected to; raise `LinkError`."""
        self._is_leaving = False
        await switch_on(self._device, self.address)
        if self.speaks_gatt:
            await self._advertise()

    async def say(self, frame: bytes) -> None:
        """Say a frame: in the advertisement, or to whoever is connected, in pieces of 20 bytes.

        Raises LinkError for one that no advertisement has room for.
        """
        self._frame = frame
        if not self.speaks_gatt:
            await self._advertise()
            return
        for at in range(0, len(frame), _SEGMENT):
            await self._device.notify_subscribers(self._voice, frame[at : at + _SEGMENT])

    async def until_listened(self) -> None:
        """Wait until a gateway is connected and has asked for the frames."""
        await self._listened.wait()

    async def hush(self) -> None:
        """End an advertisement, as a button does after a burst."""
        if self._device.is_advertising:
            await self._device.stop_advertising()

    async def drop(self) -> None:
        """Leave whoever is connected, as a device that is carried away does."""
        for connection in list(self._device.connections.values()):
            await connection.disconnect()

    async def stop(self) -> None:
        """Switch off."""
        self._is_leaving = True  # and does not come back when the connection ends
        await self.hush()
        await self.drop()
        if self._returning is not None:
            await end(self._returning)
        await self._device.power_off()

    async def _advertise(self) -> None:
        said = self._advertisement()
        await self.hush()
        await self._device.start_advertising(
            advertising_data=said,
            scan_response_data=bytes(
                AdvertisingData([(AdvertisingData.COMPLETE_LOCAL_NAME, self._name.encode()[:29])])
            ),
            advertising_interval_min=self._interval_ms,
            advertising_interval_max=self._interval_ms,
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
        room = _AD_BYTES - len(bytes(AdvertisingData(said)))
        if room < 0:
            message = (
                f"a frame of {len(self._frame)} bytes is {-room} too long for an advertisement"
            )
            raise LinkError(self.address, LinkReason.WRONG_SETTINGS, message, remedy=_TOO_LONG)
        name, room = self._name.encode(), room - 2
        if room > 0:
            kind = kinds.COMPLETE_LOCAL_NAME if len(name) <= room else kinds.SHORTENED_LOCAL_NAME
            said.append((kind, name[:room]))
        return bytes(AdvertisingData(said))

    def _connected(self, connection: Connection) -> None:
        connection.once(connection.EVENT_DISCONNECTION, self._disconnected)

    def _disconnected(self, reason: int) -> None:
        """Be found again by whoever wants to connect."""
        del reason
        self._listened.clear()
        if not self._is_leaving:
            self._returning = asyncio.create_task(self._return())

    async def _return(self) -> None:
        with suppress(*HCI_FAILURES):  # the adapter is gone: it cannot be found any more
            await self._advertise()

    def _subscribed(self, bearer: object, notify: bool, indicate: bool) -> None:
        del bearer, indicate
        (self._listened.set if notify else self._listened.clear)()

    def _written(self, connection: Connection, value: bytes) -> None:
        del connection
        asyncio.get_running_loop().call_soon(self._hear, bytes(value))


class BleVoice:
    """A peripheral as a voice; what it advertises it says for `burst_s`, for ever without one."""

    def __init__(self, peripheral: BlePeripheral, burst_s: float | None = None) -> None:
        self._peripheral = peripheral
        self._burst_s = burst_s
        self._burst: asyncio.Task[None] | None = None
        self._is_on = False

    @property
    def where(self) -> str:
        """The address, as an option."""
        return f"--ble {self._peripheral.address}"

    async def say(self, frame: bytes) -> None:
        """Say a frame, unless it is switched off."""
        if not self._is_on:
            return
        await self._end_burst()
        await self._peripheral.say(frame)
        if self._burst_s is not None and not self._peripheral.speaks_gatt:
            self._burst = asyncio.create_task(self._silence(self._burst_s))

    async def until_silent(self) -> None:
        """Wait until a burst is over."""
        if self._burst is not None:
            await asyncio.wait([self._burst])

    async def unplug(self) -> None:
        """Switch off."""
        if self._is_on:
            self._is_on = False
            await self._end_burst()
            await self._peripheral.stop()

    async def plug(self) -> None:
        """Switch on."""
        if not self._is_on:
            await self._peripheral.start()
            self._is_on = True

    async def _silence(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        await self._peripheral.hush()

    async def _end_burst(self) -> None:
        if self._burst is not None:
            await end(self._burst)
            self._burst = None
