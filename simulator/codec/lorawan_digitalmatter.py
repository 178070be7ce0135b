"""Digital Matter trackers over LoRaWAN: Oyster, Yabby, G62 and Guppy, lowest bit first.

The models use the same ports for different messages; within a port, the size tells them apart.
"""

from typing import ClassVar

from simulator.codec import _oyster
from simulator.codec._contract import UPLINK, Codec, Context, Values
from simulator.codec._fields import Fields
from simulator.codec._layout import Layout, Part, choice, flag, moment, number, spare, version
from simulator.codec._ports import Ports
from simulator.frame import Value

_NAME = "lorawan_digitalmatter"
_EPOCH_2013_S = 1356998400


def _layout(*parts: Part) -> Layout:
    return Layout(_NAME, *parts, order="little")


_OYSTER = _layout(
    *_oyster.FULL_POSITION,
    *_oyster.TRIP,
    number("course_deg", 6, step=5.625, digits=3, default=0),
    _oyster.SPEED,
    _oyster.BATTERY,
)
_EXTENDED = _layout(
    *_oyster.SHORT_POSITION,
    *_oyster.COARSE_COURSE,
    _oyster.STATE,
    spare(4, "state_reserved"),
)
_TRIPS = {0: "no_trip", 1: "ignition", 2: "movement", 3: "run"}
_G62_SHORT = (
    choice(_NAME, "trip_type", 2, _TRIPS),
    flag("external_power"),
    flag("fix_current"),
    _oyster.degrees("latitude", 28),
    flag("ignition"),
    flag("digital_input_1"),
    flag("digital_input_2"),
    flag("digital_output"),
    _oyster.degrees("longitude", 28),
    number("course_deg", 8, step=2, default=0),
    _oyster.SPEED,
    number("battery_mv", 8, step=20),
)
_G62 = _layout(
    *_G62_SHORT,
    number("external_mv", 16),
    number("analog_mv", 16, default=0),
    number("temperature_c", 8, signed=True),
    number("accuracy_m", 8),
)
_GUPPY_STATE = (
    flag("in_trip"),
    number("battery_mv", 7, step=14, offset=2000),
    number("temperature_c", 8, step=0.5, offset=-40, digits=1),
)
_GUPPY_TILT = (
    flag("man_down"),
    number("inclination_deg", 7, step=1.5, digits=1),
    number("azimuth_deg", 8, step=1.5, digits=1),
)
_GUPPY_STATISTICS = _layout(
    number("initial_battery_mv", 7, step=14, offset=2000),
    number("uptime_weeks", 9),
    number("tx_count", 16, step=32),
    number("trip_count", 16, step=32),
    number("wakeups_per_trip", 8),
)
_GUPPY_CLOCK = _layout(
    flag("clock_was_set"), number("cookie", 31), moment("time", since_s=_EPOCH_2013_S)
)
_PRODUCT = (number("product_id", 8), number("hardware_revision", 8))
_WATCHDOG = _layout(
    version("firmware", 8, 8, order="little"),
    *_PRODUCT,
    flag("reset_power_on"),
    flag("reset_watchdog"),
    flag("reset_external"),
    flag("reset_software"),
    spare(4, "reset_reserved"),
    number("watchdog_reason", 16),
    spare(8, "watchdog_reserved"),
)


def _share(name: str) -> Part:
    return number(name, 5, step=3.125, digits=3)


_STATISTICS_3 = _layout(
    number("time_to_fix_s", 8),
    number("wakeups_per_trip", 8),
    number("initial_battery_mv", 8, step=32, offset=3500),
    _oyster.FINE_BATTERY,
    flag("battery_critical"),
    flag("low_battery"),
    number("trip_count", 14, step=32),
    number("uptime_weeks", 10),
    number("energy_used_mwh", 10, step=10),
    _share("lora_percent"),
    _share("gnss_success_percent"),
    _share("gnss_fail_percent"),
    _share("sleep_percent"),
)
_INACTIVITY = _layout(
    flag("fix_failed"),
    number("latitude", 23, step=180 / (1 << 23), digits=7, signed=True),
    number("longitude", 24, step=360 / (1 << 24), digits=7, signed=True),
    flag("in_trip"),
    flag("battery_critical"),
    flag("inactivity_alarm"),
    number("inactive_min", 14, step=2),
    _oyster.FINE_BATTERY,
    *_oyster.COARSE_COURSE,
    spare(7, "inactivity_reserved"),
)

_PORTS = Ports(
    _NAME,
    {
        1: (
            ("temperature_c", _layout(*_GUPPY_STATE)),
            ("inclination_deg", _layout(*_GUPPY_STATE, *_GUPPY_TILT)),
            ("latitude", _OYSTER),
            ("trip_type", _G62),
        ),
        2: (
            ("sequence", _layout(*_oyster.DOWNLINK_ACK)),
            ("product_id", _layout(*_oyster.DOWNLINK_ACK, *_PRODUCT, number("port", 8))),
            ("trip_type", _layout(*_G62_SHORT)),
        ),
        3: (("tx_count", _GUPPY_STATISTICS), ("average_fix_s", _layout(*_oyster.STATISTICS))),
        4: (
            ("latitude", _EXTENDED),
            ("runtime_s", _layout(number("runtime_s", 32), number("odometer_m", 32, step=10))),
            # Of the size of the line before, which is the one that is read.
            ("clock_was_set", _GUPPY_CLOCK),
        ),
        5: (("sequence", _layout(*_oyster.DOWNLINK_ACK)),),
        30: (("watchdog_reason", _WATCHDOG),),
        31: (("time_to_fix_s", _STATISTICS_3),),
        33: (("inactive_min", _INACTIVITY),),
    },
)


class DigitalMatter(Codec):
    """Positions, states, statistics and answers to downlinks of all four models."""

    name: ClassVar[str] = _NAME

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return what the message of this port and size says.

        >>> CODEC.decode(bytes.fromhex("c38245b1"), Context(port=1))["man_down"]
        True
        """
        return _PORTS.decode(frame, context)

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the message of the context's port, of the model that has these values."""
        return _PORTS.encode(Fields(_NAME, values), context)


CODEC = DigitalMatter()
