"""Two load tests side by side: what got better, what got worse, and what nobody can tell.

The whole latency of each kind of message and the shares of errors and drops decide; the stages say
where a change comes from. The intervals of either hold together: with 95 % confidence none of them
is wrong, however many there are. A change counts when its interval leaves out no change at all and
its size matters.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from simulator.errors import InputError
from simulator.load.bootstrap import (
    FEWEST_BEYOND,
    FEWEST_BLOCKS,
    Blocks,
    Floats,
    Interval,
    blocks_of,
    difference,
    draw_percentile,
    draw_share,
    ratio_effect,
    relative_change,
    spreads_for,
)
from simulator.load.histogram import Histogram, merged
from simulator.load.result import LoadResult, Stage, Tally, Verdict

PERCENTS = (50.0, 90.0, 99.0)
ALL = "all"
WINDOWED = {Stage.LATENCY: "latency", Stage.SERVICE: "service", Stage.LATENESS: "lateness"}
SHARES = ("errors", "dropped")
DECIDING = (Stage.LATENCY.value, *SHARES)
"""The rows that make a comparison worse or better; the others say where it comes from."""
_NO_TIME_S = 1e-9


class Change(StrEnum):
    """What can be said of a figure."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"  # for sure less of a change than matters
    UNSURE = "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What counts as a change: relative, and at least so long or so many of all messages."""

    confidence: float = 0.95
    tolerance: float = 0.05
    least_s: float = 0.00005
    least_share: float = 0.001
    skip_s: float = 0.0  # of the beginning of both, while caches and connections warm up

    def __post_init__(self) -> None:
        if not 0.5 <= self.confidence < 1:
            message = f"A confidence of {self.confidence:g} decides nothing. Say for example 0.95."
            raise InputError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure of both tests. Times in seconds; shares of the messages that were due.

    `change` is relative for times and a difference of shares for shares; None where there is
    nothing to compare, and then `note` says why.
    """

    stage: str
    kind: str
    figure: str
    before: float | None
    after: float | None
    change: float | None
    low: float | None
    high: float | None
    verdict: Change
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All rows, what makes the tests different experiments, and why they cannot be compared."""

    rows: tuple[Row, ...]
    differences: tuple[str, ...]
    obstacles: tuple[str, ...]
    confidence: float

    @property
    def verdict(self) -> Change:
        """Return worse where a deciding row is; else better where one is; same where all are."""
        seen = {row.verdict for row in self.rows if row.stage in DECIDING and not row.note}
        if self.obstacles or not seen:
            return Change.UNSURE
        for verdict in (Change.WORSE, Change.BETTER, Change.UNSURE):
            if verdict in seen:
                return verdict
        return Change.SAME


def compare(before: LoadResult, after: LoadResult, rule: Rule | None = None) -> Comparison:
    """Compare two load tests."""
    rule = rule or Rule()
    sides = _Side(before, rule.skip_s, "before"), _Side(after, rule.skip_s, "after")
    has_both = all(side.pieces for side in sides)
    times = list(_asked(before, after)) if has_both else []
    shares = list(_tallied(before, after)) if has_both else []
    deciding = sum(stage is Stage.LATENCY for stage, _, _ in times) + len(shares)
    parts = len(times) + len(shares) - deciding
    rows = [
        _time_row(sides, figure, rule, deciding if figure[0] is Stage.LATENCY else parts)
        for figure in times
    ]
    rows += [_share_row(sides, figure, rule, deciding) for figure in shares]
    return Comparison(
        rows=tuple(rows),
        differences=tuple(_differences(before, after)),
        obstacles=tuple(_obstacles(before, after, sides)),
        confidence=rule.confidence,
    )


class _Side:
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
            for stage, name in WINDOWED.items()
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
        if kind == ALL and stage in WINDOWED and self.windows:
            if stage not in self._merged:
                windows = (getattr(window, WINDOWED[stage]) for window in self.windows)
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
        near = stage if stage in WINDOWED else Stage.LATENCY
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


def _asked(before: LoadResult, after: LoadResult) -> Iterator[tuple[Stage, str, float]]:
    """Yield every stage and kind that both measured, with each percentile."""
    for stage in reversed(Stage):
        both = sorted(before.stages.get(stage, {}).keys() & after.stages.get(stage, {}).keys())
        kinds = [
            kind for kind in both if before.stage(stage, kind).n and after.stage(stage, kind).n
        ]
        if not kinds:
            continue
        for kind in (ALL, *kinds) if len(kinds) > 1 else (ALL,):
            for percent in PERCENTS:
                yield stage, kind, percent


def _tallied(before: LoadResult, after: LoadResult) -> Iterator[tuple[str, str]]:
    both = sorted(before.kinds.keys() & after.kinds.keys())
    kinds = [kind for kind in both if before.kinds[kind].due and after.kinds[kind].due]
    for kind in (ALL, *kinds) if len(kinds) > 1 else (ALL,) if kinds else ():
        for what in SHARES:
            if any(getattr(side.total, what) for side in (before, after)):
                yield kind, what


def _time_row(
    sides: tuple[_Side, _Side], figure: tuple[Stage, str, float], rule: Rule, figures: int
) -> Row:
    stage, kind, percent = figure
    found = [side.histogram(stage, kind) for side in sides]
    values = [histogram.percentile_s(percent) for histogram in found]
    note = _doubt(found, percent) or _shortness(sides)
    first, second = values
    row = {"stage": stage.value, "kind": kind, "figure": f"p{percent:g}"}
    if first is None or second is None or note:
        return Row(
            **row,
            before=first,
            after=second,
            change=None,
            low=None,
            high=None,
            verdict=Change.UNSURE,
            note=note or "nothing was measured",
        )
    first_draws, second_draws = (
        side.draws(stage, kind, percent, histogram)
        for side, histogram in zip(sides, found, strict=True)
    )
    least_s = max(rule.least_s, _NO_TIME_S)  # what is shorter is nothing, and all nothings are one
    change = relative_change(
        np.maximum(first_draws, least_s),
        np.maximum(second_draws, least_s),
        max(second, least_s) / max(first, least_s) - 1,
        _spreads(sides, rule, figures),
    )
    matters = max(rule.tolerance, least_s / max(first, least_s))
    return Row(
        **row,
        before=first,
        after=second,
        change=change.estimate,
        low=change.low,
        high=change.high,
        verdict=_judge(change, matters),
    )


def _share_row(
    sides: tuple[_Side, _Side], figure: tuple[str, str], rule: Rule, figures: int
) -> Row:
    kind, what = figure
    shares = [part / whole for part, whole in (side.share(kind, what) for side in sides)]
    note = _shortness(sides)
    first_draws, second_draws = (side.share_draws(kind, what) for side in sides)
    change = difference(
        first_draws, second_draws, shares[1] - shares[0], _spreads(sides, rule, figures)
    )
    return Row(
        stage=what,
        kind=kind,
        figure="share",
        before=shares[0],
        after=shares[1],
        change=change.estimate,
        low=change.low,
        high=change.high,
        verdict=Change.UNSURE if note else _judge(change, rule.least_share),
        note=note,
    )


def _spreads(sides: tuple[_Side, _Side], rule: Rule, figures: int) -> float:
    blocks = max(FEWEST_BLOCKS, min(side.pieces for side in sides))
    return spreads_for(rule.confidence, blocks=blocks, figures=figures)


def _judge(change: Interval, matters: float) -> Change:
    """Return what an interval says; less is better in every row."""
    if change.low > 0 and change.estimate >= matters:
        return Change.WORSE
    if change.high < 0 and -change.estimate >= min(matters, 0.999):
        return Change.BETTER
    if change.low > -matters and change.high < matters:
        return Change.SAME
    return Change.UNSURE


def _doubt(found: list[Histogram], percent: float) -> str:
    """Return why a percentile cannot be compared, or nothing."""
    beyond = min(int(histogram.n * (1 - percent / 100)) for histogram in found)
    if beyond < FEWEST_BEYOND:
        return f"only {beyond} samples lie beyond it; it takes {FEWEST_BEYOND}"
    return ""


def _shortness(sides: tuple[_Side, _Side]) -> str:
    fewest = min(side.pieces for side in sides)
    if fewest < FEWEST_BLOCKS:
        return f"only {fewest} windows with messages; it takes {FEWEST_BLOCKS}"
    return ""


def _differences(before: LoadResult, after: LoadResult) -> Iterator[str]:
    """Yield what was told to one test and not to the other."""
    for name in before.settings.__struct_fields__:
        if name in {"name", "purpose"}:
            continue
        first, second = getattr(before.settings, name), getattr(after.settings, name)
        if first != second:
            yield f"{name}: {_shown(first)} before, {_shown(second)} after"
    if before.version != after.version:
        yield f"version: {before.version} before, {after.version} after"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={count}" for name, count in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def _obstacles(before: LoadResult, after: LoadResult, sides: tuple[_Side, _Side]) -> Iterator[str]:
    for name, result in (("before", before), ("after", after)):
        if result.verdict in (Verdict.VOID, Verdict.ENVIRONMENT):
            why = f": {result.reasons[0]}" if result.reasons else ""
            yield f"the test {name} is {result.verdict.value}{why}"
        if not result.is_whole:
            yield f"the test {name} is not whole: it was killed, or a worker was"
    if short := _shortness(sides):
        yield short
