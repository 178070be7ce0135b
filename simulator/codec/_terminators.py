"""The marks that end a text record: told apart from the record, and put back where they differ.

A device always sends its mark; published lines are often without.
"""

import re

from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields, shown
from simulator.frame import Value

_END = re.compile(r"[;$#]?[\r\n\0]{0,4}\Z")
_PRINTABLE = re.compile(r"[ -~]*")


def split(codec: str, frame: bytes, usual: str, longest: int) -> tuple[str, dict[str, Value]]:
    """Return a record without its end, and the end as `terminator` where it is not the usual.

    Raises `FrameError` for what is no single record of ASCII.
    """
    if len(frame) > longest or not frame.isascii():
        raise FrameError(codec, f"a record is ASCII of at most {longest} bytes: {frame[:40]!r}")
    text = frame.decode("ascii")
    found = _END.search(text)
    start = found.start() if found else len(text)
    if not _is_one_record(text[:start], usual):
        raise FrameError(codec, f"a control character or {usual!r} stands inside: {text[:60]!r}")
    end = text[start:]
    return text[:start], ({} if end == usual else {"terminator": end})


def _is_one_record(text: str, usual: str) -> bool:
    return bool(_PRINTABLE.fullmatch(text)) and not (usual and usual in text)


def join(fields: Fields, text: str, usual: str) -> bytes:
    """Return a record with its end, as bytes."""
    if not _is_one_record(text, usual):
        fields.refuse("message", f"must be printable ASCII without {usual!r}: {shown(text)}")
    if "terminator" not in fields:
        return f"{text}{usual}".encode("ascii")
    end = fields.value("terminator")
    if not isinstance(end, str) or not _END.fullmatch(end):
        fields.refuse("terminator", f"cannot be {shown(end)}")
    return f"{text}{end}".encode("ascii")
