"""The request log: asked, verified, and what came nearest."""

from typing import cast
from urllib.parse import urlencode

import pytest
import simpy

from simulator.sandbox import Sandbox, Settings
from tests.sandbox.caller import EPOCH_S, HOME, Caller


def _logged(caller: Caller, **wanted: object) -> list[dict[str, object]]:
    answer = caller.control("GET", f"/requests?{urlencode(wanted)}")
    return cast(list[dict[str, object]], answer.body["requests"])


def _verify(caller: Caller, **wanted: object) -> dict[str, object]:
    return caller.control("POST", "/requests/verify", wanted).body


def test_requests_are_logged_in_order_with_their_answers(caller: Caller, customer: int) -> None:
    caller.ask("GET", f"/customers/{customer}")

    logged = _logged(caller)

    assert [entry["number"] for entry in logged] == [1, 2, 3]
    assert [entry["route"] for entry in logged] == [
        "create_oauth_token",
        "create_customer",
        "get_customer",
    ]
    assert logged[2]["status"] == 200
    assert logged[2]["at"] == "2026-06-10T08:30:00.000Z"
    assert f'"id":{customer}' in str(logged[2]["answer"])


def test_a_log_entry_knows_device_callout_customer_press_and_frame(
    caller: Caller, customer: int
) -> None:
    caller.link(customer)
    headers = {"x-aurasim-press": "p-7", "x-aurasim-frame": "f-9"}
    event = {"device_id": "26217939", "device_type_id": 5, "message_type": 1, "location": HOME}

    answer = caller.ask("POST", "/deviceEvent", event, headers=headers)

    callout = answer.number("resolvedAuraEvent", "eventResponse", "calloutId")
    (entry,) = _logged(caller, press="p-7")
    assert (entry["device"], entry["callout"]) == ("26217939", str(callout))
    assert entry["frame"] == "f-9"
    assert _logged(caller, customer=customer)[0]["route"] == "link_device"


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"method": "POST"}, 3),
        ({"method": "post", "path": "*/callouts"}, 1),
        ({"route": "create_customer"}, 1),
        ({"status": 201}, 2),
        ({"sinceNumber": 3}, 1),
        ({"device": "1"}, 0),
    ],
)
def test_the_log_is_asked_by_its_columns(
    caller: Caller, customer: int, wanted: dict[str, object], count: int
) -> None:
    caller.callout(customer)

    assert len(_logged(caller, **wanted)) == count


def test_a_bad_question_is_refused(caller: Caller) -> None:
    caller.log_in()

    assert caller.control("GET", "/requests?status=x").status == 400


def test_what_was_asked_is_verified(caller: Caller, customer: int) -> None:
    caller.callout(customer)

    verdict = _verify(
        caller,
        method="POST",
        path=f"/panic-api/v2/customers/{customer}/callouts",
        body={"location": {"latitude": HOME["latitude"]}},
    )

    assert (verdict["isMet"], verdict["count"], verdict["nearMisses"]) == (True, 1, [])


def test_what_was_not_asked_is_told_with_what_came_nearest(caller: Caller, customer: int) -> None:
    callout = caller.callout(customer)
    caller.ask("POST", f"/callouts/{callout}/location", HOME)

    verdict = _verify(caller, method="POST", path=f"/panic-api/v2/callouts/{callout}/cancel")

    message = str(verdict["message"])
    assert verdict["isMet"] is False
    assert message.startswith(f"No POST /panic-api/v2/callouts/{callout}/cancel was seen")
    nearest = cast(list[dict[str, object]], verdict["nearMisses"])[0]
    assert nearest["differsIn"] == ["path"]
    assert f"/callouts/{callout}/location" in message


def test_how_often_is_verified_too(caller: Caller, customer: int) -> None:
    for _ in range(2):
        caller.ask("GET", f"/customers/{customer}")

    assert _verify(caller, route="get_customer", atLeast=2, atMost=2)["isMet"] is True
    assert _verify(caller, route="get_customer", atLeast=3)["isMet"] is False
    assert _verify(caller, route="get_customer", atMost=1)["isMet"] is False
    assert _verify(caller, route="cancel_callout", atLeast=0, atMost=0)["isMet"] is True


def test_refused_requests_are_logged(caller: Caller) -> None:
    caller.log_in()
    Caller(caller.sandbox, "client-a", "wrong").grant()
    caller.ask("GET", "/nowhere")

    assert [entry["status"] for entry in _logged(caller)] == [200, 401, 404]


def test_secrets_are_not_logged(caller: Caller) -> None:
    token = caller.log_in()
    caller.ask("GET", "/responseTypes")

    log = caller.control("GET", "/requests").response.body

    assert token.encode() not in log
    assert b'"secret' not in log


def test_the_control_surface_is_not_logged(caller: Caller) -> None:
    caller.log_in()

    caller.control("GET", "/clock")

    assert len(_logged(caller)) == 1


def test_the_log_is_bounded_and_says_what_it_forgot(env: simpy.Environment) -> None:
    caller = Caller(Sandbox(env, EPOCH_S, settings=Settings(logged_requests=5)), "client-a")
    for _ in range(9):
        caller.ask("GET", "/responseTypes")

    answer = caller.control("GET", "/requests")

    assert len(cast(list[object], answer.body["requests"])) == 5
    assert answer.body["forgotten"] == 5


def test_long_bodies_are_cut(caller: Caller) -> None:
    caller.ask("POST", "/leads", {"mobileNumber": "x" * 10_000})

    assert len(str(_logged(caller)[-1]["body"])) == 4096


def test_a_cleared_log_is_empty(caller: Caller) -> None:
    caller.log_in()
    caller.control("DELETE", "/requests")

    assert _logged(caller) == []
    assert _verify(caller, method="GET")["message"] == "No GET was seen; the log is empty."


def test_a_tenants_log_is_its_own(caller: Caller) -> None:
    other = Caller(caller.sandbox, "client-b")
    caller.log_in()
    other.log_in()

    assert len(_logged(caller)) == 1
