"""Eview EV07B personal alarm (MiniFinder 2): what it says over TCP or UDP, and the server's answer.

A frame is AB, flags, length, checksum and sequence number, then the content: a message type and a
list of keys. Length and checksum (CRC-16/XMODEM) are of the content alone; all is little-endian.
"""

from struct import Struct
from typing import ClassVar

from fastcrc.crc16 import xmodem

from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Framer, Values
from simulator.codec._eview_records import MessageType, decode_content, encode_content
from simulator.codec._eview_services import TIME_KEY
from simulator.codec._fields import Fields
from simulator.codec._framing import NO_FRAME, StreamCutter, length_prefixed
from simulator.frame import Direction, Value

_NAME = "eview"
_MARK = 0xAB
_HEADER = Struct("<BBHHH")
_ACK_WANTED = 0x10
_SUCCESS = b"\x7f\x01\x00"
# A history that fills the device's own buffer is about 1.4 kB; the stream waits for no more.
_LONGEST_CONTENT = 4096


class Eview(Codec):
    """Data, configuration, services, system messages and responses."""

    name: ClassVar[str] = _NAME

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return header and keys; a history keeps its records under `records`."""
        del context
        flags, sequence = _opened(frame)
        head: dict[str, Value] = {
            "flags": flags,
            "sequence_id": sequence,
            "ack_requested": flags & _ACK_WANTED != 0,
            "message_type": frame[8],
        }
        return head | decode_content(frame[8], frame[9:])

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the frame; `flags` wins over `ack_requested`, which an uplink wants by itself."""
        fields = Fields(_NAME, values)
        if "flags" in fields:
            flags = fields.integer("flags", 0, 0xFF)
        else:
            is_wanted = fields.flag("ack_requested", context.direction is Direction.UPLINK)
            flags = is_wanted * _ACK_WANTED
        message_type = fields.integer("message_type", 0, 0xFF) if "message_type" in fields else 1
        sequence = fields.integer("sequence_id", 0, 0xFFFF)
        content = bytes((message_type,)) + encode_content(message_type, fields)
        if len(content) > 0xFFFF:
            fields.refuse("records", f"need {len(content)} bytes, a frame has room for 65535")
        return _closed(flags, sequence, content)

    def reply(self, frame: bytes, context: Context = UPLINK) -> bytes | None:
        """Return the acknowledgement, or the time where it is asked for and `received_s` is known.

        A frame that is none is not answered, so the device sends it again.
        """
        if context.direction is Direction.DOWNLINK:
            return None
        try:
            values = self.decode(frame)
        except FrameError:
            return None
        if not values["ack_requested"] or values["message_type"] == MessageType.RESPONSE:
            return None
        content = _time_answer(values, context) or _SUCCESS
        return _closed(0, int.from_bytes(frame[6:8], "little"), content)

    def framer(self) -> Framer:
        """Return a cutter that looks for AB again behind a wrong length or checksum."""
        return StreamCutter(_MEASURE, limit=_HEADER.size + _LONGEST_CONTENT, starts=(b"\xab",))


def _opened(frame: bytes) -> tuple[int, int]:
    if len(frame) < _HEADER.size + 1:
        raise FrameError(_NAME, f"a frame has at least 9 bytes, this one {len(frame)}")
    mark, flags, length, crc, sequence = _HEADER.unpack_from(frame)
    if mark != _MARK:
        raise FrameError(_NAME, f"byte 0: ab expected, not {mark:02x}")
    if length != len(frame) - _HEADER.size:
        there = len(frame) - _HEADER.size
        raise FrameError(_NAME, f"byte 2: the content has {length} bytes, {there} are there")
    computed = xmodem(frame[_HEADER.size :])
    if crc != computed:
        raise FrameError(_NAME, f"byte 4: checksum {crc:04x}, the content has {computed:04x}")
    return flags, sequence


def _closed(flags: int, sequence: int, content: bytes) -> bytes:
    return _HEADER.pack(_MARK, flags, len(content), xmodem(content), sequence) + content


def _time_answer(values: Values, context: Context) -> bytes | None:
    if values["message_type"] != MessageType.SERVICES or not values.get("time_requested"):
        return None
    if context.received_s is None:
        return None
    seconds = int(context.received_s) & 0xFFFFFFFF
    return bytes((MessageType.SERVICES, 5, TIME_KEY)) + seconds.to_bytes(4, "little")


def _size(header: bytes) -> int:
    length = int.from_bytes(header[2:4], "little")
    return _HEADER.size + length if length else NO_FRAME


def _is_whole(frame: bytes) -> bool:
    return xmodem(frame[_HEADER.size :]) == int.from_bytes(frame[4:6], "little")


_MEASURE = length_prefixed(_HEADER.size, _size, _is_whole)

CODEC = Eview()
