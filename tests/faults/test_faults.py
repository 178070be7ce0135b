"""Faults are data: when they are there, whom they concern, and which contradict each other."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.clock import Duration, read_duration
from simulator.device.area import Area, are_apart
from simulator.device.motion import Position, moved
from simulator.faults import AnyFault, Fault, FaultError, Loss, StuckButton, check
from tests.faults.fleet import fault

KINDS = [one.__struct_config__.tag for one in AnyFault.__args__]
MODELS = ["milesight-ws101", "eview-ev07b"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_fault_needs_nothing_but_its_kind(kind: str) -> None:
    """What is not said has a sensible default."""
    made = fault(kind)

    assert made.kind == made.title == kind
    assert made.is_on(0.0)


def test_a_fault_is_there_from_and_to() -> None:
    """The end does not belong to it."""
    made = fault("loss", from_="1h", to="2h")

    assert [made.is_on(t) for t in (0.0, 3599.9, 3600.0, 7199.9, 7200.0)] == [
        False, False, True, True, False,
    ]  # fmt: skip


def test_a_fault_comes_again() -> None:
    """Every day for an hour."""
    made = fault("loss", from_="18h", to="19h", repeat="24h")
    hours = [hour for hour in range(72) if made.is_on(hour * 3600.0 + 60.0)]

    assert hours == [18, 42, 66]


@given(st.floats(0, 1e5), st.floats(1, 1e5), st.none() | st.floats(1, 1e5), st.floats(0, 1e6))
def test_between_two_changes_a_fault_stays_as_it_is(
    from_s: float, lasts_s: float, pause_s: float | None, at_s: float
) -> None:
    """`changes_after` skips none."""
    repeat = None if pause_s is None else Duration(lasts_s + pause_s)
    made = Loss(from_s=Duration(from_s), to_s=Duration(from_s + lasts_s), repeat_s=repeat)
    change = made.changes_after(at_s)

    assert change > at_s or change == pytest.approx(at_s)
    if change < float("inf"):
        halfway = (at_s + change) / 2
        assert made.is_on(halfway) == made.is_on(at_s) or halfway in (at_s, change)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"kind": "flood"}, "Invalid value 'flood'"),
        ({"kind": "loss", "strength": 1.5}, "<= 1.0"),
        ({"kind": "loss", "strength": -1}, "> 0.0"),
        ({"kind": "loss", "share": 0}, "> 0.0"),
        ({"kind": "loss", "from": "2h", "to": "1h"}, "never there"),
        ({"kind": "loss", "from": 5}, "no duration"),
        ({"kind": "loss", "repeat": "1h"}, "needs a `to`"),
        ({"kind": "loss", "outside": True}, "needs the area"),
        ({"kind": "loss", "every": "1h"}, "unknown field"),
        ({"kind": "clock", "strength": 0.5}, "unknown field"),
        ({"kind": "loss", "area": {"latitude": 91, "longitude": 0, "radius_m": 1}}, "<= 90"),
        ({"kind": "loss", "area": {"latitude": 9, "longitude": 0}}, "circle"),
        ({"kind": "loss", "area": {"polygon": [[0, 0], [1, 1]]}}, "length >= 3"),
    ],
)
def test_an_impossible_fault_is_refused(table: dict[str, object], says: str) -> None:
    """With a word on what is wrong."""
    with pytest.raises(msgspec.ValidationError, match=says):
        msgspec.convert(table, AnyFault, dec_hook=read_duration)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),
        ({"from_": "1h"}, {"to": "2h"}),
        ({"devices": ["eview-ev07b"]}, {"devices": ["eview-*"]}),
        ({"devices": ["eview-ev07b/1"]}, {"devices": ["eview-ev07b"]}),
        ({"from_": "1h", "to": "2h", "repeat": "24h"}, {"from_": "25h", "to": "26h"}),
    ],
)
def test_two_faults_of_a_kind_may_not_overlap(
    one: dict[str, object], other: dict[str, object]
) -> None:
    """Which of them holds would be anybody's guess."""
    with pytest.raises(FaultError, match="overlap on the same devices"):
        check([fault("loss", name="a", **one), fault("loss", name="b", **other)], MODELS, 1e6)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"to": "1h"}, {"from_": "1h"}),
        ({"devices": ["eview-ev07b"]}, {"devices": ["milesight-ws101"]}),
        ({"devices": ["eview-ev07b/1"]}, {"devices": ["eview-ev07b/2"]}),
        (
            {"area": {"latitude": 0, "longitude": 0, "radius_m": 10}},
            {"area": {"latitude": 1, "longitude": 0, "radius_m": 10}},
        ),
        (
            {"area": {"latitude": 0, "longitude": 0, "radius_m": 10}},
            {"area": {"latitude": 0, "longitude": 0, "radius_m": 10}, "outside": True},
        ),
    ],
)
def test_faults_of_a_kind_may_be_apart(one: dict[str, object], other: dict[str, object]) -> None:
    """In time, in devices, or in place."""
    check([fault("loss", name="a", **one), fault("loss", name="b", **other)], MODELS, 1e6)


def test_faults_of_different_kinds_add_up() -> None:
    """A late frame may also be doubled."""
    check([fault("delay"), fault("link-duplicate"), fault("loss", strength=0.1)], MODELS, 1e6)


@pytest.mark.parametrize(
    ("made", "says", "key"),
    [
        (fault("loss", devices=["milesight-ws10"]), "Nearest: milesight-ws101", "devices"),
        (fault("loss", from_="3h"), "when the run is over", "from"),
    ],
)
def test_a_fault_of_nobody_is_refused(made: Fault, says: str, key: str) -> None:
    """Or one that never comes."""
    with pytest.raises(FaultError, match=says) as caught:
        check([fault("delay"), made], MODELS, 3600.0)

    assert (caught.value.index, caught.value.key) == (1, key)


def test_two_faults_need_two_names() -> None:
    """The journal tells them apart by name."""
    with pytest.raises(FaultError, match="called 'twin'"):
        check([fault("loss", name="twin"), fault("delay", name="twin")], MODELS, 3600.0)


def test_an_area_is_a_circle_or_a_polygon() -> None:
    """In degrees; the edge of a circle is in it."""
    circle = Area(latitude=-26.0, longitude=28.0, radius_m=1000.0)
    square = Area(polygon=((0.0, 0.0), (0.0, 2.0), (2.0, 2.0), (2.0, 0.0)))
    middle = Position(-26.0, 28.0)

    assert circle.contains(moved(middle, 0.0, 990.0))
    assert not circle.contains(moved(middle, 0.0, 1010.0))
    assert square.contains(Position(1.0, 1.0))
    assert not square.contains(Position(1.0, 3.0))
    assert square.centre == Position(1.0, 1.0)


@given(
    st.tuples(st.floats(-60, 60), st.floats(-170, 170), st.floats(1, 1e5)),
    st.tuples(st.floats(-60, 60), st.floats(-170, 170), st.floats(1, 1e5)),
)
def test_areas_that_are_apart_share_no_centre(
    one: tuple[float, float, float], other: tuple[float, float, float]
) -> None:
    """To be apart is the stronger claim."""
    first = Area(latitude=one[0], longitude=one[1], radius_m=one[2])
    second = Area(latitude=other[0], longitude=other[1], radius_m=other[2])

    if are_apart(first, second):
        assert not first.contains(second.centre)
        assert not second.contains(first.centre)


def test_a_fault_survives_being_written() -> None:
    """What the journal keeps of it is what a run file says."""
    made = StuckButton(every_s=Duration(20.0), to_s=Duration(90.0), devices=("gt06",))
    table = msgspec.to_builtins(made, enc_hook=lambda value: f"{value:g}s")

    assert msgspec.convert(table, AnyFault, dec_hook=read_duration) == made
