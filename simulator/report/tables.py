"""The tables of a run as files: CSV for spreadsheets, JUnit for CI."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO

from simulator.report.html import ReportUnwritableError
from simulator.report.junit import junit_xml
from simulator.report.ledger import Ledger
from simulator.report.table import cell, latency_table, write_csv

FILES = ("presses.csv", "times.csv", "messages.csv", "promises.csv")


def write_junit(ledger: Ledger, path: Path) -> Path:
    """Write a JUnit file; raise ReportUnwritableError."""
    return _written(path, lambda out: out.write(junit_xml(ledger)))


def write_tables(ledger: Ledger, folder: Path) -> tuple[Path, ...]:
    """Write the CSV files of a run into a folder; raise ReportUnwritableError."""
    makers: tuple[Callable[[TextIO], object], ...] = (
        lambda out: write_csv(ledger, out),
        lambda out: _rows(
            out, ("stage", "presses", "p50_s", "p90_s", "p99_s", "max_s"), _times(ledger)
        ),
        lambda out: _rows(
            out, ("message", "sent", "answered", "failed", "reason"), _messages(ledger)
        ),
        lambda out: _rows(out, ("promise", "broken"), ledger.broken.items()),
    )
    return tuple(_written(folder / name, make) for name, make in zip(FILES, makers, strict=True))


def _times(ledger: Ledger) -> Iterable[tuple[object, ...]]:
    return (tuple(row.values()) for row in latency_table(ledger))


def _messages(ledger: Ledger) -> Iterable[tuple[object, ...]]:
    """Yield a row for each kind of message, and one for each reason why some failed."""
    for kind, count in ledger.counts.events.items():
        yield kind, count.sent, count.answered, count.failed.total(), ""
        for reason, number in count.failed.most_common():
            yield kind, "", "", number, reason


def _rows(out: TextIO, names: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([cell(value) for value in row] for row in rows)


def _written(path: Path, write: Callable[[TextIO], object]) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as out:
            write(out)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}. Name a place that you may write."
        raise ReportUnwritableError(message) from error
    return path
