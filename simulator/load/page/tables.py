"""A load test as CSV: percentiles of each stage and kind of message, and the test by the second."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from simulator.load.histogram import Histogram
from simulator.load.result import LoadResult, ResultUnwritableError

STAGES_NAME, SECONDS_NAME = "stages.csv", "seconds.csv"
_PERCENTS = (50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99)


def write_tables(result: LoadResult, folder: Path) -> tuple[Path, Path]:
    """Write both tables into a folder; return where they are."""
    stages, seconds = folder / STAGES_NAME, folder / SECONDS_NAME
    _write(stages, _stages(result))
    _write(seconds, _seconds(result))
    return stages, seconds


def _write(path: Path, rows: Iterable[Sequence[object]]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    except OSError as error:
        message = f"The table cannot be written to {path}: {error.strerror}."
        raise ResultUnwritableError(message) from error


def _stages(result: LoadResult) -> Iterator[Sequence[object]]:
    yield ("stage", "kind", "n", "mean_s", *(f"p{p:g}_s" for p in _PERCENTS), "max_s")
    for stage, by_kind in result.stages.items():
        yield (stage.value, "all", *_figures(result.stage(stage)))
        for kind, histogram in sorted(by_kind.items()):
            yield (stage.value, kind, *_figures(histogram))


def _figures(histogram: Histogram) -> Iterator[object]:
    yield histogram.n
    values = (
        histogram.mean_s,
        *(histogram.percentile_s(percent) for percent in _PERCENTS),
        histogram.max_s,
    )
    for value in values:
        yield "" if value is None else f"{value:.9f}"


def _seconds(result: LoadResult) -> Iterator[Sequence[object]]:
    spans = ("latency", "service", "lateness")
    yield (
        *("begins_s", "due", "answered", "errors", "dropped", "sent_in", "answered_in", "waiting"),
        *(f"{span}_{figure}_s" for span in spans for figure in ("p50", "p99", "max")),
    )
    for at, window in enumerate(result.series.windows):
        tally = window.tally
        yield (
            f"{at * result.series.width_s:g}",
            *(tally.due, tally.answered, tally.errors, tally.dropped),
            *(window.sent_in, window.answered_in, window.waiting),
            *(cell for span in spans for cell in _three(getattr(window, span))),
        )


def _three(histogram: Histogram) -> Iterator[str]:
    for percent in (50, 99, 100):
        value = histogram.percentile_s(percent)
        yield "" if value is None else f"{value:.9f}"
