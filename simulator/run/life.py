"""What happens to a fleet: faults, people, incidents, ways, coverage and climate, as one value.

The types are those of the tables of a run file; a run without any of them is a quiet one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from simulator.clock import Duration
from simulator.device.gnss import Gnss
from simulator.device.incident import Incident
from simulator.device.persona import Persona
from simulator.device.power import Charging, Climate
from simulator.device.ways import Route
from simulator.device.written import written
from simulator.errors import InputError
from simulator.faults import (
    AnyFault,
    Fault,
    FaultError,
    HalfOpen,
    StuckButton,
    check,
    check_names,
    names,
)
from simulator.link import Coverage
from simulator.profile import CellularLink, DirectLink, Profile


class LifeError(InputError):
    """What is to happen cannot be; `key` is the key of a run file that says it."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}.")
        self.key = key
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What happens to a fleet beside what its devices do by themselves."""

    faults: tuple[AnyFault, ...] = ()
    personas: tuple[Persona, ...] = ()
    incidents: tuple[Incident, ...] = ()
    routes: tuple[Route, ...] = ()
    coverage: Coverage | None = None
    gnss: Gnss | None = None
    climate: Climate | None = None
    charging: Charging | None = None

    def check(self, models: Iterable[Profile], for_s: float) -> None:
        """Refuse what cannot be in a run of these models and this length; raise `LifeError`."""
        models = list(models)
        known = [model.name for model in models]
        if self.charging and not any(model.battery.charge_ma for model in models):
            raise LifeError("charging", "no device of the mix can be charged")
        try:
            check(self.faults, known, for_s)
        except FaultError as error:
            raise LifeError(f"faults[{error.index}].{error.key}", str(error)) from error
        for at, fault in enumerate(self.faults):
            _check_possible(at, fault, models)
        self._check_people(known, for_s)
        for at, persona in enumerate(self.personas):
            if persona.moving and not self.routes and not _move(persona.devices, models):
                reason = f"'{persona.name}' presses on the move only, and none of the devices moves"
                raise LifeError(f"personas[{at}].moving", reason)

    def _check_people(self, known: Sequence[str], for_s: float) -> None:
        for at, persona in enumerate(self.personas):
            _check_devices("personas", at, persona.devices, known)
        _check_shares(self.personas, known)
        for at, incident in enumerate(self.incidents):
            _check_devices("incidents", at, incident.devices, known)
            if incident.at_s >= for_s:
                reason = (
                    f"'{incident.name}' happens after {incident.at_s:g} s, when the run is over. "
                    f"Let it happen earlier, or the run last longer than {for_s:g} s"
                )
                raise LifeError(f"incidents[{at}].at", reason)
        for at, route in enumerate(self.routes):
            _check_devices("routes", at, route.devices, known)
        _check_own_names("personas", [one.name for one in self.personas])
        _check_own_names("incidents", [one.name for one in self.incidents])
        _check_own_names("routes", [one.name for one in self.routes])

    def table(self) -> dict[str, object]:
        """Return it as tables of a run file; what is empty is left out."""
        tables: dict[str, object] = {}
        for name in self.__slots__:
            value = getattr(self, name)
            if isinstance(value, tuple):
                tables[name] = [written(one, _text) for one in value]
            elif value is not None:
                tables[name] = written(value, _text)
        return {name: value for name, value in tables.items() if value}


QUIET = Life()


def _check_possible(at: int, fault: Fault, models: Sequence[Profile]) -> None:
    """Refuse a fault that none of the devices it names can have."""
    own = [model for model in models if _is_of(fault.devices, model)]
    if isinstance(fault, HalfOpen):
        if not any(isinstance(model.link, CellularLink | DirectLink) for model in own):
            reason = "none of the devices keeps a connection that could be half open"
            raise LifeError(f"faults[{at}].kind", reason)
    elif isinstance(fault, StuckButton) and fault.gesture:
        for model in own:
            if fault.gesture not in model.behaviour.gestures:
                known = ", ".join(model.behaviour.gestures)
                reason = f"{model.name} has no gesture '{fault.gesture}'; it has {known}"
                raise LifeError(f"faults[{at}].gesture", reason)


def _move(devices: Sequence[str], models: Sequence[Profile]) -> bool:
    own = (model.motion for model in models if _is_of(devices, model))
    return any(motion.speed_kmh and motion.roam_m for motion in own)


def _is_of(patterns: Sequence[str], model: Profile) -> bool:
    """Return whether patterns name a unit of a model; none of them stand for all."""
    units = (one.rpartition("/")[0] or one for one in patterns)
    return not patterns or any(names(unit, f"{model.name}/*") for unit in units)


def _check_devices(table: str, at: int, devices: Sequence[str], known: Sequence[str]) -> None:
    try:
        check_names(devices, known)
    except FaultError as error:
        raise LifeError(f"{table}[{at}].devices", str(error)) from error


def _check_shares(personas: Sequence[Persona], known: Sequence[str]) -> None:
    """Refuse personas that together are more than all people of a model."""
    for model in known:
        taken = 0.0
        for at, persona in enumerate(personas):
            if not persona.devices or any(names(one, f"{model}/*") for one in persona.devices):
                taken += persona.share
            if taken > 1.0 + 1e-9:
                reason = (
                    f"with '{persona.name}' the shares of {model} come to {taken:g}, which is more "
                    "than all of them"
                )
                raise LifeError(f"personas[{at}].share", reason)


def _check_own_names(table: str, named: Sequence[str]) -> None:
    for at, name in enumerate(named):
        if name in named[:at]:
            raise LifeError(f"{table}[{at}].name", f"two are called '{name}'")


def _text(duration: Duration) -> str:
    return f"{Decimal(repr(float(duration))):f}s"
