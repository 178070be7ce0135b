"""What can be done to a running fleet by command, and what is refused."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TypedDict

from simulator.device import Code, Position
from simulator.device.area import Latitude, Longitude
from simulator.device.motion import distance_m
from simulator.device.ways import Timetable
from simulator.errors import InputError
from simulator.faults import AnyFault, names
from simulator.fleet import Unit
from simulator.journal import Controlled
from simulator.profile import CancelSource
from simulator.run.world import World

__all__ = ["DeedError", "Deeds", "Latitude", "Longitude"]
_MOST = 10_000  # devices that one command may name


class DeedError(InputError):
    """A command names what is not there, or asks for what cannot be."""


class DeviceState(TypedDict):
    """One device as it is now."""

    device: str
    latitude: float
    longitude: float
    battery: float
    is_dead: bool
    is_in_emergency: bool
    presses: int
    faults: list[str]


class Deeds:
    """Acts on the devices of a world, at the present moment of its run.

    `accepts` says whether the fleet still lives: a run that drains begins nothing new.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.is_open = False  # the fleet is switched on, and the run does not drain yet
        self._linked: set[str] = set()

    def link(self, units: Sequence[Unit]) -> None:
        """Take note of the units that take part."""
        self._linked = {unit.name for unit in units}

    def press(self, devices: Sequence[str], gesture: str = "") -> list[str]:
        """Press devices now; return the names of the presses. Raises `DeedError`."""
        units = self._units(devices)
        for unit in units:
            _check_gesture(unit, gesture)
        fleet = self._world.fleet
        done = []
        for unit in units:
            known = unit.firmware.profile.behaviour.gestures
            done.append(fleet.press(unit, gesture or known[0], "control"))
        self._note("press", units, gesture)
        return done

    def cancel(self, devices: Sequence[str], code: Code | None = None) -> list[str]:
        """Let people take their latest press back; return what each of them took back."""
        units = self._units(devices)
        for unit in units:
            source = unit.firmware.profile.behaviour.cancel_source
            if not unit.presses:
                message = f"{unit.name} has not been pressed, so there is nothing to take back."
                raise DeedError(message)
            if source is CancelSource.NONE and code is None:
                message = (
                    f"{unit.name} cannot take a press back: the device has no gesture for it and "
                    "no operator does it. Say --code right for the safe code of the app."
                )
                raise DeedError(message)
        self._note("cancel", units, f"{code} safe code" if code else "")
        for unit in units:
            self._world.fleet.regret(unit, code)
        return [unit.press_name() for unit in units]

    def move(self, devices: Sequence[str], to: Position, speed_kmh: float | None) -> list[str]:
        """Let devices be carried to a place: at once, or at a speed. Return their names."""
        units = self._units(devices)
        now = self._world.env.now
        for unit in units:
            here = unit.firmware.position(now)
            takes_s = distance_m(here, to) / (speed_kmh / 3.6) if speed_kmh else 0.0
            stops = [(now, here), (now + takes_s, to)] if takes_s > 0 else [(now, to)]
            unit.firmware.carry(Timetable(stops), now)
            self._world.fleet.stimulate(unit)
        pace = f" at {speed_kmh:g} km/h" if speed_kmh else ""
        self._note("move", units, f"{to.latitude:g}, {to.longitude:g}{pace}")
        return [unit.name for unit in units]

    def drain(self, devices: Sequence[str], percent: float) -> list[str]:
        """Set the charge of batteries; firmwares notice at once. Return the names."""
        units = self._units(devices)
        self._note("drain", units, f"{percent:g} %")
        for unit in units:
            unit.firmware.battery.drain_to(percent)
            self._world.fleet.stimulate(unit)
        return [unit.name for unit in units]

    def break_(self, fault: AnyFault) -> str:
        """Let a fault come now; return its name. Raises `FaultError` or `DeedError`."""
        self._check_open()
        if fault.devices:
            self._units(fault.devices)
        return self._world.break_(fault, "control").title

    def mend(self, fault: str) -> str:
        """Let a fault end now; return its name. Raises `NoSuchFaultError`."""
        return self._world.mend(fault, "control").title

    def state(self, devices: Sequence[str]) -> list[DeviceState]:
        """Return how devices are now."""
        now = self._world.env.now
        found: list[DeviceState] = []
        for unit in self._units(devices, may_be_closed=True):
            firmware, here = unit.firmware, unit.firmware.position(now)
            found.append(
                {
                    "device": unit.name,
                    "latitude": round(here.latitude, 6),
                    "longitude": round(here.longitude, 6),
                    "battery": round(firmware.battery.level_pct, 1),
                    "is_dead": firmware.is_dead,
                    "is_in_emergency": firmware.is_in_emergency,
                    "presses": unit.presses,
                    "faults": [fault.title for fault in self._world.faults.concerned(firmware)],
                }
            )
        return found

    def faults(self) -> list[str]:
        """Return the names of the faults that are planned or there."""
        return [fault.title for fault in self._world.faults.faults]

    def _units(self, devices: Sequence[str], *, may_be_closed: bool = False) -> list[Unit]:
        """Return the units that patterns name, in the order of the fleet; raise `DeedError`."""
        if not may_be_closed:
            self._check_open()
        units: dict[str, Unit] = {}
        for pattern in devices:
            found = [unit for unit in self._world.fleet.units if names(pattern, unit.name)]
            if not found:
                raise _unknown(pattern, [unit.name for unit in self._world.fleet.units])
            units |= {unit.name: unit for unit in found if unit.name in self._linked}
            if not any(unit.name in self._linked for unit in found):
                message = f"{pattern} was refused by AURA when it was linked, and takes no part."
                raise DeedError(message)
        if len(units) > _MOST:
            message = f"{len(units)} devices are too many for one command; name {_MOST} at most."
            raise DeedError(message)
        return list(units.values())

    def _check_open(self) -> None:
        if not self.is_open:
            message = (
                "The fleet is not switched on, or the run is at its end and only waits for what is "
                "on its way. Nothing new can begin now."
            )
            raise DeedError(message)

    def _note(self, deed: str, units: Sequence[Unit], how: str) -> None:
        now = self._world.env.now
        for unit in units:
            self._world.journal.write(Controlled(t=now, device=unit.name, deed=deed, how=how))


def _check_gesture(unit: Unit, gesture: str) -> None:
    known = unit.firmware.profile.behaviour.gestures
    if gesture and gesture not in known:
        message = f"{unit.name} has no gesture '{gesture}'. It has {', '.join(known)}."
        raise DeedError(message)


def _unknown(pattern: str, known: Sequence[str]) -> DeedError:
    near = get_close_matches(pattern, known, n=3, cutoff=0.5)
    hint = f" Nearest: {', '.join(near)}." if near else ""
    return DeedError(f"There is no device {pattern} in this run.{hint}")
