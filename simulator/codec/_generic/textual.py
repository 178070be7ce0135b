"""Text and JSON messages of a layout: columns between separators, or values at paths."""

import msgspec

from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields, shown
from simulator.codec._generic.columns import Column, column, number_text
from simulator.codec._generic.edges import Edges
from simulator.codec._generic.message import Row
from simulator.codec._generic.plan import names_once
from simulator.codec._generic.sums import Sum, sums
from simulator.codec._generic.tables import (
    As,
    FieldTable,
    LayoutError,
    MessageTable,
    TextTable,
)
from simulator.frame import Value

LONGEST = 4096
_BINARY_ONLY = ("bits", "bytes", "at", "order", "length", "checksum")


def _columns(
    codec: str, name: str, table: MessageTable, forbidden: str = ""
) -> list[tuple[FieldTable, Column]]:
    key = f"messages.{name}.fields"
    names_once(key, table.fields)
    if not table.fields:
        raise LayoutError(key, "are none; a message needs one at least")
    for number, field in enumerate(table.fields):
        for other in _BINARY_ONLY:
            if getattr(field, other) is not None:
                raise LayoutError(f"{key}[{number}].{other}", "is for binary layouts")
    return [
        (field, column(codec, f"{key}[{number}]", field, forbidden=forbidden))
        for number, field in enumerate(table.fields)
    ]


def _edges(columns: list[tuple[FieldTable, Column]]) -> tuple[Edges, ...]:
    return tuple(made.edges for _, made in columns if made.edges is not None)


class Brackets:
    """What stands around the columns of a text: prefix, suffix, checksum."""

    def __init__(self, codec: str, table: TextTable) -> None:
        self._codec = codec
        self._table = table
        self.sum: Sum | None = None
        if table.checksum is not None:
            if table.checksum not in sums():
                reason = f"there is no {table.checksum!r}. Known: xor8, sum8, crc16/..., ..."
                raise LayoutError("text.checksum", reason)
            self.sum = sums()[table.checksum]
        for key in ("separator", "prefix", "suffix", "mark"):
            if not getattr(table, key).isascii():
                raise LayoutError(f"text.{key}", "must be ASCII")

    @property
    def forbidden(self) -> str:
        """Return the characters that no column may contain."""
        mark = self._table.mark if self.sum else ""
        return "".join(sorted({*self._table.separator[:1], *mark[:1], *self._table.suffix[:1]}))

    def around(self, text: str) -> bytes:
        """Return columns with all that stands around them."""
        table = self._table
        return f"{table.prefix}{text}{self._checked(text)}{table.suffix}".encode("ascii")

    def within(self, body: bytes) -> str:
        """Return the columns of a text; refuse a wrong checksum, prefix or suffix."""
        table = self._table
        if len(body) > LONGEST or not body.isascii():
            raise FrameError(self._codec, f"a message is ASCII of at most {LONGEST} bytes")
        text = body.decode("ascii")
        if not text.startswith(table.prefix) or not text.endswith(table.suffix):
            reason = f"must begin with {table.prefix!r} and end with {table.suffix!r}: "
            raise FrameError(self._codec, reason + shown(text))
        text = text[len(table.prefix) : len(text) - len(table.suffix)]
        return self._unchecked(text) if self.sum else text

    def _checked(self, text: str) -> str:
        if self.sum is None:
            return ""
        return f"{self._table.mark}{self.sum.of(text.encode('ascii')):0{2 * self.sum.size}X}"

    def _unchecked(self, text: str) -> str:
        content, mark, found = text.rpartition(self._table.mark)
        wanted = self._checked(content)
        if not mark or mark + found.upper() != wanted:
            raise FrameError(self._codec, f"the checksum is {found!r:.20}, it must be {wanted!r}")
        return content


class TextMessage:
    """One kind of text message."""

    __slots__ = (
        "_brackets",
        "_codec",
        "_columns",
        "_separator",
        "edges",
        "marks",
        "name",
        "rows",
        "table",
    )

    def __init__(self, codec: str, name: str, table: MessageTable, text: TextTable) -> None:
        self.name = name
        self.table = table
        self._codec = codec
        self._brackets = Brackets(codec, text)
        self._separator = text.separator
        self._columns = _columns(codec, name, table, self._brackets.forbidden)
        self.edges = _edges(self._columns)
        constants = [(i, c.constant) for i, (_, c) in enumerate(self._columns)]
        self.marks = {str(i): str(value) for i, value in constants if value is not None}
        self.rows = tuple(
            Row(name, str(i), "", field.name or "-", _meaning(field, made))
            for i, (field, made) in enumerate(self._columns)
        )

    def fits(self, body: bytes) -> bool:
        """Return whether the constants are those of this message."""
        try:
            texts = self._brackets.within(body).split(self._separator)
        except FrameError:
            return False
        return all(int(at) < len(texts) and texts[int(at)] == m for at, m in self.marks.items())

    def read(self, body: bytes) -> dict[str, Value]:
        """Return the values of a message."""
        texts = self._brackets.within(body).split(self._separator)
        if len(texts) != len(self._columns):
            reason = f"{self.name} has {len(self._columns)} columns, not {len(texts)}"
            raise FrameError(self._codec, reason)
        values: dict[str, Value] = {}
        for text, (field, made) in zip(texts, self._columns, strict=True):
            if not text and field.optional:
                continue
            found = made.read(text)
            if field.name:
                values[field.name] = found
        return values

    def write(self, fields: Fields) -> bytes:
        """Return the message that says the values."""
        texts = (_written(field, made, fields) for field, made in self._columns)
        return self._brackets.around(self._separator.join(texts))


def _written(field: FieldTable, made: Column, fields: Fields) -> str:
    if field.optional and (field.name or "") not in fields:
        return ""
    value = made.write(fields)
    if isinstance(value, bool):
        return str(int(value))
    is_number = field.name and field.enum is None and field.as_ is As.NUMBER
    return number_text(field, value) if is_number else str(value)


class JsonMessage:
    """One kind of JSON message; what a device says beyond the layout is not read."""

    __slots__ = ("_codec", "_columns", "edges", "marks", "name", "rows", "table")

    def __init__(self, codec: str, name: str, table: MessageTable) -> None:
        self.name = name
        self.table = table
        self._codec = codec
        self._columns = [
            (_path(field), field, made) for field, made in _columns(codec, name, table)
        ]
        self._check_paths()
        self.edges = _edges([(field, made) for _, field, made in self._columns])
        self.marks = {
            ".".join(path): repr(made.constant)
            for path, _, made in self._columns
            if made.constant is not None
        }
        self.rows = tuple(
            Row(name, ".".join(path), "", field.name or "-", _meaning(field, made))
            for path, field, made in self._columns
        )

    def _check_paths(self) -> None:
        """Refuse a path that another one runs through."""
        paths = [path for path, _, _ in self._columns]
        for number, path in enumerate(paths):
            key = f"messages.{self.name}.fields[{number}].path"
            if not all(path):
                raise LayoutError(key, "is missing, or has an empty key in it")
            others = paths[:number] + paths[number + 1 :]
            if any(path == other[: len(path)] for other in others):
                raise LayoutError(key, f"{'.'.join(path)} overlaps that of another field")

    def fits(self, body: bytes) -> bool:
        """Return whether the constants are those of this message."""
        try:
            whole = _parsed(self._codec, body)
            for path, _, made in self._columns:
                if made.constant is not None:
                    made.read(_at(whole, path))
        except FrameError:
            return False
        return True

    def read(self, body: bytes) -> dict[str, Value]:
        """Return the values of a message."""
        whole = _parsed(self._codec, body)
        values: dict[str, Value] = {}
        for path, field, made in self._columns:
            value = _at(whole, path)
            if value is None and field.optional:
                continue
            found = made.read(value)
            if field.name:
                values[field.name] = found
        return values

    def write(self, fields: Fields) -> bytes:
        """Return the message that says the values."""
        whole: dict[str, Value] = {}
        for path, field, made in self._columns:
            if not (field.optional and (field.name or "") not in fields):
                _put(whole, path, made.write(fields))
        return msgspec.json.encode(whole)


def _path(field: FieldTable) -> tuple[str, ...]:
    return tuple((field.path if field.path is not None else field.name or "").split("."))


def _parsed(codec: str, body: bytes) -> Value:
    try:
        found: Value = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise FrameError(codec, f"it is no JSON: {error}") from error
    return found


def _at(whole: Value, path: tuple[str, ...]) -> Value:
    for key in path:
        if not isinstance(whole, dict):
            return None
        whole = whole.get(key)
    return whole


def _put(whole: dict[str, Value], path: tuple[str, ...], value: Value) -> None:
    for key in path[:-1]:
        inner = whole.setdefault(key, {})
        assert isinstance(inner, dict)  # noqa: S101 - paths that cross are refused
        whole = inner
    whole[path[-1]] = value


def _meaning(field: FieldTable, made: Column) -> str:
    if made.edges is None:
        return "spare" if field.spare else f"always {field.constant!r}"
    return made.edges.meaning + (", may be absent" if field.optional else "")
