"""Uplinks of a Sens'it with payload version 2: battery and temperature lie scattered in them."""

from simulator.codec._contract import FrameError, Values
from simulator.codec._fields import Fields
from simulator.codec._layout import (
    Layout,
    Part,
    choice,
    codes_of,
    flag,
    number,
    spare,
    steps,
    version,
)
from simulator.codec._sensit_settings import (
    BRIGHTEST,
    MODES,
    NAME,
    UNITS_PER_LUX,
    light_code,
    light_units,
)
from simulator.frame import Value

_FRAME_TYPES = {0: "periodic", 1: "button", 2: "alert", 3: "new_mode"}
_BUTTON, _ALERT = 1, 2
_STANDBY, _TEMPERATURE, _LIGHT, _DOOR, _VIBRATION, _MAGNET = range(6)


def _layout(*tail: Part) -> Layout:
    return Layout(
        NAME,
        number("battery_high", 1),
        choice(NAME, "frame_type", 2, _FRAME_TYPES),
        number("period", 2, default=0),
        number("mode_code", 3),
        number("temperature_high", 4),
        number("battery_low", 4),
        *tail,
    )


_WARM = (spare(1, "byte_2_reserved"), flag("reed"), number("temperature_low", 6))
_COUNTER = number("event_counter", 8, default=0)
_PRESSED = _layout(*_WARM, version("firmware", 4, 4, 0))
_COUNTED = _layout(*_WARM, _COUNTER)
_LAYOUTS = {
    _STANDBY: _PRESSED,
    _TEMPERATURE: _layout(*_WARM, number("humidity_percent", 8, step=0.5, digits=1)),
    _LIGHT: _layout(number("light_byte", 8), _COUNTER),
    _DOOR: _COUNTED,
    _VIBRATION: _COUNTED,
    _MAGNET: _COUNTED,
}


def decode_v2(frame: bytes) -> dict[str, Value]:
    """Return the values of the first four bytes."""
    mode, frame_type = frame[0] & 0x07, frame[0] >> 5 & 0x03
    if mode not in _LAYOUTS:
        raise FrameError(NAME, f"byte 0: there is no mode {mode}")
    is_press = frame_type == _BUTTON
    values = (_PRESSED if is_press else _LAYOUTS[mode]).read(frame)
    del values["battery_high"], values["battery_low"]
    values |= {
        "payload_version": 2,
        "battery_mv": 2700 + 50 * (frame[0] >> 7 << 4 | frame[1] & 0x0F),
        "mode": MODES[mode],
        "button": is_press,
    }
    if "light_byte" in values:
        values["light"] = round(light_units(frame[2]) / UNITS_PER_LUX, 2)
    else:
        del values["temperature_high"], values["temperature_low"]
        values["temperature_c"] = ((frame[1] >> 4 << 6 | frame[2] & 0x3F) - 200) / 8
    if not is_press:
        _add_state(mode, frame_type, values)
    return values


def _add_state(mode: int, frame_type: int, values: dict[str, Value]) -> None:
    if mode == _DOOR:
        values["door_state"] = int(frame_type == _ALERT)
    elif mode == _VIBRATION:
        values["vibration"] = frame_type == _ALERT
    elif mode == _MAGNET:
        values["magnet"] = values["reed"]


def encode_v2(values: Values, mode: int) -> bytes:
    """Return the four bytes of the values."""
    fields = Fields(NAME, values)
    frame_type = _frame_type(fields, mode)
    battery = steps(fields, "battery_mv", 0, 31, step=50, offset=2700)
    raw: dict[str, Value] = {
        "frame_type": frame_type,
        "mode_code": mode,
        "battery_high": battery >> 4,
        "battery_low": battery & 0x0F,
    }
    is_press = frame_type == _FRAME_TYPES[_BUTTON]
    if mode == _LIGHT and not is_press:
        raw |= _light(fields)
    else:
        temperature = fields.number("temperature_c", -200, 823, factor=1 / 8) + 200
        raw |= {"temperature_high": temperature >> 6, "temperature_low": temperature & 0x3F}
    if "magnet" in fields and "reed" not in fields:
        raw["reed"] = fields.flag("magnet")
    return (_PRESSED if is_press else _LAYOUTS[mode]).write(Fields(NAME, {**values, **raw}))


def _frame_type(fields: Fields, mode: int) -> str:
    if "frame_type" in fields:
        return _FRAME_TYPES[fields.choice("frame_type", codes_of(_FRAME_TYPES))]
    if fields.flag("button", False):
        return _FRAME_TYPES[_BUTTON]
    is_alert = mode == _VIBRATION and fields.flag("vibration", False)
    is_opened = mode == _DOOR and "door_state" in fields and fields.integer("door_state", 0, 4) == 1
    return _FRAME_TYPES[_ALERT if is_alert or is_opened else 0]


def _light(fields: Fields) -> dict[str, Value]:
    high = fields.integer("temperature_high", 0, 15) if "temperature_high" in fields else 0
    if "light_byte" in fields:
        code = fields.integer("light_byte", 0, 0xFF)
    else:
        code = light_code(fields.number("light", 0, BRIGHTEST, factor=1 / UNITS_PER_LUX))
    return {"light_byte": code, "temperature_high": high}
