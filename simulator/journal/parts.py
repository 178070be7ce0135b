"""Reads a journal of columns: record by record in the order of time, or table by table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from simulator.journal.columns import FOLDER, KINDS, ORDER, OTHER, schema
from simulator.journal.errors import JournalError
from simulator.journal.records import Record

_NAMES = ("press", "callout")
_PRESS = '"type":"press"'
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


@dataclass(frozen=True, slots=True)
class Concern:
    """What a reader of presses wants: these devices, and events with these names."""

    devices: pa.Array
    messages: pa.Array


def concern_of(run: Path) -> Concern:
    """Return the devices whose people pressed, and the events whose answers name a callout."""
    devices, messages = set[str](), list[pa.ChunkedArray]()
    decoder = msgspec.json.Decoder(Record)
    for path in part_paths(run):
        other = _file(path, OTHER)
        if other is not None:
            texts = other.read(["json"]).column("json")
            for text in texts.filter(pc.match_substring(texts, _PRESS)):
                record = decoder.decode(text.as_py())
                devices.add(getattr(record, "device", ""))
        answers = _file(path, "answer")
        if answers is not None and (groups := _groups(answers, "callout")):
            table = answers.read_row_groups(groups, ["callout", "message"])
            messages.append(table.filter(pc.is_valid(table["callout"])).column("message"))
    named = [chunk for column in messages for chunk in column.chunks]
    return Concern(
        pa.array(sorted(devices), pa.string()),
        pa.concat_arrays(named) if named else pa.array([], pa.string()),
    )


def read_concerned(run: Path, concern: Concern) -> Iterator[Part]:
    """Yield what concerns a press or names a callout, and all records of the rarer kinds.

    Cut as `read_parts` does. Of the devices only those are told that are of concern.
    """
    return _cut(part_paths(run), lambda path: _concerned(path, concern))


def part_paths(run: Path) -> list[Path]:
    """Return the folders of the parts of a journal, given the folder of its run, or it."""
    folder = run / FOLDER if (run / FOLDER).is_dir() else run
    return sorted(folder.glob("part-*"))


def read_parts(run: Path) -> Iterator[Part]:
    """Yield the parts of a journal, given the folder of its run, cut so that none overlap in time.

    Only what is due before anything of a later part is in a part; the rest is in the next.
    """
    return _cut(part_paths(run), _tables)


def rows_of(part: Path, name: str) -> int:
    """Return how many records of a kind are in a part."""
    file = _file(part, name)
    return 0 if file is None else int(file.metadata.num_rows)


def column_of(part: Path, name: str, *columns: str) -> pa.Table:
    """Return some columns of a kind of records in a part; empty ones where there are none."""
    file = _file(part, name)
    if file is None:
        return schema(name).empty_table().select(columns)
    return file.read(columns=list(columns))


def _cut(paths: Sequence[Path], tables: Callable[[Path], dict[str, pa.Table]]) -> Iterator[Part]:
    begins = _begins(paths)
    held: dict[str, pa.Table] = {}
    for path, ends_s in zip(paths, begins[1:], strict=True):
        due: dict[str, pa.Table] = {}
        for name, read in tables(path).items():
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


def _begins(paths: Sequence[Path]) -> list[float]:
    """Return the earliest time in each part and all after it; infinity ends the list."""
    begins = [float("inf")]
    for path in reversed(paths):
        begins.append(min([begins[-1], *map(earliest_s, path.glob("*.parquet"))]))
    return begins[::-1]


def earliest_s(file: Path) -> float:
    """Return the time of the earliest record in a file of a part."""
    try:
        meta = pq.read_metadata(file)
        groups = [meta.row_group(group) for group in range(meta.num_row_groups)]
        times = [group.column(0).statistics.min for group in groups if group.num_rows]
    except (OSError, ValueError, AttributeError) as error:
        raise JournalError(file, None, f"is no part of a journal: {error}") from error
    return float(min(times, default=float("inf")))


def _tables(path: Path) -> dict[str, pa.Table]:
    files = {name: _file(path, name) for name in (*KINDS, OTHER)}
    return {name: file.read() for name, file in files.items() if file is not None}


def _concerned(path: Path, concern: Concern) -> dict[str, pa.Table]:
    """Return what is of concern in a part; groups of rows in which nothing is are not read."""
    tables = {}
    for name in (*KINDS, OTHER):
        file = _file(path, name)
        if file is None:
            continue
        if name == OTHER:
            tables[name] = file.read()
            continue
        if name == "device":
            table = file.read()
            tables[name] = table.filter(pc.is_in(table["device"], concern.devices))
            continue
        groups = _groups(file, *_NAMES)
        if name == "event" and len(concern.messages):
            groups = sorted({*groups, file.num_row_groups - 1})  # where those are that came singly
        if groups:
            table = file.read_row_groups(groups)
            is_named = [pc.is_valid(table[key]) for key in _NAMES if key in table.schema.names]
            if name == "event":
                is_named.append(pc.is_in(table["message"], concern.messages))
            tables[name] = table.filter(reduce(pc.or_, is_named))
    return tables


def _file(path: Path, name: str) -> pq.ParquetFile | None:
    """Return the file of a kind of records in a part, if there is one."""
    file = path / f"{name}.parquet"
    if not file.exists():
        return None
    try:
        return pq.ParquetFile(file)
    except (OSError, ValueError) as error:
        raise JournalError(file, None, f"is no part of a journal: {error}") from error


def _groups(file: pq.ParquetFile, *names: str) -> list[int]:
    """Return the groups of rows in which one of some columns has any value."""
    found = []
    for group in range(file.metadata.num_row_groups):
        meta = file.metadata.row_group(group)
        columns = (meta.column(at) for at in range(meta.num_columns))
        named = [column for column in columns if column.path_in_schema in names]
        if any(
            column.statistics is None or column.statistics.null_count < meta.num_rows
            for column in named
        ):
            found.append(group)
    return found


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
