"""Seeed SenseCAP T1000 card tracker over LoRaWAN: the first byte names the frame, big-endian.

Longitude comes before latitude. Positions on ports 192 and 199, and frames 0x0E, are solved by a
cloud service and pass through as they are.
"""

from typing import ClassVar

from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Values
from simulator.codec._fields import Fields
from simulator.codec._heard import read_heard, write_heard
from simulator.codec._layout import (
    Layout,
    Part,
    moment,
    number,
    version,
)
from simulator.frame import Direction, Value

_NAME = "lorawan_sensecap_t1000"
_OPAQUE_PORTS = (192, 199)
_GNSS_NG = 0x0E
_ABSENT = 0x8000  # a sensor that measured nothing
_EVENTS = (
    "start_moving",
    "stop_moving",
    "motionless",
    "shock",
    "temperature",
    "light",
    "sos",
    "press_once",
)
_SOS, _PRESS_ONCE = _EVENTS.index("sos"), _EVENTS.index("press_once")


def _measured(name: str, step: float, *, signed: bool) -> Part:
    plain = number(name, 16, step=step, digits=1 if step < 1 else None, signed=signed)

    def read(raw: int, values: dict[str, Value]) -> None:
        if raw == _ABSENT:
            values[name] = None
        else:
            plain.read(raw, values)

    return Part(16, read, lambda fields: plain.write(fields) if name in fields else _ABSENT)


def _read_events(raw: int, values: dict[str, Value]) -> None:
    values["event_bits"] = raw
    values["events"] = [word for bit, word in enumerate(_EVENTS) if raw >> bit & 1]
    if raw >> _SOS & 1:
        values["alarm"] = "sos"
    if raw >> _PRESS_ONCE & 1:
        values["press"] = "single"


def _write_events(fields: Fields) -> int:
    if "event_bits" in fields:
        return fields.integer("event_bits", 0, 0xFFFFFF)
    bits = 0
    for word in fields.words("events") if "events" in fields else []:
        if word not in _EVENTS:
            fields.refuse("events", f"may name {', '.join(_EVENTS)}")
        bits |= 1 << _EVENTS.index(word)
    return bits


_EVENT_BITS = Part(24, _read_events, _write_events)
_BATTERY = number("battery_percent", 8)
_SENSORS = (
    _measured("temperature_c", 0.1, signed=True),
    _measured("light", 1, signed=False),
    _BATTERY,
)
_WHEN = (_EVENT_BITS, number("motion_segment", 8, default=0), moment())
_POINT = (
    number("longitude", 32, step=1e-6, digits=6, signed=True),
    number("latitude", 32, step=1e-6, digits=6, signed=True),
)
_SHARD = (
    number("shard_count", 4),
    number("shard_index", 4),
    number("group_id", 16),
)
_INTERVALS = (
    number("heartbeat_interval_min", 16),
    number("periodic_interval_min", 16),
    number("event_interval_min", 16),
)
_MODES = (number("work_mode", 8), number("positioning_strategy", 8))
_SOS_MODE = number("sos_mode", 8)
_START = (
    _BATTERY,
    version("firmware", 8, 8),
    version("hardware", 8, 8),
    *_MODES,
    *_INTERVALS,
    number("sensor_enable", 8),
    _SOS_MODE,
)


def _setting(name: str, bits: int = 16) -> Part:
    return number(name, bits, default=0)


def _limits(quantity: str, unit: str) -> tuple[Part, ...]:
    return (
        _setting(f"{quantity}_enable", 8),
        _setting(f"{quantity}_interval_min"),
        _setting(f"{quantity}_sample_s"),
        number(f"{quantity}_max{unit}", 16, step=0.1, digits=1, signed=True, default=0),
        number(f"{quantity}_min{unit}", 16, step=0.1, digits=1, signed=True, default=0),
        _setting(f"{quantity}_warning", 8),
    )


_EVENT_SETTINGS = (
    _setting("motion_enable", 8),
    _setting("motion_threshold_mg"),
    _setting("motion_start_interval_min"),
    _setting("motionless_enable", 8),
    _setting("motionless_timeout_min"),
    _setting("shock_enable", 8),
    _setting("shock_threshold_mg"),
    *_limits("temperature", "_c"),
    *_limits("light", ""),
)


class _Shape:
    """A frame behind its id: fields, so many places for addresses, fields again."""

    def __init__(
        self,
        *head: Part,
        places: int = 0,
        heard: str = "access_points",
        tail: tuple[Part, ...] = (),
    ) -> None:
        self._head = Layout(_NAME, *head)
        self._tail = Layout(_NAME, *tail)
        self._places = places
        self._heard = heard

    def read(self, frame: bytes) -> dict[str, Value]:
        at = 1 + self._head.size
        end = at + 7 * self._places
        values = self._head.read(frame, 1)
        tail = self._tail.read_whole(frame, end)
        if self._places:
            values |= _read_places(frame[at:end], self._heard)
        return values | tail

    def write(self, fields: Fields) -> bytes:
        frame = self._head.write(fields)
        if self._places:
            frame += _write_places(fields, self._heard, self._places)
        return frame + self._tail.write(fields)


_UNUSED = b"\xff" * 6


def _read_places(data: bytes, name: str) -> dict[str, Value]:
    used = len(data)
    filler = data[-1:]
    while used and data[used - 7 : used] == _UNUSED + filler:
        used -= 7
    values: dict[str, Value] = {name: read_heard(_NAME, data[:used], 0)}
    if used < len(data) and filler != b"\xff":
        values["unused_place_rssi"] = filler[0]
    return values


def _write_places(fields: Fields, name: str, places: int) -> bytes:
    used = write_heard(fields, name, most=places)
    has_filler = "unused_place_rssi" in fields
    filler = fields.integer("unused_place_rssi", 0, 0xFF) if has_filler else 0xFF
    return used + (_UNUSED + bytes((filler,))) * (places - len(used) // 7)


_UPLINKS: dict[int, _Shape] = {
    0x01: _Shape(*_START, *_EVENT_SETTINGS),
    0x02: _Shape(*_START),
    0x03: _Shape(*_EVENT_SETTINGS),
    0x04: _Shape(*_MODES, *_INTERVALS, _SOS_MODE),
    0x05: _Shape(_BATTERY, *_MODES, _SOS_MODE),
    0x06: _Shape(*_WHEN, *_POINT, *_SENSORS),
    0x07: _Shape(*_WHEN, places=4, tail=_SENSORS),
    0x08: _Shape(*_WHEN, places=3, heard="beacons", tail=_SENSORS),
    0x09: _Shape(*_WHEN, *_POINT, _BATTERY),
    0x0A: _Shape(*_WHEN, places=4, tail=(_BATTERY,)),
    0x0B: _Shape(*_WHEN, places=3, heard="beacons", tail=(_BATTERY,)),
    0x0D: _Shape(number("error_code", 32)),
    0x0F: _Shape(*_WHEN, *_SENSORS, *_SHARD),
    0x10: _Shape(*_WHEN, _BATTERY, *_SHARD),
    0x11: _Shape(number("positioning_status", 8), _EVENT_BITS, moment(), *_SENSORS),
}
_SHARD_HEAD = Layout(_NAME, *_SHARD, number("payload_size", 8))

_SET_INTERVALS = 0x81
_COMMANDS = {
    0x80: "set_sos_mode",
    _SET_INTERVALS: "set_intervals",
    0x82: "buzzer",
    0x83: "set_work_mode",
    0x84: "set_positioning_strategy",
    0x85: "request_position",
    0x86: "set_motion_event",
    0x87: "set_temperature_event",
    0x88: "set_light_event",
    0x89: "reboot",
    0x8C: "command_8c",
}
_SOS_COMMANDS = {"close_sos": b"\x8d\x00", "open_sos": b"\x8d\x01"}
_COMMAND_STARTS = {command: bytes((code,)) for code, command in _COMMANDS.items()} | _SOS_COMMANDS
_LONGEST_DOWNLINK = 51


class SensecapT1000(Codec):
    """Positions, events and settings of the card, and the commands to it."""

    name: ClassVar[str] = _NAME

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return what a frame says; events by name, and every bit of them in `event_bits`.

        >>> CODEC.decode(bytes.fromhex("0564020501"))["battery_percent"]
        100
        """
        if not frame:
            raise FrameError(_NAME, "the frame is empty")
        if context.direction is Direction.DOWNLINK:
            return _decode_command(frame)
        if context.port in _OPAQUE_PORTS:
            return {"positioning_hex": frame.hex()}
        return _decode_uplink(frame)

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return a command where the values name one, else the frame of `frame_id`."""
        fields = Fields(_NAME, values)
        if "command" in fields:
            return _encode_command(fields)
        if context.port in _OPAQUE_PORTS:
            return fields.hexadecimal("positioning_hex")
        return _encode_uplink(fields, values)


def _decode_uplink(frame: bytes) -> dict[str, Value]:
    if frame[0] == _GNSS_NG:
        return _decode_shard(frame)
    shape = _UPLINKS.get(frame[0])
    if shape is None:
        raise FrameError(_NAME, f"byte 0: there is no frame 0x{frame[0]:02x}")
    return {"frame_id": frame[0], **shape.read(frame)}


def _encode_uplink(fields: Fields, values: Values) -> bytes:
    frame_id = fields.integer("frame_id", 0, 0xFF)
    if frame_id == _GNSS_NG:
        return _encode_shard(fields, values)
    if frame_id not in _UPLINKS:
        fields.refuse("frame_id", f"{frame_id} names no frame")
    return bytes((frame_id,)) + _UPLINKS[frame_id].write(fields)


def _decode_shard(frame: bytes) -> dict[str, Value]:
    values = _SHARD_HEAD.read(frame, 1)
    payload = frame[1 + _SHARD_HEAD.size :]
    if values.pop("payload_size") != len(payload):
        raise FrameError(_NAME, f"byte 4 says {frame[4]} bytes follow, these are {len(payload)}")
    return {"frame_id": _GNSS_NG, **values, "positioning_hex": payload.hex()}


def _encode_shard(fields: Fields, values: Values) -> bytes:
    payload = fields.hexadecimal("positioning_hex")
    if len(payload) > 0xFF:
        fields.refuse("positioning_hex", f"has {len(payload)} bytes, there is room for 255")
    head = _SHARD_HEAD.write(Fields(_NAME, {**values, "payload_size": len(payload)}))
    return bytes((_GNSS_NG,)) + head + payload


def _decode_command(frame: bytes) -> dict[str, Value]:
    for command, whole in _SOS_COMMANDS.items():
        if frame == whole:
            return {"command": command}
    code, data = frame[0], frame[1:]
    if code not in _COMMANDS:
        raise FrameError(_NAME, f"byte 0: there is no command 0x{code:02x}{data[:1].hex()}")
    if code != _SET_INTERVALS:
        return {"command": _COMMANDS[code], "raw_fields": list(data)}
    if len(data) != 6:
        raise FrameError(_NAME, f"intervals are 6 bytes from byte 1 on, these are {len(data)}")
    words: list[Value] = [int.from_bytes(data[i : i + 2], "big") for i in (0, 2, 4)]
    return {"command": _COMMANDS[code], "raw_fields": words}


def _encode_command(fields: Fields) -> bytes:
    start = fields.choice("command", _COMMAND_STARTS)
    if start in _SOS_COMMANDS.values():
        return start
    code = start[0]
    size = 2 if code == _SET_INTERVALS else 1
    words = fields.words("raw_fields") if "raw_fields" in fields else []
    if size == 2 and len(words) != 3:
        fields.refuse("raw_fields", f"must be three intervals, not {len(words)}")
    if len(words) >= _LONGEST_DOWNLINK:
        fields.refuse("raw_fields", f"has {len(words)} entries, there is room for 50")
    data = (_whole(fields, word, size) for word in words)
    return start + b"".join(data)


def _whole(fields: Fields, word: Value, size: int) -> bytes:
    if type(word) is not int or not 0 <= word < 1 << 8 * size:
        fields.refuse("raw_fields", f"must be whole numbers of {size} bytes")
    return word.to_bytes(size, "big")


CODEC = SensecapT1000()
