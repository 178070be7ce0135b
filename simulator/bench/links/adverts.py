"""A BLE device that only advertises: every advertisement it is heard with is a chunk.

Repetitions are handed on: how often an event is repeated is one of the things to measure. Who reads
the frames drops them by packet id, as a gateway does.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from simulator.bench.links.aim import Aim, frame_in
from simulator.bench.links.contract import Chunk, Happening, LinkCounts, LinkUp
from simulator.bench.links.errors import LINK_FAILURES, LinkError, LinkReason, link_error
from simulator.bench.links.inbox import Inbox
from simulator.bench.links.radio import SYSTEM, Radio
from simulator.clock import monotonic_s

_STOP_S = 5.0


class AdvertLink:
    """A link by advertisements alone; there is no way to send."""

    def __init__(self, aim: Aim, radio: Radio = SYSTEM) -> None:
        self._aim = aim
        self._radio = radio
        self._counts = LinkCounts()
        self._inbox: Inbox | None = None
        self._scanner: BleakScanner | None = None

    @property
    def name(self) -> str:
        """The address or name that is listened for."""
        return self._aim.text

    @property
    def counts(self) -> LinkCounts:
        """What it has heard so far."""
        return self._counts

    async def open(self) -> None:
        """Begin to listen; raise `LinkError` where there is no adapter."""
        self._inbox = Inbox(self._counts)
        self._scanner = await scanning(self.name, self._radio.scanner(self._hear))
        self._inbox.put(LinkUp(monotonic_s()))

    def happenings(self) -> AsyncIterator[Happening]:
        """Yield what is heard, until the link is closed."""
        if self._inbox is None:
            raise LinkError(self.name, LinkReason.UNKNOWN, "it was not opened")
        return self._inbox.happenings()

    async def send(self, data: bytes) -> None:
        """Refuse: nobody listens while it advertises."""
        del data
        raise LinkError(self.name, LinkReason.WRONG_SETTINGS, "an advertiser cannot be written to")

    async def close(self) -> None:
        """Stop listening."""
        if self._scanner is not None:
            await stop_scanning(self._scanner)
        if self._inbox is not None:
            self._inbox.close()

    def _hear(self, device: BLEDevice, heard: AdvertisementData) -> None:
        if self._inbox is None or not self._aim.fits(device, heard):
            return
        frame = frame_in(self._aim.wire, heard)
        if frame:
            chunk = Chunk(
                monotonic_s(), bytes(frame), "advertisement", device.address, is_whole=True
            )
            self._inbox.put(chunk)


async def scanning(name: str, scanner: BleakScanner) -> BleakScanner:
    """Start a scan for the device of a name; raise `LinkError` where there is no adapter."""
    try:
        await scanner.start()
    except LINK_FAILURES as error:
        raise no_adapter(name, error) from error
    return scanner


async def stop_scanning(scanner: BleakScanner) -> None:
    """Stop a scan; where the adapter is gone, nothing is left to stop."""
    with suppress(*LINK_FAILURES):
        async with asyncio.timeout(_STOP_S):
            await scanner.stop()


def no_adapter(name: str, error: BaseException) -> LinkError:
    """Return why a scan could not begin; without an adapter D-Bus has many words for it."""
    found = link_error(name, error)
    if found.reason in (LinkReason.UNKNOWN, LinkReason.MISSING):
        return LinkError(name, LinkReason.ADAPTER_OFF, found.detail)
    return found
