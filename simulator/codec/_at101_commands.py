"""The commands of a Milesight AT101: a code, for some a byte that selects the form, and fields."""

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.codec._layout import Layout, Part, flag, number, spare

_NAME = "lorawan_milesight_at101"


@dataclass(frozen=True, slots=True)
class Command:
    """One command; `start` is what its value begins with, before the fields."""

    code: int
    name: str
    start: bytes
    layout: Layout

    @property
    def size(self) -> int:
        """Return how many bytes follow the code; the same for all forms of a code."""
        return len(self.start) + self.layout.size


def _command(code: str, name: str, *parts: Part) -> Command:
    tag, *rest = bytes.fromhex(code)
    return Command(tag, name, bytes(rest), Layout(_NAME, *parts, order="little"))


def _switch(name: str = "enabled") -> tuple[Part, ...]:
    return (flag(name, default=None), spare(7, f"{name}_reserved"))


def _degrees(name: str) -> Part:
    return number(name, 32, step=1e-6, digits=6, signed=True)


# Firmware decides whether an interval is in minutes or seconds; the name is that of the vectors.
_INTERVAL = number("interval_s", 16)

COMMANDS: Mapping[str, Command] = {
    command.name: command
    for command in (
        _command("10", "reboot", spare(8, usual=0xFF)),
        _command("13", "set_motion_report", *_switch(), _INTERVAL),
        _command(
            "17", "set_time_zone", number("utc_offset_h", 16, step=0.1, digits=1, signed=True)
        ),
        _command("28", "query_device_status", spare(8, usual=0xFF)),
        _command(
            "2d",
            "set_wifi_scan",
            number("scan_mode", 8),
            number("access_point_count", 8),
            number("timeout_s", 8),
        ),
        _command("3b", "set_time_sync", *_switch()),
        _command("3c", "set_gnss_timeout", number("timeout_min", 8)),
        _command("4a", "sync_time", spare(8)),
        _command("5800", "set_motion_detection", number("delta_10mg", 8), number("duration_s", 16)),
        _command("5801", "set_static_detection", number("delta_10mg", 8), number("duration_s", 16)),
        _command("66", "set_report_strategy", number("strategy", 8)),
        _command("71", "set_positioning_strategy", number("strategy", 8)),
        _command("7e", "set_geofence_alarm", *_switch(), _INTERVAL, number("count", 8)),
        _command("87", "set_tamper_detection", *_switch()),
        _command("88", "set_geofence_center", _degrees("latitude"), _degrees("longitude")),
        _command("89", "set_geofence_radius", number("radius_m", 32)),
        _command("8a", "set_timed_report", number("index", 8), number("time_of_day_min", 16)),
        _command("8e00", "set_report_interval", _INTERVAL),
        _command("8e01", "set_motion_interval", _INTERVAL),
        _command("8e02", "set_location_interval", _INTERVAL),
        _command("8f", "set_bluetooth", *_switch()),
    )
}
