"""What differs between two conversations that should have been the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from simulator.drift.playing import Heard
from simulator.drift.shape import UNKNOWN, Shape

_TRANSITION = "status"


class Kind(StrEnum):
    """How two answers differ."""

    REACHED = "reached"
    STATUS = "status"
    BODY = "body"
    FIELD = "field"
    TYPE = "type"
    VALUE = "value"
    TRANSITION = "transition"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: where, and what either side says there."""

    conversation: str
    step: str
    kind: Kind
    where: str
    a: str
    b: str


def compare(a: Sequence[Heard], b: Sequence[Heard]) -> list[Difference]:
    """Return the differences of two sequences of the same steps, in their order."""
    found: list[Difference] = []
    for one, other in zip(a, b, strict=True):
        found += _steps(one, other)
    return found


def _steps(a: Heard, b: Heard) -> Iterator[Difference]:
    if a.shape is None or b.shape is None:
        if (a.shape is None) != (b.shape is None):
            said = [f"not asked: no {h.missing}" if h.shape is None else "asked" for h in (a, b)]
            yield Difference(a.conversation, a.step, Kind.REACHED, "", *said)
        return
    for kind, where, left, right in _shapes(a.shape, b.shape):
        yield Difference(a.conversation, a.step, kind, where, left, right)


def _shapes(a: Shape, b: Shape) -> Iterator[tuple[Kind, str, str, str]]:
    if a.status != b.status:
        yield Kind.STATUS, "", str(a.status), str(b.status)
    if a.kind != b.kind:
        yield Kind.BODY, "", a.kind, b.kind
        return
    for path in sorted({*a.fields, *b.fields}):
        left, right = a.fields.get(path), b.fields.get(path)
        if left is None or right is None:
            if not _is_within_nothing(path, a if left is None else b):
                yield Kind.FIELD, path, left or "absent", right or "absent"
        elif left != right and UNKNOWN not in (left, right):
            yield Kind.TYPE, path, left, right
    for path in sorted({*a.values, *b.values}):
        left, right = a.values.get(path, "absent"), b.values.get(path, "absent")
        if left != right:
            is_state = path.rsplit(".", 1)[-1] == _TRANSITION
            yield Kind.TRANSITION if is_state else Kind.VALUE, path, left, right


def _is_within_nothing(path: str, side: Shape) -> bool:
    """Return whether a field cannot be there, for what would hold it is empty, null or absent.

    An absent holder is a difference of its own, told once.
    """
    cut = max(path.rfind("."), path.rfind("[]"))
    if cut <= 0:
        return False
    holder = path[:cut]
    found = side.fields.get(holder)
    if found is None or found == UNKNOWN:
        return True
    return path[cut:].startswith("[]") and "list" in found
