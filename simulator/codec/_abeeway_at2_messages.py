"""Messages of Abeeway AT2 other than positions: states, events, scans and texts."""

from collections.abc import Mapping

from simulator.codec._abeeway_at2_positions import NAME
from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields
from simulator.codec._layout import (
    Layout,
    Part,
    choice,
    coded,
    flag,
    number,
    numbers,
    octets,
    spare,
    version,
)
from simulator.codec._shapes import Entries, Fixed, Optional, Rest, Shape, Text
from simulator.frame import Value

TEMPERATURE_STEP = 129 / 255

EVENTS = {
    0: "geoloc_start",
    1: "motion_start",
    2: "motion_end",
    3: "ble_connected",
    4: "ble_disconnected",
    5: "temperature_alert",
    6: "ble_bond_deleted",
    7: "sos_mode_start",
    8: "sos_mode_end",
    9: "angle_detection",
    10: "geofencing",
}
_ALARMS = {7: "sos", 8: "sos_clear"}
_SHUTDOWNS = {
    0: "user_action",
    1: "low_battery",
    2: "downlink_request",
    3: "ble_request",
    4: "ble_connected",
}
_GEOFENCES = {0: "SAFE_AREA", 1: "ENTRY", 2: "EXIT", 3: "HAZARD"}


def _layout(*parts: Part) -> Layout:
    return Layout(NAME, *parts)


def _shape(*parts: Part) -> Shape:
    return Shape(NAME, Fixed(_layout(*parts)))


def celsius(name: str, default: float | None = None) -> Part:
    """Return a temperature of -44 to 85 degrees in a byte."""
    return number(name, 8, step=TEMPERATURE_STEP, offset=-44, digits=1, default=default)


def _vector(name: str) -> Part:
    return numbers(NAME, name, 3, number(name, 16, signed=True))


def _read_event(raw: int, values: dict[str, Value]) -> None:
    _EVENT_CODE.read(raw, values)
    if raw in _ALARMS:
        values["alarm"] = _ALARMS[raw]


def _write_event(fields: Fields) -> int:
    if "event_code" in fields or "event" in fields:
        return _EVENT_CODE.write(fields)
    return fields.choice("alarm", {alarm: code for code, alarm in _ALARMS.items()})


_EVENT_CODE = coded("event_code", 8, "event", EVENTS)
EVENT = _layout(Part(8, _read_event, _write_event))


class _Geofencing:
    """The event whose values are one object, named as the maker's own decoder names them."""

    def __init__(self) -> None:
        self._head = _layout(
            number("geofencingFormat", 4, default=0), choice(NAME, "geofencingType", 4, _GEOFENCES)
        )

    def read(self, frame: bytes, at: int, values: dict[str, Value]) -> int:
        entry = self._head.read(frame, at)
        place = frame[at + 1 :]
        if place:
            entry["id"] = f"0x{place.hex()}"
        values["geofencing"] = entry
        return len(frame)

    def write(self, fields: Fields) -> bytes:
        entry = fields.value("geofencing")
        if not isinstance(entry, dict):
            fields.refuse("geofencing", "must be an object")
        part = Fields(NAME, entry, "geofencing.")
        return self._head.write(part) + self._place(part)

    def _place(self, part: Fields) -> bytes:
        if "id" not in part:
            return b""
        digits = part.text("id", most=64).removeprefix(b"0x").decode()
        try:
            return bytes.fromhex(digits)
        except ValueError:
            part.refuse("id", "must be hex digits behind 0x")


EVENT_BODIES: Mapping[int, Shape] = {
    2: Shape(
        NAME,
        Fixed(_layout(_vector("orientation"))),
        Optional("motion_percent", _layout(number("motion_percent", 8))),
    ),
    5: _shape(
        coded(
            "temperature_state_code",
            8,
            "temperature_state",
            {0: "normal", 1: "high", 2: "low", 3: "feature_not_activated"},
        ),
        celsius("max_temperature_c"),
        celsius("min_temperature_c"),
        number("high_count", 16, default=0),
        number("low_count", 16, default=0),
    ),
    9: Shape(
        NAME,
        Fixed(
            _layout(
                number("transition", 3),
                number("trigger", 2),
                number("notification_id", 3),
                number("angle_age_s", 16),
                _vector("reference_vector"),
                _vector("critical_vector"),
                number("angle_deg", 8),
            )
        ),
    ),
    10: Shape(NAME, _Geofencing()),
}
NO_BODY = Shape(NAME)

PARAMETERS = Entries("parameters", NAME, _layout(number("id", 8), number("value", 32)))
MISC: Mapping[int, tuple[str, Shape]] = {
    1: ("activity_count", _shape(number("activity_count", 32))),
    2: ("parameters", Shape(NAME, PARAMETERS)),
    3: (
        "shock_count",
        Shape(
            NAME,
            Fixed(_layout(number("shock_count", 8), _vector("acceleration_mg"))),
            Optional("gadd_index", _layout(number("gadd_index", 32))),
        ),
    ),
    4: (
        "activity_windows",
        _shape(
            numbers(NAME, "activity_windows", 6, number("activity_windows", 16)),
            number("activity_count", 32),
        ),
    ),
    5: ("ble_mac", _shape(octets("ble_mac", 6, separator=":"))),
}
"""By tag, what marks the body and the body itself."""

STATUS: Mapping[int, tuple[str, Shape]] = {
    0: (
        "gps_on_s",
        _shape(number("gps_on_s", 32), number("gps_standby_s", 32), number("wifi_scans", 32)),
    ),
    1: (
        "battery_mv_exact",
        _shape(
            number("total_consumption_mah", 16, default=0),
            celsius("max_temperature_c", 0),
            celsius("min_temperature_c", 0),
            number("lora_mah", 16, default=0),
            number("ble_mah", 16, default=0),
            number("gps_mah", 16, default=0),
            number("wifi_mah", 16, default=0),
            number("battery_mv_exact", 16),
        ),
    ),
}
DEBUG: Mapping[int, tuple[str, Shape]] = {
    0: (
        "crash_info",
        Shape(NAME, Fixed(_layout(number("debug_error_code", 8))), Text("crash_info")),
    ),
    1: ("tx_power_index", _shape(number("tx_power_index", 8))),
    2: ("length_error_count", _shape(number("length_error_count", 16))),
    3: ("generic_error_code", _shape(number("generic_error_code", 8))),
    4: (
        "firmware_parameter_1",
        _shape(*(octets(f"firmware_parameter_{i}", 4) for i in (1, 2, 3))),
    ),
}
HEARTBEAT = Shape(
    NAME,
    Fixed(_layout(number("reset_cause", 8, default=0))),
    Optional("firmware", _layout(version("firmware", 8, 8, 8))),
    Optional("ble_firmware", _layout(version("ble_firmware", 8, 8, 8))),
)
SHUTDOWN = _shape(coded("shutdown_cause", 8, "shutdown", _SHUTDOWNS))
OPAQUE = Shape(NAME, Rest())

SCAN_TYPES = {0: "ble_beacons", 1: "wifi_bssid", 2: "ble_beacons_collection"}
_SCAN_HEAD = _layout(
    flag("again"),
    flag("by_mac"),
    spare(1, "scan_reserved"),
    number("fragment", 5, default=0),
    number("collection_id", 8, default=0),
    number("hash", 8, default=0),
)
_RSSI = number("rssi_dbm", 8, signed=True)
_SCANNED = {
    True: Entries("scanned", NAME, _layout(_RSSI, octets("mac", 6, separator=":"))),
    False: Entries("scanned", NAME, _layout(_RSSI, octets("id", 3))),
}


class _Scan:
    """What was heard, the strength before each address; a bit says of which kind these are."""

    def read(self, frame: bytes, at: int, values: dict[str, Value]) -> int:
        values.update(_SCAN_HEAD.read(frame, at))
        return _SCANNED[values["by_mac"] is True].read(frame, at + _SCAN_HEAD.size, values)

    def write(self, fields: Fields) -> bytes:
        by_mac = fields.flag("by_mac", False)
        return _SCAN_HEAD.write(fields) + _SCANNED[by_mac].write(fields)


SCAN = Shape(NAME, _Scan())


def code_of(kinds: Mapping[int, tuple[str, Shape]], fields: Fields, what: str) -> int:
    """Return the code whose mark is among the values; the last one, where marks of several are."""
    marked = [code for code, (mark, _) in kinds.items() if mark in fields]
    if not marked:
        marks = ", ".join(mark for mark, _ in kinds.values())
        raise FrameError(NAME, f"one of the fields {marks} must say which {what} is meant")
    return marked[-1]
