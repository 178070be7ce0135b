"""The configuration of a Sens'it: eight bytes, behind an uplink or as a downlink.

A configuration of version 3 has zeros where version 2 has its fixed byte 0x73, which tells them
apart.
"""

from collections.abc import Mapping
from typing import TypeAlias

from simulator.codec._fields import Fields
from simulator.codec._layout import Layout, Part, flag, number, spare
from simulator.frame import Value

NAME = "sigfox_sensit"
_Grades: TypeAlias = Mapping[tuple[Value, ...], int]

MODES = ("standby", "temperature", "light", "door", "vibration", "magnet")
# By threshold and count of the accelerometer, from very sensitive to very little sensitive.
_VIBRATIONS: _Grades = {(1, 1): 0, (3, 1): 1, (4, 2): 2, (8, 2): 3, (16, 3): 4}
_V3_DOORS: _Grades = {(4, 2): 0, (4, 7): 1, (4, 12): 2}
_V2_DOORS: _Grades = {(16,): 0, (32,): 1, (50,): 2}
_TRANSIENT = 0x73
_V2_UNITS = (1, 8, 64, 1024)  # of 1/96 lux, by the highest two bits
UNITS_PER_LUX = 96
BRIGHTEST = 63 * _V2_UNITS[-1]


def _read_modes(raw: int, values: dict[str, Value]) -> None:
    values["periodic_modes"] = [mode for bit, mode in enumerate(MODES) if raw >> bit & 1]


def _write_modes(fields: Fields) -> int:
    bits = 0
    for word in fields.words("periodic_modes"):
        if word not in MODES:
            fields.refuse("periodic_modes", f"may name {', '.join(MODES)}")
        bits |= 1 << MODES.index(word)
    return bits


_PERIOD = number("period", 2)
_V3 = Layout(
    NAME,
    _PERIOD,
    Part(6, _read_modes, _write_modes),
    spare(2, "spare_1"),
    number("temperature_low_c", 6, offset=-9),
    spare(2, "spare_2"),
    number("temperature_high_c", 6, offset=-9),
    number("humidity_low", 4, step=4, offset=30),
    number("humidity_high", 4, step=4, offset=30),
    flag("limited", default=True),
    number("light_threshold", 7, step=5, offset=1),
    number("vibration_threshold", 8),
    spare(2, "spare_3"),
    number("vibration_clear_time", 2),
    number("vibration_count", 4),
    spare(1, "spare_4"),
    number("door_open_threshold", 4),
    number("door_close_threshold", 3),
)
_V2 = Layout(
    NAME,
    number("period_high", 1),
    number("temperature_low_c", 7, offset=-20),
    number("period_low", 1),
    number("temperature_high_c", 7, offset=-20),
    number("light_low_byte", 8),
    number("light_high_byte", 8),
    number("vibration_threshold", 8),
    number("vibration_count", 8),
    spare(8, "transient", usual=_TRANSIENT),
    flag("limited", default=True),
    number("door_threshold", 7),
)
_VIBRATION_FIELDS = ("vibration_threshold", "vibration_count")
_V3_DOOR_FIELDS = ("door_close_threshold", "door_open_threshold")
_V2_DOOR_FIELDS = ("door_threshold",)


def read_settings(frame: bytes) -> dict[str, Value]:
    """Return the values of eight bytes of configuration."""
    is_v2 = frame[6:7] == bytes((_TRANSIENT,))
    return _read_v2(frame) if is_v2 else _read_v3(frame)


def write_settings(fields: Fields, values: Mapping[str, Value]) -> bytes:
    """Return the eight bytes; light limits (of which version 3 has but one) ask for version 2."""
    if "light_low" in fields or "light_low_byte" in fields:
        return _write_v2(fields, values)
    raw = {
        **values,
        **_raw(fields, "vibration_sensitivity", _VIBRATION_FIELDS, _VIBRATIONS),
        **_raw(fields, "door", _V3_DOOR_FIELDS, _V3_DOORS),
    }
    return _V3.write(Fields(NAME, raw))


def _read_v3(frame: bytes) -> dict[str, Value]:
    values = _V3.read_whole(frame)
    _name(values, "vibration_sensitivity", _VIBRATION_FIELDS, _VIBRATIONS)
    _name(values, "door", _V3_DOOR_FIELDS, _V3_DOORS)
    return values


def _read_v2(frame: bytes) -> dict[str, Value]:
    values = _V2.read_whole(frame)
    values["period"] = frame[0] >> 7 << 1 | frame[1] >> 7
    del values["period_high"], values["period_low"]
    for name, code in (("light_low", frame[2]), ("light_high", frame[3])):
        units = light_units(code)
        values[name] = round(units / UNITS_PER_LUX, 3)
        if light_code(units) == code:
            del values[f"{name}_byte"]
    _name(values, "vibration_sensitivity", _VIBRATION_FIELDS, _VIBRATIONS)
    _name(values, "door", _V2_DOOR_FIELDS, _V2_DOORS)
    return values


def _write_v2(fields: Fields, values: Mapping[str, Value]) -> bytes:
    period = fields.integer("period", 0, 3)
    raw: dict[str, Value] = {
        **values,
        "period_high": period >> 1,
        "period_low": period & 1,
        **_raw(fields, "vibration_sensitivity", _VIBRATION_FIELDS, _VIBRATIONS),
        **_raw(fields, "door", _V2_DOOR_FIELDS, _V2_DOORS),
    }
    for name in ("light_low", "light_high"):
        if f"{name}_byte" not in fields:
            units = fields.number(name, 0, BRIGHTEST, factor=1 / UNITS_PER_LUX)
            raw[f"{name}_byte"] = light_code(units)
    return _V2.write(Fields(NAME, raw))


def light_units(code: int) -> int:
    """Return the light that a byte of version 2 says, in 1/96 lux."""
    return (code & 0x3F) * _V2_UNITS[code >> 6]


def light_code(units: int) -> int:
    """Return the byte of version 2 with the finest step that reaches this light."""
    code = next(code for code, unit in enumerate(_V2_UNITS) if units < 64 * unit)
    return code << 6 | units // _V2_UNITS[code]


def _name(
    values: dict[str, Value],
    name: str,
    raw_names: tuple[str, ...],
    grades: _Grades,
) -> None:
    """Replace raw thresholds by the grade they are, where they are one."""
    raw = tuple(values[raw_name] for raw_name in raw_names)
    if raw in grades:
        for raw_name in raw_names:
            del values[raw_name]
        values[name] = grades[raw]


def _raw(
    fields: Fields,
    name: str,
    raw_names: tuple[str, ...],
    grades: _Grades,
) -> dict[str, Value]:
    if name not in fields:
        return {}
    grade = fields.integer(name, 0, len(grades) - 1)
    raw = next(raw for raw, known in grades.items() if known == grade)
    return dict(zip(raw_names, raw, strict=True))
