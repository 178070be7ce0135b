"""Fields that the Digital Matter trackers share on LoRaWAN and Sigfox, packed lowest bit first."""

from simulator.codec._fields import Fields
from simulator.codec._layout import Part, flag, number, steps, version
from simulator.frame import Value


def degrees(name: str, bits: int = 32) -> Part:
    """Return a coordinate in 1e-7 degrees of which only the highest `bits` of 32 are sent."""
    return number(name, bits, step=1e-7 * (1 << 32 - bits), digits=7, signed=True)


FULL_POSITION = (degrees("latitude"), degrees("longitude"))
SHORT_POSITION = (degrees("latitude", 24), degrees("longitude", 24))
COARSE_COURSE = (
    number("course_deg", 3, step=45, default=0),
    number("speed_kmh", 5, step=5, default=0),
)
SPEED = number("speed_kmh", 8, default=0)
BATTERY = number("battery_mv", 8, step=25)
FINE_BATTERY = number("battery_mv", 8, step=32, offset=3500)
TRIP = (flag("in_trip"), flag("fix_failed"))
DOWNLINK_ACK = (number("sequence", 7), flag("accepted"), version("firmware", 8, 8, order="little"))
STATISTICS = (
    number("initial_battery_mv", 4, step=100, offset=4000),
    number("tx_count", 11, step=32),
    number("trip_count", 13, step=32),
    number("gnss_successes", 10, step=32),
    number("gnss_fails", 8, step=32),
    number("average_fix_s", 9),
    number("average_fail_s", 9),
    number("average_freshen_s", 8),
    number("wakeups_per_trip", 7),
    number("uptime_weeks", 9),
)


def _read_state(raw: int, values: dict[str, Value]) -> None:
    battery, scale = raw & 0xFF, raw >> 11
    values["battery_mv"] = 3500 + 32 * battery if scale else 25 * battery
    values["in_trip"] = bool(raw >> 8 & 1)
    values["fix_failed"] = bool(raw >> 9 & 1)
    values["man_down"] = bool(raw >> 10 & 1)
    if scale:
        values["battery_scale"] = 1


def _write_state(fields: Fields) -> int:
    scale = fields.integer("battery_scale", 0, 1) if "battery_scale" in fields else 0
    step, offset = (32, 3500) if scale else (25, 0)
    flags = (fields.flag(name, False) for name in ("in_trip", "fix_failed", "man_down"))
    raw = steps(fields, "battery_mv", 0, 0xFF, step=step, offset=offset) | scale << 11
    return raw | sum(is_set << 8 + bit for bit, is_set in enumerate(flags))


STATE = Part(12, _read_state, _write_state)
"""Battery and flags in one: the highest flag says which of two scales the battery has."""
