"""The homes and walks of many units at once: what `motion` says of one, to the last bit."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.device.motion import METRES_PER_DEGREE, Place, cycle_s
from simulator.draws import Floats, Keys, draws, each
from simulator.profile import Motion

_RADIANS = math.pi / 180.0


class Spots(NamedTuple):
    """Places of many units, in degrees; `narrow` is how much shorter a degree of longitude is."""

    latitude: Floats
    longitude: Floats
    narrow: Floats

    def take(self, which: NDArray[np.intp]) -> "Spots":
        """Return some of them."""
        return Spots(*(column[which] for column in self))


def spots(latitude: Floats, longitude: Floats) -> Spots:
    """Return places with what their latitude does to a degree of longitude."""
    return Spots(latitude, longitude, np.maximum(0.01, each(math.cos, latitude * _RADIANS)))


def homes(place: Place, keys: Keys) -> tuple[Floats, Floats]:
    """Return latitudes and longitudes of the homes of units, given the keys of their streams."""
    distance = place.radius_m * np.sqrt(draws(keys, 0))
    angle = 2.0 * math.pi * draws(keys, 1)
    centre = spots(np.array([place.latitude]), np.array([place.longitude]))
    return moved(centre, distance * each(math.cos, angle), distance * each(math.sin, angle))


def moved(start: Spots, north_m: Floats, east_m: Floats) -> tuple[Floats, Floats]:
    """Return the places so many metres north and east; they stay on the globe."""
    latitude = start.latitude + north_m / METRES_PER_DEGREE
    longitude = start.longitude + east_m / (METRES_PER_DEGREE * start.narrow)
    return np.maximum(-90.0, np.minimum(90.0, latitude)), (longitude + 180.0) % 360.0 - 180.0


class Walks:
    """The walks of units, each at a time of its own: given their homes, keys and these times."""

    def __init__(self, motion: Motion, home: Spots, keys: Keys, at_s: Floats) -> None:
        self._motion = motion
        self._home = home
        self._keys = keys
        self._at_s = at_s
        self._goes = bool(motion.speed_kmh and motion.roam_m)
        if not self._goes:
            return
        self._cycle_s = cycle_s(motion)
        self._cycle = (at_s // self._cycle_s).astype(np.uint64)
        self._start, self._end, leaves_s, arrives_s = self._of(self._cycle)
        self._edges = leaves_s, arrives_s
        share = (at_s - leaves_s) / (arrives_s - leaves_s)
        self._share = np.minimum(1.0, np.maximum(0.0, share))

    def at(self) -> tuple[Floats, Floats]:
        """Return the latitudes and longitudes where the units truly are."""
        if not self._goes:
            return self._home.latitude, self._home.longitude
        (from_lat, from_lon), (to_lat, to_lon), share = self._start, self._end, self._share
        return from_lat + share * (to_lat - from_lat), from_lon + share * (to_lon - from_lon)

    @property
    def is_moving(self) -> NDArray[np.bool_]:
        """Return which units are on a walk."""
        if not self._goes:
            return np.zeros(len(self._at_s), bool)
        moving: NDArray[np.bool_] = (self._share > 0.0) & (self._share < 1.0)
        return moving

    def changes_after(self) -> Floats:
        """Return when each unit next begins or ends a walk; infinity for those that stay."""
        at_s = self._at_s
        if not self._goes:
            return np.full(len(at_s), np.inf)
        leaves_s, arrives_s = self._edges
        changes = np.where(leaves_s > at_s, leaves_s, arrives_s)
        late = np.flatnonzero(changes <= at_s)
        if late.size:
            following = self._cycle[late] + np.uint64(1)
            *_, leaves_s, arrives_s = self._of(following, late)
            now = at_s[late]
            ends_s = (following + np.uint64(1)).astype(np.float64) * self._cycle_s
            after = np.where(arrives_s > now, arrives_s, ends_s)
            changes[late] = np.where(leaves_s > now, leaves_s, after)
        return changes

    def _of(
        self, cycle: NDArray[np.uint64], which: NDArray[np.intp] | None = None
    ) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats], Floats, Floats]:
        """Return from where to where the walks of cycles go, and when they begin and end."""
        home, keys = self._home, self._keys
        if which is not None:
            home, keys = home.take(which), keys[which]
        start = self._point(home, keys, cycle)
        end = self._point(home, keys, cycle + np.uint64(1))
        north = (end[0] - start[0]) * METRES_PER_DEGREE
        narrow = each(math.cos, start[0] * _RADIANS)
        east = (end[1] - start[1]) * METRES_PER_DEGREE * narrow
        paced = zip(north.tolist(), east.tolist(), strict=True)
        distance = np.fromiter((math.hypot(*one) for one in paced), np.float64, len(north))
        walk_s = np.maximum(1.0, distance / (self._motion.speed_kmh / 3.6))
        chance = draws(keys, np.uint64(3) * cycle)
        leaves_s = cycle.astype(np.float64) * self._cycle_s + (self._cycle_s - walk_s) * chance
        return start, end, leaves_s, leaves_s + walk_s

    def _point(self, home: Spots, keys: Keys, cycle: NDArray[np.uint64]) -> tuple[Floats, Floats]:
        """Return where the units are when a cycle begins."""
        reach, count = self._motion.roam_m, np.uint64(3) * cycle
        north = reach * (2.0 * draws(keys, count + np.uint64(1)) - 1.0)
        east = reach * (2.0 * draws(keys, count + np.uint64(2)) - 1.0)
        return moved(home, north, east)
