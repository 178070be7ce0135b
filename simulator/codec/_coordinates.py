"""Latitude and longitude as text trackers write them: degrees or degrees and minutes, and a letter.

A text that has the shape of a coordinate but is none (zeros and dashes of a device without a fix)
reads as no coordinate rather than as an error.
"""

import re
from collections.abc import Callable

from simulator.codec._columns import Column, Found
from simulator.codec._fields import Fields

_DEGREES = re.compile(r" *(-?\d{1,3}(?:\.\d{0,10})?),([NSEW]?)", re.ASCII)
_SIGNED = re.compile(r"-?\d{1,3}\.\d{1,10}", re.ASCII)
_MINUTES = re.compile(r"(\d{1,3}?)(\d\d\.\d{1,10}),([NSEW]?)", re.ASCII)
_UNPOINTED = re.compile(r"(\d{1,3})(\d\d)(\d{4}),([NSEW])", re.ASCII)
_DASHED = re.compile(r"-(\d{1,3})-(\d{1,2}\.\d{1,10}),([NSEW])", re.ASCII)
_SHAPE = re.compile(r"[-0-9. ,NSEW]*", re.ASCII)
_LIMIT = {"latitude": 90, "longitude": 180}
_ALL_LETTERS = {"N", "S", "E", "W"}
_LETTERS = {"latitude": "NS", "longitude": "EW"}


def degrees(name: str) -> Column:
    """Return the two columns `22.571707,N`; a minus sign beside S or W is one minus."""

    def write(fields: Fields) -> str:
        steps = fields.number(name, -_LIMIT[name] * 10**6, _LIMIT[name] * 10**6, factor=1e-6)
        return f"{abs(steps) / 1e6:.6f},{_letter(name, steps)}"

    return _pair(name, _read_degrees, write)


def signed(name: str) -> Column:
    """Return the column `-37.588970`."""
    limit = _LIMIT[name]

    def read(text: str) -> Found | None:
        found = float(text) if _SIGNED.fullmatch(text) else limit + 1.0
        return {name: found} if abs(found) <= limit else (None if text else {})

    def write(fields: Fields) -> str:
        steps = fields.number(name, -limit * 10**6, limit * 10**6, factor=1e-6)
        return f"{steps / 1e6:.6f}"

    return Column((name,), read, lambda f: write(f) if name in f else "")


def minutes(name: str) -> Column:
    """Return the two columns `5052.9749,N`: degrees and minutes in one number.

    Some firmware leaves the decimal point out, parts degrees and minutes by dashes, or writes the
    letter first.
    """

    def write(fields: Fields) -> str:
        steps = to_minutes(fields, name, 10**4)
        whole, part = divmod(abs(steps), 60 * 10**4)
        digits = 2 if name == "latitude" else 3
        return f"{whole:0{digits}d}{part / 1e4:07.4f},{_letter(name, steps)}"

    return _pair(name, _read_minutes, write)


def to_minutes(fields: Fields, name: str, steps: int) -> int:
    """Return a coordinate as so many steps of a minute, signed."""
    limit = _LIMIT[name] * 60 * steps
    return fields.number(name, -limit, limit, factor=1 / (60 * steps))


def from_minutes(whole: int, part: float) -> float:
    """Return degrees and minutes as degrees, to a hundredth of a metre."""
    return round(whole + part / 60, 7)


def _letter(name: str, steps: int) -> str:
    return _LETTERS[name][steps < 0]


def _pair(
    name: str, shape: Callable[[str], tuple[float, str] | None], write: Callable[[Fields], str]
) -> Column:
    def read(text: str) -> Found | None:
        found = shape(text)
        if found is None or found[0] > _LIMIT[name] or found[1] not in _LETTERS[name]:
            return {} if _SHAPE.fullmatch(text) else None
        return {name: found[0] if found[1] in _LETTERS[name][:1] else -abs(found[0])}

    return Column((name,), read, lambda f: write(f) if name in f else "", 2)


def _read_degrees(text: str) -> tuple[float, str] | None:
    found = _DEGREES.fullmatch(text)
    return (float(found[1]), found[2]) if found else None


def _read_minutes(text: str) -> tuple[float, str] | None:
    first, _, second = text.partition(",")
    if first in _ALL_LETTERS:
        text = f"{second},{first}"
    if found := _MINUTES.fullmatch(text) or _DASHED.fullmatch(text):
        return from_minutes(int(found[1]), float(found[2])), found[3]
    if found := _UNPOINTED.fullmatch(text):
        return from_minutes(int(found[1]), int(found[2]) + int(found[3]) / 1e4), found[4]
    return None
