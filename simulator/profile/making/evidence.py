"""What bytes of labelled frames show: checksums, counters, and values that are known.

Nothing here is sure from one frame. Every finding says how sure it is and why, and how many other
explanations fit as well.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Literal

from simulator.codec import sums
from simulator.frame import Value

Order = Literal["big", "little"]
ORDERS: tuple[Order, Order] = ("big", "little")
_SCALES = (1.0, 0.1, 0.01, 0.001, 0.5, 2.0, 5.0, 10.0, 1 / 2.55, 0.4, 0.25)
_DEGREES = (1e-7, 1e-6, 1e-5, 1e-4, 1 / 60_000, 1 / 600_000, 1 / 1_800_000)
_HALF_TURNS = ((90.0, 23), (180.0, 23), (180.0, 24), (90.0, 31), (180.0, 31), (180.0, 32))
_MOST_OFFSET = 273.15
_PROBES = (b"123456789", b"\x00\xff\x80" * 5)


class Certainty(StrEnum):
    """How far a finding can be trusted."""

    SURE = "sure"
    LIKELY = "likely"
    DOUBTFUL = "DOUBTFUL"


@dataclass(frozen=True, slots=True)
class Checksum:
    """A sum that fits every frame: over the bytes `start` up to its place, `behind` the end."""

    name: str
    size: int
    start: int
    behind: int  # bytes that follow it
    order: Order
    certainty: Certainty
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """A number at a place, and how it becomes the known value."""

    at: int
    size: int
    order: Order
    signed: bool
    scale: float = 1.0
    offset: float = 0.0
    certainty: Certainty = Certainty.SURE
    rivals: int = 0

    def raw(self, frame: bytes) -> int:
        """Return the number of a frame."""
        return int.from_bytes(frame[self.at : self.at + self.size], self.order, signed=self.signed)


def checksum(frames: Sequence[bytes]) -> Checksum | None:
    """Return the checksum that every frame ends with, perhaps before one or two more bytes."""
    distinct = sorted(set(frames))
    if len(distinct) < 2:
        return None
    found = _without_aliases(_checksums(distinct))
    if not found:
        return None
    # A longer sum that fits says more than a shorter one, and one over more bytes is more usual.
    best = max(found, key=lambda one: (one.size, -one.behind, -one.start, one.order == "big"))
    rivals = tuple(_told(one) for one in found if one.size == best.size and one != best)
    bits = 8 * best.size * len(distinct)
    certainty = Certainty.SURE if bits >= 48 and not rivals else Certainty.LIKELY
    if bits < 24:
        certainty = Certainty.DOUBTFUL
    return Checksum(
        best.name, best.size, best.start, best.behind, best.order, certainty, rivals[:5]
    )


def _checksums(frames: Sequence[bytes]) -> Iterator[Checksum]:
    shortest = min(map(len, frames))
    for one in sums().values():
        for behind in range(3):
            for start in range(min(4, max(0, shortest - behind - one.size - 1))):
                for order in ORDERS if one.size > 1 else ORDERS[:1]:
                    made = Checksum(one.name, one.size, start, behind, order, Certainty.LIKELY)
                    if all(holds(made, frame) for frame in frames):
                        yield made


def _without_aliases(found: Iterable[Checksum]) -> list[Checksum]:
    """Return checksums that differ in more than their name: catalogues name some twice."""
    kept = {
        (*(sums()[one.name].of(probe) for probe in _PROBES), one.start, one.behind, one.order): one
        for one in found
    }
    return list(kept.values())


def holds(found: Checksum, frame: bytes) -> bool:
    """Return whether a frame has this checksum."""
    end = len(frame) - found.behind
    stated = int.from_bytes(frame[end - found.size : end], found.order)
    return sums()[found.name].of(frame[found.start : end - found.size]) == stated


def _told(one: Checksum) -> str:
    return f"{one.name} from byte {one.start}, {one.order}"


def counter(frames: Sequence[bytes], free: Sequence[int]) -> Number | None:
    """Return a number among free bytes that goes up by one, or a little more, frame by frame."""
    for size in (2, 1):
        for order in ORDERS if size > 1 else ORDERS[:1]:
            for at in free:
                place = Number(at, size, order, signed=False)
                is_free = set(range(at, at + size)) <= set(free)
                if is_free and _fills(place, frames) and _counts(frames, place):
                    many = len(frames) >= 5
                    sure = Certainty.LIKELY if many else Certainty.DOUBTFUL
                    return Number(at, size, order, signed=False, certainty=sure)
    return None


def _fills(place: Number, frames: Sequence[bytes]) -> bool:
    """Return whether the highest byte of a number is ever used; else a smaller one does."""
    raws = [place.raw(frame) for frame in frames]
    return place.size == 1 or min(raws) < 0 or max(raws) >= 1 << 8 * (place.size - 1)


def _counts(frames: Sequence[bytes], place: Number) -> bool:
    if len(frames) < 3:
        return False
    numbers = [place.raw(frame) for frame in frames]
    steps = [(later - one) % (1 << 8 * place.size) for one, later in pairwise(numbers)]
    low_bytes = {number & 0xFF for number in numbers}
    return all(1 <= step <= 8 for step in steps) and len(low_bytes) > 2


def number(
    name: str, frames: Sequence[bytes], values: Sequence[float], free: Sequence[int]
) -> Number | None:
    """Return where a known value stands among free bytes, and in which scale."""
    if len(set(values)) < 2:
        return None
    found = list(_numbers(name, frames, values, free))
    if not found:
        return None
    best = min(found, key=lambda one: (abs(one.offset), _error(one, frames, values), -one.size))
    rivals = len({(one.at, one.size) for one in found}) - 1
    enough = len(set(values)) >= 3 and not rivals
    sure = Certainty.SURE if enough and len(set(values)) >= 4 else Certainty.LIKELY
    certainty = sure if enough or best.size > 2 else Certainty.DOUBTFUL
    return Number(
        best.at, best.size, best.order, best.signed, best.scale, best.offset, certainty, rivals
    )


def _numbers(
    name: str, frames: Sequence[bytes], values: Sequence[float], free: Sequence[int]
) -> Iterator[Number]:
    is_degrees = name in ("latitude", "longitude")
    unused = set(free)
    for at in free:
        for size in (3, 4) if is_degrees else (1, 2, 4):
            if not set(range(at, at + size)) <= unused:
                continue
            for order in ORDERS if size > 1 else ORDERS[:1]:
                for signed in (True,) if is_degrees else (False, True):
                    place = Number(at, size, order, signed)
                    yield from _scaled(place, frames, values, is_degrees)


def _scaled(
    place: Number, frames: Sequence[bytes], values: Sequence[float], is_degrees: bool
) -> Iterator[Number]:
    raws = [place.raw(frame) for frame in frames]
    if len(set(raws)) < 2 or not (is_degrees or _fills(place, frames)):
        return
    if place.signed and not is_degrees and min(raws) >= 0:
        return
    turns = tuple(most / (1 << bits) for most, bits in _HALF_TURNS)
    for scale in (*_DEGREES, *turns) if is_degrees else _SCALES:
        offset = 0.0 if is_degrees else _offset(raws, values, scale)
        made = Number(place.at, place.size, place.order, place.signed, scale, offset)
        if _error(made, frames, values) <= _tolerance(scale, values):
            yield made


def _offset(raws: Sequence[int], values: Sequence[float], scale: float) -> float:
    offset = values[0] - raws[0] * scale
    if abs(offset) <= scale:  # rounding of the known value
        return 0.0
    return round(offset, 6) if abs(offset) <= _MOST_OFFSET else 0.0


def _tolerance(scale: float, values: Sequence[float]) -> float:
    decimals = max(len(repr(float(value)).partition(".")[2]) for value in values)
    stated = 0.5 * 10.0**-decimals if any(value % 1 for value in values) else 0.5
    return max(scale * 0.51, min(stated, 1e-3) * 1.01 if scale < 1e-3 else 0.0)


def _error(made: Number, frames: Sequence[bytes], values: Sequence[float]) -> float:
    return max(
        abs(made.raw(frame) * made.scale + made.offset - value)
        for frame, value in zip(frames, values, strict=True)
    )


def text_place(frames: Sequence[bytes], values: Sequence[str]) -> tuple[int, int, str] | None:
    """Return where a known text stands: place, size, and `text`, `hex` or `digits`."""
    for kind, written in (("text", _ascii), ("digits", _digits), ("hex", _hex)):
        sizes = [written(value) for value in values]
        if any(not one for one in sizes) or len({len(one) for one in sizes}) != 1:
            continue
        places = {frame.find(one) for frame, one in zip(frames, sizes, strict=True)}
        if len(places) == 1 and -1 not in places:
            return places.pop(), len(sizes[0]), kind
    return None


def _ascii(value: str) -> bytes:
    return value.encode("ascii") if value.isascii() else b""


def _digits(value: str) -> bytes:
    return bytes.fromhex("0" * (len(value) % 2) + value) if value.isdigit() else b""


def _hex(value: str) -> bytes:
    try:
        return bytes.fromhex(value.replace(":", ""))
    except ValueError:
        return b""


def words_at(
    frames: Sequence[bytes], values: Sequence[Value], free: Sequence[int]
) -> tuple[int, dict[str, int]] | None:
    """Return the byte that tells known words apart, and its code for each."""
    for at in free:
        codes: dict[str, int] = {}
        pairs = [(str(value), frame[at]) for frame, value in zip(frames, values, strict=True)]
        is_told = all(codes.setdefault(word, code) == code for word, code in pairs)
        if is_told and len(set(codes.values())) == len(codes) >= 2:
            return at, codes
    return None
