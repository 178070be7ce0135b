"""What is read from AURA's answers, in every shape its documentation has shown."""

from typing import TypeVar

import pytest

from simulator.aura import Call, Json, NotFoundError, Secret, UnreadableAnswerError
from simulator.aura.calls import (
    callout_records,
    callouts,
    coverage,
    customers,
    devices,
    fixed_locations,
    leads,
    ratings,
    scheduled,
    sessions,
    subscriptions,
    webhooks,
)
from simulator.aura.reading import ShapeError
from simulator.aura.types import (
    CalloutId,
    CustomerId,
    DeviceLink,
    LocationAnswer,
    LocationId,
    Position,
    SubscriptionId,
)
from simulator.clock import epoch_s
from simulator.testing.scripted_aura import ScriptedAura, answer

T = TypeVar("T")
DONE = "Request completed successfully."
ME, CALLOUT, SITE = CustomerId(178921), CalloutId(992011), LocationId(99001)
HERE = Position(1.0, 2.0)
FLAT: dict[str, Json] = {
    "id": 992011,
    "customerId": 178921,
    "predefinedLocationId": None,
    "status": "created",
    "latitude": -26.12345,
    "longitude": 28.12345,
    "responseTypeId": 1,
    "calloutClassificationId": 2,
    "url": "https://track.example/992011",
    "createdAt": "2026-06-10T09:30:00Z",
}
NESTED: dict[str, Json] = {
    "id": 992011,
    "status": "Responder Dispatched",
    "internalTest": False,
    "calloutClassification": {"id": 1, "value": "REAL"},
    "incidentInformation": [
        {
            "predefinedLocationId": None,
            "typeOfEmergency": {"description": "Security"},
            "incidentCategory": {"description": "Intruder alarm"},
            "responseType": {"id": 1, "value": "SECURITY"},
            "responder": {"name": "Unit 4"},
            "dispatchedAt": "2026-06-10T09:31:00Z",
            "calloutCurrentLocation": {
                "latitude": "-26.12345",
                "longitude": "28.12345",
                "formattedAddress": "123 Main Street",
            },
        }
    ],
}


def read(call: Call[T], body: Json | str, status: int = 200) -> T:
    given = body if isinstance(body, str | dict | list) else ""
    return ScriptedAura(answer(status, given)).client().call(call)


@pytest.mark.parametrize(
    "body", [FLAT, {"message": DONE, "callout": FLAT}, {"data": {"callout": FLAT}}, {"data": FLAT}]
)
def test_callout_is_read_flat_and_in_every_wrapper(body: dict[str, Json]) -> None:
    callout = read(callouts.create(ME, HERE), body, 201)

    assert (callout.id, callout.customer_id, callout.status) == (992011, 178921, "created")
    assert (callout.latitude, callout.longitude) == (-26.12345, 28.12345)
    assert callout.url == "https://track.example/992011"
    assert callout.created_s == epoch_s("2026-06-10T09:30:00Z")
    assert (callout.classification, callout.is_test) == ("TEST", True)
    assert callout.predefined_location_id is None
    assert callout.raw["id"] == 992011


def test_callout_is_read_from_its_nested_view() -> None:
    callout = read(callouts.get(CALLOUT), {"message": DONE, "callout": NESTED})

    assert (callout.id, callout.status) == (992011, "Responder Dispatched")
    assert (callout.latitude, callout.longitude) == (-26.12345, 28.12345)
    assert callout.address == "123 Main Street"
    assert (callout.classification, callout.is_test) == ("REAL", False)
    assert callout.response_type_id == 1
    assert callout.responder == "Unit 4"
    assert callout.dispatched_s == epoch_s("2026-06-10T09:31:00Z")


@pytest.mark.parametrize(
    ("fields", "classification"),
    [
        ({"calloutClassification": "test"}, "TEST"),
        ({"calloutClassification": {"value": "Test"}}, "TEST"),
        ({"calloutClassificationId": "1"}, "REAL"),
        ({"calloutClassificationId": 3}, "3"),
        ({"incidentInformation": [{"calloutClassification": {"value": "REAL"}}]}, "REAL"),
        ({"incidentInformation": {"calloutClassificationId": 2}}, "TEST"),
        ({"incidentInformation": []}, None),
        ({}, None),
    ],
)
def test_classification_is_found_wherever_it_is(
    fields: dict[str, Json], classification: str | None
) -> None:
    assert read(callouts.get(CALLOUT), {"id": 1, **fields}).classification == classification


def test_unpublished_fields_of_another_form_do_not_make_a_callout_unreadable() -> None:
    odd: Json = {"id": "1", "dispatchedAt": "in a while", "responder": {"name": {"first": "A"}}}

    callout = read(callouts.get(CALLOUT), odd)

    assert callout.id == 1
    assert (callout.dispatched_s, callout.responder) == (None, None)


@pytest.mark.parametrize(
    ("status", "is_closed"),
    [("closed", True), ("CLOSED ", True), ("Responder Cancelled", False), (None, False)],
)
def test_closed_is_told_from_the_free_text(status: str | None, is_closed: bool) -> None:
    assert read(callouts.get(CALLOUT), {"id": 1, "status": status}).is_closed is is_closed


@pytest.mark.parametrize(
    "field",
    [
        {"id": None},
        {"id": "x"},
        {"id": 1.5},
        {"id": True},
        {"latitude": "north"},
        {"latitude": []},
        {"status": []},
        {"createdAt": "yesterday"},
    ],
)
def test_field_that_cannot_be_meant_is_an_error(field: dict[str, Json]) -> None:
    with pytest.raises(UnreadableAnswerError, match=f"'{next(iter(field))}' is not"):
        read(callouts.get(CALLOUT), {**FLAT, **field})


@pytest.mark.parametrize("latitude", ["nan", "inf", "1e999"])
def test_coordinate_that_is_no_number_is_an_error(latitude: str) -> None:
    with pytest.raises(UnreadableAnswerError, match="'latitude' is not a number"):
        read(callouts.get(CALLOUT), {**FLAT, "latitude": latitude})


@pytest.mark.parametrize(
    "body",
    [
        [FLAT, FLAT],
        {"callouts": [FLAT, FLAT]},
        {"message": DONE, "activeCallouts": [FLAT, FLAT]},
        {"data": [FLAT, FLAT]},
        {"data": {"callouts": [FLAT, FLAT]}},
    ],
)
def test_callouts_are_listed_bare_and_in_every_wrapper(body: Json) -> None:
    assert [one.id for one in read(callouts.active(), body)] == [992011, 992011]
    assert len(read(callouts.of_customer(ME), body)) == 2


def test_empty_list_is_no_error_and_no_list_is_one() -> None:
    assert read(callouts.active(), []) == []
    with pytest.raises(UnreadableAnswerError, match="no list of callouts"):
        read(callouts.active(), {"message": DONE})


def test_location_update_says_that_the_callout_goes_on() -> None:
    said = read(callouts.update_location(CALLOUT, HERE), {"message": DONE})

    assert (said.is_closed, said.message, said.callout) == (False, DONE, None)


@pytest.mark.parametrize(
    "body",
    [{"message": "Callout closed", "callout": NESTED}, NESTED, {"data": {"callout": NESTED}}],
)
@pytest.mark.parametrize(
    "call", [callouts.update_location(CALLOUT, HERE), callouts.update_and_return(CALLOUT, HERE)]
)
def test_285_is_no_error_but_says_closed_and_carries_the_callout(
    body: dict[str, Json], call: Call[LocationAnswer]
) -> None:
    said = read(call, body, 285)

    assert said.is_closed
    assert said.callout is not None
    assert said.callout.id == 992011


def test_285_without_a_body_says_closed() -> None:
    said = read(callouts.update_location(CALLOUT, HERE), "", 285)

    assert (said.is_closed, said.callout) == (True, None)


def test_update_and_return_gives_the_callout() -> None:
    said = read(callouts.update_and_return(CALLOUT, HERE), {"message": DONE, "callout": NESTED})

    assert not said.is_closed
    assert said.callout is not None
    assert said.callout.status == "Responder Dispatched"


def test_cancel_answer_has_a_callout_and_no_message() -> None:
    assert read(callouts.cancel(CALLOUT), {"callout": FLAT}).id == 992011
    assert read(callouts.cancel(CALLOUT, "4567"), FLAT).id == 992011


@pytest.mark.parametrize("body", ["", {"message": DONE}])
def test_answer_that_only_says_yes_may_be_empty(body: Json | str) -> None:
    said = [
        read(callouts.dismiss(CALLOUT), body, 204 if body == "" else 200),
        read(customers.delete(ME), body),
        read(subscriptions.cancel(SubscriptionId(1)), body),
        read(devices.unlink("1"), body),
        read(fixed_locations.delete(SITE), body),
        read(scheduled.cancel("1"), body),
    ]

    assert set(said) == {"" if body == "" else DONE}


@pytest.mark.parametrize(
    "body",
    [
        {
            "message": DONE,
            "customer": {
                "id": 178921,
                "name": "Jane",
                "surname": "Doe",
                "mobile": "+27821234567",
                "customerSourceId": 12,
            },
        },
        {
            "id": "178921",
            "firstName": "Jane",
            "lastName": "Doe",
            "mobileNumber": "+27821234567",
            "customerSourceId": "12",
        },
    ],
)
def test_customer_is_read_in_both_spellings(body: dict[str, Json]) -> None:
    customer = read(customers.get(ME), body)

    assert (customer.id, customer.name, customer.surname) == (178921, "Jane", "Doe")
    assert (customer.mobile, customer.customer_source_id) == ("+27821234567", 12)


def test_create_answer_may_echo_the_subscription() -> None:
    profile = customers.Profile(name="Jane", surname="Doe", mobile="+27821234567")
    body: dict[str, Json] = {"customer": {"id": 1}, "subscription": {"id": 8811, "customerId": 1}}

    echoed = read(customers.create(profile), body, 201)
    silent = read(customers.create(profile), {"customer": {"id": 1}}, 201)

    assert echoed.subscription is not None
    assert echoed.subscription.id == 8811
    assert silent.subscription is None


BOTH_FORMS: list[Json] = [2, "3"]
SUBSCRIPTION: dict[str, Json] = {
    "id": 8811,
    "customerId": 178921,
    "subscriptionTypeId": 4,
    "validFrom": "2026-06-10T00:00:00Z",
    "validTo": "2027-06-10T00:00:00.000Z",
    "CancelledDate": None,
}


@pytest.mark.parametrize(
    "body",
    [
        {
            "message": DONE,
            "subscription": SUBSCRIPTION,
            "dependents": [{"id": 2}, {"customerId": 3}],
        },
        {**SUBSCRIPTION, "dependantCustomerIds": BOTH_FORMS, "status": "active"},
    ],
)
def test_subscription_is_read_in_both_spellings(body: dict[str, Json]) -> None:
    subscription = read(subscriptions.get(SubscriptionId(8811)), body)

    assert (subscription.id, subscription.subscription_type_id) == (8811, 4)
    assert subscription.dependant_customer_ids == (2, 3)
    assert subscription.valid_to_s == epoch_s("2027-06-10T00:00:00Z")


@pytest.mark.parametrize(
    ("now", "fields", "is_active"),
    [
        ("2026-12-01", {}, True),
        ("2026-06-09T23:59:59Z", {}, False),
        ("2027-06-10T00:00:01Z", {}, False),
        ("2026-12-01", {"CancelledDate": "2026-11-01T00:00:00Z"}, False),
        ("2026-12-01", {"cancelledDate": "2026-11-01T00:00:00Z"}, False),
    ],
)
def test_subscription_is_active_by_its_dates(
    now: str, fields: dict[str, Json], is_active: bool
) -> None:
    (subscription,) = read(subscriptions.of_customer(ME), [{**SUBSCRIPTION, **fields}])

    assert subscription.is_active(epoch_s(now)) is is_active


def test_update_answers_may_lack_what_was_updated() -> None:
    link = DeviceLink(501, ME, "26217939")
    renew = subscriptions.update(SubscriptionId(8811), valid_to_s=0.0)

    assert read(renew, {"message": DONE}) is None
    assert read(renew, "", 204) is None
    assert read(devices.update(link, alias="a"), {"message": DONE}) is None
    renewed = read(renew, {"subscription": SUBSCRIPTION})
    assert renewed is not None
    assert renewed.id == 8811


def test_subscription_types_are_listed() -> None:
    body: Json = {"subscriptionTypes": [{"id": 4, "value": "WEB_SIGNUP_SINGLE"}]}

    (found,) = read(subscriptions.types(), body)

    assert (found.id, found.value) == (4, "WEB_SIGNUP_SINGLE")


LINK: dict[str, Json] = {
    "id": 501,
    "customerId": 178921,
    "customerSourceId": 12,
    "deviceId": 26217939,
    "deviceSerial": "AB26217939",
    "alias": "Front desk",
    "deviceTypeId": 5,
    "firmwareVersion": None,
    "batteryLevel": "87",
    "batteryLevelLastReceivedDate": "2026-06-10T09:00:00Z",
}


@pytest.mark.parametrize("body", [LINK, {"message": DONE, "device": LINK}])
def test_link_is_read_with_ids_as_numbers_or_texts(body: dict[str, Json]) -> None:
    link = read(devices.link(ME, "AB26217939", "ExampleBrand"), body, 201)

    assert (link.id, link.device_id, link.device_serial) == (501, "26217939", "AB26217939")
    assert (link.alias, link.device_type_id, link.battery_percent) == ("Front desk", 5, 87.0)


def test_link_without_a_device_id_is_unreadable() -> None:
    with pytest.raises(UnreadableAnswerError, match="deviceId"):
        read(devices.link(ME, "AB26217939", "ExampleBrand"), {"id": 501})


@pytest.mark.parametrize("event_types", ["NEW_CALLOUT", ["NEW_CALLOUT"]])
@pytest.mark.parametrize("echoed_id", [26217939, "26217939"])
def test_device_event_answer_is_read(event_types: Json, echoed_id: Json) -> None:
    body: Json = {
        "message": "Event successfully processed...",
        "input": {"device_id": echoed_id},
        "resolvedAuraEvent": {
            "eventTypes": event_types,
            "eventResponse": {"calloutId": 992011, "deviceId": echoed_id},
        },
    }

    said = read(devices.event({"device_id": 26217939}), body)

    assert said.message == "Event successfully processed..."
    assert said.event_types == ["NEW_CALLOUT"]
    assert (said.callout_id, said.device_id) == (992011, "26217939")


def test_battery_answer_has_no_callout() -> None:
    body: Json = {
        "resolvedAuraEvent": {
            "eventTypes": ["HEALTH_CHECK", 3],
            "eventResponse": {"deviceId": "1", "batteryLevel": 87},
        }
    }

    said = read(devices.event({"device_id": "1"}), body)

    assert (said.callout_id, said.battery_percent, said.event_types) == (None, 87, ["HEALTH_CHECK"])


def test_device_event_answer_without_an_outcome_is_unreadable() -> None:
    with pytest.raises(UnreadableAnswerError, match="resolvedAuraEvent"):
        read(devices.event({"device_id": "1"}), {"message": DONE})


@pytest.mark.parametrize(
    "event",
    [
        {"event": {"message": "hello"}, "calloutEventTypeId": 1, "createdBy": "jane"},
        {"event": "hello", "calloutEventTypeId": 1, "createdBy": "jane"},
        {"message": "hello", "calloutEventTypeId": 1, "createdBy": "jane"},
    ],
)
def test_callout_events_are_read_in_both_generations(event: dict[str, Json]) -> None:
    (found,) = read(callout_records.events(CALLOUT), [{"id": 1, "calloutId": 992011, **event}])

    assert (found.text, found.created_by, found.callout_id) == ("hello", "jane", 992011)


def test_records_of_a_callout_are_read() -> None:
    reasons = read(
        callout_records.exception_reasons(CALLOUT), [{"id": 102, "reason": "False alarm"}]
    )
    added = read(
        callout_records.add_exception_reason(CALLOUT, 102),
        {"message": DONE, "createdExceptionReason": {"id": 1}},
    )
    sent = read(callout_records.send_event(CALLOUT, "x"), {"calloutEvent": {"id": 5}})
    report = read(
        callout_records.resolution_report(CALLOUT),
        {"message": DONE, "report": {"outcome": "safe"}},
    )
    drawn = read(
        callout_records.response_map(CALLOUT), {"url": "https://maps.example/1.png", "image": None}
    )

    assert (reasons[0].id, reasons[0].reason) == (102, "False alarm")
    assert (added.message, sent.raw) == (DONE, {"calloutEvent": {"id": 5}})
    assert (report.message, report.raw) == (DONE, {"outcome": "safe"})
    assert (drawn.url, drawn.image) == ("https://maps.example/1.png", None)


def test_records_of_an_open_callout_are_not_found() -> None:
    with pytest.raises(NotFoundError):
        read(callout_records.resolution_report(CALLOUT), {"message": "not closed"}, 404)


def test_ratings_are_read() -> None:
    rating = read(
        ratings.create(CALLOUT, 5), {"calloutRatingPostResult": {"id": 3, "rating": 5}}, 201
    )
    item = read(ratings.add_item(3, "speed"), {"calloutRatingItemResults": {"ratingItemId": 4}})
    (listed,) = read(ratings.items(), {"ratingItems": [{"id": 4, "description": "speed"}]})

    assert (rating.id, rating.rating) == (3, 5)
    assert item.id == 4
    assert (listed.id, listed.description) == (4, "speed")


@pytest.mark.parametrize("latitude", ["-26.12345", -26.12345])
@pytest.mark.parametrize("type_key", ["calloutLocationTypeId", "calloutLocationType.id"])
def test_fixed_location_is_read(latitude: Json, type_key: str) -> None:
    body: Json = {
        "id": 99001,
        "externalReferenceId": "site_9944",
        "locationIdentifier": "site_9944",
        "latitude": latitude,
        "longitude": "28.12345",
        type_key: 3,
        "medicalCoverage": None,
        "securityCoverage": True,
        "formattedAddress": "123 Main Street",
    }

    site = read(fixed_locations.get(SITE), body)

    assert (site.id, site.identifier, site.latitude) == (99001, "site_9944", -26.12345)
    assert (site.type_id, site.address) == (3, "123 Main Street")
    assert (site.has_medical_coverage, site.has_security_coverage) == (None, True)
    assert read(fixed_locations.list_all(), [body]) == [site]


@pytest.mark.parametrize(("said", "meant"), [("TRUE", True), ("false", False), (None, None)])
def test_truth_may_be_written_as_text(said: str | None, meant: bool | None) -> None:
    site = read(fixed_locations.get(SITE), {"id": 1, "medicalCoverage": said})

    assert site.has_medical_coverage is meant
    with pytest.raises(UnreadableAnswerError, match="'medicalCoverage' is not true or false"):
        read(fixed_locations.get(SITE), {"id": 1, "medicalCoverage": "perhaps"})


def test_fixed_location_callout_says_which_site() -> None:
    body: Json = {
        "message": DONE,
        "installerIdentifier": None,
        "externalReferenceId": "site_9944",
        "callout": FLAT,
    }

    said = read(fixed_locations.create_callout("site_9944"), body, 201)

    assert (said.callout.id, said.external_reference_id) == (992011, "site_9944")
    assert said.installer_identifier is None


def test_bulk_upload_returns_the_message() -> None:
    assert (
        read(fixed_locations.upload(b"", "https://me.example"), {"message": "queued"}) == "queued"
    )


def test_response_types_are_listed() -> None:
    body: Json = {"message": DONE, "responseTypes": [{"id": 1, "value": "SECURITY"}]}

    (found,) = read(coverage.response_types(), body)

    assert (found.id, found.value) == (1, "SECURITY")


def test_coverage_is_a_document_not_json() -> None:
    assert read(coverage.polygons(1), "\ufeff<kml></kml>") == "<kml></kml>"
    with pytest.raises(UnreadableAnswerError, match="no XML document"):
        read(coverage.polygons(1), {"message": DONE})


def test_sessions_are_read() -> None:
    begun = read(
        sessions.create_signup("https://me.example", email="j@x"),
        {"sessionId": "s-1", "customerId": None, "returnUrl": "https://aura.example/s-1"},
        201,
    )
    ended = read(sessions.get_signup("s-1"), {"customerId": 178921, "flows": {}})
    page = read(sessions.create_subscription_management("https://me.example"), {"url": "https://a"})

    assert (begun.session_id, begun.hosted_url) == ("s-1", "https://aura.example/s-1")
    assert (ended.customer_id, ended.raw["flows"]) == (178921, {})
    assert page == "https://a"
    with pytest.raises(UnreadableAnswerError, match="url"):
        read(sessions.create_subscription_management("https://me.example"), {"message": DONE})


def test_callout_token_is_read_like_any_token() -> None:
    grant = read(sessions.callout_token(ME), {"access_token": "narrow", "expires_in": "900"})

    token = grant.token(100.0)

    assert token.value == Secret("narrow")
    assert (token.expires_s, token.renew_s) == (1000.0, 940.0)


def test_leads_and_bookings_are_read() -> None:
    lead = read(leads.create("+27821234567"), {"id": "lead_9", "status": "created"}, 201)
    booked = read(
        scheduled.create("guarding", scheduled.Booking(customer_id=ME, name="x", from_s=0, to_s=1)),
        {"scheduledRequest": {"id": 7, "nextOccurrence": "2026-06-10T00:00:00Z"}},
    )

    assert (lead.id, lead.status) == ("lead_9", "created")
    assert (booked.id, booked.next_occurrence_s) == ("7", epoch_s("2026-06-10"))
    with pytest.raises(UnreadableAnswerError, match="id"):
        read(leads.get("lead_9"), {"status": "created"})
    with pytest.raises(UnreadableAnswerError, match="id"):
        read(
            scheduled.create(
                "guarding", scheduled.Booking(customer_id=ME, name="x", from_s=0, to_s=1)
            ),
            {"message": DONE},
        )


@pytest.mark.parametrize("many", [True, False])
def test_webhook_registration_is_read(many: bool) -> None:
    config: Json = {"url": "https://me.example", "events": ["NEW_CALLOUT"], "headers": {}}
    body: Json = {"message": DONE, "notifier": {"config": [config] if many else config}}

    webhook = read(webhooks.register("https://me.example", ["NEW_CALLOUT"]), body, 201)

    assert (webhook.url, webhook.events) == ("https://me.example", ("NEW_CALLOUT",))


def test_webhook_delivery_is_read_as_captured() -> None:
    body = b"""{"message": "RESPONDER_ARRIVED_ON_SCENE", "callout": {"id": 992011,
      "internalTest": false, "calloutClassification": {"value": "TEST"}, "incidentInformation": [
      {"predefinedLocationId": 5, "incidentcategory": {"description": "Intruder alarm"},
       "calloutCurrentLocation": {"latitude": "-26.12345", "longitude": "28.12345"}}]}}"""

    delivery = webhooks.read_delivery(body)

    assert delivery.key == ("RESPONDER_ARRIVED_ON_SCENE", "992011")
    assert delivery.callout is not None
    assert delivery.callout.is_test
    assert (delivery.callout.latitude, delivery.callout.predefined_location_id) == (-26.12345, 5)


def test_delivery_about_a_customer_has_no_callout() -> None:
    delivery = webhooks.read_delivery(b'{"message": "CREATED_CUSTOMER", "customer": {"id": 1}}')

    assert delivery.callout is None
    assert delivery.key == (webhooks.WebhookEvent.CREATED_CUSTOMER, "1")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"<html>"])
def test_post_that_is_no_delivery_is_refused(body: bytes) -> None:
    with pytest.raises(ShapeError):
        webhooks.read_delivery(body)
