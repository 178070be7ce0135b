"""The objects of BTHome v2: what an id means, how long its value is and in which unit.

After the table of https://bthome.io/format. One name may have several ids (a temperature comes in
four resolutions); the first of the table is the one that devices usually send.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

_BATTERY = 0x01


class Form(StrEnum):
    """How the value of an object lies in its bytes."""

    NUMBER = "number"
    FLAG = "flag"
    TIME = "time"
    TEXT = "text"  # with a length byte in front, as the next
    RAW = "raw"
    VERSION = "version"
    BUTTON = "button"
    COMMAND = "command"
    DIMMER = "dimmer"


@dataclass(frozen=True, slots=True)
class BTHomeObject:
    """One object id; a number is signed or not and counts steps of `factor`."""

    id: int
    name: str
    size: int
    form: Form = Form.NUMBER
    signed: bool = False
    factor: float = 1
    places: int = 0

    @property
    def bounds(self) -> tuple[int, int]:
        """Return the lowest and highest number of steps."""
        if self.id == _BATTERY:
            return 0, 100  # the byte could say more, a battery cannot
        bits = 8 * self.size
        return (-(1 << bits - 1), (1 << bits - 1) - 1) if self.signed else (0, (1 << bits) - 1)


_Row: TypeAlias = tuple[int, str, str, float] | tuple[int, str, str]

# Letters as in Rust: u unsigned, i signed, and the number of bits; then the value of one step.
_NUMBERS: tuple[_Row, ...] = (
    (0x00, "packet_id", "u8"),
    (0x01, "battery_percent", "u8"),
    (0x02, "temperature_c", "i16", 0.01),
    (0x03, "humidity_percent", "u16", 0.01),
    (0x04, "pressure_hpa", "u24", 0.01),
    (0x05, "illuminance_lux", "u24", 0.01),
    (0x06, "mass_kg", "u16", 0.01),
    (0x07, "mass_lb", "u16", 0.01),
    (0x08, "dew_point_c", "i16", 0.01),
    (0x09, "count", "u8"),
    (0x0A, "energy_kwh", "u24", 0.001),
    (0x0B, "power_w", "u24", 0.01),
    (0x0C, "voltage_v", "u16", 0.001),
    (0x0D, "pm25_ug_m3", "u16"),
    (0x0E, "pm10_ug_m3", "u16"),
    (0x12, "co2_ppm", "u16"),
    (0x13, "tvoc_ug_m3", "u16"),
    (0x14, "moisture_percent", "u16", 0.01),
    (0x2E, "humidity_percent", "u8"),
    (0x2F, "moisture_percent", "u8"),
    (0x3D, "count", "u16"),
    (0x3E, "count", "u32"),
    (0x3F, "rotation_deg", "i16", 0.1),
    (0x40, "distance_mm", "u16"),
    (0x41, "distance_m", "u16", 0.1),
    (0x42, "duration_s", "u24", 0.001),
    (0x43, "current_a", "u16", 0.001),
    (0x44, "speed_m_s", "u16", 0.01),
    (0x45, "temperature_c", "i16", 0.1),
    (0x46, "uv_index", "u8", 0.1),
    (0x47, "volume_l", "u16", 0.1),
    (0x48, "volume_ml", "u16"),
    (0x49, "volume_flow_rate_m3_h", "u16", 0.001),
    (0x4A, "voltage_v", "u16", 0.1),
    (0x4B, "gas_m3", "u24", 0.001),
    (0x4C, "gas_m3", "u32", 0.001),
    (0x4D, "energy_kwh", "u32", 0.001),
    (0x4E, "volume_l", "u32", 0.001),
    (0x4F, "water_l", "u32", 0.001),
    (0x51, "acceleration_m_s2", "u16", 0.001),
    (0x52, "gyroscope_deg_s", "u16", 0.001),
    (0x55, "volume_storage_l", "u32", 0.001),
    (0x56, "conductivity_us_cm", "u16"),
    (0x57, "temperature_c", "i8"),
    (0x58, "temperature_c", "i8", 0.35),
    (0x59, "count", "i8"),
    (0x5A, "count", "i16"),
    (0x5B, "count", "i32"),
    (0x5C, "power_w", "i32", 0.01),
    (0x5D, "current_a", "i16", 0.001),
    (0x5E, "direction_deg", "u16", 0.01),
    (0x5F, "precipitation_mm", "u16", 0.1),
    (0x60, "channel", "u8"),
    (0x61, "rotational_speed_rpm", "u16"),
    (0x62, "speed_m_s", "i32", 0.000001),
    (0x63, "acceleration_m_s2", "i32", 0.000001),
    (0x64, "light_level", "u8"),
    (0x65, "settings_revision", "u8"),
    (0xF0, "device_type_id", "u16"),
)
# Where another object has the plain word already, the name says what the flag is of.
_FLAGS = {
    0x0F: "generic",
    0x10: "power",
    0x11: "opening",
    0x15: "low_battery",
    0x16: "charging",
    0x17: "carbon_monoxide",
    0x18: "cold",
    0x19: "connectivity",
    0x1A: "door",
    0x1B: "garage_door",
    0x1C: "gas",
    0x1D: "heat",
    0x1E: "light",
    0x1F: "lock",
    0x20: "moisture",
    0x21: "motion",
    0x22: "moving",
    0x23: "occupancy",
    0x24: "plug",
    0x25: "presence",
    0x26: "problem",
    0x27: "running",
    0x28: "safety",
    0x29: "smoke",
    0x2A: "sound",
    0x2B: "tamper",
    0x2C: "vibration",
    0x2D: "window",
}
_OTHERS = (
    BTHomeObject(0x3A, "buttons", 1, Form.BUTTON),
    BTHomeObject(0x3B, "command", 0, Form.COMMAND),
    BTHomeObject(0x3C, "dimmer", 2, Form.DIMMER),
    BTHomeObject(0x50, "timestamp", 4, Form.TIME),
    BTHomeObject(0x53, "text", 0, Form.TEXT),
    BTHomeObject(0x54, "raw_hex", 0, Form.RAW),
    BTHomeObject(0xF1, "firmware_version", 4, Form.VERSION),
    BTHomeObject(0xF2, "firmware_version", 3, Form.VERSION),
)

BUTTON_EVENTS = {
    0x00: "none",
    0x01: "short",
    0x02: "double",
    0x03: "triple",
    0x04: "long",
    0x05: "long_double",
    0x06: "long_triple",
    0x80: "hold",
    0x81: "hold_release",
}
DIMMER_EVENTS = {0x00: "none", 0x01: "rotate_left", 0x02: "rotate_right"}
COMMANDS = {0x00: "off", 0x01: "on", 0x02: "toggle", 0x03: "step_up", 0x04: "step_down"}


def _number(id_: int, name: str, bits: str, factor: float = 1) -> BTHomeObject:
    places = len(f"{factor:.6f}".rstrip("0").partition(".")[2])
    size, signed = int(bits[1:]) // 8, bits[0] == "i"
    return BTHomeObject(id_, name, size, signed=signed, factor=factor, places=places)


def _all() -> list[BTHomeObject]:
    numbers = [_number(*row) for row in _NUMBERS]
    flags = [BTHomeObject(id_, name, 1, Form.FLAG) for id_, name in _FLAGS.items()]
    return sorted((*numbers, *flags, *_OTHERS), key=lambda each: each.id)


def _by_name() -> dict[str, tuple[BTHomeObject, ...]]:
    found: dict[str, list[BTHomeObject]] = {}
    for each in BY_ID.values():
        found.setdefault(each.name, []).append(each)
    return {name: tuple(objects) for name, objects in found.items()}


BY_ID: Mapping[int, BTHomeObject] = {each.id: each for each in _all()}
BY_NAME: Mapping[str, tuple[BTHomeObject, ...]] = _by_name()
