"""A BLE device that is connected to: its notifications are chunks, its drop is a loss.

A loss is answered by looking for the device again. A disconnect of our own takes two seconds on
BlueZ, so it stands at the end only.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from simulator.bench.links.adverts import no_adapter
from simulator.bench.links.aim import Aim
from simulator.bench.links.contract import Chunk, Happening, LinkCounts, LinkDown, LinkUp
from simulator.bench.links.ending import end
from simulator.bench.links.errors import LINK_FAILURES, LinkError, LinkReason, link_error
from simulator.bench.links.inbox import Inbox
from simulator.bench.links.radio import SYSTEM, Radio, full_uuid
from simulator.clock import monotonic_s

NUS_TX = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"
NUS_RX = "6e400002-b5a3-f393-e0a9-e50e24dcca9e"
HM10 = full_uuid("ffe1")
_STANDARD = {full_uuid("2a19"), full_uuid("2a05")}  # battery level, service changed: no frames
_FIND_S = 20.0
_CLOSE_S = 5.0
_PAUSE_S = 0.2
_SETTINGS = "Compare [wire] of the profile (service, notify, write) with what the device offers."


class GattLink:
    """A link by connection and notifications."""

    def __init__(self, aim: Aim, radio: Radio = SYSTEM, *, find_s: float = _FIND_S) -> None:
        self._aim = aim
        self._radio = radio
        self._find_s = find_s
        self._counts = LinkCounts()
        self._inbox: Inbox | None = None
        self._client: BleakClient | None = None
        self._lost = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._consenting = AsyncExitStack()

    @property
    def name(self) -> str:
        """The address or name that was asked for."""
        return self._aim.text

    @property
    def counts(self) -> LinkCounts:
        """What it has carried so far."""
        return self._counts

    async def open(self) -> None:
        """Find the device, connect and subscribe; raise `LinkError`."""
        self._inbox = Inbox(self._counts)
        await self._connect()
        self._keeper = asyncio.create_task(self._keep())

    def happenings(self) -> AsyncIterator[Happening]:
        """Yield what happens, until the link is closed."""
        if self._inbox is None:
            raise LinkError(self.name, LinkReason.UNKNOWN, "it was not opened")
        return self._inbox.happenings()

    async def send(self, data: bytes) -> None:
        """Write to the characteristic that takes downlinks; raise `LinkError`."""
        client = self._client
        if client is None or not client.is_connected:
            raise LinkError(self.name, LinkReason.LOST)
        try:
            target = _writable(client, self._aim.wire.write)
            room = max(20, target.max_write_without_response_size)
            for at in range(0, len(data), room):
                await client.write_gatt_char(target, data[at : at + room])
        except LINK_FAILURES as error:
            raise _gatt_error(self.name, error) from error
        self._counts.sent_bytes += len(data)

    async def close(self) -> None:
        """Stop looking for the device, and let go of it."""
        if self._keeper is not None:
            await end(self._keeper)
        await self._release()
        if self._inbox is not None:
            self._inbox.close()

    async def _keep(self) -> None:
        """Connect again whenever the device has dropped the link."""
        assert self._inbox is not None  # noqa: S101 - made before this task
        while True:
            await self._lost.wait()
            self._inbox.put(LinkDown(monotonic_s(), LinkReason.LOST, "the device dropped the link"))
            await self._release()
            while True:
                try:
                    await self._connect()
                except LinkError:
                    await asyncio.sleep(_PAUSE_S)
                else:
                    self._counts.returns += 1
                    break

    async def _consent(self, address: str) -> None:
        """Let the device pair, if it wants to; other systems than BlueZ ask a person."""
        if sys.platform == "linux" and self._radio.clients is None:
            from simulator.bench.links.agent import pairing_agent

            with suppress(LinkError):
                await self._consenting.enter_async_context(pairing_agent(address))

    async def _release(self) -> None:
        """Let go of the client, also of one that was dropped: it keeps its D-Bus connection."""
        await self._consenting.aclose()
        client, self._client = self._client, None
        if client is not None:
            with suppress(*LINK_FAILURES, TimeoutError):
                async with asyncio.timeout(_CLOSE_S):
                    await client.disconnect()

    async def _connect(self) -> None:
        assert self._inbox is not None  # noqa: S101 - made by open
        self._lost.clear()
        device = await self._find()
        client = self._radio.client(device, lambda _: self._lost.set())
        self._client = client
        await self._consent(device.address)
        try:
            await client.connect()
            for one in _notifying(client, self._aim.wire.notify):
                await client.start_notify(one, self._take)
        except LINK_FAILURES as error:
            await self._release()
            raise _gatt_error(self.name, error) from error
        self._inbox.put(LinkUp(monotonic_s()))

    def _take(self, origin: BleakGATTCharacteristic, data: bytearray) -> None:
        if self._inbox is not None and self._client is not None:
            said = Chunk(monotonic_s(), bytes(data), origin.uuid, self._client.address)
            self._inbox.put(said)

    async def _find(self) -> BLEDevice:
        """Return the device once it is heard; raise `LinkError` when it is not in time."""
        found: asyncio.Future[BLEDevice] = asyncio.get_running_loop().create_future()

        def hear(device: BLEDevice, heard: AdvertisementData) -> None:
            if not found.done() and self._aim.fits(device, heard):
                found.set_result(device)

        scanner = self._radio.scanner(hear)
        try:
            async with scanner, asyncio.timeout(self._find_s):
                return await found
        except TimeoutError as error:
            detail = f"it was not heard within {self._find_s:g} s"
            raise LinkError(self.name, LinkReason.MISSING, detail) from error
        except LINK_FAILURES as error:
            raise no_adapter(self.name, error) from error


def _gatt_error(name: str, error: BaseException) -> LinkError:
    """Return why a connection is of no use; its settings are services, not those of a line."""
    found = link_error(name, error)
    if found.reason is LinkReason.WRONG_SETTINGS:
        return LinkError(name, found.reason, found.detail, remedy=_SETTINGS)
    return found


def _notifying(client: BleakClient, wanted: list[str]) -> list[BleakGATTCharacteristic]:
    """Return the characteristics whose notifications are frames; raise ValueError without one."""
    if wanted:
        return [_characteristic(client, uuid) for uuid in wanted]
    known = [one for service in client.services for one in service.characteristics]
    speaking = [one for one in known if {"notify", "indicate"} & set(one.properties)]
    usual = [one for one in speaking if one.uuid in (NUS_TX, HM10)]
    found = usual or [one for one in speaking if one.uuid not in _STANDARD]
    if not found:
        raise ValueError("no characteristic notifies; name one as notify in [wire] of the profile")
    return found


def _writable(client: BleakClient, wanted: str) -> BleakGATTCharacteristic:
    for uuid in (wanted,) if wanted else (NUS_RX, HM10):
        found = client.services.get_characteristic(full_uuid(uuid))
        if found is not None:
            return found
    raise ValueError("no characteristic takes downlinks; name one as write in [wire]")


def _characteristic(client: BleakClient, uuid: str) -> BleakGATTCharacteristic:
    found = client.services.get_characteristic(full_uuid(uuid))
    if found is None:
        raise ValueError(f"it has no characteristic {uuid}; see notify in [wire] of the profile")
    return found
