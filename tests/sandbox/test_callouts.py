"""Callouts: raising, reading, moving, cancelling."""

from typing import cast

import pytest
import simpy

from simulator.sandbox import close_callout
from tests.sandbox.caller import API, HOME, Caller
from tests.sandbox.conftest import Ruled


def _incident(answer_callout: dict[str, object]) -> dict[str, object]:
    return cast(list[dict[str, object]], answer_callout["incidentInformation"])[0]


def test_a_new_callout_is_answered_flat_with_its_page(caller: Caller, customer: int) -> None:
    answer = caller.raise_callout(customer)

    callout = answer.inside("callout")
    assert answer.status == 201
    assert callout["status"] == "created"
    assert (callout["latitude"], callout["longitude"]) == (HOME["latitude"], HOME["longitude"])
    assert (callout["responseTypeId"], callout["calloutClassificationId"]) == (1, 1)
    assert callout["predefinedLocationId"] is None
    assert str(callout["url"]).startswith("https://")
    assert str(callout["id"]) in str(callout["url"])


def test_a_second_callout_is_the_first_one(caller: Caller, customer: int) -> None:
    first = caller.raise_callout(customer)

    second = caller.raise_callout(customer, responseTypeId=2)

    assert second.status == 200
    assert second.body == first.body


def test_after_the_end_a_new_callout_opens(caller: Caller, customer: int) -> None:
    first = caller.closed_callout(customer)

    assert caller.raise_callout(customer).number("callout", "id") == first + 1


def test_a_cancelled_callout_is_not_active_any_more(caller: Caller, customer: int) -> None:
    first = caller.callout(customer)
    caller.ask("POST", f"/callouts/{first}/cancel", {})

    assert caller.raise_callout(customer).status == 201


def test_two_customers_have_two_callouts(caller: Caller, customer: int) -> None:
    other = caller.customer("+27820000001")

    assert caller.callout(customer) != caller.callout(other)
    assert len(caller.ask("GET", "/callouts/activeCallouts").items) == 2


def test_without_a_subscription_a_callout_is_forbidden(caller: Caller) -> None:
    answer = caller.raise_callout(caller.customer(pays=False))

    assert answer.status == 403
    assert "subscription" in answer.message


def test_the_missing_subscription_may_be_a_400_as_in_the_reference(ruled: Ruled) -> None:
    caller = ruled(unpaid_status=400)

    assert caller.raise_callout(caller.customer(pays=False)).status == 400


def test_the_first_callout_may_be_free(ruled: Ruled) -> None:
    caller = ruled(first_callout_free=True)
    customer = caller.customer(pays=False)
    first = caller.raise_callout(customer)
    caller.advance(first.number("callout", "id"))

    assert first.status == 201
    assert caller.raise_callout(customer).status == 403


def test_a_test_may_be_asked_for_before_a_real_callout(ruled: Ruled) -> None:
    caller = ruled(test_before_real=True)
    customer = caller.customer()
    real = caller.raise_callout(customer)
    test = caller.raise_callout(customer, calloutClassificationId=2)
    caller.advance(test.number("callout", "id"))

    assert (real.status, test.status) == (403, 201)
    assert caller.raise_callout(customer).status == 201


def test_a_lapsed_subscription_does_not_count(
    env: simpy.Environment, caller: Caller, customer: int
) -> None:
    env.run(until=370 * 86400)
    caller.log_in()

    assert caller.raise_callout(customer).status == 403


def test_a_subscription_that_begins_later_does_not_count_yet(caller: Caller) -> None:
    later = {"validFrom": "2026-07-01T00:00:00Z", "validTo": "2027-01-01T00:00:00Z"}
    body = {
        "customer": {"name": "J", "surname": "D", "mobile": "+27820000009"},
        "subscription": {"subscriptionTypeId": 4, **later},
    }
    customer = caller.ask("POST", "/customers", body).number("customer", "id")

    assert caller.raise_callout(customer).status == 403


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"location": None}, "location"),
        ({"location": {}}, "location"),
        ({"location": {"latitude": -26.0}}, "longitude"),
        ({"location": {"latitude": 90.1, "longitude": 0}}, "latitude"),
        ({"location": {"latitude": 0, "longitude": -180.1}}, "longitude"),
        ({"location": {"latitude": "1", "longitude": 2}}, "latitude"),
        ({"location": {"latitude": 1, "longitude": 2, "accuracy": -1}}, "accuracy"),
        ({"location": HOME, "predefinedLocationId": 1}, "location"),
        ({"responseTypeId": 3}, "responseTypeId"),
        ({"responseTypeId": None}, "responseTypeId"),
        ({"calloutClassificationId": 3}, "calloutClassificationId"),
        ({"internalTest": "yes"}, "internalTest"),
    ],
)
def test_a_malformed_callout_is_refused_by_the_name_of_its_field(
    caller: Caller, customer: int, change: dict[str, object], field: str
) -> None:
    answer = caller.raise_callout(customer, **change)

    assert answer.status == 400
    assert field in answer.message
    assert caller.ask("GET", f"/customers/{customer}/callouts").items == []


@pytest.mark.parametrize("is_inside", [True, False])
def test_a_fixed_location_stands_for_coordinates(
    caller: Caller, customer: int, is_inside: bool
) -> None:
    site = {
        "externalReferenceId": "s",
        "locationIdentifier": "s",
        "latitude": "-26.1",
        "longitude": "28.1",
    }
    location_id = caller.ask("POST", "/predefinedLocations", site).body["id"]
    where: dict[str, object] = {"predefinedLocationId": location_id}
    body = {"responseTypeId": 1, **({"location": where} if is_inside else where)}

    answer = caller.ask("POST", f"/customers/{customer}/callouts", body)

    assert answer.status == 201
    assert answer.inside("callout")["predefinedLocationId"] == location_id
    assert answer.inside("callout")["latitude"] == -26.1


def test_an_unknown_fixed_location_is_not_found(caller: Caller, customer: int) -> None:
    body = {"responseTypeId": 1, "predefinedLocationId": 7}

    assert caller.ask("POST", f"/customers/{customer}/callouts", body).status == 404


def test_flat_coordinates_are_taken_where_that_is_set(ruled: Ruled) -> None:
    caller = ruled(accept_older=True)
    customer = caller.customer()
    body = {"responseTypeId": 1, "latitude": -26.0, "longitude": 28.0}

    assert caller.ask("POST", f"/customers/{customer}/callouts", body).status == 201


def test_a_callout_for_another_tenants_customer_is_not_found(caller: Caller, customer: int) -> None:
    assert Caller(caller.sandbox, "client-b").raise_callout(customer).status == 404


def test_the_legacy_endpoint_checks_the_subscription_too(caller: Caller, customer: int) -> None:
    body = {"responseTypeId": 1, "location": HOME}
    unpaid = caller.customer("+27820000001", pays=False)

    answers = [
        caller.ask("POST", "/callouts", {**body, "customerId": customer}),
        caller.ask("POST", "/callouts", {**body, "customerId": unpaid}),
        caller.ask("POST", "/callouts", body),
    ]

    assert [answer.status for answer in answers] == [201, 403, 403]


def test_a_callout_is_read_nested(caller: Caller, customer: int) -> None:
    callout_id = caller.callout(customer)

    callout = caller.ask("GET", f"/callouts/{callout_id}").inside("callout")

    incident = _incident(callout)
    assert callout["calloutClassification"] == {"id": 1, "value": "REAL"}
    assert callout["internalTest"] is False
    assert "latitude" not in callout
    assert incident["responseType"] == {"id": 1, "value": "SECURITY"}
    assert incident["typeOfEmergency"] == {"description": "Security"}
    assert "incidentCategory" in incident
    where = cast(dict[str, object], incident["calloutCurrentLocation"])
    assert (where["latitude"], where["longitude"]) == ("-26.0919", "28.084")
    assert (incident["responder"], incident["dispatchedAt"], incident["eta"]) == (None,) * 3


def test_an_active_callout_is_listed_for_its_customer(caller: Caller, customer: int) -> None:
    callout_id = caller.callout(customer)

    listed = caller.ask("GET", f"/customers/{customer}/callouts").items
    caller.advance(callout_id)

    assert [callout["id"] for callout in listed] == [callout_id]
    assert caller.ask("GET", f"/customers/{customer}/callouts").items == []
    assert caller.ask("GET", "/callouts/activeCallouts").items == []


def test_an_unknown_callout_is_not_found(caller: Caller) -> None:
    for method, end in [
        ("GET", ""),
        ("POST", "/location"),
        ("POST", "/updateLocationAndReturnCallout"),
        ("POST", "/cancel"),
        ("POST", "/dismiss"),
    ]:
        body = HOME if "ocation" in end else {}
        assert caller.ask(method, f"/callouts/7{end}", body).status == 404


def test_a_location_update_is_kept_and_only_acknowledged(caller: Caller, customer: int) -> None:
    callout_id = caller.callout(customer)

    answer = caller.ask(
        "POST", f"/callouts/{callout_id}/location", {"latitude": -26.5, "longitude": 28.5}
    )

    found = caller.ask("GET", f"/callouts/{callout_id}").inside("callout")
    assert answer.body == {"message": "Request completed successfully."}
    where = cast(dict[str, object], _incident(found)["calloutCurrentLocation"])
    assert where["latitude"] == "-26.5"


def test_update_and_return_answers_nested_and_ignores_the_id_in_the_body(
    caller: Caller, customer: int
) -> None:
    callout_id = caller.callout(customer)
    body = {"latitude": -26.5, "longitude": 28.5, "calloutId": 7}

    answer = caller.ask("POST", f"/callouts/{callout_id}/updateLocationAndReturnCallout", body)

    assert answer.status == 200
    assert answer.number("callout", "id") == callout_id
    assert _incident(answer.inside("callout"))["calloutCurrentLocation"] is not None


@pytest.mark.parametrize("end", ["location", "updateLocationAndReturnCallout"])
def test_after_the_end_a_location_update_is_285_with_the_callout(
    caller: Caller, customer: int, end: str
) -> None:
    callout_id = caller.closed_callout(customer)

    answer = caller.ask("POST", f"/callouts/{callout_id}/{end}", HOME)

    assert answer.status == 285
    assert answer.inside("callout")["status"] == "closed"


def test_a_location_update_of_a_cancelled_callout_is_taken(caller: Caller, customer: int) -> None:
    callout_id = caller.callout(customer)
    caller.ask("POST", f"/callouts/{callout_id}/cancel", {})

    assert caller.ask("POST", f"/callouts/{callout_id}/location", HOME).status == 200


def test_the_path_of_update_and_return_is_a_setting(ruled: Ruled) -> None:
    path = "/panic-api/v2/callouts/{calloutId}/here"
    caller = ruled(paths={"update_location_and_return_callout": path})
    callout_id = caller.callout(caller.customer())

    assert caller.ask("POST", f"/callouts/{callout_id}/here", HOME).status == 200


def test_a_path_for_a_route_that_does_not_exist_is_refused(ruled: Ruled) -> None:
    with pytest.raises(ValueError, match="no route 'nonsense'"):
        ruled(paths={"nonsense": "/x"})


def test_a_cancel_without_a_code_stands_the_response_down(caller: Caller, customer: int) -> None:
    callout_id = caller.callout(customer)

    answer = caller.ask("POST", f"/callouts/{callout_id}/cancel", {})

    assert answer.status == 200
    assert set(answer.body) == {"callout"}
    assert answer.inside("callout")["status"] == "Responder Cancelled"
    assert caller.events()[-1] == "CALLOUT_NO_LONGER_REQUIRES_RESPONSE"


def test_the_right_code_cancels_softly(caller: Caller, customer: int) -> None:
    callout_id = caller.callout(customer)

    caller.ask("POST", f"/callouts/{callout_id}/cancel", {"safeCode": "4567"})

    found = caller.ask("GET", f"/callouts/{callout_id}").inside("callout")
    assert found["status"] == "Soft Cancelled"
    assert caller.events()[-1] == "CALLOUT_SOFT_CANCELLED_BY_CUSTOMER"


def test_a_wrong_code_looks_the_same_and_keeps_the_response_going(
    caller: Caller, customer: int
) -> None:
    """Under duress the answer must not differ; only the control room sees that help still comes."""
    callout_id, other_customer = caller.callout(customer), caller.customer("+27820004567")
    other = caller.callout(other_customer)
    right = caller.ask("POST", f"/callouts/{other}/cancel", {"safeCode": "4567"})

    wrong = caller.ask("POST", f"/callouts/{callout_id}/cancel", {"safeCode": "0000"})

    seen = caller.control("GET", f"/callouts/{callout_id}").body
    assert wrong.status == right.status == 200
    assert wrong.inside("callout").keys() == right.inside("callout").keys()
    assert wrong.inside("callout")["status"] == right.inside("callout")["status"]
    assert (seen["isDuress"], seen["isActive"]) == (True, True)
    assert caller.ask("GET", f"/callouts/{callout_id}").inside("callout")["status"] == "created"
    assert caller.raise_callout(customer).number("callout", "id") == callout_id


def test_a_wrong_code_may_be_refused_but_never_the_duress_code(ruled: Ruled) -> None:
    caller = ruled(refuse_wrong_safe_code=True)
    customer = caller.customer()
    caller.ask("PUT", f"/customers/{customer}", {"customer": {"duressCode": "9911"}})
    callout_id = caller.callout(customer)

    answers = [
        caller.ask("POST", f"/callouts/{callout_id}/cancel", {"safeCode": code}).status
        for code in ("0000", "9911")
    ]

    assert answers == [400, 200]


@pytest.mark.parametrize(
    "code", [4567, "456", "45678", "abcd", "", "\uff14\uff15\uff16\uff17", True]
)
def test_a_code_that_is_not_four_digits_is_malformed(
    caller: Caller, customer: int, code: object
) -> None:
    callout_id = caller.callout(customer)

    answer = caller.ask("POST", f"/callouts/{callout_id}/cancel", {"safeCode": code})

    assert answer.status == 400
    assert "safeCode" in answer.message


def test_a_closed_callout_cannot_be_cancelled(caller: Caller, customer: int) -> None:
    callout_id = caller.closed_callout(customer)

    answer = caller.ask("POST", f"/callouts/{callout_id}/cancel", {})

    assert answer.status == 400
    assert answer.message == "Callout is already closed"


def test_a_second_cancel_changes_nothing(caller: Caller, customer: int) -> None:
    callout_id = caller.callout(customer)
    first = caller.ask("POST", f"/callouts/{callout_id}/cancel", {"safeCode": "4567"})
    happened = caller.events()

    second = caller.ask("POST", f"/callouts/{callout_id}/cancel", {"safeCode": "4567"})
    third = caller.ask("POST", f"/callouts/{callout_id}/cancel", {})

    assert second.body == third.body == first.body
    assert caller.events() == happened


def test_dismissing_stands_down_and_closes(caller: Caller, customer: int) -> None:
    callout_id = caller.callout(customer)

    answer = caller.ask("POST", f"/callouts/{callout_id}/dismiss", {})

    assert answer.inside("callout")["status"] == "closed"
    assert caller.events()[-2:] == ["CALLOUT_NO_LONGER_REQUIRES_RESPONSE", "CALLOUT_CLOSED"]


def test_a_callout_is_never_closed_by_itself(
    env: simpy.Environment, caller: Caller, customer: int
) -> None:
    callout_id = caller.callout(customer)
    env.run(until=30 * 86400)
    caller.log_in()

    status = caller.ask("GET", f"/callouts/{callout_id}").inside("callout")["status"]

    assert status == "created"


def test_a_bad_body_is_refused_in_the_older_shape_too(ruled: Ruled) -> None:
    caller = ruled(accept_older=True)
    path = f"/customers/{caller.customer()}/callouts"

    answers = [
        caller.ask("POST", path, {"responseTypeId": 1, "latitude": "x", "longitude": 1}),
        caller.raw("POST", f"{API}{path}", b"\xff", {"authorization": f"Bearer {caller.token}"}),
    ]

    assert [answer.status for answer in answers] == [400, 400]
    assert "location.latitude" in answers[0].message


def test_a_run_can_play_the_control_room_as_a_client(caller: Caller, customer: int) -> None:
    callout = caller.callout(customer)
    call = close_callout(callout)

    assert isinstance(call.path, str)
    headers = {"authorization": f"Bearer {caller.token}"}
    answer = caller.raw(call.method, call.path, call.body, headers)

    assert call.read(answer.response)
    assert not call.has_prefix
    assert caller.control("GET", f"/callouts/{callout}").body["state"] == "closed"
