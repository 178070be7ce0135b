"""Two load tests side by side: what got better, what got worse, and what nobody can tell.

The whole latency of each kind of message and the shares of errors and drops decide; the stages say
where a change comes from. The intervals of either hold together: with 95 % confidence none of them
is wrong, however many there are. A change counts when its interval leaves out no change at all and
its size matters.
"""

from collections.abc import Iterator

import numpy as np

from simulator.load.bootstrap import (
    FEWEST_BEYOND,
    FEWEST_BLOCKS,
    Interval,
    difference,
    relative_change,
    spreads_for,
)
from simulator.load.comparison import ALL, DECIDING, SHARES, Change, Comparison, Row, Rule
from simulator.load.histogram import Histogram
from simulator.load.result import LoadResult, Stage, Verdict
from simulator.load.side import PERCENTS, Side

__all__ = ["ALL", "DECIDING", "SHARES", "Change", "Comparison", "Row", "Rule", "compare"]

_NO_TIME_S = 1e-9


def compare(before: LoadResult, after: LoadResult, rule: Rule | None = None) -> Comparison:
    """Compare two load tests."""
    rule = rule or Rule()
    sides = Side(before, rule.skip_s, "before"), Side(after, rule.skip_s, "after")
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
    sides: tuple[Side, Side], figure: tuple[Stage, str, float], rule: Rule, figures: int
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


def _share_row(sides: tuple[Side, Side], figure: tuple[str, str], rule: Rule, figures: int) -> Row:
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


def _spreads(sides: tuple[Side, Side], rule: Rule, figures: int) -> float:
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


def _shortness(sides: tuple[Side, Side]) -> str:
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


def _obstacles(before: LoadResult, after: LoadResult, sides: tuple[Side, Side]) -> Iterator[str]:
    for name, result in (("before", before), ("after", after)):
        if result.verdict in (Verdict.VOID, Verdict.ENVIRONMENT):
            why = f": {result.reasons[0]}" if result.reasons else ""
            yield f"the test {name} is {result.verdict.value}{why}"
        if not result.is_whole:
            yield f"the test {name} is not whole: it was killed, or a worker was"
    if short := _shortness(sides):
        yield short
