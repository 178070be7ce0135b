"""The states of a callout, stepped by hand and by responders."""

from typing import cast

import pytest
import simpy

from tests.sandbox.caller import Caller

STEPS = ["created", "dispatched", "on-scene", "completed", "closed"]


def _seen(caller: Caller, callout: int) -> dict[str, object]:
    return caller.control("GET", f"/callouts/{callout}").body


def _history(caller: Caller, callout: int) -> list[tuple[str, float]]:
    steps = cast(list[dict[str, object]], _seen(caller, callout)["history"])
    return [
        (str(step["state"]), round(cast(float, step["atS"]) - 1_781_080_200.0, 6)) for step in steps
    ]


@pytest.mark.parametrize(
    ("state", "status", "event"),
    [
        ("owned", "created", "CALLOUT_OWNED"),
        ("dispatched", "Responder Dispatched", "RESPONDER_ACKNOWLEDGED_CALLOUT"),
        ("manually-dispatched", "Responder Dispatched", "RESPONDER_MANUALLY_DISPATCHED"),
        ("on-scene", "Responder Arrived", "RESPONDER_ARRIVED_ON_SCENE"),
        ("completed", "Responder Completed", "RESPONDER_COMPLETED"),
        ("soft-cancelled", "Soft Cancelled", "CALLOUT_SOFT_CANCELLED_BY_CUSTOMER"),
        ("stood-down", "Responder Cancelled", "CALLOUT_NO_LONGER_REQUIRES_RESPONSE"),
        ("closed", "closed", "CALLOUT_CLOSED"),
    ],
)
def test_each_state_has_its_text_and_its_webhook(
    caller: Caller, customer: int, state: str, status: str, event: str
) -> None:
    callout = caller.callout(customer)

    answer = caller.advance(callout, state)

    assert answer.status == 200
    assert answer.body["state"] == state
    assert caller.ask("GET", f"/callouts/{callout}").inside("callout")["status"] == status
    assert caller.events()[-1] == event


def test_one_step_at_a_time_leads_to_the_end(caller: Caller, customer: int) -> None:
    callout = caller.callout(customer)

    states = [
        caller.control("POST", f"/callouts/{callout}/advance", {}).body["state"] for _ in range(4)
    ]

    assert states == STEPS[1:]
    assert _seen(caller, callout)["nextState"] is None


def test_many_steps_stop_at_the_end(caller: Caller, customer: int) -> None:
    callout = caller.callout(customer)

    answer = caller.control("POST", f"/callouts/{callout}/advance", {"steps": 9})

    assert answer.body["state"] == "closed"
    assert [state for state, _ in _history(caller, callout)] == STEPS


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("closed", "dispatched"),
        ("closed", "closed"),
        ("on-scene", "dispatched"),
        ("on-scene", "owned"),
        ("dispatched", "dispatched"),
        ("stood-down", "on-scene"),
        ("soft-cancelled", "stood-down"),
    ],
)
def test_there_is_no_way_back(caller: Caller, customer: int, first: str, then: str) -> None:
    callout = caller.callout(customer)
    caller.advance(callout, first)

    assert caller.advance(callout, then).status == 400
    assert _seen(caller, callout)["state"] == first


@pytest.mark.parametrize("body", [{"to": "nowhere"}, {"steps": 0}, {"steps": "1"}])
def test_a_bad_advance_is_refused(caller: Caller, customer: int, body: dict[str, object]) -> None:
    callout = caller.callout(customer)

    assert caller.control("POST", f"/callouts/{callout}/advance", body).status == 400
    assert caller.control("POST", "/callouts/7/advance", {}).status == 404


def test_a_cancelled_callout_is_closed_from_there(caller: Caller, customer: int) -> None:
    callout = caller.callout(customer)
    caller.ask("POST", f"/callouts/{callout}/cancel", {})

    caller.advance(callout)

    assert [state for state, _ in _history(caller, callout)] == ["created", "stood-down", "closed"]


def test_the_dispatch_is_in_the_nested_view(
    env: simpy.Environment, caller: Caller, customer: int
) -> None:
    callout = caller.callout(customer)
    env.run(until=20)

    caller.advance(callout, "on-scene")

    view = caller.ask("GET", f"/callouts/{callout}").inside("callout")
    incident = cast(list[dict[str, object]], view["incidentInformation"])[0]
    assert incident["dispatchedAt"] == incident["arrivedAt"] == "2026-06-10T08:30:20Z"
    assert incident["completedAt"] is None
    assert cast(dict[str, object], incident["responder"])["name"]
    assert incident["eta"] == "2026-06-10T08:38:20Z"


def _automatic(caller: Caller, **plan: object) -> None:
    caller.control("PUT", "/responders", {"isAutomatic": True, **plan})


def test_responders_come_by_themselves_where_that_is_set(
    env: simpy.Environment, caller: Caller, customer: int
) -> None:
    _automatic(caller, acknowledgeS=10, travelS=100, onSceneS=50, closeS=5)
    callout = caller.callout(customer)

    env.run(until=1000)

    assert _history(caller, callout) == [
        ("created", 0),
        ("dispatched", 10),
        ("on-scene", 110),
        ("completed", 160),
        ("closed", 165),
    ]


def test_a_press_is_answered_by_responders_too(
    env: simpy.Environment, caller: Caller, customer: int
) -> None:
    _automatic(caller)
    caller.link(customer)
    caller.press()

    env.run(until=2000)

    assert caller.control("GET", "/callouts").items[0]["state"] == "closed"


def test_responders_go_to_callouts_that_were_open_before(
    env: simpy.Environment, caller: Caller, customer: int
) -> None:
    callout = caller.callout(customer)
    env.run(until=500)

    _automatic(caller, acknowledgeS=10, travelS=100)
    _automatic(caller, acknowledgeS=10, travelS=100)

    env.run(until=601)
    assert _history(caller, callout) == [("created", 0), ("dispatched", 500), ("on-scene", 600)]


def test_responders_stop_when_switched_off(
    env: simpy.Environment, caller: Caller, customer: int
) -> None:
    _automatic(caller, acknowledgeS=10)
    callout = caller.callout(customer)
    env.run(until=11)
    caller.control("PUT", "/responders", {"isAutomatic": False})

    env.run(until=5000)

    assert _seen(caller, callout)["state"] == "dispatched"


@pytest.mark.parametrize(
    ("outcome", "last"),
    [
        ("completed", "closed"),
        ("nobody-comes", "created"),
        ("never-arrives", "dispatched"),
        ("stood-down", "closed"),
    ],
)
def test_a_response_can_end_otherwise(
    env: simpy.Environment, caller: Caller, customer: int, outcome: str, last: str
) -> None:
    _automatic(caller, outcome=outcome)
    callout = caller.callout(customer)

    env.run(until=10_000)

    states = [state for state, _ in _history(caller, callout)]
    assert states[-1] == last
    assert ("stood-down" in states) == (outcome == "stood-down")


def test_a_cancel_on_the_way_is_closed_by_the_control_room(
    env: simpy.Environment, caller: Caller, customer: int
) -> None:
    _automatic(caller, acknowledgeS=10, travelS=100, closeS=5)
    callout = caller.callout(customer)
    env.run(until=20)
    caller.ask("POST", f"/callouts/{callout}/cancel", {})

    env.run(until=1000)

    assert _history(caller, callout)[2:] == [("stood-down", 20), ("closed", 110)]


def test_times_spread_the_same_way_each_time(
    env: simpy.Environment, caller: Caller, customer: int
) -> None:
    other = Caller(caller.sandbox, "client-a")
    _automatic(caller, acknowledgeS=100, jitter=0.5, outcome="never-arrives")
    callouts = [caller.callout(customer), caller.callout(caller.customer("+27820000001"))]

    env.run(until=200)

    times = [_history(other, callout)[1][1] for callout in callouts]
    assert times[0] != times[1]
    assert all(50 <= time <= 150 for time in times)


def test_a_bad_plan_is_refused(caller: Caller) -> None:
    caller.log_in()

    for body in ({"travelS": -1}, {"outcome": "won"}, {"speed": 1}):
        assert caller.control("PUT", "/responders", body).status == 400
    assert caller.control("GET", "/responders").body["isAutomatic"] is False
