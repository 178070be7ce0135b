"""Personas and incidents: who presses how often, when and where, and what follows."""

from collections import Counter
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.clock import Duration, read_duration
from simulator.device import Act, ActKind, Code, Position, Wander
from simulator.device.area import Area
from simulator.device.incident import Incident, incident_acts
from simulator.device.persona import Carrier, Persona, PlaceRate, persona_acts
from simulator.profile import Motion, load
from simulator.rng import Rng, device_key

HOME = Position(-26.2, 28.0)
DAY_S = 86400.0


def carrier(
    number: int = 1, *, seed: int = 1, motion: Motion | None = None, name: str = "milesight-ws101"
) -> Carrier:
    """Return the person of one unit, whose clock begins at midnight in South Africa."""
    rng, key = Rng(seed), device_key(name, number)
    wander = Wander(motion or Motion(), HOME, rng.stream(key, "walk"))
    return Carrier(load(name), key, rng, wander, epoch_s=1_780_264_800.0)


def acts(persona: Persona, days: float = 100.0, **person: object) -> list[Act]:
    """Return what a person does in so many days."""
    return list(persona_acts(persona, carrier(**person), days * DAY_S))  # type: ignore[arg-type]


def presses(done: list[Act]) -> list[Act]:
    """Return the presses among acts."""
    return [act for act in done if act.kind is ActKind.PRESS]


def test_people_press_at_the_rate_of_their_kind() -> None:
    """Two a day over a hundred days, of the first gesture, with the name of the persona."""
    done = acts(Persona(name="plain", presses_a_day=2.0))

    assert 160 < len(done) < 240
    assert {act.cause for act in done} == {"plain"}
    assert {act.gesture for act in done} == {"long"}


def test_nobody_does_nothing() -> None:
    """A device in a drawer."""
    assert acts(Persona(name="nobody")) == []


def test_the_hour_of_the_day_counts() -> None:
    """Local hours: none at night, five times as many in the evening."""
    hours = {"22-6": 0.0, "18-22": 5.0}
    done = acts(Persona(name="by hour", presses_a_day=4.0, hours=hours), 300)
    who = carrier()
    counted = Counter(int(who.hour(act.at_s)) for act in done)

    assert not any(counted[hour] for hour in (22, 23, 0, 3, 5))
    evening = sum(counted[hour] for hour in range(18, 22)) / 4
    day = sum(counted[hour] for hour in range(6, 18)) / 12
    assert 4.0 < evening / day < 6.2


def test_the_place_counts() -> None:
    """Somewhere else nobody is pressed."""
    there = PlaceRate(area=Area(latitude=-26.2, longitude=28.0, radius_m=100.0), factor=0.0)

    assert acts(Persona(name="quiet here", presses_a_day=2.0, places=(there,))) == []
    assert acts(Persona(name="busy", presses_a_day=2.0))


def test_some_press_on_the_move_only() -> None:
    """And who never moves never presses."""
    runner = Persona(name="runner", presses_a_day=50.0, moving=True)
    motion = Motion(speed_kmh=9.0, roam_m=900.0)
    done = acts(runner, 10.0, motion=motion)
    who = carrier(motion=motion)

    assert done
    assert all(who.wander.is_moving(act.at_s) for act in done)
    assert acts(runner, 10.0) == []


def test_a_panicker_presses_again_and_again() -> None:
    """Within seconds."""
    panicker = Persona(name="p", presses_a_day=0.2, again_share=1.0, again_times=(2, 3))
    done = acts(panicker, 400.0)
    gaps = [later.at_s - act.at_s for act, later in pairwise(done)]

    assert sum(gap < 4.1 for gap in gaps) > len(gaps) / 2


@pytest.mark.parametrize(("wrong", "code"), [(0.0, Code.RIGHT), (1.0, Code.WRONG)])
def test_a_press_is_taken_back_with_a_safe_code(wrong: float, code: Code) -> None:
    """The right one, or under duress a wrong one."""
    persona = Persona(
        name="r", presses_a_day=1.0, cancel_share=1.0, code_share=1.0, wrong_code_share=wrong
    )
    regrets = [act for act in acts(persona) if act.kind is ActKind.CANCEL]

    assert len(regrets) > 60
    assert {act.code for act in regrets} == {code}


def test_accidents_come_in_bursts_of_any_gesture_and_are_never_taken_back() -> None:
    """Nobody notices what a pocket presses."""
    done = acts(Persona(name="pocket", accidents_a_day=1.0, cancel_share=1.0))

    assert {act.kind for act in done} == {ActKind.PRESS}
    assert {act.gesture for act in done} == {"long", "short", "double"}
    assert {act.cause for act in done} == {"pocket: by accident"}


def test_a_carer_tests_every_week_in_working_hours() -> None:
    """Once a week, and takes it back within the minute."""
    done = acts(Persona(name="carer", tests_every=Duration(7 * DAY_S), tests_at="9-16"), 140)
    tests = presses(done)
    who = carrier()

    assert len(tests) in (20, 21)
    assert all(9 <= who.hour(act.at_s) < 16 for act in tests)
    assert all(6 <= (b.at_s - a.at_s) / DAY_S <= 8 for a, b in pairwise(tests))
    assert [act.kind for act in done] == [ActKind.PRESS, ActKind.CANCEL] * len(tests)


@given(
    st.builds(
        Persona,
        name=st.just("any"),
        presses_a_day=st.floats(0, 30),
        accidents_a_day=st.floats(0, 10),
        again_share=st.floats(0, 1),
        cancel_share=st.floats(0, 1),
        tests_every=st.none() | st.floats(3600, 2e5).map(Duration),
    ),
    st.integers(0, 50),
)
def test_acts_are_in_order_and_within_their_time(persona: Persona, seed: int) -> None:
    """Whatever the kind of person; and a longer run begins with the same acts."""
    done = list(persona_acts(persona, carrier(seed=seed), 3 * DAY_S))
    longer = list(persona_acts(persona, carrier(seed=seed), 4 * DAY_S))

    assert all(a.at_s <= b.at_s for a, b in pairwise(done))
    assert all(0 <= act.at_s < 3 * DAY_S for act in done)
    assert [act for act in longer if act.at_s < 3 * DAY_S] == done


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"presses_a_day": -1}, ">= 0"),
        ({"share": 2}, "<= 1"),
        ({"hours": {"evening": 2}}, "matching regex"),
        ({"again_after_s": [5, 1]}, "no span"),
        ({"accident_presses": [3, 2]}, "no span"),
        ({"tests_every": "1s"}, "once a minute"),
        ({"mood": "good"}, "unknown field"),
    ],
)
def test_an_impossible_person_is_refused(table: dict[str, object], says: str) -> None:
    """With a word on what is wrong."""
    with pytest.raises(msgspec.ValidationError, match=says):
        msgspec.convert({"name": "x"} | table, Persona, dec_hook=read_duration)


def struck(incident: Incident, count: int = 200) -> list[Act]:
    """Return the first acts of the people of a crowd."""
    crowd = (incident_acts(incident, carrier(number), DAY_S) for number in range(count))
    return [done[0] for done in map(list, crowd) if done]


def test_an_incident_makes_many_press_at_once() -> None:
    """Its share of those who are there, most of them within its time."""
    done = struck(Incident(name="fire", at_s=Duration(3600.0), within_s=Duration(120.0), share=0.6))

    assert 95 < len(done) < 145
    assert all(act.cause == "fire" and act.at_s >= 3600.0 for act in done)
    assert sum(act.at_s < 3720.0 for act in done) > 0.9 * len(done)


def test_who_is_elsewhere_is_not_struck() -> None:
    """All of them live in one place."""
    there = Area(latitude=-27.0, longitude=28.0, radius_m=500.0)

    assert struck(Incident(name="fire", at_s=Duration(10.0), area=there)) == []


def test_an_incident_that_spreads_comes_later_to_who_is_further() -> None:
    """A kilometre at ten metres a second."""
    around = Area(latitude=-26.2, longitude=28.01, radius_m=5000.0)
    at_once = struck(Incident(name="fire", at_s=Duration(10.0), area=around))
    spread = struck(Incident(name="fire", at_s=Duration(10.0), area=around, spreads_ms=10.0))

    assert {round(b.at_s - a.at_s) for a, b in zip(at_once, spread, strict=True)} == {100}
