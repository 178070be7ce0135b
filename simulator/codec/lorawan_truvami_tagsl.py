"""truvami tag S and tag L: each LoRaWAN port is one message, big-endian.

Ports from 100 on carry stored messages: the same fields with the buffer level in front.
"""

from collections.abc import Mapping
from typing import ClassVar

from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Values
from simulator.codec._fields import Fields
from simulator.codec._heard import read_heard, write_heard
from simulator.codec._layout import (
    Layout,
    Part,
    calendar,
    coded,
    flag,
    moment,
    no_more_than,
    number,
    octets,
    spare,
    version,
)
from simulator.frame import Direction, Value

_NAME = "lorawan_truvami_tagsl"


def _status(lowest: str) -> tuple[Part, ...]:
    return (
        flag("duty_cycle_limited"),
        number("config_id", 4, default=0),
        flag("config_changed"),
        spare(1, "status_reserved"),
        flag(lowest),
    )


def _switch(name: str) -> tuple[Part, ...]:
    return (spare(7, f"{name}_reserved"), flag(name, default=None))


_MOVING = _status("motion")
_LEVEL = number("buffer_level", 16)
_POSITION = (
    number("latitude", 32, step=1e-6, digits=6, signed=True),
    number("longitude", 32, step=1e-6, digits=6, signed=True),
    number("altitude_m", 16, step=0.1, digits=1),
)
_FIX = (*_MOVING, *_POSITION, moment(), number("battery_mv", 16))
_TIME_TO_FIX = number("ttf_s", 8)
_QUALITY = {
    "ttf_s": _TIME_TO_FIX,
    "pdop": number("pdop", 8, step=0.5, digits=1),
    "satellites": number("satellites", 8),
}
_INTERVALS = (
    number("moving_interval_s", 32),
    number("steady_interval_s", 32),
    number("heartbeat_interval_s", 32),
    number("gnss_timeout_s", 16),
    number("accel_threshold_mg", 16),
    number("accel_delay_ms", 16),
)
_BUFFER = {"batch_size": number("batch_size", 16), "buffer_size": number("buffer_size", 16)}
_BATTERY_INTERVAL = number("battery_interval_s", 32)
_BLE = (
    number("scan_interval_s", 16),
    number("scan_time_s", 8),
    number("max_beacons", 8),
    number("min_rssi_dbm", 8, signed=True),
    octets("advertising_filter_hex", 10),
    number("accel_hold_s", 16),
    number("accel_threshold_mg", 16),
    number("scan_mode", 8),
    number("config_uplink_interval_s", 16),
)
_RESETS = {
    1: "lr1110_fail_code",
    2: "power_reset",
    3: "pin_reset",
    4: "watchdog",
    5: "system_reset",
    6: "other_reset",
}


class _Message:
    """One port: fields that must be there, and how many addresses may follow them.

    Fields of `optional` come one after the other, as many of them as the firmware knows.
    """

    def __init__(
        self, *parts: Part, optional: Mapping[str, Part] | None = None, heard: int = 0
    ) -> None:
        self._fixed = Layout(_NAME, *parts)
        self._optional = {name: Layout(_NAME, part) for name, part in (optional or {}).items()}
        self._heard = heard

    def read(self, frame: bytes) -> dict[str, Value]:
        values = self._fixed.read(frame)
        at = self._fixed.size
        for layout in self._optional.values():
            if at < len(frame):
                values |= layout.read(frame, at)
                at += layout.size
        if self._heard:
            values["access_points"] = self._read_heard(frame, at)
        else:
            no_more_than(_NAME, frame, at)
        return values

    def _read_heard(self, frame: bytes, at: int) -> list[Value]:
        no_more_than(_NAME, frame, at + 7 * self._heard)
        return read_heard(_NAME, frame, at, separator="")

    def write(self, fields: Fields) -> bytes:
        frame = self._fixed.write(fields)
        names = list(self._optional)
        given = max((i + 1 for i, name in enumerate(names) if name in fields), default=0)
        for name in names[:given]:
            frame += self._optional[name].write(fields)
        return frame + write_heard(fields, "access_points", most=self._heard)


_BUTTON_PORT = 6

_UPLINKS: dict[int, _Message] = {
    1: _Message(*_MOVING, *_POSITION, calendar(_NAME, 8, since=2000)),
    2: _Message(*_MOVING),
    3: _Message(
        number("scan_pointer", 16),
        number("total_messages", 8),
        number("current_message", 8),
        heard=6,
    ),
    4: _Message(
        *_INTERVALS,
        number("device_state", 8),
        version("firmware", 8, 8, 8),
        number("hardware_type", 8),
        number("hardware_revision", 8),
        _BATTERY_INTERVAL,
        optional=_BUFFER,
    ),
    5: _Message(*_MOVING, heard=7),
    _BUTTON_PORT: _Message(*_switch("pressed")),
    7: _Message(moment(), *_MOVING, heard=6),
    8: _Message(*_BLE),
    10: _Message(*_FIX, optional=_QUALITY),
    15: _Message(*_status("low_battery"), number("battery_mv", 16)),
    50: _Message(*_FIX, _TIME_TO_FIX, heard=4),
    51: _Message(*_FIX, *_QUALITY.values(), heard=4),
    105: _Message(_LEVEL, moment(), *_MOVING, heard=6),
    110: _Message(_LEVEL, *_FIX, optional=_QUALITY),
    150: _Message(_LEVEL, *_FIX, _TIME_TO_FIX, heard=4),
    151: _Message(_LEVEL, *_FIX, *_QUALITY.values(), heard=4),
    198: _Message(coded("reset_reason", 8, "reset", _RESETS)),
}
_DOWNLINKS: dict[int, _Message] = {
    128: _Message(
        *(_switch("ble") + _switch("gnss") + _switch("wifi")),
        *_INTERVALS,
        _BATTERY_INTERVAL,
        optional=_BUFFER,
    ),
}


class TruvamiTag(Codec):
    """Positions, scans, states and settings of a tag, and the settings sent to it."""

    name: ClassVar[str] = _NAME

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return what the message of this port says.

        >>> CODEC.decode(bytes.fromhex("01"), Context(port=6))
        {'pressed': True, 'press': 'single'}
        """
        values = _message(context).read(frame)
        if context.port == _BUTTON_PORT and values["pressed"]:
            values["press"] = "single"
        return values

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the message of the context's port; the port is needed, values do not show it."""
        return _message(context).write(Fields(_NAME, values))


def _message(context: Context) -> _Message:
    messages = _UPLINKS if context.direction is Direction.UPLINK else _DOWNLINKS
    if context.port not in messages:
        ports = ", ".join(map(str, messages))
        raise FrameError(_NAME, f"port {context.port} carries no {context.direction}; use {ports}")
    return messages[context.port]


CODEC = TruvamiTag()
