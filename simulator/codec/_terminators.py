"""The marks that end a text record: told apart from the record, and put back where they differ.

A device always sends its mark; published lines are often without.
"""

import re

from simulator.codec._fields import Fields, shown
from simulator.frame import Value

_END = re.compile(r"[;$#]?[\r\n\0]{0,4}\Z")


def split(text: str, usual: str) -> tuple[str, dict[str, Value]]:
    """Return a record without its end, and the end as `terminator` where it is not the usual."""
    found = _END.search(text)
    start = found.start() if found else len(text)
    end = text[start:]
    return text[:start], ({} if end == usual else {"terminator": end})


def end(fields: Fields, usual: str) -> str:
    """Return the end to write behind a record."""
    if "terminator" not in fields:
        return usual
    found = fields.value("terminator")
    if not isinstance(found, str) or not _END.fullmatch(found):
        fields.refuse("terminator", f"cannot be {shown(found)}")
    return found


def ascii_frame(fields: Fields, text: str, marks: str) -> bytes:
    """Return a record as bytes; none of the `marks` that end one may stand inside."""
    if not text.isascii() or any(mark in text for mark in marks):
        fields.refuse("message", f"must be ASCII without {marks!r}: {shown(text)}")
    return text.encode("ascii")
