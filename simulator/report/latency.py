"""How long presses took, stage by stage: exact percentiles of what the ledger measured."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from simulator.report.entries import LedgerEntry, Stages

STAGES = {
    "device_s": "press to frame",
    "air_s": "frame to gateway",
    "queue_s": "gateway to event",
    "answer_s": "event to answer",
    "total_s": "press to answer",
}
"""The fields of `Stages` in words, in the order in which a press goes through them."""


@dataclass(frozen=True, slots=True)
class StageLatency:
    """One stage: of how many presses, and in how many seconds; None where no press got through."""

    stage: str
    presses: int
    p50_s: float | None
    p90_s: float | None
    p99_s: float | None
    max_s: float | None


def latency_of(entries: Iterable[LedgerEntry]) -> tuple[StageLatency, ...]:
    """Return the percentiles of each stage and of the whole way, of presses that got through."""
    rows = [entry.stages for entry in entries]
    return tuple(
        _of_stage(name, _spans(rows, at))
        for at, name in enumerate(STAGES[f] for f in Stages._fields)
    )


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least `percent` of the ordered values do not exceed."""
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


def _spans(rows: Iterable[Stages], at: int) -> list[float]:
    return sorted(span for row in rows if (span := row[at]) is not None)


def _of_stage(name: str, spans: Sequence[float]) -> StageLatency:
    if not spans:
        return StageLatency(name, 0, None, None, None, None)
    p50, p90, p99 = (percentile(spans, percent) for percent in (50, 90, 99))
    return StageLatency(name, len(spans), p50, p90, p99, spans[-1])
