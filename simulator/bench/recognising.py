"""A device whose profile nobody named: its bytes are shown as they are until a profile reads them.

Each source of bytes, an advertiser or the other end of a line, is recognised by itself. What it had
said before is then read once more, so that no frame is missing.
"""

from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from simulator.bench.ear import Ear, EarCounts, HeardFrame
from simulator.bench.links import Chunk, Link, LinkDown, LinkUp, channel_of
from simulator.bench.listening import OnLink
from simulator.bench.suspicion import Finding, Suspect, Suspicion
from simulator.bench.wire_log import WireLog
from simulator.profile import Profile, load, profiles

_KEPT_CHUNKS = 256
_GROWTH = 1.25  # of what was heard, after which it is judged anew


@dataclass(frozen=True, slots=True)
class Recognised:
    """A profile was found; `suspicion` says how sure that is, `source` who it is about."""

    at_s: float
    profile: str
    suspicion: Suspicion
    source: str


BlindEvent: TypeAlias = Chunk | HeardFrame | LinkUp | LinkDown | Recognised


@dataclass(slots=True)
class _Source:
    """Who says something, and what is known of it."""

    name: str
    candidates: Sequence[Profile]
    suspect: Suspect = field(default_factory=Suspect)
    kept: deque[Chunk] = field(default_factory=lambda: deque(maxlen=_KEPT_CHUNKS))
    heard_bytes: int = 0
    judged_bytes: int = 0
    said: bytes = b""
    ear: Ear | None = None

    def hear(self, chunk: Chunk) -> Suspicion | None:
        """Take a chunk; return what the source is, if that is known now."""
        if chunk.is_whole and chunk.data == self.said:
            return None  # an advertisement that is repeated tells no more
        self.said = chunk.data
        self.kept.append(chunk)
        self.suspect.hear(chunk.data, is_whole=chunk.is_whole)
        self.heard_bytes += len(chunk.data)
        if self.heard_bytes < _GROWTH * self.judged_bytes:
            return None
        self.judged_bytes = self.heard_bytes
        found = self.suspect.judge(self.candidates)
        return found if found.finding is Finding.OTHER_PROTOCOL else None


class BlindListener(OnLink):
    """Listens to a device of no known profile, as `Listener` does to others."""

    def __init__(self, link: Link, *, framing: str = "", log: WireLog | None = None) -> None:
        super().__init__(link)
        self._framing = framing
        self._log = log
        self._sources: dict[tuple[str, str], _Source] = {}
        self._models = profiles()

    @property
    def ears(self) -> list[Ear]:
        """Return what reads the sources that were recognised."""
        return [one.ear for one in self._sources.values() if one.ear is not None]

    @property
    def counts(self) -> EarCounts:
        """Return what was heard of the sources that were recognised."""
        total = EarCounts()
        for ear in self.ears:
            for name in EarCounts.__slots__:
                setattr(total, name, getattr(total, name) + getattr(ear.counts, name))
        return total

    def suspicion(self) -> Suspicion:
        """Return what was found of who was heard most."""
        known = sorted(self._sources.values(), key=lambda one: (one.ear is None, -one.heard_bytes))
        if not known:
            return Suspicion(Finding.QUIET)
        return known[0].suspect.judge(known[0].candidates)

    async def events(self) -> AsyncIterator[BlindEvent]:
        """Yield chunks, frames once they can be read, and the coming and going of the link."""
        async for happening in self.link.happenings():
            if self._log:
                self._log.note(happening)
            if not isinstance(happening, Chunk):
                if isinstance(happening, LinkDown):
                    for ear in self.ears:
                        ear.lose()
                yield happening
                continue
            for event in self._hear(happening):
                yield event

    def _hear(self, chunk: Chunk) -> list[BlindEvent]:
        source = self._source(chunk)
        if source.ear is not None:
            return list(source.ear.hear(chunk))
        is_news = not (chunk.is_whole and chunk.data == source.said)
        found = source.hear(chunk)
        events: list[BlindEvent] = [chunk] if is_news else []
        if found is None:
            return events
        profile = load(found.profiles[0])
        source.ear = ear = Ear(profile, framing=self._framing)
        events.append(Recognised(chunk.at_s, profile.name, found, source.name))
        return [*events, *(frame for kept in source.kept for frame in ear.hear(kept))]

    async def send(self, data: bytes) -> None:
        """Write to the device; raise `LinkError`."""
        await self.link.send(data)
        if self._log:
            self._log.sent(data)

    def _source(self, chunk: Chunk) -> _Source:
        key = chunk.address or "", chunk.channel
        if key not in self._sources:
            fitting = [one for one in self._models if channel_of(one.wire) == chunk.channel]
            candidates = fitting if chunk.is_whole else self._models
            self._sources[key] = _Source(chunk.address or self.link.name, candidates)
        return self._sources[key]
