"""Lines of the journal on their way from a worker: their times and callouts travel beside them.

So whoever puts the lines of several workers in order need not read a single one. A frame also says
up to which time its worker has told everything: nothing of it will ever be earlier than that.
"""

from collections.abc import Sequence
from struct import Struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.journal import Answered, CalloutClosed, Record

_HEAD = Struct("<dI")
_MOST_CALLOUT = 1 << 62  # a number beyond is none of AURA's


class Lines(NamedTuple):
    """Whole lines in the order in which they were written, with their times in run seconds."""

    told_s: float
    times_s: NDArray[np.float64]
    callouts: NDArray[np.int64]  # one that was opened, less one that was closed, 0 for neither
    text: bytes


def pack(
    told_s: float, times_s: Sequence[float], callouts: Sequence[int], text: bytes | bytearray
) -> bytes:
    """Return lines as they travel."""
    times, opened = np.array(times_s, "<f8"), np.array(callouts, "<i8")
    return b"".join((_HEAD.pack(told_s, len(times)), times.tobytes(), opened.tobytes(), text))


def unpack(payload: bytes) -> Lines:
    """Read what `pack` made; raises ValueError or struct.error for anything else."""
    told_s, count = _HEAD.unpack_from(payload)
    times = np.frombuffer(payload, "<f8", count, _HEAD.size)
    callouts = np.frombuffer(payload, "<i8", count, _HEAD.size + 8 * count)
    return Lines(told_s, times, callouts, payload[_HEAD.size + 16 * count :])


def callout_of(record: Record) -> int:
    """Return the callout that a record opened, less the one that it closed; 0 for neither."""
    found = 0
    if isinstance(record, Answered) and record.kind == "press":
        found = record.callout or 0
    elif isinstance(record, CalloutClosed):
        found = -record.callout
    return found if abs(found) < _MOST_CALLOUT else 0
