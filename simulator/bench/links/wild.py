"""A BLE device of which no profile is known: what it advertises, or else what it notifies.

Every service data and manufacturer data of an advertisement is a chunk of its own; its channel says
which, as [wire] of a profile does. A device that advertises neither is connected to.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator

from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from simulator.bench.links.adverts import AdvertLink, scanning, stop_scanning
from simulator.bench.links.aim import Aim
from simulator.bench.links.contract import Chunk, Happening, LinkCounts, LinkUp
from simulator.bench.links.errors import LinkError, LinkReason
from simulator.bench.links.gatt import GattLink
from simulator.bench.links.inbox import Inbox
from simulator.bench.links.radio import SYSTEM, Radio, full_uuid
from simulator.clock import monotonic_s
from simulator.profile import Wire

_FIND_S = 20.0
ANY = "any"
"""Every device that advertises data."""


class WildLink:
    """A link to a device, named by address or name, or to `any`."""

    def __init__(self, text: str, radio: Radio = SYSTEM, *, find_s: float = _FIND_S) -> None:
        self._aim = Aim(text, Wire())
        self._radio = radio
        self._find_s = find_s
        self._counts = LinkCounts()
        self._inbox: Inbox | None = None
        self._scanner: BleakScanner | None = None
        self._seen: asyncio.Future[bool] | None = None
        self._gatt: GattLink | None = None

    @property
    def name(self) -> str:
        """The address or name that was asked for."""
        return self._aim.text

    @property
    def counts(self) -> LinkCounts:
        """What it has carried so far."""
        return self._gatt.counts if self._gatt else self._counts

    async def open(self) -> None:
        """Find the device, and connect to it where it advertises no data; raise `LinkError`."""
        self._inbox = Inbox(self._counts)
        self._seen = asyncio.get_running_loop().create_future()
        self._scanner = await scanning(self.name, self._radio.scanner(self._hear))
        if self.name == ANY or await self._advertises():
            self._inbox.put(LinkUp(monotonic_s()))
            return
        await self._stop()
        self._gatt = GattLink(self._aim, self._radio, find_s=self._find_s)
        await self._gatt.open()

    def happenings(self) -> AsyncIterator[Happening]:
        """Yield what is heard, until the link is closed."""
        if self._gatt is not None:
            return self._gatt.happenings()
        if self._inbox is None:
            raise LinkError(self.name, LinkReason.UNKNOWN, "it was not opened")
        return self._inbox.happenings()

    async def send(self, data: bytes) -> None:
        """Write to a device that is connected to; raise `LinkError`."""
        if self._gatt is None:
            await AdvertLink(self._aim, self._radio).send(data)
        else:
            await self._gatt.send(data)

    async def close(self) -> None:
        """Stop listening, and let go of the device."""
        await self._stop()
        if self._gatt is not None:
            await self._gatt.close()
        if self._inbox is not None:
            self._inbox.close()

    async def _stop(self) -> None:
        scanner, self._scanner = self._scanner, None
        if scanner is not None:
            await stop_scanning(scanner)

    async def _advertises(self) -> bool:
        """Return whether the device advertises data, once it is heard."""
        assert self._seen is not None  # noqa: S101 - made by open
        try:
            async with asyncio.timeout(self._find_s):
                return await self._seen
        except TimeoutError as error:
            await self._stop()
            detail = f"it was not heard within {self._find_s:g} s"
            raise LinkError(self.name, LinkReason.MISSING, detail) from error

    def _hear(self, device: BLEDevice, heard: AdvertisementData) -> None:
        is_meant = self.name == ANY or self._aim.fits(device, heard)
        if self._inbox is None or self._seen is None or not is_meant:
            return
        said = [(channel, data) for channel, data in _said(heard) if data]
        for channel, data in said:
            chunk = Chunk(monotonic_s(), data, channel, device.address, is_whole=True)
            self._inbox.put(chunk)
        if not self._seen.done():
            self._seen.set_result(bool(said))


def channel_of(wire: Wire) -> str:
    """Return the channel by which devices of a profile advertise; empty where they do not."""
    if wire.service_data:
        return f"service {full_uuid(wire.service_data)}"
    return "" if wire.manufacturer is None else f"company {wire.manufacturer:04x}"


def _said(heard: AdvertisementData) -> Iterator[tuple[str, bytes]]:
    for uuid, data in heard.service_data.items():
        yield f"service {uuid}", bytes(data)
    for company, data in heard.manufacturer_data.items():
        yield f"company {company:04x}", bytes(data)
