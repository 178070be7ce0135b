"""Notifications of Abeeway AT3: a byte of class and type, then a body per type."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from struct import Struct

from simulator.codec._abeeway_at3_positions import NAME
from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields
from simulator.codec._layout import (
    Layout,
    Part,
    choice,
    coded,
    moment,
    number,
    numbers,
    octets,
    spare,
    version,
)
from simulator.codec._shapes import Fixed, Optional, Rest, Shape
from simulator.frame import Value

_ALARMS = {"sos_on": "sos", "sos_off": "sos_clear", "low_battery": "low_battery"}


def _layout(*parts: Part) -> Layout:
    return Layout(NAME, *parts)


def _shape(*parts: Part) -> Shape:
    return Shape(NAME, Fixed(_layout(*parts)), Rest())


def _switch(name: str, off: str, on: str) -> Shape:
    return _shape(spare(7, f"{name}_reserved"), choice(NAME, name, 1, {0: off, 1: on}))


_VECTOR = numbers(NAME, "acceleration_mg", 3, number("acceleration_mg", 16, signed=True))
_CELSIUS = number("temperature_c", 8, signed=True)
_RESET = (number("reset_cause", 5, default=0), number("page", 3, default=0))
_CONSUMERS = ("total", "cellular", "gnss", "wifi", "lr_gnss", "ble", "mcu")
_STATUS_PAGE_0 = _layout(
    version("firmware", 8, 8, 8),
    version("configuration", 8, 8, 8, 8),
    version("radio", 8, 8, 8),
    number("batch_id", 16, default=0),
    number("bom_id", 16, default=0),
    number("max_temperature_c", 8, signed=True),
    number("min_temperature_c", 8, signed=True),
    number("motion_percent", 8, default=0),
    number("battery_mv", 16),
    *(number(f"{consumer}_consumption_mah", 16, default=0) for consumer in _CONSUMERS),
    octets("config_crc", 4),
)


class _Status:
    """A page of the system status; the first has the versions and consumptions."""

    _head = _layout(_CELSIUS, *_RESET)

    def read(self, frame: bytes, at: int, values: dict[str, Value]) -> int:
        values.update(self._head.read(frame, at))
        at += self._head.size
        if values["page"] == 0 and len(frame) == at + _STATUS_PAGE_0.size:
            values.update(_STATUS_PAGE_0.read(frame, at))
            return len(frame)
        return Rest("page_hex").read(frame, at, values)

    def write(self, fields: Fields) -> bytes:
        page = _STATUS_PAGE_0 if "firmware" in fields else Rest("page_hex")
        return self._head.write(fields) + page.write(fields)


_INT16, _FLOAT32 = Struct(">h"), Struct(">f")
_QUANTITIES = {1: "resistance_ohm", 2: "temperature_c", 3: "humidity_percent"}
_QUANTITY_CODES = {quantity: code for code, quantity in _QUANTITIES.items()}
_WIDE = 0x80


class _Measurements:
    """Measured quantities: a code whose highest bit says that a 32-bit float follows."""

    def read(self, frame: bytes, at: int, values: dict[str, Value]) -> int:
        found: list[Value] = []
        while at < len(frame):
            form = _FLOAT32 if frame[at] & _WIDE else _INT16
            code = frame[at] & ~_WIDE
            if code not in _QUANTITIES:
                raise FrameError(NAME, f"byte {at}: there is no quantity {code}")
            if len(frame) < at + 1 + form.size:
                raise FrameError(NAME, f"byte {at}: {form.size} bytes of a measurement must follow")
            value = form.unpack_from(frame, at + 1)[0]
            if not isfinite(value):
                raise FrameError(NAME, f"byte {at + 1}: the measurement is no finite number")
            found.append({"quantity": _QUANTITIES[code], "value": value})
            at += 1 + form.size
        values["measurements"] = found
        return at

    def write(self, fields: Fields) -> bytes:
        parts = fields.parts("measurements") if "measurements" in fields else []
        return b"".join(map(self._entry, parts))

    def _entry(self, part: Fields) -> bytes:
        code = part.choice("quantity", _QUANTITY_CODES)
        value = part.value("value")
        if type(value) is int:
            return bytes((code,)) + _INT16.pack(part.integer("value", -(1 << 15), (1 << 15) - 1))
        if type(value) is not float or not isfinite(value):
            part.refuse("value", "must be a finite number")
        try:
            return bytes((code | _WIDE,)) + _FLOAT32.pack(value)
        except OverflowError:
            part.refuse("value", "is too large for 32 bits")


@dataclass(frozen=True, slots=True)
class _Kind:
    """One notification: its class, its name and what follows."""

    group: str
    name: str
    body: Shape


_NOTHING = Shape(NAME, Rest())
_NETWORKS = {
    0: "no_network",
    1: "lora_network",
    2: "cellular_network_in_low_power_mode",
    3: "cellular_network_in_high_power_mode",
}
_NETWORK = Shape(
    NAME,
    Fixed(
        _layout(
            coded("active_network_code", 8, "active_network", _NETWORKS, default=1),
            coded("main_network_code", 8, "main_network", _NETWORKS, default=1),
            coded("backup_network_code", 8, "backup_network", _NETWORKS, default=0),
        )
    ),
    Optional("psm_tau", _layout(number("psm_active_time", 16), number("psm_tau", 32))),
)
_TEMPERATURE = Shape(NAME, Optional("temperature_c", _layout(_CELSIUS)), Rest())


class _Shock:
    """A shock: firmware before 1.6 gives the detector one byte, later ones four."""

    _short = _layout(_VECTOR, number("gadd_index", 8, default=0), number("shock_count", 8))
    _long = _layout(_VECTOR, number("gadd_index", 32, default=0), number("shock_count", 8))

    def read(self, frame: bytes, at: int, values: dict[str, Value]) -> int:
        is_short = len(frame) - at == self._short.size
        layout = self._short if is_short else self._long
        values.update(layout.read(frame, at))
        if not is_short:
            values["gadd_size"] = 4
        return at + layout.size

    def write(self, fields: Fields) -> bytes:
        is_long = "gadd_size" in fields and fields.integer("gadd_size", 1, 4) == 4
        return (self._long if is_long else self._short).write(fields)


_CAUSES = {0: "none", 1: "user_action", 2: "low_battery"}
_BUFFERINGS = {0: "success", 1: "timeout", 2: "no_data_found"}
KINDS: Mapping[int, _Kind] = {
    0x00: _Kind("system", "status", Shape(NAME, _Status())),
    0x01: _Kind(
        "system", "low_battery", _shape(number("consumption_mah", 16), number("battery_mv", 16))
    ),
    0x02: _Kind("system", "ble_status", _switch("ble_state", "ble_disconnected", "ble_connected")),
    0x03: _Kind("system", "tamper_detection", _switch("casing", "casing_closed", "casing_open")),
    0x04: _Kind(
        "system",
        "heartbeat",
        Shape(
            NAME,
            Fixed(_layout(_CELSIUS, *_RESET)),
            Optional("config_crc", _layout(octets("config_crc", 4))),
        ),
    ),
    0x05: _Kind("system", "shutdown", _shape(coded("shutdown_cause", 8, "shutdown", _CAUSES))),
    0x06: _Kind(
        "system",
        "data_buffering_status",
        _shape(
            coded("buffering_code", 8, "buffering", _BUFFERINGS),
            moment("oldest_time"),
            moment("latest_time"),
        ),
    ),
    0x07: _Kind(
        "system", "fuota", _shape(number("binary", 2), number("source", 2), number("reason", 4))
    ),
    0x10: _Kind("sos", "sos_on", _NOTHING),
    0x11: _Kind("sos", "sos_off", _NOTHING),
    0x20: _Kind("temperature", "temp_high", _TEMPERATURE),
    0x21: _Kind("temperature", "temp_low", _TEMPERATURE),
    0x22: _Kind("temperature", "temp_normal", _TEMPERATURE),
    0x30: _Kind("accelerometer", "motion_start", _NOTHING),
    0x31: _Kind("accelerometer", "motion_end", _shape(_VECTOR, number("motion_percent", 8))),
    0x32: _Kind("accelerometer", "shock", Shape(NAME, _Shock())),
    0x40: _Kind("network", "main_up", _NETWORK),
    0x41: _Kind("network", "backup_up", _NETWORK),
    0x50: _Kind("geozoning", "entry", _NOTHING),
    0x51: _Kind("geozoning", "exit", _NOTHING),
    0x52: _Kind("geozoning", "in_hazard", _NOTHING),
    0x53: _Kind("geozoning", "out_hazard", _NOTHING),
    0x54: _Kind("geozoning", "meeting_point", _NOTHING),
    0x60: _Kind("telemetry", "telemetry", Shape(NAME, _Measurements())),
    0x61: _Kind("telemetry", "telemetry_mode_batch", _NOTHING),
}
_CODES = {kind.name: code for code, kind in KINDS.items()}


def read_notification(frame: bytes, at: int, values: dict[str, Value]) -> None:
    """Add the values of a notification that begins at `at`."""
    kind = KINDS.get(frame[at]) if at < len(frame) else None
    if kind is None:
        raise FrameError(NAME, f"byte {at}: there is no notification {frame[at : at + 1].hex()}")
    values["notification"] = kind.name
    values["notification_class"] = kind.group
    if kind.name in _ALARMS:
        values["alarm"] = _ALARMS[kind.name]
    kind.body.read(frame, at + 1, values)


def write_notification(fields: Fields) -> bytes:
    """Return the notification."""
    code = fields.choice("notification", _CODES)
    return bytes((code,)) + KINDS[code].body.write(fields)
