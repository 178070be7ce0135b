"""Dragino TrackerD (and its predecessor LGT-92) over LoRaWAN, big-endian.

The port names the message, its size the layout: firmware 1.5 puts the time behind the fields of
port 2, the LGT-92 its attitude.
"""

from typing import ClassVar

from simulator.codec._contract import UPLINK, Codec, Context, Values
from simulator.codec._fields import Fields
from simulator.codec._layout import Layout, Part, calendar, flag, number, octets, spare, version
from simulator.codec._ports import Ports
from simulator.frame import Value

_NAME = "lorawan_dragino_trackerd"


def _read_alarm(raw: int, values: dict[str, Value]) -> None:
    values["alarm_flag"] = raw == 1
    if raw:
        values["alarm"] = "sos"


def _write_alarm(fields: Fields) -> int:
    if "alarm_flag" in fields:
        return int(fields.flag("alarm_flag"))
    return fields.choice("alarm", {"sos": 1}) if "alarm" in fields else 0


_POSITION = (
    number("latitude", 32, step=1e-6, digits=6, signed=True),
    number("longitude", 32, step=1e-6, digits=6, signed=True),
)
_BATTERY = (
    spare(1, "battery_reserved"),
    Part(1, _read_alarm, _write_alarm),
    number("battery_mv", 14),
)
_FLAGS = (
    number("mode", 2, default=0),
    flag("led"),
    flag("motion"),
    flag("backlog"),
    spare(3, "flags_reserved"),
)
_CLIMATE = (
    number("humidity_percent", 16, step=0.1, digits=1),
    number("temperature_c", 16, step=0.1, digits=1, signed=True),
)
_DATE = calendar(_NAME, 16)
_ATTITUDE = (
    *_FLAGS[:2],
    spare(5, "firmware_code"),
    number("roll_deg", 16, step=0.01, digits=2, signed=True, default=0),
    number("pitch_deg", 16, step=0.01, digits=2, signed=True, default=0),
    number("hdop", 8, step=0.01, digits=2, default=0),
)
_STATUS = (
    number("sensor_model", 8, default=0x13),
    version("firmware", 8, 4, 4),
    number("frequency_band", 8),
    number("sub_band", 8),
    number("battery_mv", 16),
    number("sensor_mode", 2),
    number("gps_mode", 2, default=0),
    number("ble_mode", 4, default=0),
    spare(5, "flags_reserved"),
    flag("ack"),
    flag("led"),
    flag("transport"),
)
_BEACON = (
    octets("uuid", 16),
    number("major", 32),
    number("minor", 32),
    number("tx_power", 16),
    number("rssi_dbm", 32, signed=True),
)
_ACCESS_POINT = (octets("wifi_ssid_hex", 6), number("rssi_dbm", 8, signed=True))


def _layout(*parts: Part) -> Layout:
    return Layout(_NAME, *parts)


_HERE = (*_POSITION, *_BATTERY, *_FLAGS)
_PORTS = Ports(
    _NAME,
    {
        2: (
            ("humidity_percent", _layout(*_HERE, *_CLIMATE)),
            ("roll_deg", _layout(*_POSITION, *_BATTERY, *_ATTITUDE)),
            ("time", _layout(*_HERE, _DATE)),
            ("backlog_hex", _layout(*_HERE, *_CLIMATE, octets("backlog_hex", 8))),
        ),
        3: (("latitude", _layout(*_HERE)), ("time", _layout(*_HERE, _DATE))),
        4: (("time", _layout(*_POSITION, _DATE)),),
        5: (("sensor_mode", _layout(*_STATUS)),),
        6: (("uuid", _layout(*_BEACON, *_BATTERY, *_FLAGS)),),
        7: (("battery_mv", _layout(*_BATTERY, *_FLAGS)),),
        8: (
            ("wifi_ssid_hex", _layout(*_ACCESS_POINT, *_BATTERY, *_FLAGS)),
            ("tail_hex", _layout(*_ACCESS_POINT, *_BATTERY, *_FLAGS, octets("tail_hex", 3))),
        ),
    },
)


class TrackerD(Codec):
    """Positions with the alarm bit, states, and what was heard where there is no fix."""

    name: ClassVar[str] = _NAME

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return what the message of this port and size says.

        >>> CODEC.decode(bytes.fromhex("0158c436020ecef74b4060"), Context(port=3))["alarm"]
        'sos'
        """
        return _PORTS.decode(frame, context)

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the message of the context's port; of several layouts, the one the values need."""
        return _PORTS.encode(Fields(_NAME, values), context)


CODEC = TrackerD()
