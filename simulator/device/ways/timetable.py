"""Positions at times: a way that is known in advance, walked once or round and round."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from simulator.device.motion import Position, distance_m

_MS_TO_KMH = 3.6


class Timetable:
    """A mover that is at places at times of the run; straight between two of them.

    It rests before the first and after the last, unless `period_s` lets all of it come again.
    """

    __slots__ = ("_edges", "_leaves_s", "_period_s", "_stops")

    def __init__(
        self, stops: Sequence[tuple[float, Position]], period_s: float | None = None
    ) -> None:
        self._stops = tuple(stops)
        self._period_s = period_s
        self._edges = tuple(_edges(self._stops))
        self._leaves_s = 0.0

    def later(self, by_s: float) -> "Timetable":
        """Return the same timetable so much later; both share their stops."""
        made = Timetable.__new__(Timetable)
        made._stops, made._edges, made._period_s = self._stops, self._edges, self._period_s
        made._leaves_s = self._leaves_s + by_s
        return made

    def at(self, now: float) -> Position:
        """Return where the unit truly is."""
        one, other, share = self._leg(self._own(now))
        if share <= 0.0 or one[1] == other[1]:
            return one[1]
        return Position(
            one[1].latitude + share * (other[1].latitude - one[1].latitude),
            one[1].longitude + share * (other[1].longitude - one[1].longitude),
        )

    def is_moving(self, now: float) -> bool:
        """Return whether the unit is on its way."""
        one, other, _ = self._leg(self._own(now))
        return one[1] != other[1]

    def speed_kmh(self, now: float) -> float:
        """Return the speed over ground."""
        one, other, _ = self._leg(self._own(now))
        if one[1] == other[1]:
            return 0.0
        return _MS_TO_KMH * distance_m(one[1], other[1]) / (other[0] - one[0])

    def changes_after(self, now: float) -> float:
        """Return when the unit next sets out or stops; infinity when it has come to rest."""
        own_s = self._own(now)
        after = bisect_right(self._edges, own_s)
        if after < len(self._edges):
            return now - own_s + self._edges[after]
        if self._period_s is None or not self._edges:
            return math.inf
        return now - own_s + self._period_s + self._edges[0] - self._stops[0][0]

    def _own(self, now: float) -> float:
        """Return the time in the timetable that a time of the run is."""
        now -= self._leaves_s
        began_s = self._stops[0][0]
        if self._period_s is None or now < began_s:
            return now
        return began_s + (now - began_s) % self._period_s

    def _leg(self, now: float) -> tuple[tuple[float, Position], tuple[float, Position], float]:
        """Return the two stops that a time is between, and the share of the way that is done."""
        after = bisect_right(self._stops, now, key=_time)
        if after in (0, len(self._stops)):
            stop = self._stops[max(0, after - 1)]
            return stop, stop, 0.0
        one, other = self._stops[after - 1 : after + 1]
        return one, other, (now - one[0]) / (other[0] - one[0])


def _time(stop: tuple[float, Position]) -> float:
    return stop[0]


def _edges(stops: Sequence[tuple[float, Position]]) -> list[float]:
    """Return the times at which a timetable begins or ceases to move."""
    edges: list[float] = []
    was_moving = False
    for (left_s, one), (_, other) in pairwise(stops):
        if (one != other) != was_moving:
            edges.append(left_s)
            was_moving = not was_moving
    return [*edges, stops[-1][0]] if was_moving else edges
