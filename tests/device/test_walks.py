"""Walks of many units are the walks of each, to the last bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.device import Place, Position, Wander
from simulator.device import moved as moved_one
from simulator.device.motion import cycle_s
from simulator.device.walks import Walks, homes, moved, spots
from simulator.draws import device_keys, stream_keys
from simulator.profile import Motion
from simulator.rng import Rng, device_key

MOTIONS = [Motion(speed_kmh=5, roam_m=1000), Motion(speed_kmh=40, roam_m=9000), Motion()]
FAR = st.floats(-4e7, 4e7)


@given(
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.lists(st.tuples(FAR, FAR), min_size=1, max_size=5),
)
def test_moving_many_is_moving_each(
    lat: float, lon: float, ways: list[tuple[float, float]]
) -> None:
    """At the poles and over the date line too."""
    start = spots(np.full(len(ways), lat), np.full(len(ways), lon))
    north, east = (np.array(column) for column in zip(*ways, strict=True))

    many = zip(*(column.tolist() for column in moved(start, north, east)), strict=True)

    each = (moved_one(Position(lat, lon), *way) for way in ways)
    assert list(many) == [(one.latitude, one.longitude) for one in each]


@pytest.mark.parametrize("motion", MOTIONS)
@given(st.integers(0, 99), st.lists(st.floats(0, 4e6), min_size=1, max_size=5))
def test_walking_many_is_walking_each(motion: Motion, seed: int, times: list[float]) -> None:
    """Where they are, whether they move, and when that changes: edges of cycles included."""
    rng, place = Rng(seed), Place(latitude=61.0)
    edges = [cycle_s(motion) * round(at / cycle_s(motion)) for at in times]
    times = [*times, *edges]
    numbers = np.arange(1, len(times) + 1).astype(np.uint64)
    keys = device_keys("d", numbers)
    home = spots(*homes(place, stream_keys(rng, keys, "home")))
    walks = Walks(motion, home, stream_keys(rng, keys, "walk"), np.array(times))
    latitude, longitude = walks.at()

    for at, now in enumerate(times):
        key = device_key("d", at + 1)
        its_home = place.home(rng.stream(key, "home"))
        wander = Wander(motion, its_home, rng.stream(key, "walk"))
        assert Position(float(home.latitude[at]), float(home.longitude[at])) == its_home
        assert Position(float(latitude[at]), float(longitude[at])) == wander.at(now)
        assert bool(walks.is_moving[at]) == wander.is_moving(now)
        assert float(walks.changes_after()[at]) == wander.changes_after(now)
