"""Whom something befalls in a run, and who may act: all others are idle, and may be put away.

What is drawn for a unit is drawn here for a whole crowd, from the same streams.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.device.reckoning import first_calls_s
from simulator.faults import names
from simulator.fleet import Crowd
from simulator.profile import Profile
from simulator.run.life import Life
from simulator.run.settings import RunSettings

Units = NDArray[np.bool_]
"""Which units of a crowd."""


def befalls_all(life: Life, profile: Profile) -> bool:
    """Return whether something befalls every unit of a model: where it is, in heat and in cold."""
    is_covered = life.coverage is not None and life.coverage.concerns(profile.network)
    is_charged = life.charging is not None and bool(profile.battery.charge_ma)
    return is_covered or is_charged or life.gnss is not None or life.climate is not None


def befallen(life: Life, crowd: Crowd) -> Units:
    """Return the units that have a fault at some time of the run, or that are on a route."""
    units = np.zeros(len(crowd.numbers), bool)
    for fault in life.faults:
        mine = _named(fault.devices, crowd)
        units |= (
            mine
            if fault.share >= 1.0
            else mine & _drawn(crowd, f"fault {fault.title}", fault.share)
        )
    for route in life.routes:
        units |= _named(route.devices, crowd) & _drawn(crowd, f"takes {route.name}", route.share)
    return units


def may_act(settings: RunSettings, crowd: Crowd) -> Units:
    """Return the units whose people may do something in this run; no others do."""
    if settings.acts is not None:
        return _named([one.device for one in settings.acts], crowd, are_names=True)
    first_s = first_calls_s(settings.people, crowd.draw("person"), settings.for_s)
    units: Units = first_s < settings.for_s
    personas = [one for one in settings.life.personas if _named(one.devices, crowd).any()]
    if personas:
        units |= crowd.draw("persona") < sum(persona.share for persona in personas)
    for incident in settings.life.incidents:
        is_struck = _drawn(crowd, f"incident {incident.name}", incident.share)
        units |= _named(incident.devices, crowd) & is_struck
    return units


def _named(patterns: Sequence[str], crowd: Crowd, *, are_names: bool = False) -> Units:
    """Return the units that patterns name; none of them stand for all, unless they are names."""
    units = range(len(crowd.numbers))
    if are_names:
        named = set(patterns)
        return np.array([crowd.name(slot) in named for slot in units], bool)
    model = crowd.profile.name
    if not patterns or any(names(pattern, f"{model}/") for pattern in patterns):
        return np.ones(len(units), bool)
    return np.array([any(names(one, crowd.name(slot)) for one in patterns) for slot in units], bool)


def _drawn(crowd: Crowd, purpose: str, share: float) -> Units:
    is_drawn: Units = crowd.draw(purpose) < share
    return is_drawn
