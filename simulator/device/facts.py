"""The facts of a moment that a frame may name: each is worked out only where it is named."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

from simulator.clock import iso
from simulator.device.battery import BatteryState
from simulator.device.defects import Defects
from simulator.device.gnss import Receiver
from simulator.device.motion import Mover, Position, moved
from simulator.frame import Value
from simulator.profile import POSITION, Profile
from simulator.rng import Stream

WHEREABOUTS = POSITION | {"motion", "speed_kmh"}
_NOWHERE = Position(0.0, 0.0)  # what receivers tell that have never had a fix
_LOCAL = timedelta(hours=2)  # South Africa, all the year


class Subject(Protocol):
    """The unit that facts are about."""

    serial: str
    device_id: str
    press_count: int
    profile: Profile
    battery: BatteryState
    wander: Mover
    noise: Stream
    receiver: Receiver | None
    epoch_s: float

    @property
    def defects(self) -> Defects:
        """Return what is wrong with the unit."""
        ...

    @property
    def is_in_emergency(self) -> bool:
        """Return whether the device takes itself to be in an emergency."""
        ...


def facts_of(unit: Subject, now: float, needed: frozenset[str], gesture: str) -> dict[str, Value]:
    """Return the facts of this moment; those of the counter come when the frame is sent."""
    facts: dict[str, Value] = {}
    for name in needed:
        if name in _UNIT:
            facts[name] = _UNIT[name](unit)
        elif name in CLOCK:
            facts[name] = CLOCK[name](unit.epoch_s + unit.defects.clock_error_s + now)
    if "gesture" in needed:
        facts["gesture"] = gesture or unit.profile.behaviour.gestures[0]
    if needed & WHEREABOUTS:
        facts |= _whereabouts(unit, now, has_fix=bool(needed & POSITION))
    return facts


def told_level_pct(unit: Subject) -> float:
    """Return the battery level that the unit takes itself to have."""
    tells = unit.defects.level_pct
    level_pct = unit.battery.level_pct
    return level_pct if tells is None else min(100.0, max(0.0, tells(level_pct)))


def counted(sequence: int, sent_s: float, needed: frozenset[str]) -> dict[str, Value]:
    """Return facts that come with sending: of the number, and the time (seconds since 1970)."""
    return {name: COUNT[name](sequence) if name in COUNT else iso(sent_s) for name in needed}


def _whereabouts(unit: Subject, now: float, *, has_fix: bool) -> dict[str, Value]:
    """Return motion and, where a fix is taken, the position with the receiver's error."""
    moving = unit.wander.is_moving(now)
    speed_kmh = round(unit.wander.speed_kmh(now))
    facts: dict[str, Value] = {"motion": moving, "speed_kmh": speed_kmh}
    if has_fix:
        unit.battery.spend_fix()
        found, accuracy_m = _found(unit, now)
        facts["latitude"] = round(found.latitude, 6)
        facts["longitude"] = round(found.longitude, 6)
        facts["accuracy_m"] = round(accuracy_m)
    return facts


def _found(unit: Subject, now: float) -> tuple[Position, float]:
    """Return the position that the receiver tells, and the accuracy that it states."""
    accuracy_m = unit.profile.behaviour.fix_error_m
    if unit.receiver:
        fix = unit.receiver.fix(now)
        found, accuracy_m = (fix.position, fix.accuracy_m) if fix else (_NOWHERE, accuracy_m)
    else:
        noise = unit.noise
        north_m, east_m = noise.normal(0, accuracy_m), noise.normal(0, accuracy_m)
        found = moved(unit.wander.at(now), north_m, east_m)
    if unit.defects.fix:
        found = unit.defects.fix(now, found) or _NOWHERE
    return found, accuracy_m


def _written(pattern: str, ahead: timedelta = timedelta()) -> Callable[[float], Value]:
    return lambda at_s: (datetime.fromtimestamp(at_s, UTC) + ahead).strftime(pattern)


_UNIT: Mapping[str, Callable[[Subject], Value]] = {
    "serial": lambda unit: unit.serial,
    "device_id": lambda unit: unit.device_id,
    "press_count": lambda unit: unit.press_count,
    "sos_active": lambda unit: unit.is_in_emergency,
    "battery_percent": lambda unit: round(told_level_pct(unit)),
    "battery_sixths": lambda unit: round(told_level_pct(unit) * 6 / 100),
    "battery_mv": lambda unit: unit.battery.mv_at(told_level_pct(unit)),
    "charging": lambda unit: unit.battery.is_charging,
    "low_battery": lambda unit: unit.battery.is_low_at(told_level_pct(unit)),
}
CLOCK: Mapping[str, Callable[[float], Value]] = {
    "time": iso,
    "time_ms": lambda at_s: int(at_s * 1000),
    "time_of_day": _written("%H%M%S"),
    "local_time": _written("%y%m%d%H%M", _LOCAL),
}
COUNT: Mapping[str, Callable[[int], Value]] = {
    "sequence": lambda sequence: sequence & 0xFFFF,
    "packet_id": lambda sequence: sequence & 0xFF,
    "sequence_hex": lambda sequence: f"{sequence & 0xFFFF:04X}",
    "sequence_text": lambda sequence: f"{sequence % 9999 + 1:04d}",
}
