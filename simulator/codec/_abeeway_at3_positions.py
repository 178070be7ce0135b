"""Positions of Abeeway AT3: a header with the triggers, then a body per way of locating."""

from collections.abc import Mapping

from simulator.codec._abeeway_accuracy import ACCURACY
from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields
from simulator.codec._layout import Layout, Part, choice, coded, flag, number, spare
from simulator.codec._shapes import Fixed, Heard, Rest, Shape
from simulator.frame import Value

NAME = "lorawan_abeeway_at3"

_TYPES = {
    0: "lr11xx_a_gnss",
    1: "lr11xx_gnss_nav1",
    2: "lr11xx_gnss_nav2",
    3: "wifi",
    4: "ble_scan1_mac",
    5: "ble_scan1_short",
    6: "ble_scan1_long",
    7: "ble_scan2_mac",
    8: "ble_scan2_short",
    9: "ble_scan2_long",
    10: "gnss",
    11: "aided_gnss",
}
_STATUSES = {0: "success", 1: "timeout", 2: "failure", 3: "not_solvable"}
_LOCATED = ("success", "not_solvable")
_TRIGGERS = (
    "geoTriggerPod",
    "geoTriggerSos",
    "geoTriggerMotionStart",
    "geoTriggerMotionStop",
    "geoTriggerInMotion",
    "geoTriggerInStatic",
    "geoTriggerShock",
    "geoTriggerTempHighThreshold",
    "geoTriggerTempLowThreshold",
    "geoTriggerGeozoning",
)
_FIXES = {0: "invalid", 1: "valid", 2: "fix_2d", 3: "fix_3d"}
_TIMEOUTS = {0: "t0_timeout", 1: "t1_timeout", 2: "acquisition_timeout"}
_CONSTELLATIONS = {0: "gps", 1: "glonass", 2: "beidou", 3: "galileo"}


def _read_triggers(raw: int, values: dict[str, Value]) -> None:
    values["triggers"] = [word for bit, word in enumerate(_TRIGGERS) if raw >> bit & 1]
    if raw >> len(_TRIGGERS):
        values["trigger_bits"] = raw


def _write_triggers(fields: Fields) -> int:
    if "trigger_bits" in fields:
        return fields.integer("trigger_bits", 0, 0xFFFF)
    bits = 0
    for word in fields.words("triggers") if "triggers" in fields else []:
        if word not in _TRIGGERS:
            fields.refuse("triggers", f"may name {', '.join(_TRIGGERS)}")
        bits |= 1 << _TRIGGERS.index(word)
    return bits


def _layout(*parts: Part) -> Layout:
    return Layout(NAME, *parts)


def _degrees(name: str) -> Part:
    return number(name, 32, step=1e-7, digits=7, signed=True)


_HEADER = _layout(
    flag("motion"),
    choice(NAME, "status", 2, _STATUSES, default="success"),
    choice(NAME, "position_type", 5, _TYPES),
    spare(4, "motion_reserved"),
    number("motion_counter", 4, default=0),
    Part(16, _read_triggers, _write_triggers),
)
_FIX = _layout(
    _degrees("latitude"),
    _degrees("longitude"),
    number("altitude_m", 16, signed=True, default=0),
    number("course_cdeg", 16, default=0),
    number("speed_cm_s", 16, default=0),
    ACCURACY,
    coded("fix_code", 3, "fix", _FIXES),
    number("satellites", 5, default=0),
)
_FAILURE_HEAD = _layout(coded("timeout_code", 3, "timeout_cause", _TIMEOUTS), number("count", 5))
_SEEN = _layout(
    number("sv", 8),
    choice(NAME, "constellation", 2, _CONSTELLATIONS),
    number("cn_db", 6),
)


class _Failure:
    """Why there is no fix, and the satellites seen, whose count stands in front."""

    def read(self, frame: bytes, at: int, values: dict[str, Value]) -> int:
        values.update(_FAILURE_HEAD.read(frame, at))
        count = frame[at] & 0x1F
        del values["count"]
        end = at + 1 + count * _SEEN.size
        if len(frame) < end:
            raise FrameError(NAME, f"byte {at} says {count} satellites, there are fewer")
        starts = range(at + 1, end, _SEEN.size)
        values["satellites_seen"] = [_SEEN.read(frame, start) for start in starts]
        return end

    def write(self, fields: Fields) -> bytes:
        parts = fields.parts("satellites_seen") if "satellites_seen" in fields else []
        if len(parts) > 0x1F:
            fields.refuse("satellites_seen", f"has {len(parts)} entries, there is room for 31")
        code = _TIMEOUT_CODE.write(fields)
        return bytes((code << 5 | len(parts),)) + b"".join(map(_SEEN.write, parts))


_TIMEOUT_CODE = coded("timeout_code", 3, "timeout_cause", _TIMEOUTS)


def _beacons(size: int = 0) -> Shape:
    heard = Heard("beacons", NAME, "id", size, "-") if size else Heard("beacons", NAME)
    return Shape(NAME, heard)


_OPAQUE = Shape(NAME, Rest())
_BODIES: Mapping[str, Shape] = {
    "wifi": Shape(NAME, Heard("access_points", NAME)),
    "ble_scan1_mac": _beacons(),
    "ble_scan1_short": _beacons(2),
    "ble_scan1_long": _beacons(16),
    "ble_scan2_mac": _beacons(),
    "ble_scan2_short": _beacons(2),
    "ble_scan2_long": _beacons(16),
    "gnss": Shape(NAME, Fixed(_FIX), Rest()),
}
_NOT_LOCATED: Mapping[str, Shape] = {"gnss": Shape(NAME, _Failure())}


def read_position(frame: bytes, at: int, values: dict[str, Value]) -> None:
    """Add the values of a position that begins at `at`."""
    values |= _HEADER.read(frame, at)
    _body(values["position_type"], values["status"]).read(frame, at + _HEADER.size, values)


def write_position(fields: Fields) -> bytes:
    """Return the position."""
    status = fields.value("status") if "status" in fields else "success"
    header = _HEADER.write(fields)
    return header + _body(fields.value("position_type"), status).write(fields)


def _body(kind: Value, status: Value) -> Shape:
    bodies = _BODIES if status in _LOCATED else _NOT_LOCATED
    return bodies.get(str(kind), _OPAQUE)
