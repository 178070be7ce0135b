"""The ledger of a run on disk, whichever form its journal has.

A journal of columns is counted column by column; only what concerns a press or a callout becomes
records, and the promises are watched over those. `aurasim check` watches them over every record.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.journal import (
    Answered,
    EventSent,
    FrameSent,
    JournalForm,
    OnAir,
    Received,
    Record,
    Replied,
    form_of,
    read_journal,
)
from simulator.report.counts import Counts
from simulator.report.ledger import Ledger, ledger_of

if TYPE_CHECKING:
    import pyarrow as pa

_COUNTED = (FrameSent, OnAir, Received, Replied, EventSent, Answered)


def account(run: Path) -> Ledger:
    """Account for the presses of a run, given its folder or its journal."""
    if form_of(run) is JournalForm.LINES:
        return ledger_of(read_journal(run))
    from simulator.journal.parts import read_parts

    ledger = Ledger()
    for part in read_parts(run):
        for name, table in part.tables.items():
            _count(ledger.counts, name, table)
        for record in part.of_presses().records():
            if isinstance(record, _COUNTED):
                ledger.tell(record)
            else:
                ledger.add(record)
    return ledger.finish()


def shown(run: Path) -> Iterator[Record]:
    """Yield the records that a page can show: all, or what concerns presses in a large journal."""
    if form_of(run) is JournalForm.LINES:
        yield from read_journal(run)
        return
    from simulator.journal.parts import read_parts

    for part in read_parts(run):
        yield from part.of_presses().records()


def _count(counts: Counts, name: str, table: "pa.Table") -> None:
    """Count a table as `Counts.add` counts its records, one by one."""
    match name:
        case "frame":
            counts.frames += table.num_rows
        case "air":
            counts.lost_frames += table.num_rows - table.column("lost").null_count
        case "gateway":
            for reason, number in _values(table, "dropped"):
                counts.drop(reason, number)
        case "event":
            for kind, number in _values(table, "kind"):
                counts.of_kind(kind).sent += number
        case "answer":
            for kind, number in _values(table, "kind"):
                counts.of_kind(kind).answered += number


def _values(table: "pa.Table", column: str) -> list[tuple[str, int]]:
    """Return how often each text is in a column."""
    counted = table.column(column).drop_null().value_counts()
    return [(entry["values"].as_py(), entry["counts"].as_py()) for entry in counted]
