"""Reads a journal of columns: record by record in the order of time, or table by table."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from simulator.journal.columns import FOLDER, KINDS, ORDER, OTHER
from simulator.journal.errors import JournalError
from simulator.journal.records import Record

_ROWS = 8192  # rows of a table that are objects at the same time


@dataclass(frozen=True, slots=True)
class Part:
    """A span of a journal: a table for each kind of record in it, sorted by time."""

    tables: dict[str, pa.Table]

    def records(self) -> Iterator[Record]:
        """Yield all records in the order of time, then of their rows."""
        if not self.tables:
            return
        times = np.concatenate([t.column("t").to_numpy() for t in self.tables.values()])
        rows = np.concatenate([t.column("row").to_numpy() for t in self.tables.values()])
        kinds = np.repeat(np.arange(len(self.tables)), [t.num_rows for t in self.tables.values()])
        order = kinds[np.lexsort((rows, times))]
        streams = [_records(name, table) for name, table in self.tables.items()]
        for kind in order.tolist():
            yield next(streams[kind])

    def of_presses(self) -> "Part":
        """Return what concerns a press or names a callout, and all records of the rarer kinds."""
        tables = dict(self.tables)
        answers = tables.get("answer")
        for name, table in self.tables.items():
            if name == OTHER:
                continue
            concerns = _concerns(table)
            if name == "event" and answers is not None:
                named = answers.filter(pc.is_valid(answers.column("callout"))).column("message")
                concerns = pc.or_(concerns, pc.is_in(table.column("message"), named))
            tables[name] = table.filter(concerns)
        return Part(tables)


def read_parts(run: Path) -> Iterator[Part]:
    """Yield the parts of a journal, given the folder of its run, cut so that none overlap in time.

    Only what is due before anything of a later part is in a part; the rest is in the next.
    """
    folder = run / FOLDER if (run / FOLDER).is_dir() else run
    paths = sorted(folder.glob("part-*"))
    begins = _begins(paths)
    held: dict[str, pa.Table] = {}
    for path, ends_s in zip(paths, begins[1:], strict=True):
        due: dict[str, pa.Table] = {}
        for name, read in _tables(path).items():
            table = pa.concat_tables([held.pop(name), read]) if name in held else read
            due[name] = table.sort_by([(key, "ascending") for key in ORDER])
        for name, table in held.items():
            due.setdefault(name, table)
        held = {}
        for name, table in due.items():
            is_due = pc.less(table.column("t"), ends_s)
            due[name] = table.filter(is_due)
            later = table.filter(pc.invert(is_due))
            if later.num_rows:
                held[name] = later
        yield Part(due)


def read_columns(run: Path) -> Iterator[Record]:
    """Yield the records of a journal of columns in the order of time."""
    for part in read_parts(run):
        yield from part.records()


def _begins(paths: list[Path]) -> list[float]:
    """Return the earliest time in each part and all after it; infinity ends the list."""
    begins = [float("inf")]
    for path in reversed(paths):
        times = [begins[-1]]
        for file in path.glob("*.parquet"):
            try:
                meta = pq.read_metadata(file)
                times += [
                    meta.row_group(group).column(0).statistics.min
                    for group in range(meta.num_row_groups)
                ]
            except (OSError, ValueError, AttributeError) as error:
                raise JournalError(file, None, f"is no part of a journal: {error}") from error
        begins.append(min(times))
    return begins[::-1]


def _tables(path: Path) -> dict[str, pa.Table]:
    tables = {}
    for name in (*KINDS, OTHER):
        file = path / f"{name}.parquet"
        if not file.exists():
            continue
        try:
            tables[name] = pq.read_table(file)
        except (OSError, ValueError) as error:
            raise JournalError(file, None, f"is no part of a journal: {error}") from error
    return tables


def _concerns(table: pa.Table) -> pa.ChunkedArray:
    """Return, for each row, whether it names a press or a callout."""
    is_named = [
        pc.is_valid(table.column(name))
        for name in ("press", "callout")
        if name in table.schema.names
    ]
    return reduce(pc.or_, is_named, pa.chunked_array([pa.array(np.zeros(table.num_rows, bool))]))


def _records(name: str, table: pa.Table) -> Iterator[Record]:
    """Yield the rows of a table as records."""
    if name == OTHER:
        decoder = msgspec.json.Decoder(Record)
        for text in table.column("json"):
            yield decoder.decode(text.as_py())
        return
    kind = KINDS[name]
    names = [column for column in table.column_names if column != "row"]
    for batch in table.select(names).to_batches(max_chunksize=_ROWS):
        columns = [column.to_pylist() for column in batch.columns]
        for values in zip(*columns, strict=True):
            fields = dict(zip(names, values, strict=True))
            if "payload" in fields:
                fields["hex"] = fields.pop("payload").hex()
            yield kind(**fields)
