"""Abeeway trackers with AT3 firmware over LoRaWAN, big-endian.

The header's time is the second within the UTC half day; the time of reception completes it. Stored
messages carry the full time instead.
"""

from collections.abc import Callable, Mapping
from typing import ClassVar

from simulator.codec._abeeway_at3_downlinks import decode_downlink, encode_downlink
from simulator.codec._abeeway_at3_notifications import read_notification, write_notification
from simulator.codec._abeeway_at3_positions import NAME, read_position, write_position
from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Values
from simulator.codec._fields import Fields, utc
from simulator.codec._layout import Layout, Part, choice, flag, moment, number, spare
from simulator.codec._shapes import Fixed, Octets, Rest, Shape
from simulator.frame import Direction, Value

_CHARGING, _UNKNOWN_PERCENT = 0, 127
_UNKNOWN_SECOND = 0xFFFF
_HALF_DAY_S = 43200
_AHEAD_S = 3600  # a clock this far ahead of the receiver's is believed
_NOTIFICATION, _POSITION, _QUERY, _RESPONSE, _TELEMETRY = 1, 2, 3, 4, 5


def _read_battery(raw: int, values: dict[str, Value]) -> None:
    if raw == _CHARGING:
        values["charging"] = True
    elif raw != _UNKNOWN_PERCENT:
        values["battery_percent"] = raw


def _write_battery(fields: Fields) -> int:
    if fields.flag("charging", False):
        return _CHARGING
    has_percent = "battery_percent" in fields
    return fields.number("battery_percent", 1, 126) if has_percent else _UNKNOWN_PERCENT


_HEADER = Layout(
    NAME,
    flag("multi_frame"),
    flag("sos"),
    number("type_code", 3),
    number("ack_token", 3, default=0),
    flag("buffered"),
    Part(7, _read_battery, _write_battery),
)
_STORED_TIME = Layout(NAME, moment())
_GROUP = Layout(
    NAME, number("group_id", 3), flag("last_frame"), number("frame_number", 4, default=0)
)
_QUERIES = {
    0: "aiding_position",
    1: "echo_request",
    2: "update_gps_almanac",
    3: "update_beidou_almanac",
}
_RESPONSES = {
    0: "generic_configuration_set",
    1: "param_class_configuration_set",
    2: "generic_configuration_get",
    3: "param_class_configuration_get",
    4: "ble_status_connectivity",
    5: "crc_configuration_request",
    6: "sensor_request",
    7: "debug_info_request",
    8: "fuota_request",
}
_QUERY_SHAPE = Shape(
    NAME,
    Fixed(Layout(NAME, spare(3, "query_reserved"), choice(NAME, "query", 5, _QUERIES))),
    Octets("query_data"),
)
_RESPONSE_SHAPE = Shape(
    NAME,
    Fixed(Layout(NAME, spare(3, "response_reserved"), choice(NAME, "response", 5, _RESPONSES))),
    Rest(),
)
_TELEMETRY_SHAPE = Shape(NAME, Rest())

_READERS: Mapping[int, Callable[[bytes, int, dict[str, Value]], None]] = {
    _NOTIFICATION: read_notification,
    _POSITION: read_position,
    _QUERY: _QUERY_SHAPE.read,
    _RESPONSE: _RESPONSE_SHAPE.read,
    _TELEMETRY: _TELEMETRY_SHAPE.read,
}
_WRITERS: Mapping[int, Callable[[Fields], bytes]] = {
    _NOTIFICATION: write_notification,
    _POSITION: write_position,
    _QUERY: _QUERY_SHAPE.write,
    _RESPONSE: _RESPONSE_SHAPE.write,
    _TELEMETRY: _TELEMETRY_SHAPE.write,
}
_TYPE_MARKS = {
    "notification": _NOTIFICATION,
    "position_type": _POSITION,
    "query": _QUERY,
    "response": _RESPONSE,
}


class AbeewayAt3(Codec):
    """Notifications, positions, queries and answers of the tracker, and the commands to it."""

    name: ClassVar[str] = NAME

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return what a message says; `time` only if it is stored or its reception is known.

        >>> CODEC.decode(bytes.fromhex("4900888210"))["notification"]
        'sos_on'
        """
        if context.direction is Direction.DOWNLINK:
            return decode_downlink(frame)
        values = _HEADER.read(frame)
        at = _read_time(frame, context, values)
        if values["multi_frame"]:
            values |= _GROUP.read(frame, at)
            at += _GROUP.size
        kind = frame[0] >> 3 & 0x07
        if kind not in _READERS:
            raise FrameError(NAME, f"byte 0: there is no message type {kind}")
        _READERS[kind](frame, at, values)
        return values

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return a command where the values name one, else the message that they are."""
        fields = Fields(NAME, values)
        if "command" in fields:
            return encode_downlink(fields)
        kind = _type_code(fields)
        header = _HEADER.write(Fields(NAME, {**values, "type_code": kind}))
        group = _GROUP.write(fields) if fields.flag("multi_frame", False) else b""
        return header + _write_time(fields) + group + _WRITERS[kind](fields)


def _type_code(fields: Fields) -> int:
    if "type_code" in fields:
        return fields.integer("type_code", _NOTIFICATION, _TELEMETRY)
    for mark, kind in _TYPE_MARKS.items():
        if mark in fields:
            return kind
    raise FrameError(NAME, f"one of the fields type_code, {', '.join(_TYPE_MARKS)} is needed")


def _read_time(frame: bytes, context: Context, values: dict[str, Value]) -> int:
    if values["buffered"]:
        values |= _STORED_TIME.read(frame, _HEADER.size)
        return _HEADER.size + _STORED_TIME.size
    end = _HEADER.size + 2
    if len(frame) < end:
        raise FrameError(NAME, f"ends at byte {len(frame)}, within its time")
    second = int.from_bytes(frame[_HEADER.size : end], "big")
    if second != _UNKNOWN_SECOND:
        values["half_day_s"] = second
        if context.received_s is not None:
            values["time"] = _completed(second, int(context.received_s))
    return end


def _completed(second: int, received_s: int) -> str:
    time = received_s - received_s % _HALF_DAY_S + second
    return utc(time if time - received_s <= _AHEAD_S else time - _HALF_DAY_S)


def _write_time(fields: Fields) -> bytes:
    if fields.flag("buffered", False):
        return _STORED_TIME.write(fields)
    if "half_day_s" in fields:
        second = fields.integer("half_day_s", 0, _UNKNOWN_SECOND - 1)
    elif "time" in fields:
        second = fields.epoch("time") % _HALF_DAY_S
    else:
        second = _UNKNOWN_SECOND
    return second.to_bytes(2, "big")


CODEC = AbeewayAt3()
