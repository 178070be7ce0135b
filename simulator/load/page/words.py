"""How the page and the terminal write spans, shares and the way of a message."""

from dataclasses import dataclass

from simulator.load.result import ADDING_UP, LoadResult, Stage

_WIDTH = 1000.0


@dataclass(frozen=True, slots=True)
class Part:
    """One stage of a message's way: its mean in seconds, and its place in a bar of 1000."""

    at: int
    stage: Stage
    mean_s: float
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Way:
    """The mean way of the messages of one kind, stage by stage."""

    kind: str
    mean_s: float
    parts: tuple[Part, ...]


def span(seconds: float | None) -> str:
    """Write a span of time, from nanoseconds to hours, with three digits that matter."""
    if seconds is None:
        return "–"  # noqa: RUF001 - a dash stands for no value
    for unit, size in (("ns", 1e-9), ("µs", 1e-6), ("ms", 1e-3)):
        if 0 < abs(seconds) < size * 1000 * 0.9995:
            return f"{_three(seconds / size)} {unit}"
    if abs(seconds) < 60:
        return f"{_three(seconds)} s" if seconds else "0 s"
    minutes, rest = divmod(round(seconds), 60)
    return (
        f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
    )


def share(value: float) -> str:
    """Write a share so that a small one is not shown as none."""
    if not value:
        return "0 %"
    return f"{value * 100:.1f} %" if value >= 0.001 else f"{value * 100:.2g} %"


def count(number: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def way_of(result: LoadResult) -> list[Way]:
    """Return how long messages spend in each stage, on average: means add up."""
    kinds = sorted(result.stages.get(Stage.LATENCY, {}))
    named: list[tuple[str, str | None]] = [("all", None)]
    if len(kinds) > 1:
        named += [(kind, kind) for kind in kinds]
    ways = [_way(result, name, kind) for name, kind in named]
    longest = max((way.mean_s for way in ways), default=0.0)
    return [_scaled(way, longest) for way in ways if way.mean_s]


def _way(result: LoadResult, name: str, kind: str | None) -> Way:
    means = [(stage, result.stage(stage, kind).mean_s or 0.0) for stage in ADDING_UP]
    parts = tuple(Part(at, stage, mean, 0, 0) for at, (stage, mean) in enumerate(means))
    return Way(name, sum(mean for _, mean in means), parts)


def _scaled(way: Way, longest: float) -> Way:
    parts: list[Part] = []
    x = 0.0
    for part in way.parts:
        width = _WIDTH * part.mean_s / longest
        parts.append(Part(part.at, part.stage, part.mean_s, round(x, 2), round(width, 2)))
        x += width
    return Way(way.kind, way.mean_s, tuple(parts))


def _three(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 99.95 else f"{value:.3g}"
