"""The ledger as JSON and as CSV, for programs and spreadsheets."""

import csv
from collections.abc import Mapping
from typing import TextIO, TypedDict, TypeVar

from simulator.report.breach import Breach
from simulator.report.entries import LedgerEntry
from simulator.report.latency import STAGES, latency_of
from simulator.report.ledger import Ledger

FORMAT = 1
_Word = TypeVar("_Word", bound=str)  # the keys of a Mapping are invariant
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a text that begins so


class PressRow(TypedDict):
    """One press. Times are seconds; a stage that the press did not reach is null."""

    press: str
    device: str
    at_s: float
    outcome: str
    where: str | None
    detail: str
    callout: int | None
    attempts: int
    requests: int
    regretted: bool
    stages: dict[str, float | None]


class EventRow(TypedDict):
    """Events of one kind; `failed` counts by reason."""

    sent: int
    answered: int
    failed: dict[str, int]


class CountsTable(TypedDict):
    """The plain numbers of a run."""

    devices: int
    refused_devices: int
    frames: int
    lost_frames: int
    refused_frames: int
    duplicates_dropped: int
    events: dict[str, EventRow]
    faults: dict[str, int]


class LatencyRow(TypedDict):
    """Percentiles of one stage in seconds."""

    stage: str
    presses: int
    p50_s: float | None
    p90_s: float | None
    p99_s: float | None
    max_s: float | None


class BreachRow(TypedDict):
    """One broken promise, with the records that show it."""

    invariant: str
    t: float
    device: str
    message: str
    trace: list[str]


class LedgerTable(TypedDict):
    """The ledger of a run as JSON."""

    format: int
    verdict: str
    seed: int | None
    target: str | None
    clock: str | None
    ended: str | None
    presses: int
    totals: dict[str, int]
    lost: dict[str, int]
    counts: CountsTable
    latency: list[LatencyRow]
    invariants: dict[str, int]
    breaches: list[BreachRow]
    entries: list[PressRow]


def ledger_table(ledger: Ledger) -> LedgerTable:
    """Return the whole ledger in a form that JSON can say."""
    started, ended = ledger.started, ledger.ended
    return {
        "format": FORMAT,
        "verdict": ledger.verdict.value,
        "seed": started.seed if started else None,
        "target": started.target if started else None,
        "clock": started.clock if started else None,
        "ended": ended.reason if ended else None,
        "presses": len(ledger.entries),
        "totals": _words(ledger.totals),
        "lost": _words(ledger.losses),
        "counts": _counts(ledger),
        "latency": latency_table(ledger),
        "invariants": _words(ledger.broken),
        "breaches": breach_table(ledger),
        "entries": [press_row(entry) for entry in ledger.entries],
    }


def latency_table(ledger: Ledger) -> list[LatencyRow]:
    """Return the percentiles of each stage."""
    return [
        {
            "stage": row.stage,
            "presses": row.presses,
            "p50_s": row.p50_s,
            "p90_s": row.p90_s,
            "p99_s": row.p99_s,
            "max_s": row.max_s,
        }
        for row in latency_of(ledger.entries)
    ]


def breach_table(ledger: Ledger) -> list[BreachRow]:
    """Return the broken promises that are told in full."""
    return [breach_row(breach) for breach in ledger.breaches]


def breach_row(breach: Breach) -> BreachRow:
    """Return one broken promise."""
    return {
        "invariant": breach.invariant.value,
        "t": breach.t,
        "device": breach.device,
        "message": breach.message,
        "trace": list(breach.trace),
    }


def press_row(entry: LedgerEntry) -> PressRow:
    """Return one press."""
    return {
        "press": entry.press,
        "device": entry.device,
        "at_s": entry.at_s,
        "outcome": entry.outcome.value,
        "where": entry.where.value if entry.where else None,
        "detail": entry.detail,
        "callout": entry.callout,
        "attempts": entry.attempts,
        "requests": entry.requests,
        "regretted": entry.regretted,
        "stages": entry.stages._asdict(),
    }


def write_csv(ledger: Ledger, out: TextIO) -> None:
    """Write one line for each press; texts that a spreadsheet would run get an apostrophe."""
    writer = csv.writer(out, lineterminator="\n")
    names = [name for name in PressRow.__annotations__ if name != "stages"]
    writer.writerow([*names, *STAGES])
    for entry in ledger.entries:
        row = press_row(entry)
        cells = [value for name, value in row.items() if name != "stages"]
        writer.writerow([cell(value) for value in (*cells, *entry.stages)])


def cell(value: object) -> object:
    """Return what a spreadsheet may read: a text that it would run gets an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _words(numbers: Mapping[_Word, int]) -> dict[str, int]:
    return {str(name): number for name, number in numbers.items()}


def _counts(ledger: Ledger) -> CountsTable:
    counts = ledger.counts
    events: dict[str, EventRow] = {
        kind: {"sent": event.sent, "answered": event.answered, "failed": dict(event.failed)}
        for kind, event in counts.events.items()
    }
    return {
        "devices": counts.devices,
        "refused_devices": counts.refused_devices,
        "frames": counts.frames,
        "lost_frames": counts.lost_frames,
        "refused_frames": counts.refused_frames,
        "duplicates_dropped": counts.duplicates_dropped,
        "events": events,
        "faults": dict(counts.faults),
    }
