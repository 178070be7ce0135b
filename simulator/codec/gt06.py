"""Concox GT06 trackers and their many kin: short frames `7878`, long ones `7979`, over TCP.

`start | length | type | content | serial u16 | CRC u16 | 0D0A`; the length counts type to CRC, the
CRC-16/X-25 covers length to serial, integers are big-endian. What the contents of each type are is
in `_gt06_contents`.
"""

from datetime import UTC, datetime
from typing import ClassVar

from fastcrc import crc16

from simulator.codec import _gt06_contents as contents
from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Framer, Values
from simulator.codec._fields import Fields
from simulator.codec._framing import NO_FRAME, StreamCutter, by_start, length_prefixed
from simulator.frame import Direction, Value

_NAME = contents.NAME
_SHORT, _LONG, _END = b"\x78\x78", b"\x79\x79", b"\x0d\x0a"
_LENGTH_SIZE = {_SHORT: 1, _LONG: 2}
_FIXED = 5  # type, serial, CRC
_LONGEST = 0x10000 + 6
_SHORT_MOST = 0xFF - _FIXED
_TIME_REQUEST = 0x8A


class Gt06(Codec):
    """Logins, heartbeats, positions, alarms, texts, and the answers of the server."""

    name: ClassVar[str] = _NAME

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return the values of one frame; both directions are built alike.

        >>> CODEC.decode(bytes.fromhex("78780d01012345678901234500018cdd0d0a"))["imei"]
        '123456789012345'
        """
        del context
        size = _checked(frame)
        kind = frame[2 + size]
        values: dict[str, Value] = {
            "message_type": kind,
            "serial_number": frame[-6] << 8 | frame[-5],
        }
        if size == 2:
            values["is_long"] = True
        content = frame[3 + size : -6]
        return values | contents.read(kind, content) if content else values

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the frame; without any other value it is the empty answer to a type."""
        del context
        fields = Fields(_NAME, values)
        kind = fields.integer("message_type", 0, 0xFF)
        serial = fields.integer("serial_number", 0, 0xFFFF)
        content = contents.write(kind, values)
        is_long = fields.flag("is_long", len(content) > _SHORT_MOST)
        if len(content) > (0xFFFF - _FIXED if is_long else _SHORT_MOST):
            fields.refuse("is_long", f"cannot be: the content has {len(content)} bytes")
        return _frame(_LONG if is_long else _SHORT, kind, content, serial)

    def reply(self, frame: bytes, context: Context = UPLINK) -> bytes | None:
        """Return the empty frame of same type and serial that confirms logins, reports and alarms.

        The answer to a request for the time needs `received_s`.
        """
        values = self.decode(frame)
        kind, is_empty = frame[2 + _LENGTH_SIZE[frame[:2]]], len(values) == 2
        if context.direction is Direction.DOWNLINK:
            return None
        serial = int.from_bytes(frame[-6:-4], "big")
        if kind == _TIME_REQUEST and is_empty and context.received_s is not None:
            return _frame(_SHORT, kind, _clock(context.received_s), serial)
        is_confirmed = kind in contents.CONFIRMED and not is_empty
        return _frame(_SHORT, kind, b"", serial) if is_confirmed else None

    def framer(self) -> Framer:
        """Return a cutter of both lengths; a frame without its end mark is none."""
        return StreamCutter(by_start(_SHAPES), limit=_LONGEST, starts=tuple(_SHAPES))


def _checked(frame: bytes) -> int:
    """Return the size of the length field of a frame that is whole and undamaged."""
    size = _LENGTH_SIZE.get(frame[:2], 0)
    if not size or frame[-2:] != _END:
        raise FrameError(_NAME, f"no frame between 7878 or 7979 and 0d0a: {frame[:16].hex()}")
    length = int.from_bytes(frame[2 : 2 + size], "big")
    if length != len(frame) - size - 4 or length < _FIXED:
        told = f"byte 2: length {length}, the frame has {max(0, len(frame) - size - 4)}"
        raise FrameError(_NAME, f"{told}, at least {_FIXED} are needed")
    crc, found = crc16.ibm_sdlc(frame[2:-4]), frame[-4] << 8 | frame[-3]
    if crc != found:
        raise FrameError(_NAME, f"crc is {found:04x}, should be {crc:04x}")
    return size


def _frame(start: bytes, kind: int, content: bytes, serial: int) -> bytes:
    length = (len(content) + _FIXED).to_bytes(_LENGTH_SIZE[start], "big")
    body = length + bytes((kind,)) + content + serial.to_bytes(2, "big")
    return start + body + crc16.ibm_sdlc(body).to_bytes(2, "big") + _END


def _clock(received_s: float) -> bytes:
    at = datetime.fromtimestamp(received_s, UTC)
    return bytes((at.year % 100, at.month, at.day, at.hour, at.minute, at.second))


def _is_ended(frame: bytes) -> bool:
    return frame.endswith(_END)


def _short_size(head: bytes) -> int:
    return head[2] + 5 if head[2] >= _FIXED else NO_FRAME


def _long_size(head: bytes) -> int:
    length = head[2] << 8 | head[3]
    return length + 6 if length >= _FIXED else NO_FRAME


_SHAPES = {
    _SHORT: length_prefixed(3, _short_size, _is_ended),
    _LONG: length_prefixed(4, _long_size, _is_ended),
}

CODEC = Gt06()
