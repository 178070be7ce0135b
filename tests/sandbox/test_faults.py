"""Faults by name and by dial, by tenant, endpoint and device."""

import statistics

import pytest
import simpy

from simulator.aura.http import Response
from simulator.sandbox import Conducted, Ending, Sandbox
from tests.sandbox.caller import API, EPOCH_S, Caller


def _fault(caller: Caller, kind: str, **dials: object) -> None:
    if caller.token is None:
        caller.log_in()
    assert caller.control("POST", "/faults", {"kind": kind, **dials}).status == 201


def _types(caller: Caller) -> Response:
    return caller.ask("GET", "/responseTypes").response


@pytest.mark.parametrize(
    ("kind", "status"), [("error", 500), ("bad-gateway", 502), ("too-many-requests", 429)]
)
def test_an_error_is_answered_in_the_handlers_stead(caller: Caller, kind: str, status: int) -> None:
    _fault(caller, kind)

    answer = caller.ask(
        "POST", "/customers", {"customer": {"name": "a", "surname": "b", "mobile": "+2782000001"}}
    )

    assert answer.status == status
    assert caller.control("GET", "/customers").items == []


def test_an_error_may_come_after_aura_acted(caller: Caller, customer: int) -> None:
    _fault(caller, "error", acts=True)

    answer = caller.raise_callout(customer)

    assert answer.status == 500
    assert len(caller.control("GET", "/callouts").items) == 1


def test_a_bad_gateway_speaks_html(caller: Caller) -> None:
    _fault(caller, "bad-gateway")

    response = _types(caller)

    assert response.headers["content-type"] == "text/html"
    assert response.body.startswith(b"<html>")


def test_a_429_says_when_to_come_back_if_told(caller: Caller) -> None:
    _fault(caller, "too-many-requests", retryAfter=7, times=1)
    first = _types(caller)
    _fault(caller, "too-many-requests")

    assert first.headers["retry-after"] == "7"
    assert "retry-after" not in _types(caller).headers


def test_a_fault_strikes_so_many_times(caller: Caller) -> None:
    _fault(caller, "error", times=2)

    assert [_types(caller).status for _ in range(3)] == [500, 500, 200]
    assert caller.control("GET", "/faults").items == []


def test_a_fault_counts_its_hits(caller: Caller) -> None:
    _fault(caller, "error")
    _types(caller)

    assert caller.control("GET", "/faults").items[0]["hits"] == 1


def test_a_fault_is_for_one_route(caller: Caller, customer: int) -> None:
    _fault(caller, "error", route="get_customer")

    assert caller.ask("GET", f"/customers/{customer}").status == 500
    assert _types(caller).status == 200


def test_a_fault_can_be_on_the_token_endpoint(caller: Caller) -> None:
    _fault(caller, "error", route="create_oauth_token", times=1)

    assert [caller.grant().status for _ in range(2)] == [500, 200]


def test_a_fault_is_for_one_device(caller: Caller, customer: int) -> None:
    caller.link(customer)
    caller.link(customer, "AB00000002")
    _fault(caller, "error", device="26217939")

    assert caller.event(4, {}).status == 500
    assert caller.event(4, {}, 26217939).status == 500
    assert caller.event(4, {}, "00000002").status == 200


def test_a_fault_is_one_tenants_own(caller: Caller) -> None:
    other = Caller(caller.sandbox, "client-b")
    _fault(caller, "error")

    assert other.ask("GET", "/responseTypes").status == 200


def test_the_control_surface_has_no_faults(caller: Caller) -> None:
    _fault(caller, "error")

    assert caller.control("DELETE", "/faults").status == 200
    assert _types(caller).status == 200


def test_one_fault_is_switched_off(caller: Caller) -> None:
    _fault(caller, "error")
    fault = caller.control("GET", "/faults").items[0]["id"]

    assert caller.control("DELETE", f"/faults/{fault}").status == 200
    assert caller.control("DELETE", f"/faults/{fault}").status == 404
    assert _types(caller).status == 200


def test_a_share_of_requests_is_struck_the_same_way_each_time(env: simpy.Environment) -> None:
    def statuses() -> list[int]:
        caller = Caller(Sandbox(env, EPOCH_S), "client-a")
        _fault(caller, "error", share=0.3)
        return [_types(caller).status for _ in range(100)]

    first = statuses()

    assert 15 < first.count(500) < 45
    assert first == statuses()


def test_a_fixed_latency_is_told_to_the_transport(caller: Caller) -> None:
    _fault(caller, "latency", seconds=2.5)

    response = _types(caller)

    assert isinstance(response, Conducted)
    assert (response.status, response.delay_s, response.ending) == (200, 2.5, Ending.WHOLE)


def test_a_log_normal_latency_is_spread_around_its_median(caller: Caller) -> None:
    _fault(caller, "latency", seconds=2, sigma=0.5)

    delays = [
        response.delay_s
        for response in (_types(caller) for _ in range(400))
        if isinstance(response, Conducted)
    ]

    assert len(set(delays)) == 400
    assert statistics.median(delays) == pytest.approx(2, rel=0.15)


def test_faults_add_up(caller: Caller) -> None:
    _fault(caller, "latency", seconds=1)
    _fault(caller, "latency", seconds=2)
    _fault(caller, "half", seconds=0)

    response = _types(caller)

    assert isinstance(response, Conducted)
    assert (response.delay_s, response.ending) == (3, Ending.HALF)


@pytest.mark.parametrize("kind", ["reset", "half", "drip", "stall"])
def test_an_answer_can_be_cut(caller: Caller, kind: str) -> None:
    _fault(caller, kind, seconds=3)

    response = _types(caller)

    assert isinstance(response, Conducted)
    assert (response.ending, response.lasts_s) == (Ending(kind), 3)


@pytest.mark.parametrize(
    ("kind", "acts", "count"), [("reset", False, 0), ("reset", True, 1), ("half", False, 1)]
)
def test_a_lost_answer_leaves_open_whether_aura_acted(
    caller: Caller, customer: int, kind: str, acts: bool, count: int
) -> None:
    _fault(caller, kind, acts=acts)

    caller.raise_callout(customer)

    assert len(caller.control("GET", "/callouts").items) == count


def test_a_token_can_expire_early(env: simpy.Environment, caller: Caller) -> None:
    _fault(caller, "early-expiry", seconds=10)
    fresh = _types(caller).status
    env.run(until=10)

    assert fresh == 200
    assert _types(caller).status == 401
    caller.log_in()
    assert _types(caller).status == 200


def test_a_status_can_be_in_the_wrong_case(caller: Caller, customer: int) -> None:
    callout = caller.callout(customer)
    caller.advance(callout, "dispatched")
    _fault(caller, "status-case")

    answer = caller.ask("GET", f"/callouts/{callout}")

    assert answer.inside("callout")["status"] == "rESPONDER dISPATCHED"


def test_a_swallowed_press_is_acknowledged_and_opens_nothing(caller: Caller, customer: int) -> None:
    caller.link(customer)
    _fault(caller, "swallow", route="create_device_event", times=1)

    swallowed = caller.press()

    assert swallowed.status == 200
    assert caller.control("GET", "/callouts").items == []
    assert swallowed.body == caller.press().body


def test_a_swallowed_battery_report_changes_nothing(caller: Caller, customer: int) -> None:
    caller.link(customer)
    _fault(caller, "swallow")

    answer = caller.event(4, {"battery": 5})

    assert answer.inside("resolvedAuraEvent", "eventResponse")["batteryLevel"] == 5
    assert caller.control("GET", "/devices").items[0]["batteryLevel"] is None


@pytest.mark.parametrize(
    "dials",
    [
        {"kind": "fire"},
        {},
        {"kind": "error", "route": "nowhere"},
        {"kind": "error", "share": 2},
        {"kind": "error", "times": 0},
        {"kind": "latency", "seconds": -1},
        {"kind": "error", "nonsense": 1},
    ],
)
def test_a_fault_that_does_not_exist_is_refused(caller: Caller, dials: dict[str, object]) -> None:
    caller.log_in()

    assert caller.control("POST", "/faults", dials).status == 400


def test_a_fault_of_a_device_knows_it_by_path_and_ignores_what_is_no_json(
    caller: Caller, customer: int
) -> None:
    caller.link(customer)
    _fault(caller, "error", device="26217939")
    headers = {"authorization": f"Bearer {caller.token}"}

    assert caller.ask("DELETE", "/devices/26217939").status == 500
    assert caller.raw("POST", f"{API}/deviceEvent", b"{", headers).status == 400


def test_a_fault_can_strike_a_token_request_that_is_no_json(caller: Caller) -> None:
    _fault(caller, "error")

    assert caller.raw("POST", f"{API}/oauth/token", b"{").status == 400
