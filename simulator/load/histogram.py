"""Durations counted in buckets of constant relative width: exact to merge, small to store.

Durations are whole nanoseconds. Below 512 ns a bucket holds one value; above, each power of two is
cut into 256 buckets, so that the middle of a bucket is at most 1/512 (0.195 %) away from any value
in it. Counts are kept for the buckets that have any, which is what makes one histogram a second
affordable. The hot path writes plain rows; they are counted here by the thousand, with numpy.
"""

from collections.abc import Iterable, Mapping
from math import ceil
from typing import TYPE_CHECKING, Annotated

import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hdrh.histogram import HdrHistogram

SUB_BITS = 8
_EXACT = 2 << SUB_BITS  # values below this have a bucket each
_MANTISSA_BITS, _BIAS = 52, 1023  # of a double
_FIRST = (_BIAS + SUB_BITS - 1) << SUB_BITS
LONGEST_NS = 1 << 47  # 39 hours; what is longer counts as this
BUCKETS = ((47 - SUB_BITS) << SUB_BITS) + _EXACT
"""Every bucket is below this number."""

Whole = Annotated[int, Meta(ge=0)]


class HistogramJson(Struct, frozen=True):
    """A histogram as it is written: `counts` are (gap to the previous bucket, count) in turn."""

    n: Whole = 0
    sum_ns: Whole = 0
    min_ns: Whole = 0
    max_ns: Whole = 0
    counts: list[Whole] = []


def bucket_of(ns: int) -> int:
    """Return the bucket of a duration; negative ones count as 0."""
    ns = 0 if ns < 0 else min(ns, LONGEST_NS)
    shift = ns.bit_length() - SUB_BITS - 1
    return (shift << SUB_BITS) + (ns >> shift) if shift > 0 else ns


def buckets_of(ns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the buckets of many durations: the same numbers as `bucket_of`."""
    value = np.clip(ns, 0, LONGEST_NS)
    # a float is its exponent and then its first digits: shifted, that is the bucket
    buckets = value.astype(np.float64).view(np.int64)
    buckets >>= _MANTISSA_BITS - SUB_BITS
    buckets -= _FIRST
    np.copyto(buckets, value, where=value < _EXACT)
    return buckets


def middle_ns(bucket: int) -> int:
    """Return the middle of a bucket, for which all its values are taken."""
    if bucket < _EXACT:
        return bucket
    shift = (bucket >> SUB_BITS) - 1
    low = ((bucket & ((1 << SUB_BITS) - 1)) + (1 << SUB_BITS)) << shift
    return low + (1 << shift >> 1)


class Histogram:
    """Counts of durations. Mutable: record into it, or add another one to it."""

    __slots__ = ("counts", "max_ns", "min_ns", "n", "sum_ns")

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.n = 0
        self.sum_ns = 0
        self.min_ns = 0
        self.max_ns = 0

    def record(self, seconds: float) -> None:
        """Count one duration, given in seconds."""
        self.record_ns(max(0, round(seconds * 1e9)))

    def record_ns(self, ns: int, count: int = 1) -> None:
        """Count a duration so many times."""
        self._widen(ns, ns)
        bucket = bucket_of(ns)
        self.counts[bucket] = self.counts.get(bucket, 0) + count
        self.n += count
        self.sum_ns += ns * count

    def record_many(self, ns: NDArray[np.int64]) -> None:
        """Count many durations at once."""
        if not len(ns):
            return
        buckets, counts = np.unique(buckets_of(ns), return_counts=True)
        self.take(
            zip(buckets.tolist(), counts.tolist(), strict=True),
            total_ns=int(ns.sum()),
            least_ns=int(ns.min()),
            most_ns=int(ns.max()),
        )

    def take(
        self, counted: Iterable[tuple[int, int]], *, total_ns: int, least_ns: int, most_ns: int
    ) -> None:
        """Add what was counted elsewhere by the same buckets."""
        self._widen(least_ns, most_ns)
        mine = self.counts
        for bucket, count in counted:
            mine[bucket] = mine.get(bucket, 0) + count
            self.n += count
        self.sum_ns += total_ns

    def add(self, other: "Histogram") -> None:
        """Add another histogram; the result is the same as if all had been recorded here."""
        if other.n:
            self.take(
                other.counts.items(),
                total_ns=other.sum_ns,
                least_ns=other.min_ns,
                most_ns=other.max_ns,
            )

    def _widen(self, least_ns: int, most_ns: int) -> None:
        self.min_ns = least_ns if not self.n else min(self.min_ns, least_ns)
        self.max_ns = max(self.max_ns, most_ns)

    def percentile_s(self, percent: float) -> float | None:
        """Return what `percent` of the durations do not exceed, in seconds; None without any.

        The error is at most 0.2 % from 1 microsecond to 1 hour; 0 and 100 are exact.
        """
        if not self.n:
            return None
        if percent >= 100:
            return self.max_ns / 1e9
        if percent <= 0:
            return self.min_ns / 1e9
        wanted = max(1, ceil(self.n * percent / 100 - 1e-9))
        seen = 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            if seen >= wanted:
                return min(max(middle_ns(bucket), self.min_ns), self.max_ns) / 1e9
        raise AssertionError("unreachable")

    @property
    def mean_s(self) -> float | None:
        """Return the mean in seconds, exact; None without any."""
        return self.sum_ns / self.n / 1e9 if self.n else None

    @property
    def max_s(self) -> float | None:
        """Return the longest in seconds, exact; None without any."""
        return self.max_ns / 1e9 if self.n else None

    def share_above(self, seconds: float) -> float:
        """Return the share of the durations that are longer, to the width of a bucket."""
        if not self.n:
            return 0.0
        limit = bucket_of(round(seconds * 1e9))
        return sum(count for bucket, count in self.counts.items() if bucket > limit) / self.n

    def values(self) -> list[tuple[float, int]]:
        """Return (seconds, count) of every bucket that has any, in order: for plots."""
        return [(middle_ns(bucket) / 1e9, self.counts[bucket]) for bucket in sorted(self.counts)]

    def to_json(self) -> HistogramJson:
        """Return the compact form."""
        pairs: list[int] = []
        previous = 0
        for bucket in sorted(self.counts):
            pairs += bucket - previous, self.counts[bucket]
            previous = bucket
        return HistogramJson(self.n, self.sum_ns, self.min_ns, self.max_ns, pairs)

    @classmethod
    def from_json(cls, form: HistogramJson) -> "Histogram":
        """Read the compact form; raises ValueError where it contradicts itself."""
        made = cls()
        gaps, counts = form.counts[0::2], form.counts[1::2]
        if len(gaps) != len(counts) or sum(counts) != form.n or 0 in counts:
            message = f"the counts of a histogram do not add up to its n of {form.n}"
            raise ValueError(message)
        bucket = 0
        for at, (gap, count) in enumerate(zip(gaps, counts, strict=True)):
            bucket += gap
            if bucket >= BUCKETS or (at and not gap):
                message = f"the histogram has a bucket {bucket} that does not exist"
                raise ValueError(message)
            made.counts[bucket] = count
        made.n, made.sum_ns = form.n, form.sum_ns
        made.min_ns, made.max_ns = form.min_ns, form.max_ns
        return made

    def to_hdr(self) -> "HdrHistogram":
        """Return an HdrHistogram in microseconds (1 us to 1 h, 3 digits), for other tools."""
        from hdrh.histogram import HdrHistogram

        hdr = HdrHistogram(1, 3_600_000_000, 3)
        for bucket in sorted(self.counts):
            us = min(max(1, round(middle_ns(bucket) / 1e3)), 3_600_000_000)
            hdr.record_value(us, self.counts[bucket])
        return hdr

    @classmethod
    def from_hdr(cls, hdr: "HdrHistogram") -> "Histogram":
        """Read an HdrHistogram in microseconds, to its precision."""
        made = cls()
        for item in hdr.get_recorded_iterator():
            made.record_ns(
                int(item.value_iterated_to) * 1000, int(item.count_added_in_this_iter_step)
            )
        return made

    def copy(self) -> "Histogram":
        """Return one that is counted on apart."""
        made = Histogram()
        made.add(self)
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self.to_json() == other.to_json()

    __hash__ = None  # type: ignore[assignment]  # mutable

    def __repr__(self) -> str:
        return f"Histogram(n={self.n}, p50={self.percentile_s(50)}, p99={self.percentile_s(99)})"


def merged(histograms: Iterable[Histogram]) -> Histogram:
    """Return the sum of histograms; none of them changes."""
    total = Histogram()
    for histogram in histograms:
        total.add(histogram)
    return total


def of_kind(by_kind: Mapping[str, Histogram], kind: str | None) -> Histogram:
    """Return the histogram of one kind of message, or of all kinds together."""
    if kind is None:
        return merged(by_kind.values())
    return by_kind.get(kind, Histogram())
