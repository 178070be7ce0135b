"""The figures of the page over time: columns of equal width, as many as a screen shows."""

from collections.abc import Callable, Sequence
from math import ceil, floor, log10

from msgspec import Struct

from simulator.load.histogram import Histogram, merged, middle_ns
from simulator.load.result import LoadResult, Tally, Window

MOST_COLUMNS = 600
_PER_DECADE = 12  # rows of the heat map
Figures = list[float | None]


class Percentiles(Struct):
    """The percentiles of each column in seconds; None where nothing was measured."""

    p50: Figures
    p90: Figures
    p99: Figures
    max: Figures


class Over(Struct):
    """The test over time; rates are a second, stacks are means in seconds."""

    t: list[float]
    width: float
    due: Figures
    sent: Figures
    answered: Figures
    errors: Figures
    dropped: Figures
    waiting: Figures
    latency: Percentiles
    service: Percentiles
    lateness: Percentiles
    stack: dict[str, Figures]


class Heat(Struct):
    """Latencies over time: [column, row, messages], and the edges of the rows in seconds."""

    edges: list[float]
    cells: list[tuple[int, int, int]]


def columns_of(result: LoadResult) -> list[Window]:
    """Return the windows of a test, joined so that there are not too many."""
    windows = _trimmed(result)
    length = max(1, ceil(len(windows) / MOST_COLUMNS))
    return [_joined(windows[at : at + length]) for at in range(0, len(windows), length)]


def over_time(result: LoadResult, columns: Sequence[Window]) -> Over:
    """Return the lines of the charts."""
    width = result.series.width_s * max(1, ceil(len(_trimmed(result)) / MOST_COLUMNS))

    def rate(count: Callable[[Window], int]) -> Figures:
        return [count(window) / width for window in columns]

    return Over(
        t=[round(at * width, 6) for at in range(len(columns))],
        width=width,
        due=rate(lambda window: window.tally.due),
        sent=rate(lambda window: window.sent_in),
        answered=rate(lambda window: window.answered_in),
        errors=rate(lambda window: window.tally.errors),
        dropped=rate(lambda window: window.tally.dropped),
        waiting=[float(window.waiting) for window in columns],
        latency=_percentiles([window.latency for window in columns]),
        service=_percentiles([window.service for window in columns]),
        lateness=_percentiles([window.lateness for window in columns]),
        stack=_stack(columns),
    )


def heat_of(columns: Sequence[Window]) -> Heat:
    """Return the cells of the heat map of latencies."""
    cells: dict[tuple[int, int], int] = {}
    rows: set[int] = set()
    for at, window in enumerate(columns):
        for bucket, count in window.latency.counts.items():
            row = floor(log10(max(1, middle_ns(bucket)) / 1e9) * _PER_DECADE)
            rows.add(row)
            cells[at, row] = cells.get((at, row), 0) + count
    if not rows:
        return Heat([], [])
    lowest = min(rows)
    edges = [10 ** (row / _PER_DECADE) for row in range(lowest, max(rows) + 2)]
    return Heat(edges, [(at, row - lowest, count) for (at, row), count in sorted(cells.items())])


def _trimmed(result: LoadResult) -> list[Window]:
    """Return the windows up to the last in which anything happened."""
    windows = result.series.windows
    last = len(windows)
    while last and not (windows[last - 1].tally.due or windows[last - 1].answered_in):
        last -= 1
    return windows[:last]


def _joined(windows: Sequence[Window]) -> Window:
    if len(windows) == 1:
        return windows[0]
    tally = Tally()
    for window in windows:
        tally.add(window.tally)
    return Window(
        tally=tally,
        sent_in=sum(window.sent_in for window in windows),
        answered_in=sum(window.answered_in for window in windows),
        waiting=max(window.waiting for window in windows),
        latency=merged(window.latency for window in windows),
        service=merged(window.service for window in windows),
        lateness=merged(window.lateness for window in windows),
    )


def _percentiles(histograms: Sequence[Histogram]) -> Percentiles:
    p50, p90, p99, most = (
        [_short(histogram.percentile_s(percent)) for histogram in histograms]
        for percent in (50, 90, 99, 100)
    )
    return Percentiles(p50, p90, p99, most)


def _stack(columns: Sequence[Window]) -> dict[str, Figures]:
    """Return the mean way of a message: late, waiting for a connection, with the target."""
    late = [window.lateness.mean_s for window in columns]
    whole = [window.latency.mean_s for window in columns]
    service = [window.service.mean_s for window in columns]
    queue = [
        None if a is None or b is None or c is None else max(0.0, a - b - c)
        for a, b, c in zip(whole, late, service, strict=True)
    ]
    return {
        "lateness": [_short(value) for value in late],
        "queue": [_short(value) for value in queue],
        "service": [_short(value) for value in service],
    }


def _short(value: float | None) -> float | None:
    """Return four digits that matter: the page is not to be large; no zero on a log axis."""
    return None if value is None else float(f"{max(value, 1e-9):.4g}")
