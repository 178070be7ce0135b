"""Status words: which alarm their bits say, and that a word and its meaning agree."""

import re
from collections.abc import Callable, Mapping, Sequence

from simulator.codec._columns import Column, Found
from simulator.codec._fields import Fields, shown
from simulator.frame import Value

_HEX = re.compile(r"[0-9A-Fa-f]{1,8}")


def alarm_of(word: int, table: Sequence[tuple[int, str]]) -> str | None:
    """Return the first alarm of a table of masks, most urgent first, that a word says."""
    return next((alarm for mask, alarm in table if word & mask), None)


def refuse_contradictions(
    fields: Fields, derived: Mapping[str, Value], names: Sequence[str], source: str
) -> None:
    """Raise the error for the first value that is not what the `source` beside it says.

    A raw word and its meaning may both be given, as a decoder does; they must agree, for a frame
    can carry one of them only.
    """
    for name in names:
        if name in fields and fields.value(name) != derived.get(name):
            fields.refuse(name, f"{shown(fields.value(name))} is not what '{source}' says")


def status_column(
    names: Sequence[str],
    meaning: Callable[[int], Found],
    build: Callable[[Fields], int],
    digits: str,
) -> Column:
    """Return the column of a status word in hex, with the names of the word and of its meaning.

    The word is a value as it stands; without it, it is built from its meaning in the form `digits`.
    """
    name, *meanings = names

    def read(text: str) -> Found | None:
        if not _HEX.fullmatch(text):
            return None if text else {}
        found: Found = {name: text}
        return found | meaning(int(text, 16))

    def write(fields: Fields) -> str:
        if name not in fields:
            is_said = any(meant in fields for meant in meanings)
            return format(build(fields), digits) if is_said else ""
        text = fields.text(name, most=8).decode()
        if not _HEX.fullmatch(text):
            fields.refuse(name, f"must be hex digits, not {shown(text)}")
        refuse_contradictions(fields, meaning(int(text, 16)), meanings, name)
        return text

    return Column((name, *meanings), read, write)
