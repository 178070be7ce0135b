"""Text records: columns between commas that read to named values and are written from them.

Firmware writes the same number in many ways (`0`, `0.0`, `00.000000`). A column writes one of them;
where a device wrote another, reading keeps it under `spelling`, and writing takes it up again as
long as it still reads as the value that is to be said. So what was read is written back byte by
byte, and a value that was changed is written anew.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields, shown
from simulator.frame import Value

Found: TypeAlias = dict[str, Value]

_INTEGER = re.compile(r"-?\d{1,9}", re.ASCII)
_DECIMAL = re.compile(r" *[-+]?\d{1,9}(?:\.\d{0,9})?", re.ASCII)
_PLAIN = re.compile(r"[ -+\--~]*")  # printable, and no comma
_HUGE = 10**9
_MOST_STEPS = 10**15
_MOST_FIELDS = 2000


@dataclass(frozen=True, slots=True)
class Column:
    """One value (or a few that are written together) in `width` comma-separated texts.

    `read` answers None for a text that this column cannot hold; `write` answers an empty text
    where the values say nothing. The first of `names` stands for the column.
    """

    names: tuple[str, ...]
    read: Callable[[str], Found | None]
    write: Callable[[Fields], str]
    width: int = 1


def integer(name: str, low: int = 0, high: int = _HUGE) -> Column:
    """Return a column of whole numbers."""

    def read(text: str) -> Found | None:
        if not text:
            return {}
        found = int(text) if _INTEGER.fullmatch(text) else high + 1
        return {name: found} if low <= found <= high else None

    return Column((name,), read, lambda f: str(f.integer(name, low, high)) if name in f else "")


def decimal(name: str, places: int | None = None, *, factor: float = 1.0) -> Column:
    """Return a column of decimal numbers, each `factor` of the value's unit.

    Without `places` a number is written as short as it can be, with one place at least.
    """

    def read(text: str) -> Found | None:
        if not text:
            return {}
        return {name: read_decimal(text, factor)} if _DECIMAL.fullmatch(text) else None

    return Column((name,), read, lambda f: decimal_text(f, name, places, factor))


def read_decimal(text: str, factor: float) -> float:
    """Return the value of a decimal text; a converted one is rounded to what its digits carry."""
    return float(text) if factor == 1 else round(float(text) * factor, 3)


def decimal_text(fields: Fields, name: str, places: int | None = None, factor: float = 1.0) -> str:
    """Return a number as a decimal column writes it; an empty text where there is none."""
    if name not in fields:
        return ""
    digits = 6 if places is None else places
    step = factor / 10**digits
    text = f"{fields.number(name, -_MOST_STEPS, _MOST_STEPS, factor=step) / 10**digits:.{digits}f}"
    if places is not None:
        return text
    return text.rstrip("0") + "0" if text.endswith("0") and ".0" in text else text.rstrip("0")


def word(name: str, pattern: str = "") -> Column:
    """Return a column of texts that are values as they stand."""
    allowed = re.compile(pattern, re.ASCII) if pattern else _PLAIN

    def read(text: str) -> Found | None:
        if not text:
            return {}
        return {name: text} if allowed.fullmatch(text) else None

    def write(fields: Fields) -> str:
        if name not in fields:
            return ""
        text = fields.text(name, most=200).decode()
        if not allowed.fullmatch(text):
            fields.refuse(name, f"cannot be written: {shown(text)}")
        return text

    return Column((name,), read, write)


def choice(name: str, words: dict[str, Value]) -> Column:
    """Return a column of letters that stand for values; the first letter of a value writes it."""
    letters = {value: letter for letter, value in reversed(words.items()) if _is_plain(value)}

    def read(text: str) -> Found | None:
        return {name: words[text]} if text in words else (None if text else {})

    def write(fields: Fields) -> str:
        if name not in fields:
            return ""
        value = fields.value(name)
        if not _is_plain(value) or value not in letters:
            fields.refuse(name, f"must be one of {list(letters)}, not {shown(value)}")
        return letters[value]

    return Column((name,), read, write)


def _is_plain(value: Value) -> bool:
    return isinstance(value, bool | str)


class Layout:
    """The columns of one kind of record, in order.

    A record is written up to its last value, but at least `least` texts long, and with `trailing`
    empty ones after it. Where a device wrote more or fewer, reading says `field_count`; texts
    behind the last column are kept as `extra`.
    """

    __slots__ = ("_columns", "_least", "_trailing")

    def __init__(self, *columns: Column, least: int = 0, trailing: int = 0) -> None:
        self._columns = columns
        self._least = least
        self._trailing = trailing

    def read(self, codec: str, texts: Sequence[str], first: int = 0) -> Found:
        """Return the values of a record; `first` is how many texts of the frame come before."""
        values: Found = {}
        spelling: Found = {}
        at = 0
        for column in self._columns:
            if at >= len(texts):
                break
            text = ",".join(texts[at : at + column.width])
            at += column.width
            found = column.read(text)
            if found is None:
                what = f"field {first + at - column.width + 1}: {column.names[0]}"
                raise FrameError(codec, f"{what} cannot be {text!r:.60}")
            values |= found
            if _canonical(column, Fields(codec, found)) != text:
                spelling[column.names[0]] = text
        if spelling:
            values["spelling"] = spelling
        return values | self._rest(texts, at)

    def _rest(self, texts: Sequence[str], at: int) -> Found:
        if at < len(texts):
            return {"extra": list(texts[at:])}
        return {} if len(texts) == self._count(texts) else {"field_count": len(texts)}

    def _count(self, texts: Sequence[str]) -> int:
        last = max((i for i, text in enumerate(texts, 1) if text), default=0)
        return max(last, self._least) + self._trailing

    def write(self, fields: Fields) -> list[str]:
        """Return the texts of the record that says these values."""
        spelling = fields.value("spelling") if "spelling" in fields else None
        spelled = spelling if isinstance(spelling, dict) else {}
        joined = ",".join(_text(column, fields, spelled) for column in self._columns)
        texts = joined.split(",") if self._columns else []
        if "extra" in fields:
            return texts + plain_texts(fields, "extra")
        count = self._count(texts)
        if "field_count" in fields:
            count = fields.integer("field_count", 0, _MOST_FIELDS)
        return (texts + [""] * (count - len(texts)))[:count]


def _text(column: Column, fields: Fields, spelled: Found) -> str:
    text = spelled.get(column.names[0])
    if isinstance(text, str) and text.count(",") < column.width:
        said = {name: fields.value(name) for name in column.names if name in fields}
        if column.read(text) == said:
            return text + "," * (column.width - 1 - text.count(","))
    return _canonical(column, fields)


def _canonical(column: Column, fields: Fields) -> str:
    return column.write(fields) or "," * (column.width - 1)


def plain_texts(fields: Fields, name: str) -> list[str]:
    """Return a list of texts without commas, as they stand between commas."""
    texts = fields.words(name)
    for text in texts:
        if not isinstance(text, str) or "," in text:
            fields.refuse(name, f"must be texts without a comma, not {shown(text)}")
    return [text for text in texts if isinstance(text, str)]
