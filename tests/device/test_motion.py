"""Where devices are: homes in a place, walks around them, and never off the globe."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.device import Place, Position, Wander, moved
from simulator.profile import Motion
from simulator.rng import Rng


def distance_m(one: Position, other: Position) -> float:
    """Return the distance on a sphere."""
    a, b = math.radians(one.latitude), math.radians(other.latitude)
    c = math.radians(other.longitude - one.longitude)
    cosine = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(c)
    return 6_371_000 * math.acos(min(1.0, cosine))


@pytest.mark.parametrize("latitude", [-60.0, -26.2, 0.0, 51.5])
def test_metres_are_metres_at_every_latitude(latitude: float) -> None:
    """A kilometre north or east is a kilometre."""
    start = Position(latitude, 18.0)

    assert distance_m(start, moved(start, 1000.0, 0.0)) == pytest.approx(1000.0, rel=0.01)
    assert distance_m(start, moved(start, 0.0, 1000.0)) == pytest.approx(1000.0, rel=0.01)


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-1e7, 1e7), st.floats(-1e7, 1e7))
def test_no_move_leaves_the_globe(lat: float, lon: float, north: float, east: float) -> None:
    """Poles and the date line are kept."""
    found = moved(Position(lat, lon), north, east)

    assert -90 <= found.latitude <= 90
    assert -180 <= found.longitude <= 180


def test_homes_lie_within_the_place() -> None:
    """A thousand homes, spread over the circle."""
    place = Place(-33.9, 18.4, 5000.0)
    centre = Position(-33.9, 18.4)
    stream = Rng(1).stream(1, "home")
    away = [distance_m(centre, place.home(stream)) for _ in range(1000)]

    assert max(away) < 5050.0
    assert sum(a > 2500 for a in away) > 700


def test_what_does_not_move_stays_home() -> None:
    """A button on the wall."""
    home = Position(1.0, 2.0)
    still = Wander(Motion(), home, Rng(1).stream(1, "walk"))

    assert {still.at(t) for t in (0.0, 1e4, 1e6)} == {home}


def test_a_walk_keeps_its_speed_and_its_range() -> None:
    """Sampled every ten seconds for two days."""
    home = Position(-26.0, 28.0)
    walk = Wander(Motion(speed_kmh=5.0, roam_m=800.0), home, Rng(4).stream(1, "walk"))
    track = [walk.at(10.0 * step) for step in range(17_280)]
    steps = [distance_m(a, b) for a, b in itertools.pairwise(track)]

    assert max(steps) <= 10.0 * 5.0 / 3.6 * 1.02
    assert max(distance_m(home, at) for at in track) < 800.0 * 1.45
    assert 0.02 < sum(step > 1.0 for step in steps) / len(steps) < 0.6


def test_a_position_does_not_depend_on_what_was_asked_before() -> None:
    """Any order of times gives the same positions."""

    def walk() -> Wander:
        motion = Motion(speed_kmh=5.0, roam_m=800.0)
        return Wander(motion, Position(-26.0, 28.0), Rng(4).stream(1, "walk"))

    times = [3600.0 * hour for hour in range(48)]
    forward, backward = walk(), walk()

    assert [forward.at(t) for t in times] == [backward.at(t) for t in reversed(times)][::-1]


def test_a_walk_says_when_it_next_begins_or_ends() -> None:
    """Between two changes the unit either walks all the time, or not at all."""
    walk = Wander(Motion(speed_kmh=5.0, roam_m=800.0), Position(-26.0, 28.0), Rng(4).stream(1, "w"))
    edges = [walk.changes_after(0.0)]
    while len(edges) < 40:
        edges.append(walk.changes_after(edges[-1]))
    states = [
        {walk.is_moving(a + share * (b - a)) for share in (0.05, 0.5, 0.95)}
        for a, b in itertools.pairwise(edges)
    ]

    assert edges == sorted(set(edges))
    assert all(len(state) == 1 for state in states)
    assert {True} in states
    assert {False} in states


def test_what_does_not_move_never_changes() -> None:
    """A button on the wall."""
    still = Wander(Motion(), Position(1.0, 2.0), Rng(1).stream(1, "walk"))

    assert still.changes_after(0.0) == math.inf
