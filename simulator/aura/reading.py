"""Reading AURA's JSON: the one place that knows of wrappers, two spellings and numbers as text.

AURA's documentation describes most answers in several generations. What is read here is taken from
either; what is missing is None; what is there and cannot be meant is a `ShapeError`.
"""

import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TypeVar

import msgspec

from simulator.aura.call import Json
from simulator.aura.http import Response
from simulator.clock import ClockError, epoch_s

T = TypeVar("T")
_LONGEST_DETAIL = 300
_decode: Callable[[bytes], Json] = msgspec.json.Decoder().decode


class ShapeError(ValueError):
    """An answer is not of the shape the operation promises; the session adds which and where."""


class Fields:
    """One JSON object, read by the names a field has had; the first that is not null counts."""

    __slots__ = ("raw",)

    def __init__(self, raw: Mapping[str, Json]) -> None:
        self.raw = raw

    def value(self, *names: str) -> Json:
        """Return the field as it is, or None."""
        for name in names:
            found = self.raw.get(name)
            if found is not None:
                return found
        return None

    def text(self, *names: str) -> str | None:
        """Return a text; a number becomes its text."""
        found = self.value(*names)
        if found is None or isinstance(found, str):
            return found
        if isinstance(found, int | float) and not isinstance(found, bool):
            return str(found)
        raise _unlike(names, "a text")

    def number(self, *names: str) -> float | None:
        """Return a finite number, which may be written as text; an empty text is none."""
        found = self.value(*names)
        if found is None or found == "":
            return None
        number = math.nan
        if isinstance(found, int | float | str) and not isinstance(found, bool):
            with suppress(ValueError, OverflowError):
                number = float(found)
        if not math.isfinite(number):
            raise _unlike(names, "a number")
        return number

    def whole(self, *names: str) -> int | None:
        """Return an integer, which may be written as text."""
        found = self.value(*names)
        if type(found) is int:
            return found
        number = self.number(*names)
        if number is None:
            return None
        if number != int(number):
            raise _unlike(names, "an integer")
        return int(found) if isinstance(found, str) and found.isdecimal() else int(number)

    def identity(self, *names: str) -> int:
        """Return an integer id that has to be there."""
        found = self.whole(*names)
        if found is None:
            raise _unlike(names, "an id")
        return found

    def flag(self, *names: str) -> bool | None:
        """Return true or false, which may be written as text."""
        found = self.value(*names)
        if isinstance(found, str):
            found = {"true": True, "false": False}.get(found.lower(), found)
        if found is None or isinstance(found, bool):
            return found
        raise _unlike(names, "true or false")

    def moment(self, *names: str) -> float | None:
        """Return an ISO 8601 time as seconds since 1970."""
        found = self.text(*names)
        if not found:
            return None
        try:
            return epoch_s(found)
        except ClockError as error:
            raise _unlike(names, "an ISO 8601 time") from error

    def part(self, *names: str) -> "Fields":
        """Return an object within this one, or the first of a list of them; empty if none."""
        found = self.value(*names)
        if isinstance(found, list):
            found = found[0] if found else None
        return Fields(found) if isinstance(found, dict) else Fields({})

    def parts(self, *names: str) -> "list[Fields] | None":
        """Return a list of objects; None where there is no list."""
        found = self.value(*names)
        if not isinstance(found, list):
            return None
        return [Fields(one) for one in found if isinstance(one, dict)]


def _unlike(names: tuple[str, ...], wanted: str) -> ShapeError:
    return ShapeError(f"'{names[0]}' is not {wanted}")


def id_of(kind: Callable[[int], T], found: int | None) -> T | None:
    """Return an id as the type of its kind, where there is one."""
    return None if found is None else kind(found)


def json_of(response: Response) -> Json:
    """Return the body as JSON; an empty body is None."""
    if not response.body.strip():
        return None
    try:
        return _decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # What it says is not repeated here: a damaged token answer would show the token.
        message = f"the body ({len(response.body)} bytes) is not JSON"
        raise ShapeError(message) from error


def object_of(response: Response) -> Fields:
    """Return the body, which has to be a JSON object."""
    found = json_of(response)
    if not isinstance(found, dict):
        message = "the body is empty" if found is None else "the body is no JSON object"
        raise ShapeError(message)
    return Fields(found)


def entity(response: Response, *names: str) -> Fields:
    """Return the entity of an answer, taken out of `{name: {...}}`, `{data: ...}` or bare."""
    fields = object_of(response)
    for holder in (fields, fields.part("data")):
        if isinstance(found := holder.value(*names), dict):
            return Fields(found)
    return fields.part("data") if fields.part("data").raw else fields


def items(response: Response, *names: str) -> list[Fields]:
    """Return the entities of a list, bare or in a wrapper."""
    found = json_of(response)
    if isinstance(found, list):
        return Fields({"items": found}).parts("items") or []
    fields = Fields(found) if isinstance(found, dict) else Fields({})
    for listed in (fields.parts(*names, "data"), fields.part("data").parts(*names)):
        if listed is not None:
            return listed
    message = f"the body has no list of {names[0]}"
    raise ShapeError(message)


def one(read: Callable[[Fields], T], *names: str) -> Callable[[Response], T]:
    """Return a reader of an answer that holds one entity."""
    return lambda response: read(entity(response, *names))


def one_if_told(read: Callable[[Fields], T], *names: str) -> Callable[[Response], T | None]:
    """Return a reader of an answer that may hold one entity, or only say that all is well."""

    def read_if_told(response: Response) -> T | None:
        if json_of(response) is None:
            return None
        fields = entity(response, *names)
        return read(fields) if "id" in fields.raw else None

    return read_if_told


def many(read: Callable[[Fields], T], *names: str) -> Callable[[Response], list[T]]:
    """Return a reader of an answer that holds a list of entities."""
    return lambda response: [read(fields) for fields in items(response, *names)]


def message_of(response: Response) -> str:
    """Return AURA's sentence about a success; empty where there is no body."""
    found = json_of(response)
    return (Fields(found).text("message") or "") if isinstance(found, dict) else ""


def detail_of(response: Response) -> str:
    """Return what an answer that is no success says, from whatever body it has."""
    try:
        found = json_of(response)
    except ShapeError:
        return _glimpse(response.body)
    if found is None:
        return "no body"
    said = _said(found) or msgspec.json.encode(found).decode()
    return said[:_LONGEST_DETAIL]


def _said(found: Json) -> str:
    if isinstance(found, str):
        return found
    if isinstance(found, list):
        return "; ".join(filter(None, map(_said, found)))
    if not isinstance(found, dict):
        return ""
    return next(filter(None, (_said(found.get(k)) for k in ("message", "error", "errors"))), "")


def _glimpse(body: bytes) -> str:
    text = re.sub(r"\s+", " ", body[:2000].decode(errors="replace")).strip()
    if text.startswith("<"):
        title = re.search(r"<title>(.*?)</title>", text, re.IGNORECASE)
        return f"a page '{title[1].strip()}'" if title else "a page or document"
    return f"'{text[:_LONGEST_DETAIL]}'"
