"""The facts of many units of one model, each at a moment of its own: columns of what `facts` says.

Only sound units are reckoned so: nothing is wrong with them, and nobody has called.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.clock import iso
from simulator.device.facts import CLOCK, COUNT, WHEREABOUTS
from simulator.device.person import People
from simulator.device.walks import moved, spots
from simulator.draws import Counts, Floats, Keys, each, normals, rounded
from simulator.frame import Value
from simulator.profile import Battery, Profile, mv_at

Column = Sequence[Value]
Columns = Mapping[str, Column]


def level_pct(full_mas: float, left_mas: Floats) -> Floats:
    """Return charges (mA·s, as is the full one) in percent, 0 to 100."""
    return np.minimum(100.0, np.maximum(0.0, left_mas / full_mas * 100.0))


def is_low(model: Battery, level: Floats) -> NDArray[np.bool_]:
    """Return of which levels (in percent) the firmware would warn."""
    low: NDArray[np.bool_] = level < model.low_percent
    return low


@dataclass(slots=True)
class Moments:
    """Units and when each of them speaks, and what is known of them then: one row a unit."""

    profile: Profile
    numbers: Sequence[int]
    device_ids: Sequence[str]
    at_s: Floats
    epoch_s: float
    level_pct: Floats
    is_moving: NDArray[np.bool_]
    sequence: Sequence[int]
    presses: Sequence[int]

    @property
    def since_1970_s(self) -> list[float]:
        """Return when each speaks, in seconds since 1970."""
        since: list[float] = (self.epoch_s + self.at_s).tolist()
        return since

    @property
    def serials(self) -> list[str]:
        """Return the serial of each."""
        return [self.profile.identity.serial_of(number) for number in self.numbers]


def first_calls_s(people: People, drawn: Floats, until_s: float) -> Floats:
    """Return when each person first calls for help, as `person.acts` says it, by a draw of each."""
    if not people.presses:
        return np.full(len(drawn), np.inf)
    return -each(math.log1p, -drawn) * (until_s / people.presses)


def facts(moments: Moments, needed: frozenset[str]) -> dict[str, Column]:
    """Return the facts that are needed, a column each, but for those of the receiver."""
    found: dict[str, Column] = {}
    for name in needed:
        if name in _UNIT:
            found[name] = _UNIT[name](moments)
        elif name in CLOCK:
            found[name] = [CLOCK[name](since) for since in moments.since_1970_s]
        elif name in COUNT:
            found[name] = [COUNT[name](sequence) for sequence in moments.sequence]
    if "sent_time" in needed:
        found["sent_time"] = [iso(since) for since in moments.since_1970_s]
    if "gesture" in needed:
        found["gesture"] = [moments.profile.behaviour.gestures[0]] * len(moments.numbers)
    if needed & WHEREABOUTS:
        found["motion"] = moments.is_moving.tolist()
        speed_kmh = np.where(moments.is_moving, moments.profile.motion.speed_kmh, 0.0)
        found["speed_kmh"] = _whole(speed_kmh)
    return found


def fixes(profile: Profile, where: tuple[Floats, Floats], keys: Keys, counts: Counts) -> Columns:
    """Return what receivers tell of where units truly are; each takes four draws of its stream."""
    error_m = profile.behaviour.fix_error_m
    north_m = normals(keys, counts, error_m)
    east_m = normals(keys, counts + np.uint32(2), error_m)
    latitude, longitude = moved(spots(*where), north_m, east_m)
    return {
        "latitude": rounded(latitude, 6).tolist(),
        "longitude": rounded(longitude, 6).tolist(),
        "accuracy_m": [round(error_m)] * len(keys),
    }


def _whole(values: Floats) -> list[int]:
    whole: list[int] = np.rint(values).astype(np.int64).tolist()
    return whole


_UNIT: Mapping[str, Callable[[Moments], Column]] = {
    "serial": lambda units: units.serials,
    "device_id": lambda units: units.device_ids,
    "press_count": lambda units: list(units.presses),
    "sos_active": lambda units: [False] * len(units.numbers),
    "battery_percent": lambda units: _whole(units.level_pct),
    "battery_sixths": lambda units: _whole(units.level_pct * 6 / 100),
    "battery_mv": lambda units: [
        mv_at(units.profile.battery, level) for level in units.level_pct.tolist()
    ],
    "charging": lambda units: [False] * len(units.numbers),
    "low_battery": lambda units: is_low(units.profile.battery, units.level_pct).tolist(),
}
