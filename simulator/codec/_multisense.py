"""Swisscom MultiSense: a header with the reasons of the message, then measurements by their id."""

from collections.abc import Mapping, Sequence

from simulator.codec._button_models import NAME, Model
from simulator.codec._contract import FrameError, Values
from simulator.codec._fields import Fields
from simulator.codec._layout import Layout, Part, number, numbers
from simulator.frame import Value

_PORTS = (3, 100)
_WORKPLACE = 1
_EVENTS = {
    7: "timed",
    6: "button",
    5: "reed",
    4: "temperature",
    3: "humidity",
    2: "motion",
    1: "life_sign",
}
_WORKPLACE_EVENTS = {7: "usage_start", 6: "usage_check", 5: "button", 4: "life_sign"}
_HISTORY_SIZE = 8


def _words(mode: int) -> Mapping[int, str]:
    return _WORKPLACE_EVENTS if mode == _WORKPLACE else _EVENTS


def _read_reasons(raw: int, values: dict[str, Value]) -> None:
    mode, status = raw >> 8, raw & 0xFF
    words = [word for bit, word in _words(mode).items() if status >> bit & 1]
    values["mode"] = mode
    values["status_byte"] = status
    if words:
        values["event"] = words[0]
    if "button" in words:
        values["press"] = "single"


def _write_reasons(fields: Fields) -> int:
    mode = fields.integer("mode", 0, 0xFF) if "mode" in fields else 0
    if "status_byte" in fields:
        return mode << 8 | fields.integer("status_byte", 0, 0xFF)
    codes = {word: 1 << bit for bit, word in _words(mode).items()}
    return mode << 8 | (fields.choice("event", codes) if "event" in fields else 0)


def _layout(*parts: Part) -> Layout:
    return Layout(NAME, *parts)


_HEADER = _layout(
    number("payload_version", 8),
    Part(16, _read_reasons, _write_reasons),
    number("battery_mv", 8, step=6, offset=2000),
)


def _celsius(name: str) -> Part:
    return number(name, 16, step=0.01, digits=2, signed=True)


def _humidity(name: str) -> Part:
    return number(name, 8, step=0.5, digits=1)


_ACCELERATION = number("acceleration_mg", 16, signed=True)
_MEASUREMENTS: Mapping[int, tuple[str, Layout]] = {
    1: ("temperature_c", _layout(_celsius("temperature_c"))),
    2: ("humidity_percent", _layout(_humidity("humidity_percent"))),
    3: ("reed_count", _layout(number("reed_count", 16))),
    4: ("motion_count", _layout(number("motion_count", 16))),
    5: ("acceleration_mg", _layout(numbers(NAME, "acceleration_mg", 3, _ACCELERATION))),
    6: (
        "temperature_history_c",
        _layout(
            numbers(NAME, "temperature_history_c", _HISTORY_SIZE, _celsius("temperature_history_c"))
        ),
    ),
    7: (
        "humidity_history_percent",
        _layout(
            numbers(
                NAME,
                "humidity_history_percent",
                _HISTORY_SIZE,
                _humidity("humidity_history_percent"),
            )
        ),
    ),
}
_CODES = {name: code for code, (name, _) in _MEASUREMENTS.items()}


def _fits(_frame: bytes, port: int | None) -> bool:
    return port in _PORTS


def _read(frame: bytes) -> dict[str, Value]:
    values = _HEADER.read(frame)
    at = _HEADER.size
    while at < len(frame) and frame[at] in _MEASUREMENTS:
        name, layout = _MEASUREMENTS[frame[at]]
        if name in values:
            raise FrameError(NAME, f"byte {at}: the measurement {frame[at]} is doubled")
        values |= layout.read(frame, at + 1)
        at += 1 + layout.size
    if at < len(frame):
        values["tail_hex"] = frame[at:].hex()
    return values


def _write(fields: Fields, values: Values) -> bytes:
    """Return the measurements in the order in which the values have them."""
    names = (name for name in values if name in _CODES and name in fields)
    parts = (
        bytes((_CODES[name],)) + _MEASUREMENTS[_CODES[name]][1].write(fields) for name in names
    )
    tail = fields.hexadecimal("tail_hex") if "tail_hex" in fields else b""
    return _HEADER.write(fields) + b"".join(parts) + tail


MODELS: Sequence[Model] = (Model("payload_version", _fits, _read, _write),)
