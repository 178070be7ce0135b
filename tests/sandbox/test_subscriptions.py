"""Subscriptions: types, dates, families, the limit on lists."""

import pytest
import simpy

from tests.sandbox.caller import YEAR, Caller


def _subscribe(caller: Caller, customer: int, **more: object) -> int:
    body = {"customerId": customer, "subscriptionTypeId": 4, **YEAR, **more}
    return caller.ask("POST", "/subscriptions", body).number("subscription", "id")


def _unpaid(caller: Caller) -> int:
    return caller.customer("+27820000001", pays=False)


def test_the_types_are_listed_with_their_values(caller: Caller) -> None:
    listed = caller.ask("GET", "/subscriptions/subscriptionTypes").body["subscriptionTypes"]

    assert "WEB_SIGNUP_SINGLE" in str(listed)
    assert "WEB_SIGNUP_FAMILY" in str(listed)


def test_a_subscription_has_dates_and_no_status(caller: Caller) -> None:
    customer = _unpaid(caller)
    body = {"customerId": customer, "subscriptionTypeId": 4, **YEAR}

    answer = caller.ask("POST", "/subscriptions", body)

    assert answer.status == 201
    assert answer.inside("subscription") == {
        "id": answer.number("subscription", "id"),
        "customerId": customer,
        "subscriptionTypeId": 4,
        **YEAR,
        "CancelledDate": None,
        "createdAt": "2026-06-10T08:30:00Z",
        "updatedAt": "2026-06-10T08:30:00Z",
    }


def test_a_second_active_subscription_is_a_conflict(caller: Caller, customer: int) -> None:
    body = {"customerId": customer, "subscriptionTypeId": 4, **YEAR}

    assert caller.ask("POST", "/subscriptions", body).status == 409


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"customerId": 1}, 404, "customer"),
        ({"customerId": None}, 400, "customerId"),
        ({"subscriptionTypeId": 99}, 400, "subscriptionTypeId"),
        ({"subscriptionTypeId": "4"}, 400, "subscriptionTypeId"),
        ({"validTo": "2025-01-01T00:00:00Z"}, 400, "validTo"),
        ({"validFrom": "yesterday"}, 400, "validFrom"),
        ({"validTo": "9999-12-31T23:59:59Z"}, 400, "validTo"),
        ({"validFrom": "0001-01-01T00:00:00+14:00"}, 400, "validFrom"),
        ({"dependantCustomerIds": [1]}, 404, "customer"),
        ({"dependantCustomerIds": "1"}, 400, "dependantCustomerIds"),
    ],
)
def test_a_bad_subscription_is_refused(
    caller: Caller, change: dict[str, object], status: int, field: str
) -> None:
    body = {"customerId": _unpaid(caller), "subscriptionTypeId": 4, **YEAR, **change}

    answer = caller.ask("POST", "/subscriptions", body)

    assert answer.status == status
    assert field in answer.message


def test_dates_that_are_not_said_are_a_year_from_now(caller: Caller) -> None:
    customer = _unpaid(caller)

    answer = caller.ask("POST", "/subscriptions", {"customerId": customer, "subscriptionTypeId": 4})

    assert answer.inside("subscription")["validFrom"] == "2026-06-10T08:30:00Z"
    assert caller.raise_callout(customer).status == 201


def test_a_subscription_is_read_with_its_dependents(caller: Caller) -> None:
    main, child = _unpaid(caller), caller.customer("+27820000002", pays=False)
    subscription = _subscribe(caller, main, subscriptionTypeId=5, dependantCustomerIds=[child])

    answer = caller.ask("GET", f"/subscriptions/{subscription}")

    assert answer.body["dependents"] == [{"customerId": child, "name": "J", "surname": "D"}]
    assert caller.raise_callout(child).status == 201


def test_dependents_lapse_with_the_main_member(caller: Caller) -> None:
    main, child = _unpaid(caller), caller.customer("+27820000002", pays=False)
    subscription = _subscribe(caller, main, dependantCustomerIds=[child])

    caller.ask("DELETE", f"/subscriptions/{subscription}")

    assert caller.raise_callout(child).status == 403


def test_a_customers_subscriptions_are_an_array(caller: Caller, customer: int) -> None:
    listed = caller.ask("GET", f"/customers/{customer}/subscriptions").items

    assert [s["customerId"] for s in listed] == [customer]
    assert caller.ask("GET", "/customers/1/subscriptions").status == 404


def test_the_fifty_first_list_in_ten_seconds_is_too_many(
    env: simpy.Environment, caller: Caller, customer: int
) -> None:
    path = f"/customers/{customer}/subscriptions"
    allowed = {caller.ask("GET", path).status for _ in range(50)}

    refused = caller.ask("GET", path).status
    env.run(until=9.9)
    still_refused = caller.ask("GET", path).status
    env.run(until=10.1)

    assert (allowed, refused, still_refused) == ({200}, 429, 429)
    assert caller.ask("GET", path).status == 200


def test_the_limit_of_one_tenant_is_not_anothers(caller: Caller, customer: int) -> None:
    for _ in range(51):
        caller.ask("GET", f"/customers/{customer}/subscriptions")
    other = Caller(caller.sandbox, "client-b")

    assert other.ask("GET", f"/customers/{other.customer()}/subscriptions").status == 200


def test_a_subscription_is_renewed(caller: Caller) -> None:
    subscription = _subscribe(caller, _unpaid(caller))

    answer = caller.ask(
        "PUT", f"/subscriptions/{subscription}", {"validTo": "2028-01-01T00:00:00Z"}
    )

    assert answer.inside("subscription")["validTo"] == "2028-01-01T00:00:00Z"
    assert answer.inside("subscription")["validFrom"] == YEAR["validFrom"]
    assert caller.events()[-1] == "SUBSCRIPTION_UPDATED"


def test_a_cancelled_subscription_is_over_for_good(caller: Caller) -> None:
    customer = _unpaid(caller)
    subscription = _subscribe(caller, customer)

    answer = caller.ask("DELETE", f"/subscriptions/{subscription}")

    found = caller.ask("GET", f"/subscriptions/{subscription}").inside("subscription")
    assert answer.body == {"message": "Request completed successfully."}
    assert found["CancelledDate"] == "2026-06-10T08:30:00Z"
    assert caller.raise_callout(customer).status == 403
    assert caller.ask("PUT", f"/subscriptions/{subscription}", {}).status == 400
    assert caller.events()[-1] == "SUBSCRIPTION_CANCELLED"


def test_a_failed_cancellation_is_told(caller: Caller) -> None:
    subscription = _subscribe(caller, _unpaid(caller))
    caller.ask("DELETE", f"/subscriptions/{subscription}")

    assert caller.ask("DELETE", f"/subscriptions/{subscription}").status == 400
    assert caller.events()[-1] == "SUBSCRIPTION_CANCELLED_FAILED"


def test_a_lapsed_subscription_cannot_be_renewed_but_replaced(
    env: simpy.Environment, caller: Caller
) -> None:
    customer = _unpaid(caller)
    subscription = _subscribe(caller, customer)
    env.run(until=370 * 86400)
    caller.log_in()

    renewed = caller.ask("PUT", f"/subscriptions/{subscription}", {})
    later = {"validFrom": "2027-06-11T00:00:00Z", "validTo": "2029-01-01T00:00:00Z"}
    _subscribe(caller, customer, **later)

    assert renewed.status == 400
    assert caller.raise_callout(customer).status == 201


def test_an_unknown_subscription_is_not_found(caller: Caller, customer: int) -> None:
    known = caller.ask("GET", f"/customers/{customer}/subscriptions").items[0]["id"]
    other = Caller(caller.sandbox, "client-b")

    for method in ("GET", "PUT", "DELETE"):
        assert caller.ask(method, "/subscriptions/7", {}).status == 404
        assert other.ask(method, f"/subscriptions/{known}", {}).status == 404
