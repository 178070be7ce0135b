"""MClimate multipurpose button: a keep-alive of five bytes, with answers to commands before it."""

from collections.abc import Mapping, Sequence

from simulator.codec._button_models import NAME, Model
from simulator.codec._contract import FrameError, Values
from simulator.codec._fields import Fields
from simulator.codec._layout import Layout, Part, coded, number, octets, spare
from simulator.frame import Value

_KEEP_ALIVE, _KEEP_ALIVE_SIZE = 0x01, 5
_PRESSES = {1: "single", 2: "double", 3: "triple"}


def _layout(*parts: Part) -> Layout:
    return Layout(NAME, *parts)


def _read_fault(raw: int, values: dict[str, Value]) -> None:
    values["thermistor_ok"] = raw == 0


_LAST = _layout(
    spare(8, "start", usual=_KEEP_ALIVE),
    number("battery_mv", 8, step=8, offset=1600),
    spare(5, "thermistor_reserved"),
    Part(1, _read_fault, lambda fields: int(not fields.flag("thermistor_ok", True))),
    number("temperature_c", 10, step=0.1, digits=1),
    coded("press_code", 8, "press", _PRESSES, default=0),
)
_ANSWERS: Mapping[int, tuple[str, Layout]] = {
    0x04: ("versions_hex", _layout(octets("versions_hex", 2))),
    0x12: ("keep_alive_min", _layout(number("keep_alive_min", 8))),
    0x19: ("join_retry_s", _layout(number("join_retry_s", 8, step=5))),
    0x1B: ("uplink_type", _layout(number("uplink_type", 8))),
    0x1D: ("watchdog_hex", _layout(octets("watchdog_hex", 2))),
    0x1F: ("send_event_later", _layout(number("send_event_later", 8))),
    0xA4: ("region", _layout(number("region", 8))),
    0xB1: ("single_press_count", _layout(number("single_press_count", 24))),
    0xB2: ("double_press_count", _layout(number("double_press_count", 24))),
    0xB3: ("triple_press_count", _layout(number("triple_press_count", 24))),
}
_CODES = {name: code for code, (name, _) in _ANSWERS.items()}


def _fits(frame: bytes, _port: int | None) -> bool:
    starts_well = frame[0] == _KEEP_ALIVE or frame[0] in _ANSWERS
    return starts_well and frame[-_KEEP_ALIVE_SIZE:-4] == bytes((_KEEP_ALIVE,))


def _read(frame: bytes) -> dict[str, Value]:
    values: dict[str, Value] = {}
    at, end = 0, len(frame) - _KEEP_ALIVE_SIZE
    while at < end:
        code = frame[at]
        if code not in _ANSWERS:
            raise FrameError(NAME, f"byte {at}: there is no answer {code:02x}")
        name, layout = _ANSWERS[code]
        if name in values or at + 1 + layout.size > end:
            raise FrameError(NAME, f"byte {at}: the answer {code:02x} is doubled or too short")
        values |= layout.read(frame, at + 1)
        at += 1 + layout.size
    return values | _LAST.read(frame, end)


def _write(fields: Fields, values: Values) -> bytes:
    """Return the answers in the order in which the values have them."""
    answers = (_ANSWERS[_CODES[name]] for name in values if name in _CODES and name in fields)
    parts = (bytes((_CODES[name],)) + layout.write(fields) for name, layout in answers)
    return b"".join(parts) + _LAST.write(fields)


MODELS: Sequence[Model] = (Model("thermistor_ok", _fits, _read, _write),)
