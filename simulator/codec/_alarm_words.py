"""Status words: which alarm their bits say, and that a word and its meaning agree."""

from collections.abc import Mapping, Sequence

from simulator.codec._fields import Fields, shown
from simulator.frame import Value


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
