"""Netvox push buttons (R312A, RB02I, R718T, R313M) and the wearable R309, over LoRaWAN.

Port 6 reports, port 7 configures the report times, port 13 the time of a press. The device type in
byte 1 decides what the bytes behind the alarm byte mean.
"""

from typing import ClassVar

from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Values
from simulator.codec._fields import Fields
from simulator.codec._layout import Layout, Part, choice, flag, number, octets, spare
from simulator.frame import Direction, Value

_NAME = "lorawan_netvox"
_REPORT_PORT, _CONFIG_PORT, _PRESS_PORT = 6, 7, 13
_REPORT_SIZE = 11
_R309, _R312A, _RB02I = 0xD3, 0x4D, 0x10

_HEAD = (
    spare(8, "report_version", usual=1),
    number("device_type", 8),
    number("report_type", 8, default=1),
)


def _read_alarm(raw: int, values: dict[str, Value]) -> None:
    values["alarm_byte"] = raw
    if raw == 1:
        values["alarm"] = "sos"


def _write_alarm(fields: Fields) -> int:
    if "alarm_byte" in fields:
        return fields.integer("alarm_byte", 0, 0xFF)
    return fields.choice("alarm", {"sos": 1}) if "alarm" in fields else 0


_ALARM = Part(8, _read_alarm, _write_alarm)


def _status(*rest: Part) -> Layout:
    battery = number("battery_mv", 7, step=100)
    return Layout(_NAME, *_HEAD, flag("low_battery"), battery, _ALARM, *rest)


_STATUS = _status(spare(48))
_STATUS_OF = {
    _R309: _status(number("inactivity_byte", 8, default=0), spare(40)),
    _R312A: _status(spare(8, "function_key_byte"), spare(40)),
}
_START = Layout(
    _NAME,
    *_HEAD,
    number("software_version_raw", 8),
    number("hardware_version", 8),
    octets("date_code", 4),
    spare(16),
)

# The published exchanges are those of the RB02I; a profile of another model says its type.
_TYPE = number("device_type", 8, default=_RB02I)
_STATUS_WORD = choice(_NAME, "status", 8, {0: "success", 1: "failed"})
_TIMES = (
    number("min_time_s", 16),
    number("max_time_s", 16),
    number("battery_change_mv", 8, step=100),
    spare(32),
)
_COMMANDS: dict[int, dict[int, tuple[str, Layout]]] = {
    _CONFIG_PORT: {
        0x01: ("config_report_request", Layout(_NAME, _TYPE, *_TIMES)),
        0x81: ("config_report_response", Layout(_NAME, _TYPE, _STATUS_WORD, spare(64))),
        0x02: ("read_config_request", Layout(_NAME, _TYPE, spare(72))),
        0x82: ("read_config_response", Layout(_NAME, _TYPE, *_TIMES)),
    },
    _PRESS_PORT: {
        0x01: ("set_press_time_request", Layout(_NAME, number("press_time", 8))),
        0x81: ("set_press_time_response", Layout(_NAME, _STATUS_WORD)),
        0x02: ("get_press_time_request", Layout(_NAME, spare(8))),
        0x82: ("get_press_time_response", Layout(_NAME, number("press_time", 8))),
    },
}
_BY_COMMAND = {
    command: (bytes((code,)), layout)
    for commands in _COMMANDS.values()
    for code, (command, layout) in commands.items()
}


class Netvox(Codec):
    """Reports of the buttons, and the requests and answers that configure them."""

    name: ClassVar[str] = _NAME

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return what a report or a command says; without a port, its size and start decide.

        >>> CODEC.decode(bytes.fromhex("014d011e01000000000000"))["alarm"]
        'sos'
        """
        if not frame:
            raise FrameError(_NAME, "the frame is empty")
        port = context.port or _port_of(frame, context)
        if port == _REPORT_PORT:
            return _decode_report(frame)
        if port not in _COMMANDS:
            raise FrameError(_NAME, f"nothing is sent on port {port}; use 6, 7 or 13")
        return _decode_command(frame, port)

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return a command where the values name one, else a report."""
        fields = Fields(_NAME, values)
        if "command" in fields:
            start, layout = fields.choice("command", _BY_COMMAND)
            return start + layout.write(fields)
        return _encode_report(fields)


def _port_of(frame: bytes, context: Context) -> int:
    if len(frame) == 2:
        return _PRESS_PORT
    is_report = context.direction is Direction.UPLINK and frame[0] < 0x80
    return _REPORT_PORT if is_report else _CONFIG_PORT


def _decode_report(frame: bytes) -> dict[str, Value]:
    if len(frame) != _REPORT_SIZE:
        raise FrameError(_NAME, f"a report has {_REPORT_SIZE} bytes, this one {len(frame)}")
    if frame[2] == 0:
        return _START.read(frame)
    if frame[2] != 1:
        raise FrameError(_NAME, f"byte 2: there is no report type {frame[2]}")
    return _STATUS_OF.get(frame[1], _STATUS).read(frame)


def _encode_report(fields: Fields) -> bytes:
    if "report_type" in fields and fields.integer("report_type", 0, 1) == 0:
        return _START.write(fields)
    return _STATUS_OF.get(fields.integer("device_type", 0, 0xFF), _STATUS).write(fields)


def _decode_command(frame: bytes, port: int) -> dict[str, Value]:
    if frame[0] not in _COMMANDS[port]:
        raise FrameError(_NAME, f"byte 0: port {port} has no command 0x{frame[0]:02x}")
    command, layout = _COMMANDS[port][frame[0]]
    return {"command": command, **layout.read_whole(frame, 1)}


CODEC = Netvox()
