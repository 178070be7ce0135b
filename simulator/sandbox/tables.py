"""A tenant's state: tables of immutable rows, the only place where a change can happen.

A row is never altered, only put again, so that one method sees every change: it moves the indexes
and notes the row for storage. A copy of the tables is a copy of the state.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Generic, Protocol, TypeVar

import msgspec

Id = int | str
Changes = dict[tuple[str, str, Id], object]
"""Rows not stored yet, by tenant, table and id; None stands for a row that is gone."""


class Identified(Protocol):
    """A row that says under which id it is found."""

    @property
    def id(self) -> Id:
        """Return the id."""
        ...


R = TypeVar("R", bound=Identified)


class Kept(Protocol):
    """A table to whoever only keeps and restores it, whatever its rows are."""

    def clear(self) -> None:
        """Remove all rows."""
        ...

    def dump(self) -> bytes:
        """Return all rows, packed."""
        ...

    def load(self, packed: bytes) -> None:
        """Make packed rows the only rows."""
        ...

    def load_row(self, packed: bytes) -> None:
        """Put one packed row."""
        ...


class Index(Generic[R]):
    """Finds the rows of a table by something other than their id; groups are expected small."""

    def __init__(self, rows: Mapping[Id, R], keys: Callable[[R], Iterable[Hashable]]) -> None:
        self._rows = rows
        self._keys = keys
        self._ids: dict[Hashable, tuple[Id, ...]] = {}

    def first(self, key: Hashable) -> R | None:
        """Return the row longest under this key, if any."""
        ids = self._ids.get(key)
        return self._rows[ids[0]] if ids else None

    def all(self, key: Hashable) -> list[R]:
        """Return the rows under this key, first those longest there."""
        return [self._rows[row_id] for row_id in self._ids.get(key, ())]

    def __iter__(self) -> Iterator[R]:
        return (self._rows[row_id] for ids in self._ids.values() for row_id in ids)

    def move(self, row_id: Id, old: R | None, new: R | None) -> None:
        """Take notice that a row was put or dropped."""
        before = tuple(self._keys(old)) if old is not None else ()
        after = tuple(self._keys(new)) if new is not None else ()
        if before == after:
            return
        for key in before:
            self._leave(key, row_id)
        for key in after:
            self._ids[key] = (*self._ids.get(key, ()), row_id)

    def _leave(self, key: Hashable, row_id: Id) -> None:
        left = tuple(other for other in self._ids[key] if other != row_id)
        if left:
            self._ids[key] = left
        else:
            del self._ids[key]


class Table(Generic[R]):
    """Rows of one type by id, in the order of their making; notes changes where some are kept."""

    def __init__(
        self, client_id: str, name: str, row_type: type[R], changes: Changes | None
    ) -> None:
        self.name = name
        self._row_type = row_type
        self.rows: dict[Id, R] = {}
        self._client_id = client_id
        self._changes = changes
        self._indexes: list[Index[R]] = []

    def index(self, keys: Callable[[R], Iterable[Hashable]]) -> Index[R]:
        """Return a new index by the keys that a function finds in a row; make it while empty."""
        made = Index(self.rows, keys)
        self._indexes.append(made)
        return made

    def get(self, row_id: Id) -> R | None:
        """Return the row of an id, if any."""
        return self.rows.get(row_id)

    def __iter__(self) -> Iterator[R]:
        return iter(self.rows.values())

    def __len__(self) -> int:
        return len(self.rows)

    def put(self, row: R) -> R:
        """Make this the row of its id, and return it."""
        row_id = row.id
        old = self.rows.get(row_id)
        for index in self._indexes:
            index.move(row_id, old, row)
        self.rows[row_id] = row
        if self._changes is not None:
            self._changes[self._client_id, self.name, row_id] = row
        return row

    def drop(self, row: R) -> None:
        """Remove a row."""
        row_id = row.id
        for index in self._indexes:
            index.move(row_id, row, None)
        del self.rows[row_id]
        if self._changes is not None:
            self._changes[self._client_id, self.name, row_id] = None

    def clear(self) -> None:
        """Remove all rows."""
        for row in list(self.rows.values()):
            self.drop(row)

    def dump(self) -> bytes:
        """Return all rows, packed."""
        return msgspec.msgpack.encode(list(self.rows.values()))

    def load(self, packed: bytes) -> None:
        """Make packed rows the only rows."""
        self.clear()
        for raw in msgspec.msgpack.decode(packed, type=list[msgspec.Raw]):
            self.load_row(bytes(raw))

    def load_row(self, packed: bytes) -> None:
        """Put one packed row."""
        self.put(msgspec.msgpack.decode(packed, type=self._row_type))
