"""What sentences are filled with: durations, distances, counts, places, read into numbers.

A pattern is wide enough to take what people write by mistake, so that the mistake is answered by a
sentence of its own and not by "no such step".
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from simulator.bdd.mistakes import StepUseError
from simulator.device import Position
from simulator.faults import KINDS as KINDS_OF_FAULTS
from simulator.faults import Mutation

_WORDS = {
    **dict.fromkeys(("no", "zero", "never"), 0),
    **dict.fromkeys(("a", "an", "another", "one", "once"), 1),
    **dict.fromkeys(("two", "twice"), 2),
    **{word: n for n, word in enumerate(("three", "four", "five", "six", "seven", "eight"), 3)},
    **{word: n for n, word in enumerate(("nine", "ten", "eleven", "twelve"), 9)},
}
_SECONDS = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("s", "second", "seconds"), 1.0),
    **dict.fromkeys(("min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
    **dict.fromkeys(("w", "week", "weeks"), 604800.0),
}
_METRES = {
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters"), 1.0),
    **dict.fromkeys(("km", "kilometre", "kilometres", "kilometer", "kilometers"), 1000.0),
}
_METRES_PER_SECOND = {"km/h": 1 / 3.6, "m/s": 1.0}
_NUMBER = r"-?\d+(?:\.\d+)?"
_AMOUNT = rf"{_NUMBER} ?[^\W\d_/]+"


class Words(NamedTuple):
    """How one kind of value is written, for people and for the matcher, and how it is read."""

    pattern: str
    read: Callable[[str], object]
    example: str
    others: str = ""  # what else may be written


def duration_s(text: str) -> float:
    """Read `30 seconds`, `1 hour 30 minutes` or `26 h`; raise `StepUseError`."""
    parts = re.findall(rf"({_NUMBER}) ?([^\W\d_]+)", text)
    if any(unit not in _SECONDS or float(number) < 0 for number, unit in parts):
        message = f"'{text}' is no duration. Write for example 30 seconds, 5 minutes or 26 hours."
        raise StepUseError(message)
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def distance_m(text: str) -> float:
    """Read `50 metres` or `1.2 km`; raise `StepUseError`."""
    return _measured(text, _METRES, "distance", "50 metres or 1.2 km")


def speed_ms(text: str) -> float:
    """Read `5 km/h` or `1.4 m/s` into metres a second; raise `StepUseError`."""
    return _measured(text, _METRES_PER_SECOND, "speed", "5 km/h or 1.4 m/s")


def percent(text: str) -> float:
    """Read `3 %`; raise `StepUseError` outside 0 to 100."""
    value = float(text.rstrip(" %"))
    if not 0 <= value <= 100:
        message = f"'{text}' is no share of a whole. Write 0 % to 100 %."
        raise StepUseError(message)
    return value


def count(text: str) -> int:
    """Read `3`, `three`, `no`, `a`, `once`, `4 times`."""
    word = text.removesuffix(" times")
    return _WORDS[word] if word in _WORDS else int(word)


def position(text: str) -> Position:
    """Read `-26.1076, 28.0567`; raise `StepUseError` for a place that is not on earth."""
    latitude, longitude = (float(part) for part in text.split(","))
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        message = f"'{text}' is no place on earth. Write latitude, longitude in degrees."
        raise StepUseError(message)
    return Position(latitude, longitude)


def hex_bytes(text: str) -> bytes:
    """Read `01 75 64` or `017564`; raise `StepUseError`."""
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        message = f"'{text}' is no hex text. Write two digits a byte, for example 01 75 64."
        raise StepUseError(message) from error


def quoted(text: str) -> str:
    """Return what stands between quotes."""
    return text.strip('"')


def name_of(text: str) -> str:
    """Return the name of a thing: what is quoted, or `the device` without what it is called."""
    found = re.search(r'"([^"]*)"', text)
    return found[1] if found else text


def _measured(text: str, units: Mapping[str, float], what: str, example: str) -> float:
    found = re.fullmatch(rf"({_NUMBER}) ?(\S+)", text)
    if found is None or found[2] not in units or float(found[1]) < 0:
        message = f"'{text}' is no {what}. Write for example {example}."
        raise StepUseError(message)
    return float(found[1]) * units[found[2]]


_THING = r"(?:device|button|wearable|tracker)"
KINDS: Mapping[str, Words] = {
    "count": Words(rf"(?:\d+|{'|'.join(_WORDS)})(?: times)?", count, "3", "three, no, a, once"),
    "number": Words(_NUMBER, float, "12.5"),
    "duration": Words(rf"{_AMOUNT}(?: (?:and )?{_AMOUNT})*", duration_s, "30 seconds"),
    "distance": Words(rf"{_NUMBER} ?[^\W\d_]+", distance_m, "50 metres"),
    "speed": Words(rf"{_NUMBER} ?[\w/]+", speed_ms, "5 km/h"),
    "percent": Words(rf"{_NUMBER} ?%", percent, "3 %"),
    "position": Words(rf"{_NUMBER}, ?{_NUMBER}", position, "-26.1076, 28.0567"),
    "status": Words(r"[1-5]\d\d", int, "403"),
    "text": Words(r'"[^"]*"', quoted, '"any text"'),
    "hex": Words(r"[0-9A-Fa-f]{2}(?: ?[0-9A-Fa-f]{2})*", hex_bytes, "01 75 64"),
    "mutation": Words("|".join(Mutation), Mutation, "truncated", ", ".join(list(Mutation)[1:])),
    "fault": Words(
        "|".join(KINDS_OF_FAULTS), str, KINDS_OF_FAULTS[0], ", ".join(KINDS_OF_FAULTS[1:])
    ),
    "kind": Words("press|move|cancel|battery|heartbeat|login", str, "press"),
    "direction": Words("north|east|south|west", str, "north"),
    "method": Words("GET|POST|PUT|DELETE|PATCH", str, "POST"),
    "path": Words(r"/(?:\{[^}]*\}|\S)*", str, "/customers"),
    "event": Words(r'"?[A-Z]+(?:_[A-Z]+)+"?', quoted, "NEW_CALLOUT"),
    "profile": Words(r"[A-Za-z][\w .+()-]*?", str, "Milesight WS101 panic button"),
    "sender": Words(
        r"the client|another client|(?:a|the) client (?:without a token|with a forged token)"
        r'|the callout token of (?:the customer|(?:customer )?"[^"]+")|the token "[^"]+"',
        str,
        "the client",
        "another client, a client without a token, a client with a forged token, "
        'the callout token of the customer, the token "{name}"',
    ),
    "person": Words(r'(?:the )?[Pp]erson|the customer|"[^"]+"', str, "the person"),
    "device": Words(
        rf'the {_THING}|(?:each|every) {_THING}|all {_THING}s|(?:{_THING} )?"[^"]+"',
        name_of,
        "the device",
        'the button, "hall", every device',
    ),
    "customer": Words(r'the customer|(?:customer )?"[^"]+"', name_of, "the customer", '"Thandi"'),
    "callout": Words(
        r"the (?:(?:first|second|third|last) )?callout", str, "the callout", "the first callout"
    ),
}
