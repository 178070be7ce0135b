"""How sure a percentile is: a block bootstrap over histograms.

Latencies of one run are not independent: a slow second slows every message in it, and resampling
messages one by one gives intervals that are far too narrow. So pieces of the run are resampled
whole (blocks of consecutive windows, about the cube root of their number long). Where there are
windows of all messages only, what they show of this (the design effect, Kish 1965) widens the
intervals of the parts too. An interval is the spread of the draws times a quantile of Student's t
for the number of blocks, on the logarithm for times. Draws are keyed: the same input gives the
same interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, exp, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from simulator.load.histogram import Histogram, middle_ns
from simulator.rng import Rng, name_key

Floats = NDArray[np.float64]

FEWEST_BLOCKS, MOST_BLOCKS = 5, 60
FEWEST_BEYOND = 10
"""A percentile with fewer samples above it than this is an accident of the run."""
RESAMPLES = 1000
_CHUNK = 500  # resamples at a time: what a chunk holds stays small
_NORMAL = NormalDist()
_BUCKET = 0.0011  # the spread of a value within its bucket, relative


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a figure lies: the estimate, and the ends of the interval around it."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Blocks:
    """One quantity of a run: the value of each bucket in seconds, and its count in each block."""

    values: Floats
    counts: Floats  # [block, bucket]

    def __len__(self) -> int:
        return len(self.counts)

    def draw(self, percents: Sequence[float], key: str) -> list[Floats]:
        """Return the percentiles of runs made of blocks drawn with replacement."""
        source = _source(key)
        evenly = np.full(len(self), 1.0 / len(self))
        found = [np.empty(RESAMPLES) for _ in percents]
        for begin in range(0, RESAMPLES, _CHUNK):
            weights = source.multinomial(len(self), evenly, size=_CHUNK).astype(np.float64)
            running = (weights @ self.counts).cumsum(axis=1)
            for drawn, percent in zip(found, percents, strict=True):
                drawn[begin : begin + _CHUNK] = _percentiles(self.values, running, percent)
        return found

    def design_effect(self, percent: float) -> float:
        """Return how many times the variance of a percentile exceeds that of independent samples.

        Measured on the share of samples below the percentile, block by block (Kish: at least 1).
        """
        totals = self.counts.sum(axis=0)
        samples = totals.sum()
        if len(self) < 2 or not samples:
            return 1.0
        at = int(np.searchsorted(totals.cumsum(), max(1.0, samples * percent / 100 - 1e-9)))
        size = self.counts.sum(axis=1)
        below = self.counts[:, : at + 1].sum(axis=1)
        share = below.sum() / samples
        if not 0 < share < 1:
            return 1.0
        return ratio_effect(below, size)


def ratio_effect(part: Floats, whole: Floats) -> float:
    """Return the design effect of a share that is summed over blocks."""
    share = part.sum() / whole.sum()
    blocks = len(part)
    if blocks < 2 or not 0 < share < 1:
        return 1.0
    variance = blocks / (blocks - 1) * float(((part - share * whole) ** 2).sum())
    return max(1.0, variance / float(whole.sum() * share * (1 - share)))


def blocks_of(windows: Sequence[Histogram]) -> Blocks:
    """Join windows of a run into blocks long enough to be nearly independent of each other."""
    pieces = joined([histogram.counts for histogram in windows])
    buckets = sorted({bucket for piece in pieces for bucket in piece})
    place = {bucket: at for at, bucket in enumerate(buckets)}
    counts = np.zeros((len(pieces), len(buckets)))
    for row, piece in zip(counts, pieces, strict=True):
        for bucket, count in piece.items():
            row[place[bucket]] += count
    return Blocks(_values(buckets), counts)


def joined(windows: Sequence[dict[int, int]]) -> list[dict[int, int]]:
    """Add up neighbouring windows of counts, about the cube root of their number at a time."""
    number = len(windows)
    length = max(ceil(number / MOST_BLOCKS), round(number ** (1 / 3)), 1)
    length = max(1, min(length, number // (2 * FEWEST_BLOCKS)))
    pieces: list[dict[int, int]] = []
    for begin in range(0, number - number % length, length):
        piece: dict[int, int] = {}
        for window in windows[begin : begin + length]:
            for bucket, count in window.items():
                piece[bucket] = piece.get(bucket, 0) + count
        pieces.append(piece)
    return pieces


def draw_percentile(histogram: Histogram, percent: float, effect: float, key: str) -> Floats:
    """Return the percentile of runs like this one, given the design effect of its samples.

    The share of the samples that a percentile of a resample leaves below it has a beta
    distribution: this is the bootstrap of independent samples without drawing each of them.
    """
    share = percent / 100
    worth = max(1.0, histogram.n / effect)
    drawn = _source(key).beta(max(worth * share, 0.5), max(worth * (1 - share), 0.5), RESAMPLES)
    buckets = sorted(histogram.counts)
    running = np.array([histogram.counts[bucket] for bucket in buckets], np.float64).cumsum()
    at = np.searchsorted(running, drawn * histogram.n)
    found: Floats = _values(buckets)[np.minimum(at, len(buckets) - 1)]
    return found


def draw_share(part: int, whole: int, effect: float, key: str) -> Floats:
    """Return the shares of runs like this one."""
    worth = max(1.0, whole / effect)
    share = part / whole
    return _source(key).beta(worth * share + 0.5, worth * (1 - share) + 0.5, RESAMPLES)


def relative_change(before: Floats, after: Floats, estimate: float, spreads: float) -> Interval:
    """Return the interval of a ratio minus one: so many spreads of its logarithm to either side."""
    logs = np.log(after) - np.log(before)
    reach = spreads * max(float(logs.std()), _BUCKET)
    return Interval(estimate, (1 + estimate) * exp(-reach) - 1, (1 + estimate) * exp(reach) - 1)


def difference(before: Floats, after: Floats, estimate: float, spreads: float) -> Interval:
    """Return the interval of a difference: so many spreads to either side."""
    reach = spreads * float((after - before).std())
    return Interval(estimate, estimate - reach, estimate + reach)


def spreads_for(confidence: float, *, blocks: int, figures: int = 1) -> float:
    """Return how many spreads of its draws an interval reaches to either side.

    So many `figures` hold together with this confidence (Bonferroni), and few blocks widen it.
    """
    tail = (1 - confidence) / 2 / figures
    return _t_quantile(1 - tail, blocks - 1) * sqrt(blocks / (blocks - 1))


def _source(key: str) -> np.random.Generator:
    return np.random.default_rng(Rng(name_key(key)).stream(0, "bootstrap").bits())


def _values(buckets: Sequence[int]) -> Floats:
    return np.array([middle_ns(bucket) / 1e9 for bucket in buckets])


def _percentiles(values: Floats, running: Floats, percent: float) -> Floats:
    """Return a percentile of each row of counts that are added up."""
    ranks = np.maximum(1.0, np.ceil(running[:, -1:] * (percent / 100) - 1e-9))
    at = (running < ranks).sum(axis=1)
    found: Floats = values[np.minimum(at, len(values) - 1)]
    return found


def _t_quantile(share: float, freedom: int) -> float:
    """Return a quantile of Student's t from 4 degrees on (Cornish-Fisher, Abramowitz 26.7.5)."""
    z = _NORMAL.inv_cdf(share)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3
