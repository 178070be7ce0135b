"""What stands behind the type of a watch frame: positions, health readings, commands."""

from collections.abc import Sequence

from simulator.codec import _watch3g_radio as radio
from simulator.codec._alarm_words import alarm_of, status_column
from simulator.codec._columns import Layout, choice, decimal, integer, plain_texts
from simulator.codec._coordinates import degrees
from simulator.codec._fields import Fields
from simulator.codec._native_time import day_first
from simulator.frame import Value

BINARY = {"TK": 0, "img": 2, "JXTK": 4}
"""Types that carry bytes, with how many texts come before them."""

_ALARMS = (
    (1 << 16, "sos"),
    (1 << 21 | 1 << 22, "fall"),
    (1 << 20, "removed"),
    (1 << 14, "power_cut"),
    (1 << 0 | 1 << 17, "low_battery"),
    (1 << 1 | 1 << 18, "geofence_exit"),
    (1 << 2 | 1 << 19, "geofence_enter"),
)
_ALARM_BITS = {
    "sos": 16,
    "fall": 21,
    "removed": 20,
    "power_cut": 14,
    "low_battery": 17,
    "geofence_exit": 18,
    "geofence_enter": 19,
}
_WORN, _MOVING = 3, 4
_FLAGS = {"worn": _WORN, "motion": _MOVING}
_BEFORE_RADIO = 16


def _meaning(status: int) -> dict[str, Value]:
    values: dict[str, Value] = {name: bool(status >> bit & 1) for name, bit in _FLAGS.items()}
    alarm = alarm_of(status, _ALARMS)
    return values | ({"alarm": alarm} if alarm else {})


def _status(fields: Fields) -> int:
    status = sum(1 << bit for name, bit in _FLAGS.items() if fields.flag(name, False))
    if "alarm" in fields:
        status |= 1 << fields.choice("alarm", _ALARM_BITS)
    return status


_POSITION = Layout(
    day_first(),
    choice("fix_valid", {"A": True, "V": False}),
    degrees("latitude"),
    degrees("longitude"),
    decimal("speed_kmh"),
    decimal("course_deg"),
    decimal("altitude_m"),
    integer("satellites"),
    integer("gsm_level"),
    integer("battery_percent", 0, 100),
    integer("steps"),
    integer("turnovers"),
    status_column(("status_word", "alarm", "worn", "motion"), _meaning, _status, "08X"),
)
_PRESSURES = (integer("systolic"), integer("diastolic"), integer("heart_rate_bpm"))
_PERSON = (integer("height_cm"), integer("gender"), integer("age_years"), integer("weight_kg"))
_LAYOUTS = {
    "lk": Layout(integer("steps"), integer("turnovers"), integer("battery_percent", 0, 100)),
    "pulse": Layout(integer("heart_rate_bpm")),
    "heart": Layout(integer("heart_rate_bpm")),
    "blood": Layout(*_PRESSURES),
    "bphrt": Layout(*_PRESSURES, *_PERSON, least=7),
    "oxygen": Layout(integer("oxygen_mode"), integer("spo2_percent", 0, 100)),
    "temp": Layout(decimal("temperature_c")),
    "btemp2": Layout(integer("temperature_mode"), decimal("temperature_c")),
    "upload": Layout(integer("interval_s")),
}


def read(codec: str, kind: str, texts: Sequence[str]) -> dict[str, Value]:
    """Return what the texts behind a type say; unknown types keep them as `arguments`."""
    if is_position(kind):
        return _read_position(codec, texts)
    layout = _LAYOUTS.get(kind.lower())
    # Two numbers behind LK are of a firmware whose second one is no turnover count.
    if layout is None or (kind == "LK" and len(texts) < 3):
        return {"arguments": list(texts)}
    return layout.read(codec, texts, 1)


def write(fields: Fields, kind: str) -> list[str]:
    """Return the texts behind a type."""
    if "arguments" in fields:
        return plain_texts(fields, "arguments")
    if is_position(kind):
        return _write_position(fields)
    layout = _LAYOUTS.get(kind.lower())
    return layout.write(fields) if layout else []


def is_position(kind: str) -> bool:
    """Tell whether frames of a type carry a position."""
    return kind.startswith(("UD", "AL", "WT"))


def _read_position(codec: str, texts: Sequence[str]) -> dict[str, Value]:
    values = _POSITION.read(codec, texts[:_BEFORE_RADIO], 1)
    if len(texts) > _BEFORE_RADIO:
        values |= radio.read(texts[_BEFORE_RADIO:])
    return values


def _write_position(fields: Fields) -> list[str]:
    texts, behind = _POSITION.write(fields), radio.write(fields)
    if behind:
        texts += [""] * (_BEFORE_RADIO - len(texts))
    return texts + behind
