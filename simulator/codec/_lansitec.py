"""Lansitec badge tracker: the message type in the highest four bits, big-endian."""

from collections.abc import Mapping, Sequence
from struct import Struct

from simulator.codec._button_models import NAME, Model
from simulator.codec._contract import FrameError, Values
from simulator.codec._fields import Fields
from simulator.codec._layout import (
    Layout,
    Part,
    coded,
    flag,
    moment,
    number,
    octets,
    spare,
)
from simulator.codec._shapes import Entries, Fixed, Rest, Shape
from simulator.frame import Value

_FLOAT = Struct(">f")
_MOST_DEGREES = 360
_GNSS_STATES = {0: "off", 1: "boot", 2: "locating", 3: "located", 9: "no_signal"}
_CHARGE_STATES = {0: "disconnected", 5: "charging", 6: "complete"}
_ALARMS = {1: "sos", 2: "fall"}


def _float(name: str) -> Part:
    def read(raw: int, values: dict[str, Value]) -> None:
        data = raw.to_bytes(4, "big")
        value = _FLOAT.unpack(data)[0]
        if not abs(value) <= _MOST_DEGREES:  # false for NaN as well
            raise FrameError(NAME, f"the {name} is no number of degrees")
        shortest = (round(value, digits) for digits in range(6, 10))
        values[name] = next((near for near in shortest if _FLOAT.pack(near) == data), value)

    def write(fields: Fields) -> int:
        return int.from_bytes(
            _FLOAT.pack(fields.measure(name, -_MOST_DEGREES, _MOST_DEGREES)), "big"
        )

    return Part(32, read, write)


def _layout(*parts: Part) -> Layout:
    return Layout(NAME, *parts)


_TYPE = number("message_type", 4)
_REGISTRATION = _layout(
    _TYPE,
    flag("adr"),
    spare(3, "head_reserved"),
    spare(8, "mode_reserved"),
    number("power_dbm", 5, default=0),
    spare(3, "power_reserved"),
    number("data_rate", 4, default=0),
    flag("gnss_enabled"),
    number("position_mode", 2, default=0),
    flag("ble_enabled"),
    number("ble_interval_s", 16, step=5),
    number("gnss_interval_s", 16, step=5),
    number("heartbeat_interval_s", 8, step=30),
    octets("version_hex", 2),
    number("confirmed_every", 8, default=0),
    number("disconnect_after", 8, default=0),
    number("fall_height_m", 8, step=0.5, digits=1, default=0),
)
_HEARTBEAT = _layout(
    _TYPE,
    spare(4, "head_reserved"),
    number("battery_percent", 8),
    number("rssi_dbm", 8, step=-1),
    number("snr_db", 16, step=0.01, digits=2, signed=True),
    coded("gnss_state_code", 4, "gnss_state", _GNSS_STATES),
    number("move_state", 4, default=0),
    coded("charge_state_code", 4, "charge_state", _CHARGE_STATES),
    spare(12, "tail_reserved"),
)
_POSITION = _layout(
    _TYPE, spare(4, "head_reserved"), _float("longitude"), _float("latitude"), moment()
)
_BEACON = _layout(octets("id", 4), number("rssi_dbm", 8, signed=True))
_BEACON_HEAD = _layout(_TYPE, number("beacon_count", 4), octets("head_hex", 5, default=bytes(5)))
_ALARM = _layout(_TYPE, spare(4, "head_reserved"), coded("alarm_code", 8, "alarm", _ALARMS))

_SHAPES: Mapping[int, Shape] = {
    1: Shape(NAME, Fixed(_REGISTRATION)),
    2: Shape(NAME, Fixed(_HEARTBEAT)),
    3: Shape(NAME, Fixed(_POSITION)),
    7: Shape(NAME, Fixed(_BEACON_HEAD), Entries("beacons", NAME, _BEACON)),
    8: Shape(NAME, Fixed(_ALARM), Rest("tail_hex")),
}
_BEACONS = 7
_SIZES = {1: (14,), 2: (8,), 3: (13,), 7: range(6, 82, 5), 8: range(2, 52)}


def _fits(frame: bytes, _port: int | None) -> bool:
    return len(frame) in _SIZES.get(frame[0] >> 4, ())


def _read(frame: bytes) -> dict[str, Value]:
    values: dict[str, Value] = {}
    _SHAPES[frame[0] >> 4].read(frame, 0, values)
    if values["message_type"] == _BEACONS and (len(frame) - 6) // 5 != values.pop("beacon_count"):
        raise FrameError(NAME, f"byte 0 says {frame[0] & 0x0F} beacons, the frame has others")
    return values


def _write(fields: Fields, values: Values) -> bytes:
    kind = fields.integer("message_type", 0, 0x0F)
    if kind not in _SHAPES:
        fields.refuse("message_type", f"{kind} is no message of this badge")
    if kind == _BEACONS:
        fields = Fields(NAME, {**values, "beacon_count": len(fields.words("beacons"))})
    return _SHAPES[kind].write(fields)


MODELS: Sequence[Model] = (Model("message_type", _fits, _read, _write),)
