"""Fields of NMEA 0183 sentences: how the text between two commas becomes a value and back.

A field that was read keeps its text as long as its value is not changed: `000.5` stays `000.5`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields, shown
from simulator.codec._layout import time_of
from simulator.frame import Value

NAME = "serial_nmea0183"
KMH_PER_KNOT = 1.852

Texts = list[str]


@dataclass(frozen=True, slots=True)
class Field:
    """One value and the columns it stands in.

    `read` raises `ValueError` for a text without a meaning and returns None for an empty one.
    """

    name: str
    columns: tuple[int, ...]
    read: Callable[[Texts], Value]
    write: Callable[[Fields], Texts]
    tolerance: float = 1e-9
    needs_all: bool = False  # nothing can be read from some of the columns alone

    def decode(self, texts: Texts, values: dict[str, Value]) -> None:
        """Add the value, if the sentence has one."""
        own = self._own(texts)
        if not (all(own) if self.needs_all else any(own)):
            return
        try:
            values[self.name] = self.read(own)
        except (ValueError, OverflowError) as error:
            where = " and ".join(str(column + 1) for column in self.columns)
            reason = f"field {where} is no {self.name}: {','.join(own)!r:.60}"
            raise FrameError(NAME, reason) from error

    def encode(self, fields: Fields, texts: Texts) -> None:
        """Put the value into its columns, unless their text already says it."""
        if self.name not in fields or self._is_said(fields.value(self.name), texts):
            return
        for column, text in zip(self.columns, self.write(fields), strict=True):
            texts.extend([""] * (column + 1 - len(texts)))
            texts[column] = text

    def _own(self, texts: Texts) -> Texts:
        return [texts[column] if column < len(texts) else "" for column in self.columns]

    def _is_said(self, value: Value, texts: Texts) -> bool:
        own = self._own(texts)
        try:
            return any(own) and _is_same(self.read(own), value, self.tolerance)
        except (ValueError, OverflowError):
            return False


def _is_same(said: Value, value: Value, tolerance: float) -> bool:
    if isinstance(said, float) and isinstance(value, int | float):
        try:
            return abs(said - value) <= tolerance
        except OverflowError:
            return False
    return said == value


def real(name: str, column: int, *, factor: float = 1, digits: int = 6) -> Field:
    """Return a decimal number, times `factor`."""

    def read(texts: Texts) -> Value:
        return round(_decimal(texts[0]) * factor, digits)

    def write(fields: Fields) -> Texts:
        return [shortest(fields.measure(name, -1e9, 1e9) / factor, digits)]

    return Field(name, (column,), read, write)


def whole(name: str, column: int, width: int = 1) -> Field:
    """Return a whole number, written with leading zeros up to a width."""

    def read(texts: Texts) -> Value:
        return _whole(texts[0])

    def write(fields: Fields) -> Texts:
        number = fields.integer(name, -(10**9), 10**9)
        return [f"{number:0{width + (number < 0)}d}"]

    return Field(name, (column,), read, write)


def word(name: str, column: int) -> Field:
    """Return a text as it stands."""
    return Field(name, (column,), lambda texts: texts[0], lambda fields: [printable(fields, name)])


def switch(name: str, column: int, on: str, off: str) -> Field:
    """Return a letter of two as true or false."""

    def read(texts: Texts) -> Value:
        if texts[0] not in (on, off):
            raise ValueError(texts[0])
        return texts[0] == on

    return Field(name, (column,), read, lambda fields: [on if fields.flag(name) else off])


def degrees(name: str, column: int, marks: str, width: int) -> Field:
    """Return ddmm.mm and its hemisphere as decimal degrees."""

    def read(texts: Texts) -> Value:
        head, point, tail = texts[0].partition(".")
        if not head.isascii() or not head.isdigit() or texts[1] not in tuple(marks):
            raise ValueError(texts[0])
        minutes = _decimal(head[-2:] + point + tail)
        size = round(int(head[:-2] or "0") + minutes / 60, 7)
        return -size if texts[1] == marks[1] else size

    def write(fields: Fields) -> Texts:
        value = fields.measure(name, -180, 180)
        whole_degrees, minutes = divmod(abs(value) * 60, 60)
        text = shortest(minutes, 7, within=3e-5)
        if float(text) >= 60:
            whole_degrees, text = whole_degrees + 1, "0"
        head, point, tail = text.partition(".")
        digits = f"{int(whole_degrees):0{width}d}{head:0>2}{point}{tail}"
        return [digits, marks[value < 0]]

    return Field(name, (column, column + 1), read, write, tolerance=5e-7)


def clock(column: int) -> Field:
    """Return hhmmss.ss as a time of day."""

    def write(fields: Fields) -> Texts:
        text = fields.text("time_of_day", most=24).decode().replace(":", "")
        try:
            time_of_day([text])
        except ValueError:
            fields.refuse("time_of_day", f"must be as 23:59:59.5, not {shown(text)}")
        return [text]

    return Field("time_of_day", (column,), time_of_day, write)


def time_of_day(texts: Texts) -> str:
    """Return hhmmss or hhmmss.ss with colons; zeros at the end of a fraction go."""
    head, _, tail = texts[0].partition(".")
    if len(head) != 6 or not (head + tail).isascii() or not (head + tail).isdigit():
        raise ValueError(texts[0])
    hours, minutes, seconds = head[:2], head[2:4], head[4:]
    if hours > "23" or minutes > "59" or seconds > "60":
        raise ValueError(texts[0])
    fraction = tail.rstrip("0")
    return f"{hours}:{minutes}:{seconds}{'.' if fraction else ''}{fraction}"


def moment(*columns: int) -> Field:
    """Return a time of day and a date: one column ddmmyy, or three of day, month and year."""

    def read(texts: Texts) -> Value:
        time = time_of_day(texts[:1])
        day, month, year = _split_date(texts[1]) if len(texts) == 2 else texts[1:]
        date = datetime(_whole(year), _whole(month), _whole(day), tzinfo=UTC)
        return f"{date.date().isoformat()}T{time}Z"

    def write(fields: Fields) -> Texts:
        date, time = _utc_text(fields)
        clock_text = time.replace(":", "")
        year, month, day = date.split("-")
        one = len(columns) == 2
        return [clock_text, day + month + year[2:]] if one else [clock_text, day, month, year]

    return Field("time", columns, read, write, needs_all=True)


def _split_date(text: str) -> Texts:
    if len(text) != 6 or not text.isascii() or not text.isdigit():
        raise ValueError(text)
    century = "19" if text[4:] >= "80" else "20"  # GPS began in 1980
    return [text[:2], text[2:4], century + text[4:]]


def _utc_text(fields: Fields) -> tuple[str, str]:
    date, _, clock_text = time_of(fields, "time").isoformat()[:26].partition("T")
    seconds, _, fraction = clock_text.partition("+")[0].partition(".")
    fraction = fraction.rstrip("0")
    return date, f"{seconds}{'.' if fraction else ''}{fraction}"


def satellites(first: int, last: int) -> Field:
    """Return the numbers of satellites in columns of which some are empty."""

    def read(texts: Texts) -> Value:
        return [_whole(text) for text in texts if text]

    def write(fields: Fields) -> Texts:
        numbers = fields.words("satellites_used")
        room = last - first + 1
        if len(numbers) > room:
            fields.refuse(
                "satellites_used", f"has {len(numbers)} entries, there is room for {room}"
            )
        return [_two_digits(fields, number) for number in numbers] + [""] * (room - len(numbers))

    return Field("satellites_used", tuple(range(first, last + 1)), read, write)


def _two_digits(fields: Fields, number: Value) -> str:
    if type(number) is not int or not 0 <= number <= 999:
        fields.refuse("satellites_used", "must be whole numbers from 0 to 999")
    return f"{number:02d}"


def printable(fields: Fields, name: str) -> str:
    """Return a text that can stand between commas."""
    text = fields.text(name, most=80).decode()
    if not text.isprintable() or any(mark in text for mark in ",*$!"):
        fields.refuse(name, "may not hold control characters nor , * $ !")
    return text


def shortest(number: float, digits: int, within: float = 0) -> str:
    """Return the shortest decimal text that is a number, or as near as asked."""
    for count in range(digits):
        text = f"{number:.{count}f}"
        if abs(float(text) - number) <= max(within, 1e-12):
            return text
    return f"{number:.{digits}f}"


def _decimal(text: str) -> float:
    if not text.isascii() or len(text) > 24 or not text.strip("+-").replace(".", "", 1).isdigit():
        raise ValueError(text)
    return float(text)


def _whole(text: str) -> int:
    if not text.isascii() or len(text) > 12 or not text.lstrip("+-").isdigit():
        raise ValueError(text)
    return int(text)
