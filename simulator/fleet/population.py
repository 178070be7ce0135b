"""Idle devices as arrays: what a population is, and the one whose devices keep rhythms.

A device that only reports every now and then needs no object of its own. It is a few numbers in
arrays: when it speaks next, and how many draws it has made. A whole window of time is worked out at
once for all of them; because draws are keyed, each device does what it would do alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Counts, Floats, Keys, draws

Codes: TypeAlias = NDArray[np.uint32]
"""Events: the number of the device, shifted by `KIND_BITS`, and the kind of the event."""

KIND_BITS = 3
NEVER = np.inf
MOST_DEVICES = 1 << (32 - KIND_BITS)


@dataclass(slots=True)
class Beat:
    """Where one device stands in one rhythm. Mutable: a device that is awake counts on."""

    next_s: float
    count: int


class Population(Protocol):
    """Idle devices `first` up to, but without, `last`."""

    first: int
    last: int

    def take(self, until_s: float) -> Iterator[tuple[Floats, Codes]]:
        """Yield all events before a time, in any order, and plan what comes after them."""
        ...

    def leave(self, device: int) -> list[Beat]:
        """Take a device out; return where it stands, kind by kind."""
        ...

    def join(self, device: int, beats: Sequence[Beat], until_s: float) -> list[tuple[float, int]]:
        """Take a device back; return its events before a time, as (time, kind)."""
        ...


class Rhythm:
    """One periodic activity of many devices: 20 bytes each.

    Its devices are `first`, `first + stride` and so on. An event follows the one before after
    `period_s`, give or take an even share `jitter` of it; at and after `ends_s` of a device, if
    that is given, there is none.
    """

    __slots__ = ("counts", "ends_s", "first", "keys", "low", "next_s", "period_s", "span", "stride")

    def __init__(
        self,
        keys: Keys,
        next_s: Floats,
        *,
        period_s: float,
        jitter: float,
        first: int,
        stride: int = 1,
        drawn: int = 1,
        ends_s: Floats | None = None,
    ) -> None:
        self.keys = keys
        self.next_s = next_s
        self.counts: Counts = np.full(len(keys), drawn, np.uint32)
        self.period_s = period_s
        self.low = 1.0 - jitter
        self.span = (1.0 + jitter) - (1.0 - jitter)
        self.first = first
        self.stride = stride
        self.ends_s = ends_s

    def take(self, until_s: float, kind: int) -> Iterator[tuple[Floats, Codes]]:
        """Yield the events before a time; those that follow them are planned."""
        due = np.flatnonzero(self.next_s < until_s)
        while due.size:
            at_s = self.next_s[due]
            counts = self.counts[due]
            next_s = self._after(due, at_s, counts)
            self.next_s[due] = next_s
            counts += np.uint32(1)
            self.counts[due] = counts
            yield at_s, self._codes(due, kind)
            due = due[next_s < until_s]

    def place(self, device: int) -> int | None:
        """Return where a device stands in the arrays; None if it has no such activity."""
        index, rest = divmod(device - self.first, self.stride)
        return index if not rest and 0 <= index < len(self.keys) else None

    def follow(self, index: int, beat: Beat) -> None:
        """Let one device go on by one event."""
        at = np.array([index])
        times = np.array([beat.next_s])
        beat.next_s = float(self._after(at, times, np.array([beat.count], np.uint32))[0])
        beat.count += 1

    def _after(self, due: NDArray[np.intp], at_s: Floats, counts: Counts) -> Floats:
        """Return when the next event of devices comes: what `Stream.jittered` would say."""
        next_s = draws(self.keys[due], counts)
        next_s *= self.span
        next_s += self.low
        next_s *= self.period_s
        next_s += at_s
        if self.ends_s is not None:
            next_s[next_s >= self.ends_s[due]] = NEVER
        return next_s

    def _codes(self, due: NDArray[np.intp], kind: int) -> Codes:
        codes = due.astype(np.uint32)
        if self.stride != 1:
            codes *= np.uint32(self.stride)
        codes += np.uint32(self.first)
        codes <<= np.uint32(KIND_BITS)
        codes |= np.uint32(kind)
        return codes


class Rhythms:
    """A population whose devices keep rhythms, each on its own; the kind is the rhythm's place."""

    def __init__(self, first: int, last: int, rhythms: Sequence[Rhythm]) -> None:
        if last > MOST_DEVICES or len(rhythms) > 1 << KIND_BITS:
            message = f"{last} devices with {len(rhythms)} rhythms have no room in 32 bits."
            raise ValueError(message)
        self.first = first
        self.last = last
        self.rhythms = rhythms

    def take(self, until_s: float) -> Iterator[tuple[Floats, Codes]]:
        """Yield all events before a time."""
        for kind, rhythm in enumerate(self.rhythms):
            yield from rhythm.take(until_s, kind)

    def leave(self, device: int) -> list[Beat]:
        """Take a device out; return where it stands, rhythm by rhythm."""
        return [self._stop(rhythm, rhythm.place(device)) for rhythm in self.rhythms]

    def join(self, device: int, beats: Sequence[Beat], until_s: float) -> list[tuple[float, int]]:
        """Take a device back; return its events before a time."""
        events = []
        for kind, (rhythm, beat) in enumerate(zip(self.rhythms, beats, strict=True)):
            index = rhythm.place(device)
            if index is None:
                continue
            while beat.next_s < until_s:
                events.append((beat.next_s, kind))
                rhythm.follow(index, beat)
            rhythm.next_s[index], rhythm.counts[index] = beat.next_s, beat.count
        return events

    def _stop(self, rhythm: Rhythm, index: int | None) -> Beat:
        if index is None:
            return Beat(NEVER, 0)
        beat = Beat(float(rhythm.next_s[index]), int(rhythm.counts[index]))
        rhythm.next_s[index] = NEVER
        return beat
