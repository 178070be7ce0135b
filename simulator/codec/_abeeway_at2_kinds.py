"""Which body an Abeeway AT2 uplink has: by type, then by sub-type, tag or event code."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from simulator.codec import _abeeway_at2_messages as messages
from simulator.codec import _abeeway_at2_positions as positions
from simulator.codec._abeeway_at2_positions import NAME
from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields
from simulator.codec._layout import Layout, codes_of, number, spare
from simulator.codec._shapes import Shape
from simulator.frame import Value

BODY_AT = 5


class Kind(Protocol):
    """One message type: how the bytes behind its header are read and written."""

    def read(self, frame: bytes, values: dict[str, Value]) -> None:
        """Add the values of the body; `values` holds those of the header."""
        ...

    def write(self, fields: Fields) -> tuple[int, bytes]:
        """Return the sub-type for the header, and the body."""
        ...


@dataclass(frozen=True, slots=True)
class _Plain:
    """One body; the sub-type says nothing."""

    shape: Shape

    def read(self, frame: bytes, values: dict[str, Value]) -> None:
        if not values["sub_type"]:
            del values["sub_type"]
        self.shape.read(frame, BODY_AT, values)

    def write(self, fields: Fields) -> tuple[int, bytes]:
        return _given_sub_type(fields), self.shape.write(fields)


def _given_sub_type(fields: Fields) -> int:
    return fields.integer("sub_type", 0, 0x0F) if "sub_type" in fields else 0


@dataclass(frozen=True, slots=True)
class _BySubType:
    """A body per sub-type; `words` names them in the value `name`."""

    shapes: Mapping[int, Shape]
    code_of: Callable[[Fields], int]
    name: str = ""
    words: Mapping[int, str] | None = None

    def read(self, frame: bytes, values: dict[str, Value]) -> None:
        code = frame[4] & 0x0F
        del values["sub_type"]
        if code not in self.shapes:
            reason = f"byte 4: there is no sub-type {code} of message type {frame[0]}"
            raise FrameError(NAME, reason)
        if self.words:
            values[self.name] = self.words[code]
        self.shapes[code].read(frame, BODY_AT, values)

    def write(self, fields: Fields) -> tuple[int, bytes]:
        code = self.code_of(fields)
        return code, self.shapes[code].write(fields)


def _position_code(fields: Fields) -> int:
    if "position_type" in fields:
        return fields.choice("position_type", codes_of(positions.POSITION_TYPES))
    for mark, code in positions.MARKS.items():
        if mark in fields:
            return code
    raise FrameError(NAME, "field 'position_type' is missing, and no other shows it")


def _positions(shapes: Mapping[int, Shape]) -> _BySubType:
    return _BySubType(shapes, _position_code, "position_type", positions.POSITION_TYPES)


def _marked(kinds: Mapping[int, tuple[str, Shape]], what: str) -> _BySubType:
    shapes = {code: shape for code, (_, shape) in kinds.items()}
    return _BySubType(shapes, lambda fields: messages.code_of(kinds, fields, what))


def _scan_code(fields: Fields) -> int:
    return fields.choice("scan_type", codes_of(messages.SCAN_TYPES))


_TAG = Layout(NAME, spare(5, "tag_reserved"), number("misc_tag", 3))


class _Misc:
    """A body per tag, which stands in front of it."""

    def read(self, frame: bytes, values: dict[str, Value]) -> None:
        if not values["sub_type"]:
            del values["sub_type"]
        values |= _TAG.read(frame, BODY_AT)
        code = frame[BODY_AT] & 0x07
        if code not in messages.MISC:
            raise FrameError(NAME, f"byte 5: there is no tag {code}")
        messages.MISC[code][1].read(frame, BODY_AT + 1, values)

    def write(self, fields: Fields) -> tuple[int, bytes]:
        code = messages.code_of(messages.MISC, fields, "tag")
        tag = fields.integer("tag_reserved", 0, 31) << 3 if "tag_reserved" in fields else 0
        body = messages.MISC[code][1].write(fields)
        return _given_sub_type(fields), bytes((tag | code,)) + body


class _Event:
    """A body per event; most have none."""

    def read(self, frame: bytes, values: dict[str, Value]) -> None:
        if not values["sub_type"]:
            del values["sub_type"]
        values |= messages.EVENT.read(frame, BODY_AT)
        self._shape(frame[BODY_AT]).read(frame, BODY_AT + 1, values)

    def write(self, fields: Fields) -> tuple[int, bytes]:
        event = messages.EVENT.write(fields)
        return _given_sub_type(fields), event + self._shape(event[0]).write(fields)

    def _shape(self, code: int) -> Shape:
        known = messages.NO_BODY if code in messages.EVENTS else messages.OPAQUE
        return messages.EVENT_BODIES.get(code, known)


KINDS: Mapping[int, Kind] = {
    0x03: _positions(positions.SHORT),
    0x04: _marked(messages.STATUS, "status"),
    0x05: _Plain(messages.HEARTBEAT),
    0x07: _Misc(),
    0x09: _Plain(messages.SHUTDOWN),
    0x0A: _Event(),
    0x0B: _BySubType(
        dict.fromkeys(messages.SCAN_TYPES, messages.SCAN),
        _scan_code,
        "scan_type",
        messages.SCAN_TYPES,
    ),
    0x0C: _Plain(messages.OPAQUE),
    0x0E: _positions(positions.EXTENDED),
    0x0F: _marked(messages.DEBUG, "debug message"),
}
"""By message type. Frame pending (0x00) and text (0x0D) have no common header and are not here."""
