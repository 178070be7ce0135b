"""The door answers many idle events as it answers each of them."""

import math

import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from simulator.frame import Value
from simulator.profile import load
from simulator.sandbox import Door, Sandbox

PROFILE = load("aura-structured")
DOOR = Door(Sandbox(simpy.Environment(), 0.0).tenant("aurasim-demo"))
ODD: list[Value] = [None, True, "7", math.nan, math.inf, -1, 101, 10**400, -91.0, 181]
NUMBERS = st.integers(0, 90) | st.floats(0, 90) | st.sampled_from(ODD)
NAMES = {4: ["battery"], 2: ["latitude", "longitude", "accuracy"], 3: [], 9: []}


@given(
    st.sampled_from(sorted(NAMES)),
    st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=4),
    st.integers(0, 3),
)
def test_many_are_answered_as_each_is(
    number: int, rows: list[tuple[Value, ...]], columns: int
) -> None:
    """What is odd about one of them is never passed over: then they are told one by one."""
    names = NAMES[number][:columns]
    held = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    ids = [f"AB{at}" for at in range(len(rows))]
    many = DOOR.tell_many(PROFILE, number, ids, held)
    if many is None:
        return

    for at, device_id in enumerate(ids):
        body = {name: column[at] for name, column in held.items()}
        event = {"device_id": device_id, "message_type": number, PROFILE.aura.others_in: body}
        told = DOOR.tell(PROFILE, event)
        assert told.status == many.status
        assert told.detail == (many.details[at] if many.details else "")
        assert told.battery_pct == (many.battery_pct[at] if many.battery_pct else None)


@pytest.mark.parametrize(
    ("number", "held"),
    [(4, {"battery": [50, 77.5]}), (4, {}), (2, {"latitude": [1, 2.5], "longitude": [3.0, -4]})],
)
def test_what_idle_devices_say_is_answered_together(
    number: int, held: dict[str, list[Value]]
) -> None:
    """Nothing odd: health and positions of a whole fleet."""
    assert DOOR.tell_many(PROFILE, number, ["AB1", "AB2"], held) is not None


@pytest.mark.parametrize("number", [1, 3, 9])
def test_what_people_do_is_never_answered_together(number: int) -> None:
    """A press, a cancel, and what the template does not know."""
    assert DOOR.tell_many(PROFILE, number, ["AB1"], {}) is None
