"""Frames as they should not be, in the grammar of their device.

What is cut, flipped or given a wrong checksum is broken on its way. What is replayed, cloned or
spoofed is whole: it is written by the device's own codec, so its lengths and checksums are right
and only its meaning is a lie. Every draw comes from a stream, so a mutant can be made again.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain

from simulator.codec import Context, FrameError
from simulator.frame import Frame, Value
from simulator.profile import Profile, codec_of
from simulator.rng import Stream

_LONGEST = 8  # bytes at either end of a frame among which lengths and checksums are looked for
_SUMS = re.compile(r"crc|check|sum|xor|lrc", re.IGNORECASE)
_LENGTHS = re.compile(r"length|bytes|long|short", re.IGNORECASE)
_HEX = b"0123456789ABCDEFabcdef"
_REPLAY_S = (1.0, 30.0)
_UNITS = 100_000


class Mutation(StrEnum):
    """What is done to a frame."""

    TRUNCATED = "truncated"
    FLIPPED = "flipped"
    MISCHECKED = "wrong-checksum"
    REPLAYED = "replayed"
    CLONED = "cloned-id"
    SPOOFED = "spoofed-position"
    HUGE = "huge-length"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A mutated frame, and what was done to it.

    It takes the place of the true frame; a replayed one is sent `after_s` seconds after it.
    """

    mutation: Mutation
    note: str
    frame: Frame
    after_s: float = 0.0


class Mutator:
    """Mutates the frames of one device model; `most_bytes` bounds what grows."""

    def __init__(self, profile: Profile, *, most_bytes: int = 1024) -> None:
        self._profile = profile
        self._codec = codec_of(profile)
        self._most_bytes = most_bytes
        self._ids = dict(_identity_values(profile))
        self._makers: dict[Mutation, Callable[[Frame, Context, Stream], Mutant | None]] = {
            Mutation.TRUNCATED: _truncated,
            Mutation.FLIPPED: _flipped,
            Mutation.MISCHECKED: self._mischecked,
            Mutation.REPLAYED: _replayed,
            Mutation.CLONED: self._cloned,
            Mutation.SPOOFED: self._spoofed,
            Mutation.HUGE: self._huge,
        }

    def mutate(
        self,
        frame: Frame,
        stream: Stream,
        mutation: Mutation | None = None,
        *,
        key: bytes | None = None,
    ) -> Mutant | None:
        """Return a mutant of a frame; None where the frame has nothing to mutate so.

        Without a mutation, one that this frame allows is drawn. `key` is that of the unit.
        """
        context = Context(port=frame.port, address=frame.address, key=key)
        wanted = list(Mutation) if mutation is None else [mutation]
        first = stream.below(len(wanted))
        for one in (*wanted[first:], *wanted[:first]):
            mutant = self._makers[one](frame, context, stream)
            if mutant is not None and (mutant.after_s or mutant.frame != frame):
                return mutant
        return None

    def _refusal(self, data: bytes, context: Context) -> str:
        """Return why bytes are no frame; an empty text where they are one."""
        try:
            self._codec.decode(data, context)
        except FrameError as error:
            return error.reason
        return ""

    def _mischecked(self, frame: Frame, context: Context, stream: Stream) -> Mutant | None:
        """Change the checksum alone: bytes whose change the codec calls a wrong checksum."""
        data = frame.payload
        places = [
            at
            for at in _ends(len(data))
            if _SUMS.search(self._refusal(_changed(data, at, 1), context))
        ]
        if not places:
            return None
        at = stream.choice(places)
        changed = _changed(data, at, 1 + stream.below(7))
        return _made(Mutation.MISCHECKED, frame, changed, f"checksum at byte {at}")

    def _cloned(self, frame: Frame, context: Context, stream: Stream) -> Mutant | None:
        """Let the frame name another unit."""
        identity = self._profile.identity
        other = identity.serial_of(1 + stream.below(_UNITS))
        names = {"$serial": other, "$device_id": identity.device_id.derive(other)}
        lies = {name: names[fact] for name, fact in self._ids.items()}
        note = f"names unit {other}"
        if frame.address is not None:
            return Mutant(Mutation.CLONED, note, replace(frame, address=other))
        return self._rewritten(Mutation.CLONED, frame, context, note, lambda old: _with(old, lies))

    def _spoofed(self, frame: Frame, context: Context, stream: Stream) -> Mutant | None:
        """Let the frame say another place."""
        latitude = round(stream.uniform(-60, 60), 4)
        longitude = round(stream.uniform(-170, 170), 4)
        lies = {"latitude": latitude, "longitude": longitude}
        note = f"says {latitude}, {longitude}"
        return self._rewritten(Mutation.SPOOFED, frame, context, note, lambda old: _with(old, lies))

    def _rewritten(
        self,
        mutation: Mutation,
        frame: Frame,
        context: Context,
        note: str,
        lie: Callable[[Value], Value],
    ) -> Mutant | None:
        """Return a frame that the codec writes anew from changed values."""
        try:
            values = self._codec.decode(frame.payload, context)
            lies = lie(values)
            if lies == values or not isinstance(lies, dict):
                return None
            return _made(mutation, frame, self._codec.encode(lies, context), note)
        except FrameError:
            return None  # the values cannot be said by this frame

    def _huge(self, frame: Frame, context: Context, stream: Stream) -> Mutant | None:
        """Let a length claim the most it can; a frame without one grows."""
        data = frame.payload
        found = [
            (at, size)
            for at, size in _lengths(data)
            if _LENGTHS.search(self._refusal(_claiming(data, at, size), context))
        ]
        if found:
            at, size = stream.choice(found)
            note = f"length at byte {at} claims {(1 << 8 * size) - 1}"
            return _made(Mutation.HUGE, frame, _claiming(data, at, size), note)
        if not data or len(data) >= self._most_bytes:
            return None
        grown = (data * (self._most_bytes // len(data) + 1))[: self._most_bytes]
        return _made(Mutation.HUGE, frame, grown, f"{len(grown)} bytes")


def _made(mutation: Mutation, frame: Frame, payload: bytes, note: str) -> Mutant:
    return Mutant(mutation, note, replace(frame, payload=payload))


def _truncated(frame: Frame, _context: Context, stream: Stream) -> Mutant | None:
    if len(frame.payload) < 2:
        return None
    size = 1 + stream.below(len(frame.payload) - 1)
    return _made(Mutation.TRUNCATED, frame, frame.payload[:size], f"after {size} bytes")


def _flipped(frame: Frame, _context: Context, stream: Stream) -> Mutant | None:
    if not frame.payload:
        return None
    data, flips = bytearray(frame.payload), []
    for _ in range(1 + stream.below(3)):
        at, bit = stream.below(len(data)), stream.below(8)
        data[at] ^= 1 << bit
        flips.append(f"{at}.{bit}")
    return _made(Mutation.FLIPPED, frame, bytes(data), f"bits {', '.join(flips)}")


def _replayed(frame: Frame, _context: Context, stream: Stream) -> Mutant:
    """Send the very bytes again: nobody pressed for them, and the device did not send them."""
    after_s = stream.uniform(*_REPLAY_S)
    again = replace(frame, press=None, attempt=frame.attempt + 1000, at_s=frame.at_s + after_s)
    return Mutant(Mutation.REPLAYED, f"after {after_s:.1f} s", again, after_s)


def _identity_values(profile: Profile) -> Iterator[tuple[str, str]]:
    """Yield the values of this model's frames that name the unit, and the fact that each tells."""
    for template in profile.frames.values():
        for name, value in template.values.items():
            if isinstance(value, str) and value in ("$serial", "$device_id"):
                yield name, value


def _with(value: Value, lies: dict[str, Value] | dict[str, str] | dict[str, float]) -> Value:
    """Return values with some of them replaced, however deep they lie."""
    if isinstance(value, dict):
        return {
            name: lies[name] if name in lies and inner is not None else _with(inner, lies)
            for name, inner in value.items()
        }
    return [_with(one, lies) for one in value] if isinstance(value, list) else value


def _ends(size: int) -> list[int]:
    """Return the places near the end of a frame, then those near its start."""
    last = range(max(0, size - _LONGEST), size)
    return list(dict.fromkeys(chain(last, range(min(size, _LONGEST)))))


def _changed(data: bytes, at: int, by: int) -> bytes:
    """Return bytes with one changed; a hex digit stays one."""
    byte = data[at]
    if byte in _HEX:
        digit = _HEX[(_HEX.index(bytes([byte]).upper()) + by) % 16]
        return data[:at] + bytes([digit]) + data[at + 1 :]
    return data[:at] + bytes([byte ^ by]) + data[at + 1 :]


def _lengths(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where a number stands that may count the bytes of the frame: (place, size)."""
    for at in range(min(len(data), _LONGEST)):
        for size in (4, 2, 1):
            number = data[at : at + size]
            counts = {int.from_bytes(number, "big"), int.from_bytes(number, "little")}
            if len(number) == size and any(0 <= len(data) - n <= 16 and n for n in counts):
                yield at, size


def _claiming(data: bytes, at: int, size: int) -> bytes:
    return data[:at] + b"\xff" * size + data[at + size :]
