"""Fields of a text or of JSON: a text or a JSON value on the wire, and a value with its unit."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields, shown
from simulator.codec._generic.edges import Edges, check_enum, enum_edges, flag_edges, number_edges
from simulator.codec._generic.edges import text_edges as _text_edges
from simulator.codec._generic.quantity import MOST_STEPS, quantity
from simulator.codec._generic.tables import As, FieldTable, LayoutError
from simulator.codec._layout import time_of
from simulator.frame import Value

_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,12})?", re.ASCII)
_MOST_TEXT = 64


@dataclass(frozen=True, slots=True)
class Column:
    """One value: `read` takes what JSON would have there, `write` returns it.

    In a text all that is read is text, and a number is written with its decimals and width.
    """

    read: Callable[[Value], Value]
    write: Callable[[Fields], Value]
    edges: Edges | None
    constant: Value = None


def column(codec: str, key: str, field: FieldTable, *, forbidden: str = "") -> Column:
    """Return one field; texts may not contain what is `forbidden`."""
    if field.constant is not None:
        return _constant(codec, field)
    if field.spare:
        return Column(lambda _found: None, lambda _fields: "", None)
    name = field.name or ""
    if field.enum is not None:
        return _enum(codec, key, name, field.enum)
    if field.as_ is As.NUMBER:
        return _number(codec, key, field)
    if field.as_ is As.FLAG:
        return _flag(codec, name)
    if field.as_ is As.TIME:
        return _time(codec, name)
    if field.as_ is As.TEXT:
        return _text(codec, field, forbidden)
    raise LayoutError(f"{key}.as", f"{field.as_} is for binary layouts")


def _constant(codec: str, field: FieldTable) -> Column:
    wanted = field.constant

    def read(found: Value) -> Value:
        if found != wanted and str(found) != str(wanted):
            raise FrameError(codec, f"stands {shown(found)}, where {wanted!r} must be")
        return None

    return Column(read, lambda _fields: wanted, None, wanted)


def _enum(codec: str, key: str, name: str, words: dict[str, int | str]) -> Column:
    check_enum(key, words)
    meant = {str(code): word for word, code in words.items()}

    def read(found: Value) -> Value:
        word = meant.get(str(found)) if not isinstance(found, bool) else None
        if word is None:
            raise FrameError(codec, f"there is no {name} of code {shown(found)}")
        return word

    return Column(read, lambda fields: fields.choice(name, words), enum_edges(name, words))


def _number(codec: str, key: str, field: FieldTable) -> Column:
    """Return a number: on the wire it has `digits` decimals, of which one step is the last."""
    digits = field.digits or 0
    factor = 10.0**-digits
    found = quantity(codec, key, _stepped(key, field, factor), -MOST_STEPS, MOST_STEPS)

    def read(value: Value) -> Value:
        number = _number_in(value)
        if number is None:
            raise FrameError(codec, f"{found.name} is no number: {shown(value)}")
        return found.value(round(number / factor))

    def write(fields: Fields) -> Value:
        raw = found.steps(fields)
        return raw if not digits else round(raw * factor, digits)

    return Column(read, write, number_edges(found))


def _stepped(key: str, field: FieldTable, factor: float) -> FieldTable:
    if field.scale == 0:
        raise LayoutError(f"{key}.scale", "must be a finite number other than 0")
    return replace(field, scale=field.scale * factor, digits=None)


def _number_in(value: Value) -> float | None:
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) <= MOST_STEPS else None  # type: ignore[arg-type]


def number_text(field: FieldTable, number: Value) -> str:
    """Return a number as a text has it: with its decimals, filled up with zeros."""
    assert isinstance(number, int | float)  # noqa: S101 - only numbers are written so
    return f"{number:0{field.width or 1}.{field.digits or 0}f}"


def _flag(codec: str, name: str) -> Column:
    words = {"0": False, "1": True, "false": False, "true": True}

    def read(found: Value) -> Value:
        if isinstance(found, bool):
            return found
        if str(found) not in words:
            raise FrameError(codec, f"{name} is neither 0 nor 1: {shown(found)}")
        return words[str(found)]

    return Column(read, lambda fields: fields.flag(name), flag_edges(name))


def _time(codec: str, name: str) -> Column:
    def read(found: Value) -> Value:
        return _utc(Fields(codec, {name: found}), name)

    def write(fields: Fields) -> Value:
        return _utc(fields, name)

    inside = ("1970-01-01T00:00:00Z", "2199-12-31T23:59:59Z")
    return Column(read, write, Edges(name, "ISO 8601 in UTC", inside, ("noon", 12)))


def _utc(fields: Fields, name: str) -> str:
    return f"{time_of(fields, name).isoformat()[:19]}Z"


def _text(codec: str, field: FieldTable, forbidden: str) -> Column:
    name, most = field.name or "", int(field.maximum or _MOST_TEXT)

    def check(fields: Fields) -> str:
        text = fields.text(name, most=most).decode("ascii")
        if not text.isprintable() or any(letter in text for letter in forbidden):
            fields.refuse(name, f"must be printable and without {forbidden!r}: {shown(text)}")
        return text

    def read(found: Value) -> Value:
        return check(Fields(codec, {name: found}))

    return Column(read, check, _text_edges(name, most))
