"""Fields of JSON by their path, such as `callout.incidentInformation[0].eta`, and tables of them.

A table has the columns `field` and `value`. A value is what is expected there, or a kind of value:
present, absent, null, a number, a text, a time, a list, an empty list, an object; `not` before any
of them turns it round, and `contains ...` looks inside a text.
"""

import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from simulator.bdd.expectation import Finding, shown
from simulator.bdd.mistakes import StepUseError

Table = Sequence[Sequence[str]]


class Nothing:
    """What is at a path that does not exist; null is something."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Nothing()
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_KINDS: Mapping[str, Callable[[object], bool]] = {
    "present": lambda found: found is not ABSENT,
    "absent": lambda found: found is ABSENT,
    "null": lambda found: found is None,
    "a number": lambda found: isinstance(found, int | float) and not isinstance(found, bool),
    "a text": lambda found: isinstance(found, str) and bool(found),
    "a time": lambda found: isinstance(found, str) and _TIME.fullmatch(found) is not None,
    "a list": lambda found: isinstance(found, list),
    "an empty list": lambda found: found == [],
    "an object": lambda found: isinstance(found, dict),
}
_STEP = re.compile(r'\["([^"]+)"\]|\[(\d+)\]|([^.\[\]]+)')


def value_at(document: object, path: str) -> object:
    """Return what is at a path, `ABSENT` where it leads nowhere; a key may be in `["..."]`."""
    for key, index, name in _STEP.findall(path):
        if index:
            inside = isinstance(document, list) and int(index) < len(document)
            document = document[int(index)] if inside and isinstance(document, list) else ABSENT
        else:
            document = document.get(key or name, ABSENT) if isinstance(document, dict) else ABSENT
    return document


def document_in(body: bytes) -> object:
    """Return the JSON value of a body; where there is none, its text."""
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        return body.decode("utf-8", "replace")


def rows_of(table: Table | None, *columns: str) -> list[tuple[str, ...]]:
    """Return the rows of a table whose heading names these columns; raise `StepUseError`."""
    wanted = " | ".join(columns)
    if not table or tuple(table[0]) != columns:
        found = " | ".join(table[0]) if table else "no table"
        message = f"This step needs a table with the columns | {wanted} |, and was given {found}."
        raise StepUseError(message)
    return [tuple(row) for row in table[1:]]


def compared(document: object, rows: Sequence[tuple[str, ...]]) -> Finding:
    """Return the finding of a document that should have these fields."""
    wrong = [
        f"{path} is {_told(value_at(document, path))}, not {wanted}"
        for path, wanted in rows
        if not fits(value_at(document, path), wanted)
    ]
    expected = "; ".join(f"{path} {wanted}" for path, wanted in rows)
    candidates = tuple(_leaves(document)) if wrong else ()
    return Finding(not wrong, "; ".join(wrong) or "all of them", expected, expected, candidates)


def fits(found: object, wanted: str) -> bool:
    """Return whether a value is as a table says."""
    if wanted in _KINDS:
        return _KINDS[wanted](found)
    if wanted.startswith("not "):
        return not fits(found, wanted.removeprefix("not "))
    if wanted.startswith("contains "):
        return wanted.removeprefix("contains ").strip('"').casefold() in str(found).casefold()
    if isinstance(found, str):
        return found == wanted.strip('"') or found == wanted
    return found == _literal(wanted)


def _literal(wanted: str) -> object:
    try:
        return msgspec.json.decode(wanted)
    except msgspec.DecodeError:
        return wanted


def _leaves(document: object, lead: str = "") -> list[str]:
    if isinstance(document, dict):
        return [leaf for key, value in document.items() for leaf in _leaves(value, f"{lead}.{key}")]
    return [f"{lead.lstrip('.')} {_told(document)}"]


def _told(value: object) -> str:
    return "absent" if value is ABSENT else shown(value)
