"""The pattern of a step: a sentence with `{places}`, `[optional parts]` and `one/other` words.

    {person} presses {device}[ for {duration}]
    {customer} has {count} open callout[s]

A place is written `{kind}`, or `{name:kind}` where a sentence has two of a kind; the kinds are
those of `quantities`. An optional part that is not there gives no argument, so the step's default
stands.
"""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import cached_property

from pytest_bdd.parsers import StepParser

from simulator.bdd.quantities import KINDS, Words

_PLACE = re.compile(r"\{(?:(\w+):)?(\w+)\}")
_EITHER = re.compile(r"([^\W\d_]+)(?:/[^\W\d_]+)+")
_ALIKE = 0.5
_PIECE = re.compile(r"\{[\w:]+\}|\[|\]|[^\W\d_]+(?:/[^\W\d_]+)+|[^{}\[\]]")


class Sentence(StepParser):
    """One pattern, matched as a whole."""

    @cached_property
    def places(self) -> dict[str, Words]:
        """Return the kind of each place, by its name."""
        return {name or kind: KINDS[kind] for name, kind in _PLACE.findall(self.name)}

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Return the sentence as a regular expression."""
        return re.compile("".join(map(_translated, _PIECE.findall(self.name))))

    def is_matching(self, name: str) -> bool:
        """Return whether a step of a feature file is this sentence."""
        return self.regex.fullmatch(name) is not None

    def parse_arguments(self, name: str) -> dict[str, object] | None:
        """Return the values of the places that are filled; raise `StepUseError`."""
        found = self.regex.fullmatch(name)
        if found is None:
            return None
        said = found.groupdict()
        return {key: self.places[key].read(text) for key, text in said.items() if text is not None}

    @cached_property
    def example(self) -> str:
        """Return the sentence as somebody could write it, without its optional parts."""
        text = self.name
        while "[" in text:
            text = re.sub(r"\[[^\[\]]*\]", "", text)
        text = _EITHER.sub(lambda found: found[1], text)
        return _PLACE.sub(lambda found: KINDS[found[2]].example, text)


def _translated(piece: str) -> str:
    if piece == "[":
        return "(?:"
    if piece == "]":
        return ")?"
    place = _PLACE.fullmatch(piece)
    if place:
        return f"(?P<{place[1] or place[2]}>{KINDS[place[2]].pattern})"
    if "/" in piece and len(piece) > 1:
        return f"(?:{'|'.join(map(re.escape, piece.split('/')))})"
    return re.escape(piece)


def nearest(written: str, sentences: Iterable[Sentence]) -> str:
    """Return the sentence most like what was written; empty where none is like it."""
    rated = ((SequenceMatcher(None, written, one.example).ratio(), one.name) for one in sentences)
    likeness, name = max(rated, default=(0.0, ""))
    return name if likeness > _ALIKE else ""
