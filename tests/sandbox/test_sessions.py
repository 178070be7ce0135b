"""Hosted sessions, leads and scheduled services."""

import pytest

from tests.sandbox.caller import Caller
from tests.sandbox.conftest import Ruled

START = {"returnUrl": "https://me.org/back?x=1", "email": "j@x.org"}


def test_a_signup_session_names_auras_page_to_open(caller: Caller) -> None:
    answer = caller.ask("POST", "/customer-signup/sessions", START)

    assert answer.body["customerId"] is None
    assert answer.body["returnUrl"] != START["returnUrl"]
    assert str(answer.body["sessionId"]) in str(answer.body["returnUrl"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "x"}, "returnUrl"),
        ({"returnUrl": "https://x"}, "email"),
        ({"returnUrl": "back", "email": "x"}, "returnUrl"),
    ],
)
def test_a_bad_signup_is_refused(caller: Caller, body: dict[str, object], field: str) -> None:
    answer = caller.ask("POST", "/customer-signup/sessions", body)

    assert answer.status == 400
    assert field in answer.message


def test_a_completed_signup_brings_a_customer(caller: Caller) -> None:
    session = caller.ask("POST", "/customer-signup/sessions", {**START, "siteDetails": {"a": 1}})
    session_id = session.body["sessionId"]
    person = {"name": "J", "surname": "D", "mobile": "+27820000001"}
    ended = caller.control(
        "POST", f"/sessions/{session_id}/complete", {"status": "completed", "customer": person}
    )

    found = caller.ask("GET", f"/customer-signup/sessions/{session_id}").body

    customer = found["customerId"]
    assert caller.ask("GET", f"/customers/{customer}").status == 200
    assert found["siteDetails"] == {"a": 1}
    back = str(ended.body["redirectUrl"])
    assert back.startswith("https://me.org/back?x=1&status=completed")
    assert f"customerId={customer}" in back


def test_a_failed_signup_says_why(caller: Caller) -> None:
    session_id = caller.ask("POST", "/customer-signup/sessions", START).body["sessionId"]
    path = f"/sessions/{session_id}/complete"

    ended = caller.control("POST", path, {"status": "failed"})

    assert "error_code=payment_failed" in str(ended.body["redirectUrl"])
    assert caller.control("POST", path, {"status": "failed"}).status == 400


def test_an_unknown_session_is_not_found(caller: Caller) -> None:
    assert caller.ask("GET", "/customer-signup/sessions/x").status == 404


def test_a_server_token_has_no_customer_to_manage(caller: Caller) -> None:
    answer = caller.ask("POST", "/customer-subscription/sessions", {"returnUrl": "https://x"})

    assert answer.status == 400
    assert answer.message == "No valid customerId found"


def test_a_callout_token_manages_a_subscription_where_that_is_a_rule(
    caller: Caller, customer: int, ruled: Ruled
) -> None:
    other = ruled(subscription_session_by_callout_token=True)
    guests = [
        caller.with_callout_token(customer),
        other.with_callout_token(other.customer()),
    ]

    statuses = [
        guest.ask("POST", "/customer-subscription/sessions", {"returnUrl": "https://x"}).status
        for guest in guests
    ]

    assert statuses == [403, 200]


def test_a_lead_is_kept(caller: Caller) -> None:
    lead = caller.ask("POST", "/leads", {"mobileNumber": "+27820000001", "firstName": "A"})

    assert str(lead.body["id"]).startswith("lead_")
    assert caller.ask("GET", f"/leads/{lead.body['id']}").body == lead.body
    assert lead.body["status"] == "created"
    assert Caller(caller.sandbox, "b").ask("GET", f"/leads/{lead.body['id']}").status == 404


@pytest.mark.parametrize("body", [{}, {"mobileNumber": ""}, {"mobileNumber": 27}])
def test_a_lead_needs_a_number(caller: Caller, body: dict[str, object]) -> None:
    answer = caller.ask("POST", "/leads", body)

    assert answer.status == 400
    assert "mobileNumber" in answer.message


def _booking(customer: int, **config: object) -> dict[str, object]:
    return {
        "customerId": customer,
        "scheduledRequestConfig": {
            "name": "Night guard",
            "details": {"numberOfGuards": 2},
            "dateFrom": "2026-06-10T08:35:00Z",
            "dateTo": "2026-06-20T00:00:00Z",
            **config,
        },
        "initialLocation": {"formattedAddress": "Main"},
    }


def test_a_service_is_booked_with_its_next_occurrence(caller: Caller, customer: int) -> None:
    answer = caller.ask("POST", "/scheduled/guarding", _booking(customer))

    booked = answer.inside("scheduledRequest")
    assert answer.status == 200
    assert isinstance(booked["id"], str)
    assert booked["nextOccurrence"] == "2026-06-10T08:35:00Z"


@pytest.mark.parametrize(
    ("start", "expected"), [("09:00", "2026-06-10T09:00:00Z"), ("08:00", "2026-06-11T08:00:00Z")]
)
def test_a_repeated_service_begins_at_its_time_of_day(
    caller: Caller, customer: int, start: str, expected: str
) -> None:
    booking = _booking(customer, repeatsConfig={"type": "daily", "startTime": start})

    answer = caller.ask("POST", "/scheduled/guarding", booking)

    assert answer.inside("scheduledRequest")["nextOccurrence"] == expected


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"dateFrom": "2026-06-10T08:34:59Z"}, "dateFrom"),
        ({"dateTo": "2026-06-10T08:35:00Z"}, "dateTo"),
        ({"dateFrom": "soon"}, "dateFrom"),
        ({"name": ""}, "name"),
        ({"repeatsConfig": {"type": "hourly"}}, "repeatsConfig.type"),
    ],
)
def test_a_bad_booking_is_refused(
    caller: Caller, customer: int, change: dict[str, object], field: str
) -> None:
    answer = caller.ask("POST", "/scheduled/guarding", _booking(customer, **change))

    assert answer.status == 400
    assert field in answer.message


def test_a_booking_is_taken_back_by_its_id(caller: Caller, customer: int) -> None:
    booked = caller.ask("POST", "/scheduled/guarding", _booking(customer))
    path = f"/scheduled/{booked.inside('scheduledRequest')['id']}"

    assert caller.ask("DELETE", path).status == 200
    assert caller.ask("DELETE", path).status == 404
    assert caller.ask("POST", "/scheduled/guarding", _booking(7)).status == 404


def test_the_next_occurrence_follows_the_clock(caller: Caller, customer: int) -> None:
    once = _booking(customer)
    daily = _booking(customer, repeatsConfig={"type": "daily"}, dateTo="2026-06-13T00:00:00Z")
    for body in (once, daily):
        caller.ask("POST", "/scheduled/guarding", body)

    def upcoming() -> list[object]:
        return [booked["nextOccurrence"] for booked in caller.control("GET", "/scheduled").items]

    first = upcoming()
    caller.control("PUT", "/clock", {"now": "2026-06-11T12:00:00Z"})
    second = upcoming()
    caller.control("PUT", "/clock", {"now": "2026-06-12T12:00:00Z"})

    assert first == ["2026-06-10T08:35:00Z", "2026-06-10T08:35:00Z"]
    assert second == [None, "2026-06-12T08:35:00Z"]
    assert upcoming() == [None, None]


def test_a_completed_signup_needs_its_customer(caller: Caller) -> None:
    session_id = caller.ask("POST", "/customer-signup/sessions", START).body["sessionId"]

    answer = caller.control("POST", f"/sessions/{session_id}/complete", {"status": "completed"})

    assert answer.status == 400
    assert "customer" in answer.message
