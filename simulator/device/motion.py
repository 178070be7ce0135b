"""Where a device is: a home in a place, and walks around it, as a function of time.

Distances are small, so the earth is flat here: a metre is the same part of a degree everywhere
between two points of a walk.
"""

import math
from dataclasses import dataclass

from simulator.profile import Motion
from simulator.rng import Stream

_METRES_PER_DEGREE = 111_320.0
_REST_S = 5400.0  # mean stay between two walks


@dataclass(frozen=True, slots=True)
class Position:
    """Degrees; south and west are negative."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fleet lives: homes are spread evenly over a circle."""

    latitude: float = -26.2041
    longitude: float = 28.0473
    radius_m: float = 8000.0

    def home(self, chance: Stream) -> Position:
        """Draw the home of one unit."""
        distance = self.radius_m * math.sqrt(chance.random())
        angle = 2.0 * math.pi * chance.random()
        centre = Position(self.latitude, self.longitude)
        return moved(centre, distance * math.cos(angle), distance * math.sin(angle))


def moved(start: Position, north_m: float, east_m: float) -> Position:
    """Return the position so many metres north and east; stays on the globe."""
    latitude = start.latitude + north_m / _METRES_PER_DEGREE
    scale = max(0.01, math.cos(math.radians(start.latitude)))
    longitude = start.longitude + east_m / (_METRES_PER_DEGREE * scale)
    return Position(max(-90.0, min(90.0, latitude)), (longitude + 180.0) % 360.0 - 180.0)


class Wander:
    """The walks of one unit around its home: rest, walk to a random point, rest, ...

    Slotted and mutable; asked for times that do not run backwards.
    """

    __slots__ = ("_chance", "_from", "_home", "_leaves_s", "_motion", "_reaches_s", "_to")

    def __init__(self, motion: Motion, home: Position, chance: Stream) -> None:
        self._motion = motion
        self._home = home
        self._chance = chance
        self._from = self._to = home
        self._leaves_s = self._reaches_s = 0.0

    def at(self, now: float) -> Position:
        """Return where the unit truly is."""
        if not self._motion.speed_kmh or not self._motion.roam_m:
            return self._home
        while now >= self._reaches_s:
            self._next_leg()
        if now <= self._leaves_s:
            return self._from
        share = (now - self._leaves_s) / (self._reaches_s - self._leaves_s)
        return Position(
            self._from.latitude + share * (self._to.latitude - self._from.latitude),
            self._from.longitude + share * (self._to.longitude - self._from.longitude),
        )

    def is_moving(self, now: float) -> bool:
        """Return whether the unit is on a walk; ask after `at(now)`."""
        return self._leaves_s < now < self._reaches_s

    def _next_leg(self) -> None:
        reach = self._motion.roam_m
        north = self._chance.uniform(-reach, reach)
        east = self._chance.uniform(-reach, reach)
        self._from, self._to = self._to, moved(self._home, north, east)
        self._leaves_s = self._reaches_s + self._chance.exponential(_REST_S)
        walk_s = _distance_m(self._from, self._to) / (self._motion.speed_kmh / 3.6)
        self._reaches_s = self._leaves_s + max(1.0, walk_s)


def _distance_m(one: Position, other: Position) -> float:
    north = (other.latitude - one.latitude) * _METRES_PER_DEGREE
    scale = math.cos(math.radians(one.latitude))
    east = (other.longitude - one.longitude) * _METRES_PER_DEGREE * scale
    return math.hypot(north, east)
