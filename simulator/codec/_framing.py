"""Cuts a byte stream into frames, for every protocol that arrives over TCP or a serial line.

A protocol states how long the frame is that starts at a place (`Measure`); `StreamCutter` does the
rest: it skips what belongs to no frame, counts it, and never holds more than one longest frame.
What it finds depends on the bytes alone, never on the portions in which they arrive.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

NEED_MORE = 0
NO_FRAME = -1

Measure: TypeAlias = Callable[[bytes], int]
"""The size of the frame at the start of these bytes, or `NEED_MORE`, or `NO_FRAME`.

Bytes that follow must not change an answer other than `NEED_MORE`.
"""


class StreamCutter:
    """Cuts frames that start with one of `starts` (or anywhere, without any) and end by `measure`.

    `limit` is the longest frame; a longer one is taken for garbage and the search goes on at the
    byte after its start, so that one broken length never swallows the frames behind it.
    """

    __slots__ = ("_buffer", "_discarded", "_limit", "_measure", "_starts", "_tails")

    def __init__(self, measure: Measure, *, limit: int, starts: Sequence[bytes] = ()) -> None:
        self._measure = measure
        self._limit = limit
        self._starts = re.compile(b"|".join(map(re.escape, starts)))
        self._tails = {start[:n] for start in starts for n in range(1, len(start))}
        self._buffer = b""
        self._discarded = 0

    @property
    def discarded(self) -> int:
        """Return how many bytes so far belonged to no frame."""
        return self._discarded

    @property
    def pending(self) -> int:
        """Return how many bytes wait for the rest of their frame; at most `limit`."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes and return the frames that are now complete."""
        stream = self._buffer + data
        frames: list[bytes] = []
        at = self._next_start(stream, 0)
        while at < len(stream):
            size = self._size(stream[at : at + self._limit])
            if size == NEED_MORE:
                break
            if size == NO_FRAME:
                self._discarded += 1
                at = self._next_start(stream, at + 1)
            else:
                frames.append(stream[at : at + size])
                at = self._next_start(stream, at + size)
        self._buffer = stream[at:]
        return frames

    def _size(self, rest: bytes) -> int:
        size = self._measure(rest)
        is_open = size == NEED_MORE or size > len(rest)
        if not is_open:
            return size
        # Looking at no more than `limit` bytes makes all portions agree on what is too long.
        return NO_FRAME if len(rest) == self._limit or size > self._limit else NEED_MORE

    def _next_start(self, stream: bytes, at: int) -> int:
        found = self._starts.search(stream, at)
        start = found.start() if found else self._kept_tail(stream, at)
        self._discarded += start - at
        return start

    def _kept_tail(self, stream: bytes, at: int) -> int:
        longest = max(map(len, self._tails), default=0)
        for start in range(max(at, len(stream) - longest), len(stream)):
            if stream[start:] in self._tails:
                return start
        return len(stream)


def length_prefixed(
    header: int, size: Callable[[bytes], int], check: Callable[[bytes], bool] | None = None
) -> Measure:
    """Return the measure of frames whose first `header` bytes tell the size of the whole.

    `size` may answer `NO_FRAME`. A whole frame that fails `check` is no frame.
    """

    def measure(rest: bytes) -> int:
        if len(rest) < header:
            return NEED_MORE
        whole = size(rest)
        if whole == NO_FRAME or whole > len(rest) or check is None:
            return whole
        return whole if check(rest[:whole]) else NO_FRAME

    return measure


def terminated(*ends: bytes, after: int = 0) -> Measure:
    """Return the measure of frames that run to the first of `ends`, which belongs to the frame.

    The search begins `after` so many bytes, for protocols whose first mark equals the last. No end
    may begin with another.
    """
    pattern = re.compile(b"|".join(map(re.escape, ends)))

    def measure(rest: bytes) -> int:
        found = pattern.search(rest, after)
        return found.end() if found else NEED_MORE

    return measure


def by_start(measures: Mapping[bytes, Measure]) -> Measure:
    """Return the measure of a stream that mixes shapes, each known by its first bytes."""

    def measure(rest: bytes) -> int:
        for start, shape in measures.items():
            if rest.startswith(start):
                return shape(rest)
        return NEED_MORE if any(start.startswith(rest) for start in measures) else NO_FRAME

    return measure
