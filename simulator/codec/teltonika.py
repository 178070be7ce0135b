"""Teltonika trackers (TMT250 and any device of codec 8): login, AVL packets, UDP, commands.

Over TCP a device says its IMEI once and then sends packets: four zero bytes, length, data, CRC.
Over UDP each datagram has the IMEI and no CRC. Codecs 12 to 14 carry commands and their answers.
Integers are big-endian.
"""

from struct import Struct
from typing import ClassVar

from fastcrc import crc16

from simulator.codec import _teltonika_commands as commands
from simulator.codec import _teltonika_records as records
from simulator.codec._alarm_words import refuse_contradictions
from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Framer, Values
from simulator.codec._fields import Fields, shown
from simulator.codec._framing import NEED_MORE, NO_FRAME, StreamCutter
from simulator.frame import Direction, Value

_NAME = records.NAME
_PREAMBLE = bytes(4)
_PACKET = Struct(">4xI")
_OVERHEAD = 12  # preamble, length, CRC
_DATAGRAM = Struct(">HHBBH")  # length, packet id, 01, AVL packet id, IMEI length
_DATAGRAM_REPLY = Struct(">HHBBB")
_SHORTEST_IMEI, _LONGEST_IMEI = 10, 17
_SHORTEST_BODY, _LONGEST_BODY = 3, 0xFFFF
_LONGEST = _LONGEST_BODY + _OVERHEAD
_SUMMARY = ("alarm", "battery_mv", "battery_percent", "charging", "latitude", "longitude")


class Teltonika(Codec):
    """Logins, records and commands, over TCP and UDP, with the answers of the server."""

    name: ClassVar[str] = _NAME

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return the values of a login, packet or datagram; with `records`, oldest first.

        >>> CODEC.decode(bytes.fromhex("000f313233343536373839303132333435"))
        {'imei': '123456789012345'}
        """
        if frame[:4] == _PREAMBLE and len(frame) > _OVERHEAD:
            return _read_body(_body(frame))
        if context.direction is Direction.DOWNLINK:
            return _read_answer(frame)
        if imei := _login_imei(frame):
            return {"imei": imei}
        return _read_datagram(frame)

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the frame: a datagram where there is a `packet_id`, a login for an IMEI alone."""
        fields = Fields(_NAME, values)
        if "records" in fields:
            body = _avl_body(fields)
            return _datagram(fields, body) if "packet_id" in fields else _packet(fields, body)
        if "command_type" in fields:
            return _packet(fields, commands.write(fields))
        if context.direction is Direction.DOWNLINK:
            return _write_answer(fields)
        imei = _imei(fields)
        return len(imei).to_bytes(2, "big") + imei

    def reply(self, frame: bytes, context: Context = UPLINK) -> bytes | None:
        """Return the acceptance of a login, or how many records of a packet are accepted."""
        if context.direction is Direction.DOWNLINK:
            return None
        if _login_imei(frame):
            return b"\x01"
        values = self.decode(frame)
        if "records" not in values:
            return None
        if "packet_id" not in values:
            return frame[9].to_bytes(4, "big")
        return _DATAGRAM_REPLY.pack(5, *_DATAGRAM.unpack_from(frame)[1:4], frame[-1])

    def framer(self) -> Framer:
        """Return a cutter of logins and packets; a packet is known by its two equal counts."""
        return StreamCutter(_measure, limit=_LONGEST, starts=(b"\x00",))


def _body(frame: bytes) -> bytes:
    (size,) = _PACKET.unpack_from(frame)
    if size != len(frame) - _OVERHEAD:
        raise FrameError(
            _NAME, f"bytes 4..7: length {size}, the frame has {len(frame) - _OVERHEAD}"
        )
    body = frame[8:-4]
    if len(body) < _SHORTEST_BODY:
        raise FrameError(_NAME, f"a packet of {len(body)} bytes has no room for its counts")
    crc, found = crc16.arc(body), int.from_bytes(frame[-4:], "big")
    if crc != found:
        raise FrameError(_NAME, f"crc is {found:08x}, should be {crc:08x}")
    return body


def _read_body(body: bytes) -> dict[str, Value]:
    codec = body[0]
    if body[1] != body[-1]:
        raise FrameError(_NAME, f"the counts before and after differ: {body[1]} and {body[-1]}")
    if commands.is_command(codec):
        return commands.read(body)
    if not records.is_avl(codec):
        raise FrameError(_NAME, f"first byte of the data: there is no codec 0x{codec:02x}")
    found = records.read(body)
    values: dict[str, Value] = {"codec": codec, "record_count": body[1], "records": found}
    return values | records.summary(found)


def _login_imei(frame: bytes) -> str | None:
    size = len(frame) - 2
    is_login = _SHORTEST_IMEI <= size <= _LONGEST_IMEI and frame[0] == 0 and frame[1] == size
    return frame[2:].decode() if is_login and frame[2:].isdigit() else None


def _read_datagram(frame: bytes) -> dict[str, Value]:
    if len(frame) < _DATAGRAM.size + _SHORTEST_BODY:
        raise FrameError(_NAME, f"no login, packet or datagram: {frame[:24].hex()}")
    size, packet, mark, avl, digits = _DATAGRAM.unpack_from(frame)
    if size != len(frame) - 2 or mark != 1:
        raise FrameError(_NAME, f"no datagram: length {size} of {len(frame) - 2}, byte 4 is {mark}")
    start = _DATAGRAM.size + digits
    imei, body = frame[_DATAGRAM.size : start], frame[start:]
    if not imei.isdigit() or not _SHORTEST_IMEI <= digits <= _LONGEST_IMEI:
        raise FrameError(_NAME, f"bytes 8..{start - 1} are no IMEI: {imei[:20]!r}")
    if len(body) < _SHORTEST_BODY or not records.is_avl(body[0]):
        raise FrameError(_NAME, f"byte {start}: no records: {body[:8].hex()}")
    values: dict[str, Value] = {"packet_id": packet, "avl_packet_id": avl, "imei": imei.decode()}
    return _read_body(body) | values


def _avl_body(fields: Fields) -> bytes:
    parts = fields.parts("records")
    codec = fields.integer("codec", 0, 0xFF)
    if not records.is_avl(codec):
        fields.refuse("codec", f"must be 8, 142 or 16, not {codec}")
    if len(parts) > 0xFF:
        fields.refuse("records", f"has {len(parts)} entries, a packet carries 255")
    refuse_contradictions(fields, {"record_count": len(parts)}, ("record_count",), "records")
    body = records.write(codec, parts)
    said = records.summary(records.read(body)) if any(name in fields for name in _SUMMARY) else {}
    refuse_contradictions(fields, said, _SUMMARY, "records")
    return body


def _packet(fields: Fields, body: bytes) -> bytes:
    if len(body) > _LONGEST_BODY:
        fields.refuse("records", f"make {len(body)} bytes, a packet carries {_LONGEST_BODY}")
    return _PREAMBLE + len(body).to_bytes(4, "big") + body + crc16.arc(body).to_bytes(4, "big")


def _datagram(fields: Fields, body: bytes) -> bytes:
    imei = _imei(fields)
    size = _DATAGRAM.size - 2 + len(imei) + len(body)
    if size > 0xFFFF:
        fields.refuse("records", f"make a datagram of {size} bytes, the most is 65535")
    packet, avl = fields.integer("packet_id", 0, 0xFFFF), fields.integer("avl_packet_id", 0, 0xFF)
    return _DATAGRAM.pack(size, packet, 1, avl, len(imei)) + imei + body


def _imei(fields: Fields) -> bytes:
    imei = fields.text("imei", most=_LONGEST_IMEI)
    if not imei.isdigit() or len(imei) < _SHORTEST_IMEI:
        fields.refuse("imei", f"must be 10 to 17 digits, not {shown(imei.decode())}")
    return imei


def _read_answer(frame: bytes) -> dict[str, Value]:
    if frame in (b"\x00", b"\x01"):
        return {"is_accepted": frame == b"\x01"}
    if len(frame) == 4:
        return {"accepted_count": int.from_bytes(frame, "big")}
    if len(frame) == _DATAGRAM_REPLY.size:
        size, packet, mark, avl, count = _DATAGRAM_REPLY.unpack(frame)
        if (size, mark) == (5, 1):
            return {"packet_id": packet, "avl_packet_id": avl, "accepted_count": count}
    raise FrameError(_NAME, f"no answer of a server: {frame[:24].hex()}")


def _write_answer(fields: Fields) -> bytes:
    if "is_accepted" in fields:
        return bytes((fields.flag("is_accepted"),))
    if "packet_id" not in fields:
        return fields.integer("accepted_count", 0, 0xFFFFFFFF).to_bytes(4, "big")
    count = fields.integer("accepted_count", 0, 0xFF)
    packet, avl = fields.integer("packet_id", 0, 0xFFFF), fields.integer("avl_packet_id", 0, 0xFF)
    return _DATAGRAM_REPLY.pack(5, packet, 1, avl, count)


def _measure(rest: bytes) -> int:
    if len(rest) < 2:
        return NEED_MORE
    if rest[1]:
        return _measure_login(rest)
    if not _PREAMBLE.startswith(rest[:4]):
        return NO_FRAME
    return NEED_MORE if len(rest) < _PACKET.size + 2 else _measure_packet(rest)


def _measure_login(rest: bytes) -> int:
    digits = rest[2 : rest[1] + 2]
    if not _SHORTEST_IMEI <= rest[1] <= _LONGEST_IMEI or (digits and not digits.isdigit()):
        return NO_FRAME
    return rest[1] + 2


def _measure_packet(rest: bytes) -> int:
    size = int.from_bytes(rest[4:8], "big")
    is_known = records.is_avl(rest[8]) or commands.is_command(rest[8])
    if not is_known or not _SHORTEST_BODY <= size <= _LONGEST_BODY:
        return NO_FRAME
    if len(rest) >= size + 8 and rest[9] != rest[size + 7]:
        return NO_FRAME
    return size + _OVERHEAD


CODEC = Teltonika()
