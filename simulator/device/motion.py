"""Where a device is: a home in a place, and walks around it, as a function of time.

Distances are small, so the earth is flat here: a metre is the same part of a degree everywhere
between two points of a walk.
"""

import math
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from simulator.profile import Motion
from simulator.rng import Stream

METRES_PER_DEGREE = 111_320.0
_CYCLE_S = 5400.0  # one walk in this time
_SLACK = 1.25  # a cycle is this much longer than the longest walk


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
    latitude = start.latitude + north_m / METRES_PER_DEGREE
    scale = max(0.01, math.cos(math.radians(start.latitude)))
    longitude = start.longitude + east_m / (METRES_PER_DEGREE * scale)
    return Position(max(-90.0, min(90.0, latitude)), (longitude + 180.0) % 360.0 - 180.0)


class Mover(Protocol):
    """How a unit moves: a function of the time of the run alone, asked in any order."""

    def at(self, now: float) -> Position:
        """Return where the unit truly is."""
        ...

    def is_moving(self, now: float) -> bool:
        """Return whether the unit is on the move."""
        ...

    def speed_kmh(self, now: float) -> float:
        """Return the speed over ground."""
        ...

    def changes_after(self, now: float) -> float:
        """Return when the unit next begins or ceases to move; infinity when it never does."""
        ...


Walk: TypeAlias = tuple[Position, Position, float, float]
"""From where, to where, and when it begins and ends."""


class Wander:
    """The walks of one unit around its home: in each cycle it rests, walks to a point, and rests.

    A position is a function of the unit and the time alone: it can be asked in any order and costs
    the same however much time has passed.
    """

    __slots__ = ("_chance", "_cycle_s", "_home", "_known", "_motion")

    def __init__(self, motion: Motion, home: Position, chance: Stream) -> None:
        self._motion = motion
        self._home = home
        self._chance = chance
        self._known: tuple[int, Walk] | None = None  # the walk that was asked for last
        self._cycle_s = cycle_s(motion)

    def at(self, now: float) -> Position:
        """Return where the unit truly is."""
        if not self._motion.speed_kmh or not self._motion.roam_m:
            return self._home
        start, end, share = self._walk(now)
        return Position(
            start.latitude + share * (end.latitude - start.latitude),
            start.longitude + share * (end.longitude - start.longitude),
        )

    def is_moving(self, now: float) -> bool:
        """Return whether the unit is on a walk."""
        if not self._motion.speed_kmh or not self._motion.roam_m:
            return False
        return 0.0 < self._walk(now)[2] < 1.0

    def speed_kmh(self, now: float) -> float:
        """Return the speed over ground."""
        return self._motion.speed_kmh if self.is_moving(now) else 0.0

    def changes_after(self, now: float) -> float:
        """Return when the unit next begins or ends a walk; infinity for one that stays."""
        if not self._motion.speed_kmh or not self._motion.roam_m:
            return math.inf
        cycle = int(now // self._cycle_s)
        edges = (edge for walk in (cycle, cycle + 1) for edge in self._walk_of(walk)[2:])
        return next((edge for edge in edges if edge > now), (cycle + 2) * self._cycle_s)

    def _walk(self, now: float) -> tuple[Position, Position, float]:
        """Return the walk of the cycle: from, to, and the share of it that is done."""
        start, end, leaves_s, arrives_s = self._walk_of(int(now // self._cycle_s))
        return start, end, min(1.0, max(0.0, (now - leaves_s) / (arrives_s - leaves_s)))

    def _walk_of(self, cycle: int) -> Walk:
        """Return from where to where the walk of a cycle goes, and when it begins and ends."""
        known = self._known
        if known is None or known[0] != cycle:
            known = self._known = cycle, self._drawn(cycle)
        return known[1]

    def _drawn(self, cycle: int) -> Walk:
        start, end = self._point(cycle), self._point(cycle + 1)
        walk_s = max(1.0, distance_m(start, end) / (self._motion.speed_kmh / 3.6))
        leaves_s = cycle * self._cycle_s + (self._cycle_s - walk_s) * self._chance.at(3 * cycle)
        return start, end, leaves_s, leaves_s + walk_s

    def _point(self, cycle: int) -> Position:
        """Return where the unit is when a cycle begins."""
        reach = self._motion.roam_m
        north = reach * (2.0 * self._chance.at(3 * cycle + 1) - 1.0)
        east = reach * (2.0 * self._chance.at(3 * cycle + 2) - 1.0)
        return moved(self._home, north, east)


def cycle_s(motion: Motion) -> float:
    """Return the time in which a unit takes one walk."""
    longest_m = 2.0 * math.sqrt(2.0) * motion.roam_m
    walk_s = longest_m / (motion.speed_kmh / 3.6) if motion.speed_kmh else 0.0
    return max(_CYCLE_S, _SLACK * walk_s)


def distance_m(one: Position, other: Position) -> float:
    """Return how far two places of one town are apart."""
    north = (other.latitude - one.latitude) * METRES_PER_DEGREE
    scale = math.cos(math.radians(one.latitude))
    east = (other.longitude - one.longitude) * METRES_PER_DEGREE * scale
    return math.hypot(north, east)
