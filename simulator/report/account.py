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
    DeviceLinked,
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
    refuse_shards,
)
from simulator.report.counts import Counts, grouped
from simulator.report.ledger import Ledger, ledger_of

if TYPE_CHECKING:
    import pyarrow as pa

_COUNTED = (DeviceLinked, FrameSent, OnAir, Received, Replied, EventSent, Answered, Failed)


def account(run: Path) -> Ledger:
    """Account for the presses of a run, given its folder or its journal."""
    refuse_shards(run)
    if form_of(run) is JournalForm.LINES:
        return ledger_of(read_journal(run))
    from simulator.journal.parts import concern_of, part_paths, read_concerned

    ledger = Ledger()
    for path in part_paths(run):
        _count(ledger.counts, path)
    for part in read_concerned(run, concern_of(run)):
        for record in part.records():
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
    refuse_shards(run)
    if form_of(run) is JournalForm.LINES:
        yield from read_journal(run)
        return
    from simulator.journal.parts import concern_of, read_concerned

    for part in read_concerned(run, concern_of(run)):
        yield from part.records()


def _count(counts: Counts, part: Path) -> None:
    """Count a part of a journal as `Counts.add` counts its records, one by one."""
    import pyarrow.compute as pc

    from simulator.journal.parts import column_of, rows_of

    counts.devices += rows_of(part, "device")
    counts.frames += rows_of(part, "frame")
    lost = column_of(part, "air", "lost")
    counts.lost_frames += lost.num_rows - lost["lost"].null_count
    for reason, number in _values(column_of(part, "gateway", "dropped")):
        counts.drop(reason, number)
    for kind, number in _values(column_of(part, "event", "kind")):
        counts.of_kind(kind).sent += number
    for kind, number in _values(column_of(part, "answer", "kind")):
        counts.of_kind(kind).answered += number
    failed = column_of(part, "failed", "kind", "status")
    for what, status, number in _groups(failed.filter(pc.is_valid(failed["status"]))):
        counts.of_kind(str(what)).fail(grouped(status, ""), number)
    if failed["status"].null_count:
        failed = column_of(part, "failed", "kind", "reason", "status")
        others = failed.filter(pc.is_null(failed["status"])).select(["kind", "reason"])
        for what, why, number in _groups(others):
            counts.of_kind(str(what)).fail(grouped(None, str(why)), number)


def _groups(table: "pa.Table") -> list[tuple[object, object, int]]:
    """Return how often each pair of values is in a table of two columns."""
    counted = table.group_by(table.column_names).aggregate([([], "count_all")])
    return [tuple(row.values()) for row in counted.to_pylist()]


def _values(table: "pa.Table") -> list[tuple[str, int]]:
    """Return how often each text is in a table of one column."""
    counted = table.column(0).drop_null().value_counts()
    return [(entry["values"].as_py(), entry["counts"].as_py()) for entry in counted]
