"""A way that a person goes, given by a scenario instead of drawn by chance."""

import math
from bisect import bisect_right
from collections.abc import Sequence

from simulator.device import Position, Wander

_METRES_PER_DEGREE = 111_320.0


class Route(Wander):
    """Positions at times of the run; straight between two of them, at rest before and after."""

    __slots__ = ("_stops",)

    def __init__(self, stops: Sequence[tuple[float, Position]]) -> None:
        self._stops = tuple(stops)

    def at(self, now: float) -> Position:
        """Return where the unit truly is."""
        after = bisect_right(self._stops, now, key=lambda stop: stop[0])
        if after in (0, len(self._stops)):
            return self._stops[max(0, after - 1)][1]
        (left_s, one), (reached_s, other) = self._stops[after - 1 : after + 1]
        share = (now - left_s) / (reached_s - left_s)
        return Position(
            one.latitude + share * (other.latitude - one.latitude),
            one.longitude + share * (other.longitude - one.longitude),
        )

    def is_moving(self, now: float) -> bool:
        """Return whether the unit is on its way."""
        return self._stops[0][0] < now < self._stops[-1][0]

    def changes_after(self, now: float) -> float:
        """Return when the unit next sets out or arrives; infinity when it has arrived for good."""
        edges = (self._stops[0][0], self._stops[-1][0])
        return next((edge for edge in edges if edge > now), math.inf)


def distance_m(one: Position, other: Position) -> float:
    """Return how far two places of one town are apart."""
    north = (other.latitude - one.latitude) * _METRES_PER_DEGREE
    east = (other.longitude - one.longitude) * _METRES_PER_DEGREE
    return math.hypot(north, east * math.cos(math.radians(one.latitude)))
