"""The test clock of a tenant, and that everything follows it."""

import pytest
import simpy

from tests.sandbox.caller import Caller

DAY = 86400.0


def _now(caller: Caller) -> str:
    return str(caller.control("GET", "/clock").body["now"])


def test_a_tenants_clock_follows_the_run(env: simpy.Environment, caller: Caller) -> None:
    caller.log_in()
    env.run(until=61)

    assert _now(caller) == "2026-06-10T08:31:01.000Z"


def test_a_frozen_clock_stands_still_and_goes_on_from_there(
    env: simpy.Environment, caller: Caller
) -> None:
    caller.log_in()
    caller.control("POST", "/clock/freeze")
    env.run(until=100)
    frozen = _now(caller)
    caller.control("POST", "/clock/resume")
    env.run(until=110)

    assert frozen == "2026-06-10T08:30:00.000Z"
    assert _now(caller) == "2026-06-10T08:30:10.000Z"


def test_advancing_lets_everything_happen_on_the_way(caller: Caller, customer: int) -> None:
    caller.control("PUT", "/responders", {"isAutomatic": True})
    callout = caller.callout(customer)

    answer = caller.control("POST", "/clock/advance", {"seconds": DAY})

    caller.log_in()
    report = caller.ask("GET", f"/callouts/{callout}/resolutionReport").inside("report")
    assert answer.body["now"] == "2026-06-11T08:30:00.000Z"
    assert report["dispatchedAt"] == "2026-06-10T08:30:30Z"
    assert report["closedAt"] == "2026-06-10T08:49:30Z"


def test_after_an_advance_the_clock_runs_on(env: simpy.Environment, caller: Caller) -> None:
    caller.log_in()
    caller.control("POST", "/clock/advance", {"seconds": 1000})
    env.run(until=5)

    assert _now(caller) == "2026-06-10T08:46:45.000Z"


def test_a_frozen_clock_can_be_advanced(env: simpy.Environment, caller: Caller) -> None:
    caller.log_in()
    caller.control("POST", "/clock/freeze")
    caller.control("POST", "/clock/advance", {"seconds": 60})
    env.run(until=1000)

    assert _now(caller) == "2026-06-10T08:31:00.000Z"


def test_settling_goes_as_far_as_something_is_due(caller: Caller, customer: int) -> None:
    plan = {"isAutomatic": True, "acknowledgeS": 10, "travelS": 10, "onSceneS": 10, "closeS": 10}
    caller.control("PUT", "/responders", plan)
    caller.callout(customer)

    answer = caller.control("POST", "/clock/settle")

    assert answer.body["now"] == "2026-06-10T08:30:40.000Z"
    assert answer.body["nextDue"] is None


def test_settling_stops_at_its_limit(caller: Caller, customer: int) -> None:
    caller.control("PUT", "/responders", {"isAutomatic": True, "acknowledgeS": 100})
    caller.callout(customer)

    answer = caller.control("POST", "/clock/settle", {"limitSeconds": 50})

    assert answer.body["now"] == "2026-06-10T08:30:00.000Z"
    assert answer.body["nextDue"] == "2026-06-10T08:31:40.000Z"


def test_the_clock_is_set_forward_and_back(caller: Caller) -> None:
    caller.log_in()
    for moment in ("2030-01-01T00:00:00Z", "2020-01-01T00:00:00Z"):
        caller.control("PUT", "/clock", {"now": moment})

        assert _now(caller) == moment.replace("Z", ".000Z")


def test_what_was_due_is_still_due_after_setting_back(
    env: simpy.Environment, caller: Caller, customer: int
) -> None:
    caller.control("PUT", "/responders", {"isAutomatic": True, "acknowledgeS": 100})
    callout = caller.callout(customer)
    env.run(until=50)
    caller.control("PUT", "/clock", {"now": "2026-06-10T08:30:00Z"})

    env.run(until=120)
    before = caller.control("GET", f"/callouts/{callout}").body["state"]
    env.run(until=151)

    assert before == "created"
    assert caller.control("GET", f"/callouts/{callout}").body["state"] == "dispatched"


def test_happenings_wait_while_the_clock_is_frozen(
    env: simpy.Environment, caller: Caller, customer: int
) -> None:
    caller.control("PUT", "/responders", {"isAutomatic": True, "acknowledgeS": 10})
    callout = caller.callout(customer)
    env.run(until=5)
    caller.control("POST", "/clock/freeze")
    env.run(until=100)
    frozen = caller.control("GET", f"/callouts/{callout}").body["state"]
    caller.control("POST", "/clock/resume")
    env.run(until=104)
    before = caller.control("GET", f"/callouts/{callout}").body["state"]
    env.run(until=106)

    assert (frozen, before) == ("created", "created")
    assert caller.control("GET", f"/callouts/{callout}").body["state"] == "dispatched"


def test_one_tenants_night_is_not_anothers(caller: Caller) -> None:
    other = Caller(caller.sandbox, "client-b")
    caller.log_in()
    other.log_in()

    caller.control("POST", "/clock/advance", {"seconds": DAY})

    assert _now(other) == "2026-06-10T08:30:00.000Z"


def test_tokens_and_subscriptions_follow_the_tenants_clock(caller: Caller, customer: int) -> None:
    caller.control("POST", "/clock/advance", {"seconds": 3600})
    expired = caller.ask("GET", "/responseTypes").status
    caller.control("POST", "/clock/advance", {"seconds": 400 * DAY})
    caller.log_in()

    assert expired == 401
    assert caller.raise_callout(customer).status == 403


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/clock/advance", {"seconds": -1}),
        ("POST", "/clock/advance", {"seconds": 1e300}),
        ("POST", "/clock/advance", {}),
        ("POST", "/clock/settle", {"limitSeconds": -1}),
        ("PUT", "/clock", {"now": "noon"}),
        ("PUT", "/clock", {"now": "9999-01-01T00:00:00Z"}),
    ],
)
def test_an_impossible_time_is_refused(
    caller: Caller, method: str, path: str, body: dict[str, object]
) -> None:
    caller.log_in()

    assert caller.control(method, path, body).status == 400


def test_many_advances_do_not_leave_the_calendar(caller: Caller) -> None:
    caller.log_in()
    statuses = [
        caller.control("POST", "/clock/advance", {"seconds": 3e9}).status for _ in range(120)
    ]

    assert statuses[0] == 200
    assert statuses[-1] == 400
    assert caller.grant().status == 200


def test_a_quiet_sandbox_leaves_the_runs_calendar_empty(
    env: simpy.Environment, caller: Caller, customer: int
) -> None:
    """A run ends when nothing is left to do; the sandbox must not keep it alive."""
    caller.link(customer)
    caller.press()

    env.run()

    assert env.now < 1
