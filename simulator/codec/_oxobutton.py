"""Oxon Oxobutton Q (frames from 0x30 on) and Oxobutton 2 (0x39), big-endian."""

from collections.abc import Sequence

from simulator.codec._button_models import NAME, Model
from simulator.codec._contract import Values
from simulator.codec._fields import Fields
from simulator.codec._layout import Layout, Part, flag, number, numbers, spare
from simulator.frame import Value

_Q_START, _2_START = 0x30, 0x39
_NONE = "none"
_BUTTONS = ("button_1", "button_2", "button_3", "button_4")
_HEARTBEAT_BIT = 12
_EVENTS = {
    0: "periodic",
    1: "temperature",
    2: "humidity",
    3: "light",
    _HEARTBEAT_BIT: "heartbeat",
}
"""By bit of the two reason bytes; the buttons are bits 8 to 11."""


def _press(raw: int) -> str:
    return next((word for bit, word in enumerate(_BUTTONS) if raw >> 8 + bit & 1), _NONE)


def _event(raw: int) -> str | None:
    return next((word for bit, word in _EVENTS.items() if raw >> bit & 1), None)


def _read_reasons(raw: int, values: dict[str, Value]) -> None:
    values["press"] = _press(raw)
    event = _event(raw)
    if event:
        values["event"] = event
    if raw != _PRESS_BITS[_press(raw)] | (_EVENT_BITS[event] if event else 0):
        values["reason_bits"] = raw


_PRESS_BITS = {_NONE: 0, **{word: 1 << 8 + bit for bit, word in enumerate(_BUTTONS)}}
_EVENT_BITS = {word: 1 << bit for bit, word in _EVENTS.items()}


def _write_reasons(fields: Fields) -> int:
    raw = fields.choice("press", _PRESS_BITS) if "press" in fields else 0
    raw |= fields.choice("event", _EVENT_BITS) if "event" in fields else 0
    if "reason_bits" not in fields:
        return raw
    several = fields.integer("reason_bits", 0, 0xFFFF)
    # Several reasons hold as long as the first of each kind is still the one that is given.
    return several if (_press(several), _event(several)) == (_press(raw), _event(raw)) else raw


_BUTTON_2 = Layout(
    NAME,
    spare(8, "start", usual=_2_START),
    Part(16, _read_reasons, _write_reasons),
    number("app_mode", 8),
    spare(7, "downlinks_reserved"),
    flag("accepts_downlinks"),
    number("battery_percent", 8),
    number("temperature_c", 16, step=0.01, digits=2, signed=True),
    number("humidity_percent", 16, step=0.01, digits=2),
    number("light", 16, step=0.01, digits=2, default=0),
)


def _read_button(raw: int, values: dict[str, Value]) -> None:
    values["press"] = f"button_{raw}" if raw else _NONE


def _write_button(fields: Fields) -> int:
    word = fields.text("press", most=12).decode() if "press" in fields else _NONE
    number_text = word.removeprefix("button_")
    if word == _NONE:
        return 0
    if word == number_text or not number_text.isdigit() or not 0 < int(number_text) <= 0xFF:
        fields.refuse("press", "must be none or button_1 to button_255")
    return int(number_text)


_BUTTON_Q = Layout(
    NAME,
    spare(8, "start", usual=_Q_START),
    Part(8, _read_button, _write_button),
    spare(7, "heartbeat_reserved"),
    flag("heartbeat"),
    spare(7, "motion_reserved"),
    flag("motion"),
    number("image", 16),
    number("battery_percent", 8),
    number("temperature_c", 8),
    numbers(
        NAME,
        "acceleration_g",
        3,
        number("acceleration_g", 16, step=2 / 8191, digits=4, signed=True),
        default=(0, 0, 0),
    ),
)


def _model(mark: str, start: int, layout: Layout) -> Model:
    def fits(frame: bytes, _port: int | None) -> bool:
        return frame[0] == start and len(frame) == layout.size

    def write(fields: Fields, _values: Values) -> bytes:
        return layout.write(fields)

    return Model(mark, fits, layout.read_whole, write)


MODELS: Sequence[Model] = (
    _model("app_mode", _2_START, _BUTTON_2),
    _model("image", _Q_START, _BUTTON_Q),
)
