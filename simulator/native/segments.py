"""How frames are cut into the segments of a TCP line: receivers get this wrong."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import pairwise

from simulator.rng import Stream

_MOST_PIECES = 3


class Segments(StrEnum):
    """The cut: a frame a segment, frames in pieces, frames glued together, or both."""

    WHOLE = "whole"
    SPLIT = "split"
    COALESCED = "coalesced"
    MIXED = "mixed"

    @property
    def is_glued(self) -> bool:
        """Return whether frames that wait together leave in one segment."""
        return self in (Segments.COALESCED, Segments.MIXED)

    def cut(self, frames: Sequence[bytes], chance: Stream) -> Iterator[bytes]:
        """Yield the segments of frames that leave together; joined they are the frames."""
        parts = [b"".join(frames)] if self.is_glued else frames
        for part in parts:
            if self in (Segments.SPLIT, Segments.MIXED):
                yield from _pieces(part, chance)
            else:
                yield part


def _pieces(part: bytes, chance: Stream) -> Iterator[bytes]:
    cuts = {1 + chance.below(len(part) - 1) for _ in range(_MOST_PIECES - 1)} if part[1:] else ()
    edges = [0, *sorted(cuts), len(part)]
    yield from (part[start:end] for start, end in pairwise(edges))
