"""A device that is listened to: its link, its frames, and the evidence, in one."""

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self, TypeAlias

from simulator.bench.ear import Ear, HeardFrame
from simulator.bench.links import Chunk, Link, LinkDown, LinkUp
from simulator.bench.suspicion import Suspect, Suspicion
from simulator.bench.wire_log import WireLog

Event: TypeAlias = HeardFrame | LinkUp | LinkDown


class OnLink:
    """Has a link that is open while the block runs."""

    def __init__(self, link: Link) -> None:
        self.link = link

    async def __aenter__(self) -> Self:
        await self.link.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.link.close()


class Listener(OnLink):
    """Use as an async context manager; iterate over `events` while it is open."""

    def __init__(self, link: Link, ear: Ear, log: WireLog | None = None) -> None:
        super().__init__(link)
        self.ear = ear
        self._log = log
        self._suspect = Suspect(ear.profile)

    async def events(self) -> AsyncIterator[Event]:
        """Yield frames, and the coming and going of the link, until it is closed."""
        async for happening in self.link.happenings():
            if self._log:
                self._log.note(happening)
            if not isinstance(happening, Chunk):
                if isinstance(happening, LinkDown):
                    self.ear.lose()
                yield happening
                continue
            self._suspect.hear(happening.data, is_whole=happening.is_whole)
            for frame in self.ear.hear(happening):
                yield frame

    async def send(self, data: bytes) -> None:
        """Write to the device; raise `LinkError`."""
        await self.link.send(data)
        if self._log:
            self._log.sent(data)

    def suspicion(self) -> Suspicion:
        """Return what the bytes heard of late may be."""
        return self._suspect.judge()
