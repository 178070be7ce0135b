"""Percentile curves: the whole of a histogram in one line, its rare end stretched out."""

from collections.abc import Iterator
from math import log10

from msgspec import Struct

from simulator.load.histogram import Histogram
from simulator.load.result import LoadResult, Stage

_STEPS = 16  # points for each ten times rarer


class Curve(Struct):
    """One line: x is how rare (1 is the slowest tenth, 2 the slowest hundredth), y seconds."""

    name: str
    x: list[float]
    y: list[float]
    whole: bool  # of all kinds of messages
    shown: bool


def curves_of(result: LoadResult) -> list[Curve]:
    """Return the curves of each stage, and of each kind of message for the whole latency."""
    return list(_curves(result))


def _curves(result: LoadResult) -> Iterator[Curve]:
    for stage in (Stage.LATENCY, Stage.SERVICE, Stage.LATENESS):
        yield from _curve(stage.value, result.stage(stage), whole=True, shown=True)
    kinds = sorted(result.stages.get(Stage.LATENCY, {}))
    for kind in kinds if len(kinds) > 1 else ():
        name = f"latency of {kind}"
        yield from _curve(name, result.stage(Stage.LATENCY, kind), whole=False, shown=False)
    for stage in Stage:
        if stage not in (Stage.LATENCY, Stage.SERVICE, Stage.LATENESS):
            yield from _curve(stage.value, result.stage(stage), whole=False, shown=False)


def _curve(name: str, histogram: Histogram, *, whole: bool, shown: bool) -> Iterator[Curve]:
    if not histogram.n:
        return
    rarest = log10(histogram.n)
    xs = [step / _STEPS for step in range(int(rarest * _STEPS) + 1)]
    ys = [_at(histogram, 100 * (1 - 10**-x)) for x in xs]
    yield Curve(name, xs, ys, whole, shown)


def _at(histogram: Histogram, percent: float) -> float:
    value = histogram.percentile_s(percent)
    return float(f"{max(value or 0.0, 1e-9):.4g}")
