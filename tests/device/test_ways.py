"""Ways: given routes and street grids as functions of time, and the files that tell of them."""

import itertools
import json
import math
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.clock import Duration, read_duration
from simulator.device import PowerOn
from simulator.device.motion import Mover, Position, distance_m
from simulator.device.ways import (
    Route,
    Streets,
    Timetable,
    WayFileError,
    mover_of,
    read_area,
    read_way,
)
from simulator.device.ways.route import By, Then
from simulator.frame import Kind
from simulator.rng import Rng
from tests.device.units import live, unit

HOME = Position(-26.2, 28.0)
WAY = ((-26.2, 28.0), (-26.21, 28.0), (-26.21, 28.02))
GPX = """<?xml version="1.0"?>
<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1"><trk><trkseg>
<trkpt lat="-26.2" lon="28.0"><time>2026-01-01T00:00:00Z</time></trkpt>
<trkpt lat="-26.21" lon="28.01"><time>2026-01-01T00:20:00Z</time></trkpt>
</trkseg></trk></gpx>"""


def taken(**keys: object) -> Mover:
    """Return the mover of a route that one unit takes."""
    route = msgspec.convert({"name": "r"} | keys, Route, dec_hook=read_duration)
    return mover_of(route, HOME, Rng(5).stream(1, "route"), 100.0)


def moves_on_streets(by: By = By.FOOT) -> Mover:
    """Return somebody who gets about on a grid of streets."""
    route = Route(name="town", streets=Streets(), by=by)
    return mover_of(route, HOME, Rng(5).stream(1, "route"), 0.0)


def test_a_route_is_taken_at_its_speed() -> None:
    """A kilometre at 6 km/h is ten minutes; before and after it the unit rests."""
    walk = taken(waypoints=[[-26.2, 28.0], [-26.20898, 28.0]], speed_kmh=6.0, **{"from": "50s"})

    assert walk.at(0.0) == walk.at(150.0) == Position(-26.2, 28.0)
    assert walk.changes_after(0.0) == 150.0
    assert walk.changes_after(151.0) == pytest.approx(750.0, abs=1.0)
    assert walk.speed_kmh(400.0) == pytest.approx(6.0)
    assert not walk.is_moving(800.0)
    assert walk.at(1e6).latitude == pytest.approx(-26.20898)
    assert walk.changes_after(1e6) == math.inf


def test_a_way_back_comes_again_and_again() -> None:
    """To the end, back to the beginning, and so on."""
    walk = taken(waypoints=WAY, then="back", speed_kmh=36.0)
    turn_s = 2 * sum(
        distance_m(Position(*a), Position(*b)) / 10.0 for a, b in itertools.pairwise(WAY)
    )

    assert walk.at(100.0 + turn_s / 2) == Position(*WAY[-1])
    assert distance_m(walk.at(100.0 + turn_s * 7), Position(*WAY[0])) < 1.0
    assert walk.is_moving(1e6)


def test_a_round_goes_home_straight() -> None:
    """From the last place to the first."""
    walk = taken(waypoints=WAY, then=Then.ROUND, speed_kmh=36.0)
    track = [walk.at(100.0 + 5.0 * n) for n in range(2000)]

    assert max(distance_m(a, b) for a, b in itertools.pairwise(track)) < 51.0
    assert min(distance_m(at, Position(-26.205, 28.01)) for at in track) < 100.0


def test_a_bus_stops_where_it_stops() -> None:
    """So long at each place; stopping is noticed."""
    walk = taken(waypoints=WAY, stop_s=[60.0, 60.0], speed_kmh=36.0)
    arrives_s = walk.changes_after(101.0)

    assert distance_m(walk.at(arrives_s), Position(*WAY[1])) < 1.0
    assert walk.at(arrives_s + 59.0) == walk.at(arrives_s + 1.0)
    assert not walk.is_moving(arrives_s + 30.0)
    assert walk.changes_after(arrives_s + 1.0) == pytest.approx(arrives_s + 60.0)


def test_the_times_of_a_recording_are_kept() -> None:
    """Unless a speed is asked for."""
    timed = taken(waypoints=WAY, times_s=[0.0, 1000.0, 3000.0])

    assert distance_m(timed.at(1100.0), Position(*WAY[1])) < 1.0
    assert timed.changes_after(101.0) == 3100.0


@pytest.mark.parametrize("by", By)
def test_a_grid_has_right_angles_and_its_own_speed(by: By) -> None:
    """Every step is along one axis, and none is faster than the traffic."""
    walk = moves_on_streets(by)
    track = [walk.at(5.0 * n) for n in range(20_000)]
    steps = [
        (abs(b.latitude - a.latitude), abs(b.longitude - a.longitude))
        for a, b in itertools.pairwise(track)
    ]
    limits = {By.FOOT: 4.8, By.BICYCLE: 15.0, By.CAR: 35.0, By.BUS: 28.0}

    fast = max(distance_m(a, b) for a, b in itertools.pairwise(track))
    assert fast <= 5.0 * limits[by] / 3.6 * 1.01
    assert sum(1 for north, east in steps if north > 1e-7 and east > 1e-7) < 0.1 * len(steps)
    assert any(north > 1e-7 for north, _ in steps)
    assert any(east > 1e-7 for _, east in steps)
    assert max(distance_m(HOME, at) for at in track) < 1500.0 * 1.45


def test_who_goes_by_car_waits_at_crossings() -> None:
    """Between two moves of one trip it stands still for seconds."""
    drive = moves_on_streets(By.CAR)
    edges = [drive.changes_after(0.0)]
    while len(edges) < 60:
        edges.append(drive.changes_after(edges[-1]))
    rests = [b - a for a, b in itertools.pairwise(edges) if not drive.is_moving((a + b) / 2)]

    assert sum(3.0 <= rest <= 50.0 for rest in rests) > len(rests) / 2


def test_all_who_take_a_route_share_its_stops() -> None:
    """A long recording is kept once, however many take it; each sets out at its own time."""
    route = Route(name="r", waypoints=WAY, within_s=Duration(600.0), then=Then.BACK)
    one, other = (mover_of(route, HOME, Rng(5).stream(n, "r"), 0.0) for n in (1, 2))
    assert isinstance(one, Timetable)
    assert isinstance(other, Timetable)
    apart_s = other.changes_after(-1.0) - one.changes_after(-1.0)

    assert one._stops is other._stops
    assert apart_s != 0.0
    assert distance_m(one.at(900.0), other.at(900.0 + apart_s)) < 0.01


@given(st.lists(st.floats(0, 5e5), min_size=2, max_size=30))
def test_a_position_does_not_depend_on_what_was_asked_before(times: list[float]) -> None:
    """Any order of times gives the same positions."""
    one, other = moves_on_streets(By.CAR), moves_on_streets(By.CAR)

    assert [one.at(t) for t in times] == [other.at(t) for t in reversed(times)][::-1]


@given(
    st.lists(st.tuples(st.floats(1, 100), st.integers(0, 2)), min_size=1, max_size=8),
    st.booleans(),
    st.floats(0, 5000),
)
def test_between_two_changes_a_unit_moves_or_rests(
    legs: list[tuple[float, int]], comes_again: bool, now: float
) -> None:
    """`changes_after` skips none."""
    stops, at_s = [(0.0, Position(0.0, 0.0))], 0.0
    for lasts_s, place in legs:
        at_s += lasts_s
        stops.append((at_s, Position(0.0, float(place))))
    walk = Timetable(stops, at_s if comes_again else None)
    change = min(walk.changes_after(now), now + 1000.0)
    inside = [now + share * (change - now) for share in (0.01, 0.3, 0.7, 0.99)]

    assert change > now
    assert len({walk.is_moving(at) for at in inside}) == 1


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({}, "either waypoints"),
        ({"waypoints": WAY, "streets": {}}, "either waypoints"),
        ({"waypoints": WAY[:1]}, "two waypoints"),
        ({"waypoints": [[95.0, 0.0], [0.0, 0.0]]}, "<= 90"),
        ({"waypoints": [[0.0, 0.0], [0.0, 181.0]]}, "<= 180"),
        ({"waypoints": WAY, "times_s": [0.0, 1.0]}, "each waypoint"),
        ({"waypoints": WAY, "times_s": [0.0, 2.0, 1.0]}, "forward"),
        ({"waypoints": WAY, "stop_s": [5.0, 1.0]}, "no span"),
        ({"waypoints": WAY, "by": "horse"}, "horse"),
        ({"waypoints": WAY, "speed_kmh": -5}, "> 0"),
    ],
)
def test_an_impossible_route_is_refused(keys: dict[str, object], says: str) -> None:
    """Such as one that leaves the earth."""
    with pytest.raises(msgspec.ValidationError, match=says):
        msgspec.convert({"name": "r"} | keys, Route, dec_hook=read_duration)


def test_routes_set_out_one_after_the_other() -> None:
    """Within the time that is given for it, each at a moment of its own."""
    route = Route(name="r", waypoints=WAY, within_s=Duration(600.0))
    leaves = [
        mover_of(route, HOME, Rng(5).stream(n, "r"), 0.0).changes_after(-1.0) for n in range(50)
    ]

    assert 0.0 <= min(leaves) < 60.0
    assert 540.0 < max(leaves) <= 600.0


def written(path: Path, text: str) -> Path:
    """Return a path with a text in it."""
    path.write_text(text)
    return path


def test_a_recorded_track_is_read_with_its_times(tmp_path: Path) -> None:
    """GPX with a namespace, as phones write it."""
    way = read_way(written(tmp_path / "a.gpx", GPX))

    assert way.waypoints == ((-26.2, 28.0), (-26.21, 28.01))
    assert way.times_s == (0.0, 1200.0)


def test_a_planned_route_has_no_times(tmp_path: Path) -> None:
    """GPX without a namespace."""
    text = '<gpx><rte><rtept lat="1" lon="2"/><rtept lat="3" lon="4"/></rte></gpx>'
    way = read_way(written(tmp_path / "a.gpx", text))

    assert way == (((1.0, 2.0), (3.0, 4.0)), ())


@pytest.mark.parametrize("nested", ["bare", "feature", "collection", "geometries"])
def test_lines_of_geojson_put_the_longitude_first(tmp_path: Path, nested: str) -> None:
    """However deep they are in collections."""
    line = {"type": "LineString", "coordinates": [[28.0, -26.2], [28.1, -26.3, 1500.0]]}
    feature = {"type": "Feature", "geometry": line, "properties": {}}
    shapes: dict[str, object] = {
        "bare": line,
        "feature": feature,
        "collection": {"type": "FeatureCollection", "features": [feature]},
        "geometries": {"type": "GeometryCollection", "geometries": [line]},
    }
    way = read_way(written(tmp_path / "a.geojson", json.dumps(shapes[nested])))

    assert way.waypoints == ((-26.2, 28.0), (-26.3, 28.1))


def test_a_polygon_is_an_area(tmp_path: Path) -> None:
    """Its outer ring, without the corner that closes it."""
    ring = [[28.0, -26.0], [28.1, -26.0], [28.1, -26.1], [28.0, -26.0]]
    text = json.dumps({"type": "Polygon", "coordinates": [ring]})

    assert read_area(written(tmp_path / "a.json", text)) == (
        (-26.0, 28.0), (-26.0, 28.1), (-26.1, 28.1),
    )  # fmt: skip


BOMB = """<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><gpx><trk><name>&b;</name></trk></gpx>"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (BOMB, "no GPX that may be read"),
        ("<gpx>", "no GPX"),
        ("<gpx/>", "has no way"),
        ('<gpx><trkpt lat="91" lon="0"/><trkpt lat="1" lon="0"/></gpx>', "leaves the earth"),
        ('<gpx><trkpt lat="x" lon="0"/><trkpt lat="1" lon="0"/></gpx>', "'x'"),
        ('<gpx><trkpt lat="nan" lon="0"/><trkpt lat="1" lon="0"/></gpx>', "leaves the earth"),
        ("{", "neither GPX nor GeoJSON"),
        ("[1]", "no GeoJSON"),
        ('{"type": "LineString", "coordinates": [[28, -26], [28]]}', r"\[28\]"),
        ('{"type": "LineString", "coordinates": 5}', "has no way"),
        ('{"type": "MultiLineString", "coordinates": [5]}', "list of coordinates"),
        ('{"type": "Point", "coordinates": [1, 2]}', "has no way"),
        ("[" * 100_000, "neither GPX nor GeoJSON"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """With its path and what is wrong; a bomb does not go off."""
    with pytest.raises(WayFileError, match=says) as caught:
        read_way(written(tmp_path / "bad.file", text))

    assert "bad.file" in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """And so is a folder."""
    for path in (tmp_path / "absent.gpx", tmp_path):
        with pytest.raises(WayFileError, match="cannot be read"):
            read_way(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "coordinates", "features", "geometry", "geometries", "x"]),
            inner | st.sampled_from(["LineString", "Polygon", "MultiPolygon", "MultiLineString"]),
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_whatever_json_a_file_has_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, value: object
) -> None:
    """Never an error of another kind."""
    path = tmp_path_factory.getbasetemp() / "fuzz.json"
    path.write_text(json.dumps(value))

    for read in (read_way, read_area):
        try:
            read(path)
        except WayFileError:
            continue


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"<gpx>{text}".encode()))
def test_whatever_bytes_a_file_has_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    """Never an error of another kind."""
    path = tmp_path_factory.getbasetemp() / "fuzz.gpx"
    path.write_bytes(content)

    with pytest.raises(WayFileError):
        read_way(path)


def test_a_tracker_notices_that_it_is_carried_away() -> None:
    """At once, and then by its period on the move, although it had planned to rest."""
    tracker = unit("gt06")
    assert tracker.profile.behaviour.position_moving_s
    tracker.carry(Timetable([(0.0, HOME)]))
    tracker.wake(0.0, [PowerOn(cold=False)])
    tracker.carry(Timetable([(100.0, HOME), (1000.0, Position(-26.3, 28.0))]), 100.0)
    woken = tracker.wake(100.0)
    said = [frame for frame in live(tracker, 400.0, woken.next_wake) if frame.kind is Kind.MOVE]

    assert said
    assert 100.0 < said[0].at_s <= 102.0
