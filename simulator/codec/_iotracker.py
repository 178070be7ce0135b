"""ioTracker 3: a header with the reason, a map of what follows, and the measurements in its order.

Lists of access points and beacons have a count of their own, as measurements may follow them.
"""

from collections.abc import Sequence

from simulator.codec._button_models import NAME, Model
from simulator.codec._contract import Values
from simulator.codec._fields import Fields
from simulator.codec._iotracker_lists import ACCESS_POINTS, BEACONS
from simulator.codec._layout import Layout, Part, coded, flag, number, numbers, spare, steps
from simulator.codec._shapes import Block, Fixed, Rest
from simulator.frame import Value

_PORT = 1
_REASONS = {0: "button", 1: "movement", 2: "gpio"}
_STATUS = "status"
_GPS_BIT, _SENSORS_BIT = 3, 4
_MORE_SENSORS = 0x80
_PERCENT_STEP = 100 / 254


def _layout(*parts: Part) -> Layout:
    return Layout(NAME, *parts)


def _fixed(*parts: Part) -> Fixed:
    return Fixed(_layout(*parts))


def _reason(header: int) -> str:
    return next((word for bit, word in _REASONS.items() if header >> bit & 1), _STATUS)


def _read_battery(raw: int, values: dict[str, Value]) -> None:
    values["battery_percent"] = round(raw * _PERCENT_STEP)
    values["battery_byte"] = raw


def _write_battery(fields: Fields) -> int:
    raw = steps(fields, "battery_percent", 0, 0xFF, step=_PERCENT_STEP)
    # A whole percent means two or three bytes: the byte itself then decides.
    sent = fields.integer("battery_byte", 0, 0xFF) if "battery_byte" in fields else raw
    return sent if round(sent * _PERCENT_STEP) == fields.value("battery_percent") else raw


def _light_units(word: int) -> int:
    return (word & 0x0FFF) << (word >> 12)


def _read_light(raw: int, values: dict[str, Value]) -> None:
    values["light"] = _light_units(raw) / 100
    values["light_word"] = raw


def _write_light(fields: Fields) -> int:
    units = fields.number("light", 0, 0x0FFF << 15, factor=0.01)
    if "light_word" in fields:
        word = fields.integer("light_word", 0, 0xFFFF)
        if _light_units(word) == units:
            return word
    exponent = max(0, units.bit_length() - 12)
    return exponent << 12 | units >> exponent


def _gravity(name: str) -> Part:
    return number(name, 16, step=0.001, digits=3, signed=True)


_MAN_DOWN = {0: "ok", 1: "sleeping", 2: "pre_alarm", 3: "alarm"}
_EXTERNAL_SIZES = {0x0A: 4, 0x65: 1}


class _External:
    """An external sensor: its type, then as many bytes as the type has."""

    def read(self, frame: bytes, at: int, values: dict[str, Value]) -> int:
        values.update(_layout(number("external_type", 8)).read(frame, at))
        size = _EXTERNAL_SIZES.get(frame[at], 0)
        _layout(spare(8 * size)).read(frame, at + 1)
        values["external_hex"] = frame[at + 1 : at + 1 + size].hex()
        return at + 1 + size

    def write(self, fields: Fields) -> bytes:
        kind = fields.integer("external_type", 0, 0xFF)
        return bytes((kind,)) + fields.hexadecimal("external_hex", _EXTERNAL_SIZES.get(kind, 0))


# By bit of the sensor map (its second byte first), in the order of the frame.
_SENSORS: Sequence[tuple[int, str, Block]] = (
    (8, "temperature_c", _fixed(number("temperature_c", 16, step=0.01, digits=2, signed=True))),
    (9, "light", _fixed(Part(16, _read_light, _write_light))),
    (10, "acceleration_g", _fixed(numbers(NAME, "acceleration_g", 3, _gravity("acceleration_g")))),
    (11, "max_acceleration_g", _fixed(_gravity("max_acceleration_g"), _gravity("max_history_g"))),
    (12, "wifi_status", ACCESS_POINTS),
    (14, "external_type", _External()),
    (0, "bluetooth_status", BEACONS),
    (1, "humidity_percent", _fixed(number("humidity_percent", 16, step=0.01, digits=2))),
    (2, "pressure_pa", _fixed(number("pressure_pa", 24))),
    (
        3,
        "man_down_state",
        _fixed(
            spare(2, "man_down_reserved"),
            flag("movement_alarm"),
            flag("position_alarm"),
            coded("man_down_code", 4, "man_down_state", _MAN_DOWN),
        ),
    ),
    (
        4,
        "tilt_deg",
        _fixed(
            number("tilt_deg", 16, step=0.01, digits=2),
            number("tilt_direction", 8),
            number("max_tilt_deg", 16, step=0.01, digits=2),
            number("max_tilt_direction", 8),
        ),
    ),
)
_FIX = _fixed(
    number("nav_status", 8),
    number("latitude", 32, step=1e-7, digits=7, signed=True),
    number("longitude", 32, step=1e-7, digits=7, signed=True),
    number("altitude_m", 16, step=0.1, digits=1),
    number("accuracy_m", 8),
    number("vertical_accuracy_m", 8),
    number("speed_kmh", 16, step=0.1, digits=1),
    number("course_deg", 16, step=0.1, digits=1),
    number("hdop", 8, step=0.1, digits=1),
    number("satellites", 8),
)
_HEADER = _layout(
    number("header_byte", 8),
    number("crc_byte", 8, default=0),
    Part(8, _read_battery, _write_battery),
)
_MAP, _LONG_MAP = _layout(number("sensor_bits", 8)), _layout(number("sensor_bits", 16))
_TAIL = Rest("tail_hex")


def _fits(_frame: bytes, port: int | None) -> bool:
    return port == _PORT


def _read(frame: bytes) -> dict[str, Value]:
    values = _HEADER.read(frame)
    header, at = frame[0], _HEADER.size
    values["uplink_reason"] = _reason(header)
    if header >> _SENSORS_BIT & 1:
        at = _read_sensors(frame, at, values)
    if header >> _GPS_BIT & 1:
        at = _FIX.read(frame, at, values)
    _TAIL.read(frame, at, values)
    return values


def _read_sensors(frame: bytes, at: int, values: dict[str, Value]) -> int:
    has_more = at < len(frame) and frame[at] & _MORE_SENSORS
    layout = _LONG_MAP if has_more else _MAP
    values |= layout.read(frame, at)
    at += layout.size
    bits = _wide(int.from_bytes(frame[at - layout.size : at], "big"))
    for bit, _, block in _SENSORS:
        if bits >> bit & 1:
            at = block.read(frame, at, values)
    return at


def _wide(bits: int) -> int:
    return bits if bits > 0xFF else bits << 8


def _write(fields: Fields, values: Values) -> bytes:
    sensors = _sensor_bits(fields)
    header = _header_byte(fields, has_sensors=sensors is not None)
    frame = _HEADER.write(Fields(NAME, {**values, "header_byte": header}))
    if header >> _SENSORS_BIT & 1:
        frame += _write_sensors(fields, sensors or 0)
    if header >> _GPS_BIT & 1:
        frame += _FIX.write(fields)
    return frame + _TAIL.write(fields)


def _sensor_bits(fields: Fields) -> int | None:
    if "sensor_bits" in fields:
        return fields.integer("sensor_bits", 0, 0xFFFF)
    bits = sum(1 << bit for bit, mark, _ in _SENSORS if mark in fields)
    if not bits:
        return None
    return bits | _MORE_SENSORS << 8 if bits & 0xFF else bits >> 8


def _header_byte(fields: Fields, *, has_sensors: bool) -> int:
    if "header_byte" in fields:
        return fields.integer("header_byte", 0, 0xFF)
    words = {_STATUS: 0, **{word: 1 << bit for bit, word in _REASONS.items()}}
    reason = fields.choice("uplink_reason", words)
    return reason | has_sensors << _SENSORS_BIT | ("latitude" in fields) << _GPS_BIT


def _write_sensors(fields: Fields, bits: int) -> bytes:
    frame = bits.to_bytes(2 if bits > 0xFF else 1, "big")
    wide = _wide(bits)
    return frame + b"".join(block.write(fields) for bit, _, block in _SENSORS if wide >> bit & 1)


MODELS: Sequence[Model] = (Model("uplink_reason", _fits, _read, _write),)
