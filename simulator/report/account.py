"""The ledger of a run on disk, whichever form its journal has.

A journal of columns is counted column by column; only what concerns a press or a callout becomes
records, and the promises are watched over those. `aurasim check` watches them over every record.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from simulator.journal import (
    Answered,
    EventSent,
    Failed,
    FrameSent,
    JournalForm,
    OnAir,
    Received,
    Record,
    Replied,
    form_of,
    read_journal,
)
from simulator.report.counts import Counts, grouped
from simulator.report.ledger import Ledger, ledger_of

if TYPE_CHECKING:
    import pyarrow as pa

_COUNTED = (FrameSent, OnAir, Received, Replied, EventSent, Answered, Failed)


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
            if isinstance(record, EventSent) and record.press is None:
                # it names a callout, and its frame is not among these records
                ledger.tell(msgspec.structs.replace(record, seq=None))
            elif isinstance(record, _COUNTED):
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
    import pyarrow.compute as pc

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
        case "failed":
            table = table.select(["kind", "status", "reason"])
            refused = table.filter(pc.is_valid(table.column("status")))
            for what, status, number in _groups(refused, "kind", "status"):
                counts.of_kind(str(what)).fail(grouped(status, ""), number)
            others = table.filter(pc.is_null(table.column("status")))
            for what, why, number in _groups(others, "kind", "reason"):
                counts.of_kind(str(what)).fail(grouped(None, str(why)), number)


def _groups(table: "pa.Table", one: str, other: str) -> list[tuple[object, object, int]]:
    """Return how often each pair of values is in two columns."""
    counted = table.group_by([one, other]).aggregate([([], "count_all")])
    return [(row[one], row[other], row["count_all"]) for row in counted.to_pylist()]


def _values(table: "pa.Table", column: str) -> list[tuple[str, int]]:
    """Return how often each text is in a column."""
    counted = table.column(column).drop_null().value_counts()
    return [(entry["values"].as_py(), entry["counts"].as_py()) for entry in counted]
