"""Histograms that are counted by the thousand: several at a time, with few passes over the data."""

import numpy as np
from numpy.typing import NDArray

from simulator.load.histogram import BUCKETS, Histogram

Whole = NDArray[np.int64]
_NEVER = np.iinfo(np.int64).max


class Dense:
    """So many histograms side by side, each with a count for every bucket. Mutable."""

    __slots__ = ("_counts", "_least", "_most", "_sums")

    def __init__(self, histograms: int) -> None:
        self._counts: Whole = np.zeros((histograms, BUCKETS), np.int64)
        self._sums: Whole = np.zeros(histograms, np.int64)
        self._least: Whole = np.full(histograms, _NEVER, np.int64)
        self._most: Whole = np.zeros(histograms, np.int64)

    def take(self, ns: Whole, buckets: Whole) -> None:
        """Count one row of durations into each histogram; `buckets` are those of `ns`."""
        if not ns.shape[1]:
            return
        begin = np.arange(len(ns), dtype=np.int64)[:, None] * BUCKETS
        np.add.at(self._counts.reshape(-1), (buckets + begin).reshape(-1), 1)
        self._sums += ns.sum(axis=1)
        np.minimum(self._least, ns.min(axis=1), out=self._least)
        np.maximum(self._most, ns.max(axis=1), out=self._most)

    def take_one(self, at: int, ns: Whole, buckets: Whole) -> None:
        """Count durations into one of the histograms, at least one of them."""
        np.add.at(self._counts[at], buckets, 1)
        self._sums[at] += ns.sum()
        self._least[at] = min(self._least[at], ns.min())
        self._most[at] = max(self._most[at], ns.max())

    def histogram(self, at: int) -> Histogram:
        """Return what was counted into one of them."""
        made = Histogram()
        self.add_to(made, at)
        return made

    def add_to(self, histogram: Histogram, at: int) -> None:
        """Add what was counted into one of them to another histogram."""
        used = np.flatnonzero(self._counts[at])
        if len(used):
            histogram.take(
                zip(used.tolist(), self._counts[at][used].tolist(), strict=True),
                total_ns=int(self._sums[at]),
                least_ns=int(self._least[at]),
                most_ns=int(self._most[at]),
            )
