"""Walks and drives on a grid of streets: along blocks, with turns, and stops at crossings.

There is no map: the grid is drawn around the home. What a person sees of it is what matters to a
tracker: right angles, stops, and a speed that is that of the traffic.
"""

import math
from dataclasses import dataclass

from simulator.device.motion import Position, moved
from simulator.device.ways.timetable import Timetable
from simulator.rng import Stream

_CYCLE_S = 5400.0  # one trip in this time
_SLACK = 1.25
_DRAWS = 4096  # chances of one trip, at most


@dataclass(frozen=True, slots=True)
class Traffic:
    """How somebody gets about: speed, and where they stop."""

    speed_kmh: float
    stop_share: float  # of the crossings
    stop_s: tuple[float, float]


class StreetWalk:
    """The trips of one unit: in each cycle it rests, goes to another crossing, and rests.

    A position is a function of the unit and the time alone; the trip of the latest cycle that was
    asked for is kept at hand.
    """

    __slots__ = ("_block_m", "_chance", "_cycle_s", "_home", "_reach", "_traffic", "_trip")

    def __init__(
        self, home: Position, chance: Stream, traffic: Traffic, *, block_m: float, reach_m: float
    ) -> None:
        self._home = home
        self._chance = chance
        self._traffic = traffic
        self._block_m = block_m
        self._reach = max(1, min(400, math.floor(reach_m / block_m)))
        most_blocks = 4 * self._reach
        block_s = block_m / (traffic.speed_kmh / 3.6) + traffic.stop_share * traffic.stop_s[1]
        self._cycle_s = max(_CYCLE_S, _SLACK * most_blocks * (block_s + 1.0))
        self._trip: tuple[int, Timetable] | None = None

    def at(self, now: float) -> Position:
        """Return where the unit truly is."""
        return self._trip_of(self._cycle(now)).at(now)

    def is_moving(self, now: float) -> bool:
        """Return whether the unit is on its way, and does not wait at a crossing."""
        return self._trip_of(self._cycle(now)).is_moving(now)

    def speed_kmh(self, now: float) -> float:
        """Return the speed over ground."""
        return self._trip_of(self._cycle(now)).speed_kmh(now)

    def changes_after(self, now: float) -> float:
        """Return when the unit next sets out or stops."""
        cycle = self._cycle(now)
        for later in range(cycle, cycle + 4):
            change = self._trip_of(later).changes_after(now)
            if change < math.inf:
                return change
        return (cycle + 4) * self._cycle_s

    def _cycle(self, now: float) -> int:
        return int(now // self._cycle_s)

    def _trip_of(self, cycle: int) -> Timetable:
        if self._trip is None or self._trip[0] != cycle:
            self._trip = cycle, self._drawn(cycle)
        return self._trip[1]

    def _drawn(self, cycle: int) -> Timetable:
        """Return the trip of a cycle: from crossing to crossing, one block after the other."""
        (north, east), (to_north, to_east) = self._crossing(cycle), self._crossing(cycle + 1)
        base = _DRAWS * cycle + 4
        way, number = [(0.0, north, east)], 0
        now = 0.0
        while (north, east) != (to_north, to_east):
            goes_north = self._turns_north(to_north - north, to_east - east, base + number)
            if goes_north:
                north += math.copysign(1, to_north - north)
            else:
                east += math.copysign(1, to_east - east)
            now += self._block_m / (self._traffic.speed_kmh / 3.6)
            way.append((now, north, east))
            waits_s = self._waits(base + number + 1)
            if waits_s and (north, east) != (to_north, to_east):
                now += waits_s
                way.append((now, north, east))
            number += 3
        spare_s = max(0.0, self._cycle_s - now)
        leaves_s = cycle * self._cycle_s + spare_s * self._chance.at(_DRAWS * cycle)
        return Timetable([(leaves_s + at_s, self._place(n, e)) for at_s, n, e in way])

    def _turns_north(self, north: float, east: float, draw: int) -> bool:
        if not north or not east:
            return bool(north)
        return self._chance.at(draw) < abs(north) / (abs(north) + abs(east))

    def _waits(self, draw: int) -> float:
        traffic = self._traffic
        if self._chance.at(draw) >= traffic.stop_share:
            return 0.0
        low, high = traffic.stop_s
        return low + (high - low) * self._chance.at(draw + 1)

    def _crossing(self, cycle: int) -> tuple[float, float]:
        """Return the crossing where the unit is when a cycle begins, in blocks from home."""
        spread = 2 * self._reach + 1
        north = math.floor(self._chance.at(_DRAWS * cycle + 1) * spread) - self._reach
        east = math.floor(self._chance.at(_DRAWS * cycle + 2) * spread) - self._reach
        return float(north), float(east)

    def _place(self, north: float, east: float) -> Position:
        return moved(self._home, north * self._block_m, east * self._block_m)
