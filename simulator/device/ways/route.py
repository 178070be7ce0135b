"""A route of a run file: who takes it, how, when, and along what."""

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Annotated

from msgspec import Meta, Struct

from simulator.clock import Duration
from simulator.device.area import Corner
from simulator.device.motion import Mover, Position, distance_m
from simulator.device.ways.streets import StreetWalk, Traffic
from simulator.device.ways.timetable import Timetable
from simulator.rng import Stream

Speed = Annotated[float, Meta(gt=0, le=1200)]
Stop = tuple[Annotated[float, Meta(ge=0)], Annotated[float, Meta(ge=0)]]
_NO_STOPS = (0.0, 0.0)
_SHORTEST_S = 0.001


class By(StrEnum):
    """How somebody gets about."""

    FOOT = "foot"
    BICYCLE = "bicycle"
    CAR = "car"
    BUS = "bus"


_TRAFFIC = {
    By.FOOT: Traffic(4.8, 0.2, (2.0, 30.0)),
    By.BICYCLE: Traffic(15.0, 0.25, (2.0, 30.0)),
    By.CAR: Traffic(35.0, 0.4, (3.0, 50.0)),
    By.BUS: Traffic(28.0, 0.5, (10.0, 60.0)),
}


class Then(StrEnum):
    """What follows at the end of a route."""

    STAY = "stay"
    BACK = "back"  # the same way back, and so on
    ROUND = "round"  # from the end straight to the beginning, and so on


class Streets(Struct, frozen=True, forbid_unknown_fields=True):
    """A grid of streets around the home of each device."""

    block_m: Annotated[float, Meta(ge=10, le=5000)] = 110.0  # from crossing to crossing
    reach_m: Annotated[float, Meta(ge=10, le=100_000)] = 1500.0  # from home, north and east


class Route(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"from_s": "from", "within_s": "within"},
):
    """A way, and who takes it. Its waypoints may be those of a file (GPX, GeoJSON)."""

    name: Annotated[str, Meta(min_length=1)]  # draws who takes it, and when
    devices: tuple[str, ...] = ()  # names, profiles or patterns; none: all
    share: Annotated[float, Meta(gt=0, le=1)] = 1.0  # of these devices; the first that fits
    waypoints: tuple[Corner, ...] = ()  # each [latitude, longitude]
    times_s: tuple[Annotated[float, Meta(ge=0)], ...] = ()  # of the waypoints, since its beginning
    streets: Streets | None = None  # in place of waypoints
    by: By = By.FOOT  # decides speed and stops on streets
    speed_kmh: Speed | None = None  # that of `by`, or what the times say, if not given
    stop_s: Stop = (0.0, 0.0)  # at each waypoint
    from_s: Duration = Duration(0.0)  # sets out, since the fleet was switched on
    within_s: Duration = Duration(0.0)  # each at a moment of its own in this time
    then: Then = Then.STAY  # back: the same way, again and again; round: from end to beginning

    def __post_init__(self) -> None:
        if bool(self.waypoints) == (self.streets is not None):
            message = "a route has either waypoints (or a file of them) or streets"
            raise ValueError(message)
        if self.waypoints and len(self.waypoints) < 2:
            message = "a route has two waypoints or more"
            raise ValueError(message)
        if self.times_s and len(self.times_s) != len(self.waypoints):
            message = "times_s has a time for each waypoint, or is not there"
            raise ValueError(message)
        if any(later <= one for one, later in pairwise(self.times_s)):
            message = "times_s goes forward from one waypoint to the next"
            raise ValueError(message)
        if self.stop_s[0] > self.stop_s[1]:
            message = "stop_s is no span: give the shorter one first"
            raise ValueError(message)

    @property
    def speed_ms(self) -> float:
        """Return the speed in metres a second."""
        return (self.speed_kmh or _TRAFFIC[self.by].speed_kmh) / 3.6


def mover_of(route: Route, home: Position, chance: Stream, began_s: float) -> Mover:
    """Return how a unit moves that takes a route; `began_s` is when the fleet was switched on."""
    if route.streets is not None:
        usual = _TRAFFIC[route.by]
        speed_kmh = route.speed_kmh or usual.speed_kmh
        traffic = Traffic(speed_kmh, usual.stop_share, usual.stop_s)
        streets = route.streets
        return StreetWalk(home, chance, traffic, block_m=streets.block_m, reach_m=streets.reach_m)
    leaves_s = began_s + route.from_s + route.within_s * chance.random()
    if route.stop_s == _NO_STOPS:
        return _turn(_Same(route)).later(leaves_s)
    return _timetable(route, chance).later(leaves_s)


class _Same:
    """A route, known by its identity: a long one is not compared point by point."""

    __slots__ = ("route",)

    def __init__(self, route: Route) -> None:
        self.route = route

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.route is other.route

    def __hash__(self) -> int:
        return id(self.route)


@lru_cache(maxsize=16)
def _turn(same: _Same) -> Timetable:
    """Return the one timetable of all who take a route without stops."""
    return _timetable(same.route, Stream(0))


def _timetable(route: Route, chance: Stream) -> Timetable:
    stops = list(_stops(route, chance))
    return Timetable(stops, None if route.then is Then.STAY else stops[-1][0])


def _stops(route: Route, chance: Stream) -> Iterator[tuple[float, Position]]:
    """Yield the places of one turn with their times, in order; none is at two places at once."""
    places = [Position(*corner) for corner in route.waypoints]
    legs_s = [max(_SHORTEST_S, leg_s) for leg_s in _legs_s(route, places)]
    if route.then is Then.BACK:
        places, legs_s = [*places, *places[-2::-1]], [*legs_s, *legs_s[::-1]]
    elif route.then is Then.ROUND:
        closing_s = distance_m(places[-1], places[0]) / route.speed_ms
        places, legs_s = [*places, places[0]], [*legs_s, max(_SHORTEST_S, closing_s)]
    now = 0.0
    yield now, places[0]
    for place, leg_s in zip(places[1:], legs_s, strict=True):
        now += leg_s
        yield now, place
        waits_s = chance.uniform(*route.stop_s)
        if waits_s > 0.0:
            now += waits_s
            yield now, place


def _legs_s(route: Route, places: list[Position]) -> list[float]:
    if route.times_s and route.speed_kmh is None:
        return [later - one for one, later in pairwise(route.times_s)]
    return [distance_m(one, other) / route.speed_ms for one, other in pairwise(places)]
