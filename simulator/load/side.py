"""One of two load tests that are compared, as the bootstrap wants it."""

import numpy as np

from simulator.load.bootstrap import (
    Blocks,
    Floats,
    blocks_of,
    draw_percentile,
    draw_share,
    ratio_effect,
)
from simulator.load.comparison import ALL
from simulator.load.histogram import Histogram, merged
from simulator.load.result import LoadResult, Stage, Tally

PERCENTS = (50.0, 90.0, 99.0)
_WINDOWED = {Stage.LATENCY: "latency", Stage.SERVICE: "service", Stage.LATENESS: "lateness"}


class Side:
    """One test, as the bootstrap wants it."""

    def __init__(self, result: LoadResult, skip_s: float, name: str) -> None:
        self.result = result
        self.name = name
        first = int(np.ceil(skip_s / result.series.width_s))
        self.is_cut = first > 0
        self.windows = result.series.windows[first:]
        used = [window for window in self.windows if window.tally.due]
        self.number = len(used)
        self.blocks: dict[Stage, Blocks] = {
            stage: blocks_of([getattr(window, name) for window in used])
            for stage, name in _WINDOWED.items()
        }
        self._effects: dict[tuple[Stage, float], float] = {}
        self._draws: dict[Stage, list[Floats]] = {}
        self._merged: dict[Stage, Histogram] = {}

    @property
    def pieces(self) -> int:
        """Return how many blocks there are to draw from."""
        return len(self.blocks[Stage.LATENCY])

    def histogram(self, stage: Stage, kind: str) -> Histogram:
        """Return what was measured; of the whole test where there are no windows to leave out."""
        if kind == ALL and stage in _WINDOWED and self.windows:
            if stage not in self._merged:
                windows = (getattr(window, _WINDOWED[stage]) for window in self.windows)
                self._merged[stage] = merged(windows)
            return self._merged[stage]
        return self.result.stage(stage, None if kind == ALL else kind)

    def draws(self, stage: Stage, kind: str, percent: float, histogram: Histogram) -> Floats:
        """Return the percentile of runs like this one."""
        key = f"{self.name} {stage} {kind} {percent:g}"
        if kind == ALL and stage in self.blocks:
            return self._drawn(stage)[PERCENTS.index(percent)]
        effect = self.effect(stage, percent)
        part = min(1.0, histogram.n / max(1, self.result.stage(Stage.LATENCY).n))
        return draw_percentile(histogram, percent, 1 + (effect - 1) * part, key)

    def _drawn(self, stage: Stage) -> list[Floats]:
        if stage not in self._draws:
            self._draws[stage] = self.blocks[stage].draw(PERCENTS, f"{self.name} {stage}")
        return self._draws[stage]

    def effect(self, stage: Stage, percent: float) -> float:
        """Return the design effect of the nearest quantity that has windows."""
        near = stage if stage in _WINDOWED else Stage.LATENCY
        if (near, percent) not in self._effects:
            self._effects[near, percent] = self.blocks[near].design_effect(percent)
        return self._effects[near, percent]

    def share(self, kind: str, what: str) -> tuple[int, int]:
        """Return how many messages of a kind, of how many."""
        tally = self._tally(kind)
        return int(getattr(tally, what)), tally.due

    def share_draws(self, kind: str, what: str) -> Floats:
        """Return the share of runs like this one."""
        part, whole = self.share(kind, what)
        total = max(1, self._tally(ALL).due)
        effect = 1 + (self._share_effect(what) - 1) * whole / total
        return draw_share(part, whole, effect, f"{self.name} {what} {kind}")

    def _share_effect(self, what: str) -> float:
        used = [window.tally for window in self.windows if window.tally.due]
        if not used:
            return 1.0
        parts = np.array([getattr(tally, what) for tally in used], np.float64)
        return ratio_effect(parts, np.array([tally.due for tally in used], np.float64))

    def _tally(self, kind: str) -> Tally:
        if kind != ALL:
            return self.result.kinds[kind]
        if not self.is_cut:
            return self.result.total
        total = Tally()
        for window in self.windows:
            total.add(window.tally)
        return total
