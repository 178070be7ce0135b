"""Many records of one kind at once, as columns: one value a record, or the same value in all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from simulator.journal.records import Record


@dataclass(frozen=True, slots=True)
class Same:
    """A column that has one value in all records."""

    value: object


class Array(Protocol):
    """A numpy array, which whoever keeps a journal of lines need not know."""

    def tolist(self) -> list[object]:
        """Return the values."""
        ...

    def __len__(self) -> int: ...


Column: TypeAlias = Sequence[object] | Array | Same
"""The values of one field, in the order of the records."""

Columns: TypeAlias = Mapping[str, Column]
"""Records of one kind, by field; `t` is always there, `hex` is given as `payload`, in bytes."""


@runtime_checkable
class ColumnsJournal(Protocol):
    """A journal that takes many records of a kind at once."""

    def write_columns(self, kind: type[Record], columns: Columns) -> None:
        """Append many records of one kind; fields that are left out have their defaults."""
        ...


def count(columns: Columns) -> int:
    """Return how many records columns hold."""
    times = columns["t"]
    assert not isinstance(times, Same)  # noqa: S101 - each record has a time of its own
    return len(times)


def records(kind: type[Record], columns: Columns) -> Iterator[Record]:
    """Yield the records that columns stand for."""
    rows = count(columns)
    names = ["hex" if name == "payload" else name for name in columns]
    values = zip(*(_listed(column, rows) for column in columns.values()), strict=True)
    at = names.index("hex") if "hex" in names else None
    for row in values:
        fields = dict(zip(names, row, strict=True))
        if at is not None:
            fields["hex"] = row[at].hex()
        yield kind(**fields)


def _listed(column: Column, rows: int) -> Sequence[object]:
    if isinstance(column, Same):
        return [column.value] * rows
    return column.tolist() if hasattr(column, "tolist") else column
