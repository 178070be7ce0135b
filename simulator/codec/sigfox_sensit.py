"""Sens'it button and sensor over Sigfox: four bytes, with its configuration behind them twelve.

The lowest three bits of byte 0 are 110 in payload version 3; in version 2 they are the mode.
"""

from typing import ClassVar

from simulator.codec import _sensit_settings as settings
from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Values
from simulator.codec._fields import Fields
from simulator.codec._layout import Layout, Part, codes_of, flag, number, spare, version
from simulator.codec._sensit_settings import NAME
from simulator.codec._sensit_v2 import decode_v2, encode_v2
from simulator.frame import Direction, Value

_SIZE, _SETTINGS_SIZE = 4, 8
_V3_MARK = 0b110
_MODES = dict(enumerate(settings.MODES))
_STANDBY, _TEMPERATURE, _LIGHT, _DOOR, _VIBRATION, _MAGNET = range(6)
# Only these are published; the curve between them is not.
_PERCENT_AT_MV = {4200: 100, 4100: 94, 3800: 60, 3750: 47}
_NOT_CALIBRATED = 4  # how the maker names the state 0 of a door

_CELSIUS = number("temperature_c", 10, step=0.125, offset=-25, digits=3)
_HUMIDITY = number("humidity_percent", 8, step=0.5, digits=1)
_COUNTER = number("event_counter", 16, default=0)


def _read_door(raw: int, values: dict[str, Value]) -> None:
    values["door_state"] = raw or _NOT_CALIBRATED


def _write_door(fields: Fields) -> int:
    return fields.integer("door_state", 0, _NOT_CALIBRATED) % _NOT_CALIBRATED


def _detected(name: str) -> Part:
    def read(raw: int, values: dict[str, Value]) -> None:
        values[name] = raw == 1
        if raw > 1:
            values["mode_bits"] = raw

    def write(fields: Fields) -> int:
        if "mode_bits" in fields and not fields.flag(name, False):
            return fields.integer("mode_bits", 2, 3)
        return int(fields.flag(name))

    return Part(2, read, write)


def _v3(*parts: Part) -> Layout:
    head = (number("battery_mv", 5, step=50, offset=2700), spare(3, usual=_V3_MARK))
    return Layout(NAME, *head, number("mode_code", 5), flag("button"), *parts)


_IDLE = spare(2, "mode_bits")
_V3 = {
    _STANDBY: _v3(_IDLE, version("firmware", 4, 6, 6)),
    _TEMPERATURE: _v3(_CELSIUS, _HUMIDITY),
    _LIGHT: _v3(_IDLE, number("light", 16, step=1 / 96, digits=2)),
    _DOOR: _v3(Part(2, _read_door, _write_door), _COUNTER),
    _VIBRATION: _v3(_detected("vibration"), _COUNTER),
    _MAGNET: _v3(_detected("magnet"), _COUNTER),
}


class Sensit(Codec):
    """Measurements, events and presses, and the configuration sent to the device."""

    name: ClassVar[str] = NAME

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return what a message says; a configuration behind it stays `config_hex`.

        >>> CODEC.decode(bytes.fromhex("b61e0000"))["press"]
        'double'
        """
        if context.direction is Direction.DOWNLINK:
            return {"command": "configuration", **settings.read_settings(frame)}
        if len(frame) not in (_SIZE, _SIZE + _SETTINGS_SIZE):
            raise FrameError(NAME, f"a message has 4 or 12 bytes, this one {len(frame)}")
        is_v3 = frame[0] & 0x07 == _V3_MARK
        values = _decode_v3(frame) if is_v3 else decode_v2(frame[:_SIZE])
        if values["button"]:
            values["press"] = "double"
        if len(frame) > _SIZE:
            values["config_hex"] = frame[_SIZE:].hex()
        return values

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the configuration where the values name that command, else the message."""
        fields = Fields(NAME, values)
        if "command" in fields or context.direction is Direction.DOWNLINK:
            fields.choice("command", {"configuration": True})
            return settings.write_settings(fields, values)
        config = fields.hexadecimal("config_hex", 8) if "config_hex" in fields else b""
        mode = _mode_code(fields)
        if _is_v2(fields):
            return encode_v2(values, mode) + config
        return _V3[mode].write(Fields(NAME, {**values, "mode_code": mode})) + config


def _is_v2(fields: Fields) -> bool:
    return "payload_version" in fields and fields.integer("payload_version", 2, 3) == 2


def _mode_code(fields: Fields) -> int:
    if "mode_code" in fields:
        return fields.integer("mode_code", 0, max(_MODES))
    return fields.choice("mode", codes_of(_MODES))


def _decode_v3(frame: bytes) -> dict[str, Value]:
    layout = _V3.get(frame[1] >> 3)
    if layout is None:
        raise FrameError(NAME, f"byte 1: there is no mode {frame[1] >> 3}")
    values = layout.read(frame)
    battery_mv = 2700 + 50 * (frame[0] >> 3)
    if battery_mv in _PERCENT_AT_MV:
        values["battery_percent"] = _PERCENT_AT_MV[battery_mv]
    return {"payload_version": 3, "mode": _MODES[frame[1] >> 3], **values}


CODEC = Sensit()
