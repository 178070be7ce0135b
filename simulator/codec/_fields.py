"""Takes values out of a mapping for an encoder, or says which of them does not fit.

Every codec encodes from values of unknown origin (a profile, a scenario, a capture): this is the
one place that turns them into numbers and bytes of a frame.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import NoReturn, TypeVar

from simulator.codec._contract import FrameError, Values
from simulator.frame import Value

T = TypeVar("T")


class Fields:
    """The values of one frame (or of one part of it, which `path` then names) for one codec."""

    __slots__ = ("_path", "_values", "codec")

    def __init__(self, codec: str, values: Values, path: str = "") -> None:
        self.codec = codec
        self._values = values
        self._path = path

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    @property
    def names(self) -> list[str]:
        """Return the names of all values that are there."""
        return [name for name, value in self._values.items() if value is not None]

    def refuse(self, name: str, why: str) -> NoReturn:
        """Raise the error that names this field."""
        raise FrameError(self.codec, f"field '{self._path}{name}' {why}")

    def value(self, name: str) -> Value:
        """Return a value that must be there."""
        found = self._values.get(name)
        if found is None:
            self.refuse(name, "is missing")
        return found

    def integer(self, name: str, low: int, high: int) -> int:
        """Return a whole number of a range: an identifier, a counter, a raw word."""
        found = self.value(name)
        if type(found) is not int:
            self.refuse(name, f"must be a whole number, not {shown(found)}")
        return self._within(name, found, low, high)

    def number(self, name: str, low: int, high: int, *, factor: float = 1) -> int:
        """Return how many steps of `factor` a measured value is, rounded to the nearest."""
        found = self.value(name)
        if type(found) is not int and type(found) is not float:
            self.refuse(name, f"must be a number, not {shown(found)}")
        try:
            steps = found / factor
        except OverflowError:
            steps = float("inf")
        if not isfinite(steps):
            self.refuse(name, "is no finite number")
        return self._within(name, round(steps), low, high)

    def measure(self, name: str, low: float, high: float) -> int | float:
        """Return a measured value as it is, for protocols that write numbers as text."""
        found = self.value(name)
        if type(found) is not int and type(found) is not float:
            self.refuse(name, f"must be a number, not {shown(found)}")
        if not low <= found <= high:  # false for NaN as well
            self.refuse(name, f"does not fit: {shown(found)} is not within {low:g} to {high:g}")
        return found

    def _within(self, name: str, number: int, low: int, high: int) -> int:
        if not low <= number <= high:
            self.refuse(name, f"does not fit: {shown(number)} is not within {low} to {high}")
        return number

    def flag(self, name: str, default: bool | None = None) -> bool:
        """Return a boolean; without a default it must be there."""
        found = self._values.get(name)
        if found is None and default is not None:
            return default
        if type(found) is not bool:
            self.refuse(
                name, "is missing" if found is None else f"must be true or false: {shown(found)}"
            )
        return found

    def choice(self, name: str, choices: Mapping[str, T]) -> T:
        """Return what a word stands for."""
        found = self.value(name)
        if not isinstance(found, str) or found not in choices:
            self.refuse(name, f"must be one of {', '.join(choices)}, not {shown(found)}")
        return choices[found]

    def text(self, name: str, *, most: int, encoding: str = "ascii") -> bytes:
        """Return a text as bytes, at most so many."""
        found = self.value(name)
        if not isinstance(found, str):
            self.refuse(name, f"must be a text, not {shown(found)}")
        try:
            data = found.encode(encoding)
        except UnicodeError:
            self.refuse(name, f"is not {encoding}: {shown(found)}")
        if len(data) > most:
            self.refuse(name, f"has {len(data)} bytes, there is room for {most}")
        return data

    def hexadecimal(self, name: str, size: int | None = None) -> bytes:
        """Return bytes written as hex digits, colons allowed between them; `size` is exact."""
        found = self.value(name)
        if not isinstance(found, str):
            self.refuse(name, f"must be hex digits, not {shown(found)}")
        try:
            data = bytes.fromhex(found.replace(":", ""))
        except ValueError:
            self.refuse(name, f"is not hex: {shown(found)}")
        if size is not None and len(data) != size:
            self.refuse(name, f"must be {size} bytes in hex, not {len(data)}")
        return data

    def epoch(self, name: str) -> int:
        """Return a time (ISO 8601 with its zone) as 32-bit seconds since 1970, rounded down."""
        found = self.value(name)
        seconds = _seconds(found) if isinstance(found, str) else None
        if seconds is None:
            self.refuse(name, f"must be an ISO 8601 time with its zone, not {shown(found)}")
        return self._within(name, seconds, 0, 0xFFFFFFFF)

    def words(self, name: str) -> list[Value]:
        """Return a list as it is."""
        found = self.value(name)
        if not isinstance(found, list):
            self.refuse(name, f"must be a list, not {shown(found)}")
        return found

    def part(self, name: str) -> "Fields":
        """Return a mapping, as fields of its own."""
        return self._part(name, self.value(name))

    def parts(self, name: str) -> list["Fields"]:
        """Return each entry of a list of mappings, as fields of its own."""
        return [self._part(f"{name}[{i}]", entry) for i, entry in enumerate(self.words(name))]

    def _part(self, name: str, entry: Value) -> "Fields":
        if not isinstance(entry, dict):
            self.refuse(name, f"must be an object, not {shown(entry)}")
        return Fields(self.codec, entry, f"{self._path}{name}.")


def _seconds(time: str) -> int | None:
    try:
        moment = datetime.fromisoformat(time)
        return None if moment.tzinfo is None else int(moment.timestamp() // 1)
    except (ValueError, OverflowError):
        return None


def shown(value: Value) -> str:
    """Return a value as an error message shows it: short, whatever the value."""
    if isinstance(value, list | dict):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, int) and value.bit_length() > 128:
        return "a huge number"
    return f"{value!r:.60}"


def utc(seconds: int) -> str:
    """Return seconds since 1970 as ISO 8601 in UTC.

    >>> utc(1780332496)
    '2026-06-01T16:48:16Z'
    """
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat()[:19]}Z"


def are_within(values: Sequence[Value], least: float, most: float) -> bool:
    """Return whether all values are numbers within bounds; NaN and booleans are not."""
    if {type(value) for value in values} - {int, float}:
        return False
    return all(least <= value <= most for value in values)  # type: ignore[operator]  # numbers
