"""Positions of Abeeway AT2, short (type 3) and extended (type 14): a body per way of locating.

Both know the same ways; the extended form has a longer age in front and a finer GPS fix.
"""

from collections.abc import Mapping

from simulator.codec._abeeway_accuracy import read_accuracy, write_accuracy
from simulator.codec._fields import Fields
from simulator.codec._layout import Layout, Part, coded, flag, number, numbers, octets, spare, steps
from simulator.codec._shapes import Block, Fixed, Heard, Optional, Rest, Shape
from simulator.frame import Value

NAME = "lorawan_abeeway_at2"

POSITION_TYPES = {
    0: "gps",
    1: "gps_timeout",
    2: "wifi_encrypted",
    3: "wifi_timeout",
    4: "wifi_failure",
    5: "gps_assisted",
    6: "gps_assisted_timed",
    7: "ble",
    8: "ble_failure",
    9: "wifi",
    10: "ble_short_id",
    11: "ble_long_id",
}
_TIMEOUTS = {0: "user_timeout", 1: "t0_timeout", 2: "t1_timeout"}
_BLE_FAILURES = {
    0: "ble_not_responding",
    1: "internal_error",
    2: "shared_antenna_not_available",
    3: "scan_already_on_going",
    4: "no_beacon_detected",
    5: "hardware_incompatibility",
    6: "hardware_incompatibility",
    7: "unknown_ble_firmware_version",
}
_CENTIMETRES, _METRES = 0, 1


def _fixed(*parts: Part) -> Fixed:
    return Fixed(Layout(NAME, *parts))


def _degrees(name: str, bits: int) -> Part:
    return number(name, bits, step=1e-7 * (1 << 32 - bits), digits=7, signed=True)


_SHORT_AGE = number("age_s", 8, step=8, default=0)
_LONG_AGE = number("age_s", 16, default=0)
_TIMEOUT = coded("timeout_code", 8, "timeout_cause", _TIMEOUTS)
_SIGNALS = numbers(
    NAME, "best_cn_db", 4, number("best_cn_db", 8, step=50 / 255, digits=2), default=(0, 0, 0, 0)
)
_VOLTAGES = numbers(
    NAME,
    "battery_measures_mv",
    6,
    number("battery_measures_mv", 8, step=1400 / 253, offset=2800 - 1400 / 253),
)
_SHORT_FIX = _fixed(
    _SHORT_AGE,
    _degrees("latitude", 24),
    _degrees("longitude", 24),
    number("accuracy_m", 8, step=1000 / 255, digits=2),
)


def _read_fix_tail(raw: int, values: dict[str, Value]) -> None:
    accuracy, altitude = raw & 0xFF, raw >> 8 & 0xFFFF
    altitude -= altitude >> 15 << 16
    if values["gps_payload_type"] == _CENTIMETRES:
        values["altitude_m"] = altitude / 100
        values["accuracy_m"] = round(accuracy * 1000 / 255, 2)
        return
    values["altitude_m"] = altitude
    read_accuracy(accuracy, values)


def _write_fix_tail(fields: Fields) -> int:
    is_short = "gps_payload_type" in fields and fields.value("gps_payload_type") == _CENTIMETRES
    altitude = steps(fields, "altitude_m", -(1 << 15), (1 << 15) - 1, step=0.01 if is_short else 1)
    accuracy = _coarse_accuracy(fields) if is_short else write_accuracy(fields)
    return (altitude & 0xFFFF) << 8 | accuracy


def _coarse_accuracy(fields: Fields) -> int:
    return steps(fields, "accuracy_m", 0, 0xFF, step=1000 / 255)


_LONG_FIX: tuple[Part, ...] = (
    _LONG_AGE,
    spare(6, "fix_reserved"),
    number("gps_payload_type", 1, default=_METRES),
    coded("fix_code", 1, "fix", {0: "fix_2d", 1: "fix_3d"}, default=1),
    _degrees("latitude", 32),
    _degrees("longitude", 32),
    Part(24, _read_fix_tail, _write_fix_tail),
    number("course_cdeg", 16, default=0),
    number("speed_cm_s", 16, default=0),
)
_PREVIOUS = Layout(
    NAME,
    number("previous_age_s", 8, step=8),
    flag("previous_motion"),
    number("previous_scale", 3),
    number("previous_latitude_steps", 6, offset=-32),
    number("previous_longitude_steps", 6, offset=-32),
)
_BLE_FAILURE = coded("failure_code", 8, "failure", _BLE_FAILURES)
_FIFTH_SIGNAL = Layout(NAME, octets("signal_tail_hex", 1))


def _scans(key: str, *, size: int = 6, name: str = "beacons") -> Heard:
    return Heard(name, NAME, key, size, ":" if key == "mac" else "-")


def _listed(age: Part) -> dict[int, tuple[Block, ...]]:
    return {
        2: (Rest(),),
        5: (Rest(),),
        6: (Rest(),),
        7: (_fixed(age), _scans("mac")),
        9: (_fixed(age), _scans("mac", name="access_points")),
        10: (_fixed(age), _scans("id")),
        11: (_fixed(age), _scans("id", size=16)),
    }


def _shapes(bodies: Mapping[int, tuple[Block, ...]]) -> dict[int, Shape]:
    return {kind: Shape(NAME, *blocks) for kind, blocks in bodies.items()}


SHORT: Mapping[int, Shape] = _shapes(
    {
        0: (_SHORT_FIX,),
        1: (_fixed(_TIMEOUT, _SIGNALS),),
        3: (_fixed(_VOLTAGES),),
        4: (_fixed(_VOLTAGES, number("error_code", 8)),),
        8: (_fixed(_BLE_FAILURE),),
        **_listed(_SHORT_AGE),
    }
)
EXTENDED: Mapping[int, Shape] = _shapes(
    {
        0: (_fixed(*_LONG_FIX), Optional("previous_scale", _PREVIOUS)),
        # Some firmware sends one byte more behind the four signals.
        1: (
            _fixed(_LONG_AGE, _TIMEOUT, _SIGNALS),
            Optional("signal_tail_hex", _FIFTH_SIGNAL),
        ),
        3: (_fixed(_LONG_AGE, _VOLTAGES),),
        4: (_fixed(_LONG_AGE, _VOLTAGES, number("error_code", 8)),),
        8: (_fixed(_LONG_AGE, _BLE_FAILURE),),
        **_listed(_LONG_AGE),
    }
)
MARKS = {
    "latitude": 0,
    "timeout_cause": 1,
    "timeout_code": 1,
    "error_code": 4,
    "battery_measures_mv": 3,
    "failure": 8,
    "failure_code": 8,
    "access_points": 9,
    "beacons": 7,
}
"""The way of locating that a value shows, for values that do not name it."""
