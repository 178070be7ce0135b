"""What a field of a layout can say at its borders, and how it is described in a table."""

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.codec._fields import utc
from simulator.codec._generic.quantity import Quantity
from simulator.codec._generic.tables import LayoutError
from simulator.frame import Value


@dataclass(frozen=True, slots=True)
class Edges:
    """A named value: `inside` are values it can just say, `outside` some it cannot."""

    name: str
    meaning: str
    inside: tuple[Value, ...] = ()
    outside: tuple[Value, ...] = ()


def number_edges(found: Quantity) -> Edges:
    """Return the borders of a number."""
    low, high = found.bounds()
    step = abs(found.scale)
    beyond = tuple(
        round(end, found.digits) if isinstance(end, float) else end
        for end in (_plus(low, -step), _plus(high, step))
    )
    middle = found.value((found.low + found.high) // 2)
    scaled = "" if found.is_plain else f" in steps of {found.scale:g}"
    return Edges(found.name, f"{low} to {high}{scaled}", (low, high, middle), beyond)


def _plus(end: Value, step: float) -> int | float:
    assert isinstance(end, int | float)  # noqa: S101 - the bounds of a number are numbers
    return end + int(step) if isinstance(end, int) else end + step


def enum_edges(name: str, words: Mapping[str, int | str]) -> Edges:
    """Return the words of an enum, and one that it does not know."""
    meaning = ", ".join(f"{code} {word}" for word, code in words.items())
    return Edges(name, meaning, tuple(words), (f"not {next(iter(words))}",))


def flag_edges(name: str) -> Edges:
    """Return both values of a flag."""
    return Edges(name, "true or false", (False, True), ("yes",))


def hex_edges(name: str, size: int) -> Edges:
    """Return the borders of bytes written as hex."""
    inside = ("00" * size, "ff" * size)
    return Edges(name, "hex digits", inside, ("00" * (size + 1), "no hex"))


def digits_edges(name: str, count: int) -> Edges:
    """Return the borders of decimal digits."""
    return Edges(name, "decimal digits", ("0" * count, "9" * count), ("9" * (count + 1), "x"))


def text_edges(name: str, most: int, *, least: int = 0) -> Edges:
    """Return the borders of a text."""
    inside = ("A" * max(1, least), "z" * most)
    return Edges(name, f"text of at most {most}", inside, ("z" * (most + 1), 1))


def time_edges(name: str) -> Edges:
    """Return the borders of 32 bits of seconds."""
    return Edges(name, "time", (utc(0), utc(0xFFFFFFFF)), ("2199-01-01T00:00:00Z", "noon"))


def check_enum(key: str, words: Mapping[str, int | str]) -> None:
    """Refuse an enum without words, or with two words for one code."""
    if not words:
        raise LayoutError(f"{key}.enum", "has no words")
    codes: dict[int | str, str] = {}
    for word, code in words.items():
        if code in codes:
            reason = f"gives the code {code} to both {codes[code]!r} and {word!r}"
            raise LayoutError(f"{key}.enum", reason)
        codes[code] = word
