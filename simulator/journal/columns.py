"""The journal as columns (Parquet), for runs of more records than lines of text are good for.

A journal is a folder of parts; a part is a folder with one file for each kind of record. A part
appears whole or not at all, so what a killed run leaves is readable up to its last part. The kinds
that there are most of have a column for each field; all others are kept as JSON in `other.parquet`.
Rows are in the order of writing; `t` says when something was, and `row` keeps the order of records
of the same moment. Other tools read the parts as they are, for
example DuckDB: `select kind, count(*) from 'runs/year/journal/*/frame.parquet' group by kind`.
"""

import os
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.journal.errors import JournalUnwritableError
from simulator.journal.many import Column, Columns, Same, count
from simulator.journal.records import (
    Answered,
    DeviceLinked,
    EventSent,
    Failed,
    FrameSent,
    OnAir,
    Received,
    Record,
    Replied,
)
from simulator.unbroken import unbroken

FOLDER = "journal"
PART_ROWS = 1 << 18  # records that are held as objects at the most
_MOST_ROWS = 1 << 20  # records that are held at all
_WORTH_A_PART = 1 << 16
OTHER = "other"
ORDER = ("t", "row")

KINDS: dict[str, type[Record]] = {
    "device": DeviceLinked,
    "frame": FrameSent,
    "air": OnAir,
    "gateway": Received,
    "reply": Replied,
    "event": EventSent,
    "answer": Answered,
    "failed": Failed,
}
"""The kinds with columns of their own, by the name of their file."""

_FILES = {kind: name for name, kind in KINDS.items()}


class ColumnJournal:
    """A journal of Parquet parts; use as a context manager, so that it is whole at the end.

    Records may be written one by one, or many of one kind at once, as columns, and in any order:
    the reader sorts them by time. Rows are counted from `first_row`: of journals that become one,
    the rows of the first are before those of the next.
    """

    def __init__(self, folder: Path, part_rows: int = PART_ROWS, *, first_row: int = 0) -> None:
        self.path = folder / FOLDER
        self.count = first_row
        self._part_rows = part_rows
        self._parts = 0
        self._held = 0
        self._singles = 0
        self._records: dict[str, list[tuple[int, Record]]] = {}
        self._tables: dict[str, list[pa.Table]] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if self.path.exists():
                shutil.rmtree(self.path)
            self.path.mkdir()
        except OSError as error:
            message = (
                f"The run cannot be written to {folder}: {error.strerror}. "
                "Name a folder that you may write with --out."
            )
            raise JournalUnwritableError(message) from error

    def write(self, record: Record) -> None:
        """Append one record."""
        name = _FILES.get(type(record), OTHER)
        self._records.setdefault(name, []).append((self.count, record))
        self._singles += 1
        self._hold(1)

    def write_columns(self, kind: type[Record], columns: Columns) -> None:
        """Append many records of one of `KINDS`, a column a field; `t` must be there.

        A field that is left out has its default in all of them.
        """
        name = _FILES[kind]
        rows = count(columns)
        given = {**_DEFAULTS[name], **columns, "row": np.arange(self.count, self.count + rows)}
        if missing := set(_SCHEMAS[name].names) - given.keys():
            message = f"{kind.__name__} needs the column {min(missing)}."
            raise ValueError(message)
        arrays = [_array(given[field.name], field, rows) for field in _SCHEMAS[name]]
        self._tables.setdefault(name, []).append(pa.table(arrays, schema=_SCHEMAS[name]))
        self._hold(rows)

    def flush(self) -> None:
        """Write what is held as a part, if it is worth one.

        The first always is: it says what the run is, so that a killed one can be resumed.
        """
        if self._parts == 0 or self._held >= min(_WORTH_A_PART, self._part_rows):
            self.cut()

    @unbroken()
    def cut(self) -> None:
        """Write what is held as a part; do nothing if nothing is held."""
        if not self._held:
            return
        part = self.path / f"part-{self._parts:05}"
        unfinished = self.path / f".part-{self._parts:05}"
        try:
            unfinished.mkdir()
            for name in (*KINDS, OTHER):
                self._write_file(unfinished, name)
            os.rename(unfinished, part)
        except OSError as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            message = (
                f"The journal {self.path} cannot be written: {error.strerror or error}. "
                "Free the disk."
            )
            raise JournalUnwritableError(message) from error
        self._parts += 1
        self._held = self._singles = 0
        self._records.clear()
        self._tables.clear()

    def __enter__(self) -> "ColumnJournal":
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def _hold(self, rows: int) -> None:
        self.count += rows
        self._held += rows
        if self._singles >= self._part_rows or self._held >= _MOST_ROWS:
            self.cut()

    def _write_file(self, folder: Path, name: str) -> None:
        """Write the records of one kind: those that came one by one in a group of their own.

        What concerns presses is among them, so that the ledger need not read the others.
        """
        tables = list(self._tables.get(name, ()))
        groups = [pa.concat_tables(tables)] if tables else []
        if records := self._records.get(name):
            groups.append(_table(name, records))
        if not groups:
            return
        with pq.ParquetWriter(
            folder / f"{name}.parquet",
            _SCHEMAS[name],
            compression="zstd",
            use_dictionary=_REPETITIVE[name],
        ) as file:
            for group in groups:
                file.write_table(group)


def schema(name: str) -> pa.Schema:
    """Return the columns of one kind of file."""
    if name == OTHER:
        return pa.schema([("t", pa.float64()), ("row", pa.int64()), ("json", pa.string())])
    types = {float: pa.float64(), int: pa.int64(), str: pa.string(), bool: pa.bool_()}
    fields = [("t", pa.float64()), ("row", pa.int64())]
    for field in msgspec.structs.fields(KINDS[name]):
        if field.name == "t":
            continue
        if field.name == "hex":
            fields.append(("payload", pa.binary()))
        elif field.type == list[str]:
            fields.append((field.name, pa.list_(pa.string())))
        else:
            plain = next(kind for kind in types if field.type in (kind, kind | None))
            fields.append((field.name, types[plain]))
    return pa.schema(fields)


def _table(name: str, records: list[tuple[int, Record]]) -> pa.Table:
    """Return records of one kind of file as a table."""
    rows: list[object] = [row for row, _ in records]
    if name == OTHER:
        texts = [msgspec.json.encode(record).decode() for _, record in records]
        return pa.table([[r.t for _, r in records], rows, texts], schema=schema(name))
    columns: list[list[object]] = []
    for field in schema(name).names:
        if field == "row":
            columns.append(rows)
        elif field == "payload":
            columns.append([bytes.fromhex(getattr(r, "hex", "")) for _, r in records])
        else:
            columns.append([getattr(record, field) for _, record in records])
    return pa.table(columns, schema=schema(name))


def _array(values: Column, field: pa.Field, rows: int) -> pa.Array:
    if isinstance(values, Same):
        return _same(values.value, field, rows)
    if len(values) != rows:
        message = f"The column {field.name} has {len(values)} rows, and t has {rows}."
        raise ValueError(message)
    return pa.array(values, field.type)


def _same(value: object, field: pa.Field, rows: int) -> pa.Array:
    """Return a column of one value."""
    if value is None:
        return pa.nulls(rows, field.type)
    if isinstance(value, list):
        ends = np.arange(rows + 1, dtype=np.int32) * len(value)
        return pa.ListArray.from_arrays(ends, pa.array(value * rows, field.type.value_type))
    return pa.repeat(pa.scalar(value, field.type), rows)


def _defaults(kind: type[Record]) -> dict[str, Column]:
    """Return what the fields of a record are that need not be given."""
    found: dict[str, Column] = {}
    for field in msgspec.structs.fields(kind):
        if field.default is not msgspec.NODEFAULT:
            found[field.name] = Same(field.default)
        elif field.default_factory is not msgspec.NODEFAULT:
            found[field.name] = Same(field.default_factory())
    return found


_DEFAULTS = {name: _defaults(kind) for name, kind in KINDS.items()}
_SCHEMAS = {name: schema(name) for name in (*KINDS, OTHER)}
_REPETITIVE = {
    name: [
        field.name
        for field in found
        if field.name in ("kind", "lost", "dropped", "profile", "press", "port", "mutation")
    ]
    for name, found in _SCHEMAS.items()
}
"""The columns that say the same again and again; a dictionary of the others would be in the way."""
