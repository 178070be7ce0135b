"""What each operation sends: method, path and body, as AURA's newest documentation has them."""

import msgspec
import pytest

from simulator.aura import Call, Json, Paths, Request, Response
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
from simulator.aura.types import (
    CalloutId,
    Classification,
    CustomerId,
    DeviceLink,
    LocationId,
    Position,
    Sentiment,
    SubscriptionId,
)
from simulator.clock import epoch_s
from simulator.errors import InputError
from simulator.testing.scripted_aura import ScriptedAura, answer

ME, CALLOUT, SITE = CustomerId(178921), CalloutId(992011), LocationId(99001)
HERE = Position(-26.12345, 28.12345, 10)
SPAN = subscriptions.NewSubscription(4, epoch_s("2026-06-10"), epoch_s("2027-06-10"))
SPAN_JSON: dict[str, Json] = {
    "subscriptionTypeId": 4,
    "validFrom": "2026-06-10T00:00:00Z",
    "validTo": "2027-06-10T00:00:00Z",
}
JANE = customers.Profile(name="Jane", surname="Doe", mobile="+27821234567")
LINK = DeviceLink(501, ME, "26217939", "AB26217939")
HERE_JSON: dict[str, Json] = {"latitude": -26.12345, "longitude": 28.12345, "accuracy": 10}


def sent(call: Call[object], paths: Paths | None = None) -> Request:
    """Return the request a call leads to; what is read from the answer does not matter here."""
    script = ScriptedAura(answer(418))
    with pytest.raises(Exception, match="418"):
        script.client(paths=paths).call(call)
    return script.asked[0]


OPERATIONS: list[tuple[Call[object], str, Json]] = [
    (
        customers.create(JANE, SPAN),
        "POST /customers",
        {
            "customer": {"name": "Jane", "surname": "Doe", "mobile": "+27821234567"},
            "subscription": SPAN_JSON,
        },
    ),
    (
        customers.create(JANE, SubscriptionId(8811)),
        "POST /customers",
        {
            "customer": {"name": "Jane", "surname": "Doe", "mobile": "+27821234567"},
            "subscriptionId": 8811,
        },
    ),
    (customers.get(ME), "GET /customers/178921", None),
    (
        customers.update(ME, customers.Profile(vehicle_license_plate="X", has_medical_aid=False)),
        "PUT /customers/178921",
        {"customer": {"vehicleLicensePlate": "X", "hasMedicalAid": False}},
    ),
    (customers.delete(ME), "POST /customers/178921/delete", {}),
    (subscriptions.types(), "GET /subscriptions/subscriptionTypes", None),
    (subscriptions.create(ME, SPAN), "POST /subscriptions", {"customerId": 178921, **SPAN_JSON}),
    (
        subscriptions.create(ME, SPAN, dependants=[CustomerId(2)]),
        "POST /subscriptions",
        {"customerId": 178921, **SPAN_JSON, "dependantCustomerIds": [2]},
    ),
    (subscriptions.get(SubscriptionId(8811)), "GET /subscriptions/8811", None),
    (subscriptions.of_customer(ME), "GET /customers/178921/subscriptions", None),
    (
        subscriptions.update(SubscriptionId(8811), valid_to_s=SPAN.valid_to_s, dependants=[]),
        "PUT /subscriptions/8811",
        {"validTo": "2027-06-10T00:00:00Z", "dependantCustomerIds": []},
    ),
    (
        subscriptions.update(SubscriptionId(8811), dependants=[ME]),
        "PUT /subscriptions/8811",
        {"dependantCustomerIds": [178921]},
    ),
    (subscriptions.cancel(SubscriptionId(8811)), "DELETE /subscriptions/8811", None),
    (coverage.response_types(), "GET /responseTypes", None),
    (coverage.polygons(1), "GET /coverage/1", None),
    (
        callouts.create(ME, HERE, classification=Classification.TEST),
        "POST /customers/178921/callouts",
        {"location": HERE_JSON, "responseTypeId": 1, "calloutClassificationId": 2},
    ),
    (
        callouts.create(ME, SITE, response_type_id=2),
        "POST /customers/178921/callouts",
        {"predefinedLocationId": 99001, "responseTypeId": 2},
    ),
    (
        callouts.create_legacy(Position(1.0, 2.0), customer_id=ME),
        "POST /callouts",
        {
            "location": {"latitude": 1.0, "longitude": 2.0},
            "responseTypeId": 1,
            "customerId": 178921,
        },
    ),
    (callouts.of_customer(ME), "GET /customers/178921/callouts", None),
    (callouts.active(), "GET /callouts/activeCallouts", None),
    (callouts.get(CALLOUT), "GET /callouts/992011", None),
    (callouts.update_location(CALLOUT, HERE), "POST /callouts/992011/location", HERE_JSON),
    (
        callouts.update_and_return(CALLOUT, HERE),
        "POST /callouts/992011/updateLocationAndReturnCallout",
        HERE_JSON,
    ),
    (callouts.cancel(CALLOUT), "POST /callouts/992011/cancel", {}),
    (callouts.cancel(CALLOUT, "4567"), "POST /callouts/992011/cancel", {"safeCode": "4567"}),
    (callouts.dismiss(CALLOUT), "POST /callouts/992011/dismiss", {}),
    (callout_records.events(CALLOUT), "GET /callouts/992011/events", None),
    (
        callout_records.send_event(CALLOUT, "I am at the gate"),
        "POST /callouts/992011/events",
        {"source": "customer", "event": "I am at the gate"},
    ),
    (callout_records.exception_reasons(CALLOUT), "GET /callouts/992011/exceptionReasons", None),
    (
        callout_records.add_exception_reason(CALLOUT, 102, notes="cat"),
        "POST /callouts/992011/exceptionReasons",
        {"exceptionReasonId": 102, "notes": "cat"},
    ),
    (callout_records.resolution_report(CALLOUT), "GET /callouts/992011/resolutionReport", None),
    (callout_records.response_map(CALLOUT), "GET /callouts/992011/maps", None),
    (
        ratings.create(CALLOUT, 5, details="fast", may_be_contacted=True),
        "POST /ratings",
        {
            "calloutId": 992011,
            "rating": 5,
            "additionalDetails": "fast",
            "customerAllowedToBeContacted": True,
        },
    ),
    (ratings.items(), "GET /rating-items", None),
    (
        ratings.add_item(3, "speed", item_id=4, item="s", sentiment=Sentiment.POSITIVE),
        "POST /rating-items",
        {
            "calloutRatingId": 3,
            "ratingItemDescription": "speed",
            "ratingItemId": 4,
            "ratingItem": "s",
            "sentiment": "positive",
        },
    ),
    (fixed_locations.list_all(), "GET /predefinedLocations", None),
    (fixed_locations.get(SITE), "GET /predefinedLocations/99001", None),
    (fixed_locations.delete(SITE), "DELETE /predefinedLocations/99001", None),
    (
        fixed_locations.create_callout("site/9 944", installer_identifier="i"),
        "POST /predefinedLocations/externalRef/site%2F9%20944/callouts",
        {"installerIdentifier": "i"},
    ),
    (
        devices.link(ME, "AB26217939", "ExampleBrand", alias="Front desk", device_type_id=5),
        "POST /devices",
        {
            "customerId": 178921,
            "deviceSerial": "AB26217939",
            "deviceSupplier": "ExampleBrand",
            "deviceAlias": "Front desk",
            "deviceType": 5,
        },
    ),
    (
        devices.update(LINK, alias="Back door", firmware_version="2"),
        "PUT /devices",
        {
            "customerId": 178921,
            "deviceId": "26217939",
            "deviceSerial": "AB26217939",
            "deviceAlias": "Back door",
            "firmwareVersion": "2",
        },
    ),
    (devices.unlink("26217939"), "DELETE /devices/26217939", None),
    (devices.event({"device_id": 1}), "POST /deviceEvent", {"device_id": 1}),
    (devices.event(b'{"device_id":1}'), "POST /deviceEvent", {"device_id": 1}),
    (
        webhooks.register(
            "https://me.example/x", [webhooks.WebhookEvent.NEW_CALLOUT], headers={"a": "b"}
        ),
        "POST /notifiers/webhooks",
        {
            "url": "https://me.example/x",
            "events": ["NEW_CALLOUT"],
            "method": "webhook",
            "headers": {"a": "b"},
        },
    ),
    (sessions.callout_token(ME), "POST /oauth/calloutToken", {"customerId": 178921}),
    (
        sessions.create_signup("https://me.example", customer_reference_id="r-1"),
        "POST /customer-signup/sessions",
        {"returnUrl": "https://me.example", "customerReferenceId": "r-1"},
    ),
    (
        sessions.create_signup("https://me.example", email="j@x", site={"siteName": "a"}),
        "POST /customer-signup/sessions",
        {"returnUrl": "https://me.example", "email": "j@x", "siteDetails": {"siteName": "a"}},
    ),
    (sessions.get_signup("s-1"), "GET /customer-signup/sessions/s-1", None),
    (
        sessions.create_subscription_management("https://me.example", locale="en"),
        "POST /customer-subscription/sessions",
        {"returnUrl": "https://me.example", "locale": "en"},
    ),
    (
        leads.create("+27821234567", first_name="Jane"),
        "POST /leads",
        {"mobileNumber": "+27821234567", "firstName": "Jane"},
    ),
    (leads.get("lead_9"), "GET /leads/lead_9", None),
    (scheduled.cancel("u-u-i-d"), "DELETE /scheduled/u-u-i-d", None),
]


@pytest.mark.parametrize(("call", "line", "body"), OPERATIONS, ids=[o[1] for o in OPERATIONS])
def test_operation_sends_what_the_documentation_shows(
    call: Call[object], line: str, body: Json
) -> None:
    request = sent(call)

    method, _, path = line.partition(" ")
    assert (request.method, request.path) == (method, f"/panic-api/v2{path}")
    assert (msgspec.json.decode(request.body) if request.body else None) == body
    assert request.headers["authorization"] == "Bearer token-1"
    assert request.headers["content-type"] == "application/json"


def test_site_is_sent_with_coordinates_as_texts() -> None:
    site = fixed_locations.Site(
        external_reference_id="site_9944",
        identifier="site_9944",
        latitude=-26.12345,
        longitude=28.12345,
        type_id=3,
        customer_id=ME,
        description="Downtown Branch",
        address="123 Main Street, Johannesburg",
        what3words="a.b.c",
    )

    created, updated = sent(fixed_locations.create(site)), sent(fixed_locations.update(SITE, site))

    assert created.path == "/panic-api/v2/predefinedLocations"
    assert (updated.method, updated.path) == ("PUT", "/panic-api/v2/predefinedLocations/99001")
    assert created.body == updated.body
    assert msgspec.json.decode(created.body) == {
        "externalReferenceId": "site_9944",
        "locationIdentifier": "site_9944",
        "latitude": "-26.12345",
        "longitude": "28.12345",
        "calloutLocationTypeId": 3,
        "customerId": 178921,
        "locationDescription": "Downtown Branch",
        "formattedAddress": "123 Main Street, Johannesburg",
        "w3w": "a.b.c",
    }


def test_bulk_upload_is_a_form_outside_the_prefix() -> None:
    call = fixed_locations.upload(b"a;b\r\n1;2", "https://me.example/done", delimiter=";")

    request = sent(call, Paths(bulk_locations="/v2/bulk"))

    boundary = request.headers["content-type"].partition("boundary=")[2]
    assert request.path == "/v2/bulk"
    assert request.headers["authorization"] == "Bearer token-1"
    assert request.body.decode() == (
        f'--{boundary}\r\nContent-Disposition: form-data; name="callbackUrl"\r\n\r\n'
        f"https://me.example/done\r\n"
        f'--{boundary}\r\nContent-Disposition: form-data; name="delimiter"\r\n\r\n;\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="locations"; '
        f'filename="locations.csv"\r\nContent-Type: text/csv\r\n\r\n'
        f"a;b\r\n1;2\r\n--{boundary}--\r\n"
    )


def test_booking_is_sent_with_its_place_and_times() -> None:
    booking = scheduled.Booking(
        customer_id=ME,
        name="Night",
        from_s=SPAN.valid_from_s,
        to_s=SPAN.valid_to_s,
        details={"numberOfGuards": 2},
        repeats={"type": "single"},
        special_instructions="ring twice",
        latitude=1.0,
        longitude=2.0,
    )

    request = sent(scheduled.create("guarding", booking))

    assert request.path == "/panic-api/v2/scheduled/guarding"
    assert msgspec.json.decode(request.body) == {
        "customerId": 178921,
        "scheduledRequestConfig": {
            "name": "Night",
            "specialInstructions": "ring twice",
            "details": {"numberOfGuards": 2},
            "dateFrom": "2026-06-10T00:00:00Z",
            "dateTo": "2027-06-10T00:00:00Z",
            "repeatsConfig": {"type": "single"},
        },
        "initialLocation": {"latitude": 1.0, "longitude": 2.0},
    }


@pytest.mark.parametrize(
    ("paths", "call", "path"),
    [
        (
            Paths(update_and_return="x"),
            callouts.update_and_return(CALLOUT, HERE),
            "callouts/992011/x",
        ),
        (Paths(dismiss="x"), callouts.dismiss(CALLOUT), "callouts/992011/x"),
        (
            Paths(exception_reasons="x"),
            callout_records.exception_reasons(CALLOUT),
            "callouts/992011/x",
        ),
        (Paths(rating_items="/x"), ratings.items(), "x"),
        (Paths(response_types="/x"), coverage.response_types(), "x"),
        (Paths(fixed_locations="/x"), fixed_locations.get(SITE), "x/99001"),
        (
            Paths(subscription_sessions="/x"),
            sessions.create_subscription_management("https://me.example"),
            "x",
        ),
    ],
)
def test_unconfirmed_path_can_be_set(paths: Paths, call: Call[object], path: str) -> None:
    assert sent(call, paths).path == f"/panic-api/v2/{path}"


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_id_that_would_change_the_path_is_refused(value: str) -> None:
    with pytest.raises(InputError, match="cannot be part of a path"):
        devices.unlink(value)


def test_impossible_requests_are_refused_before_they_leave() -> None:
    with pytest.raises(InputError, match="name, surname and mobile"):
        customers.create(customers.Profile(name="Jane"))
    with pytest.raises(InputError, match=r"Give 1 \(bad\) to 5"):
        ratings.create(CALLOUT, 6)
    with pytest.raises(InputError, match="email or your own reference"):
        sessions.create_signup("https://me.example")
    with pytest.raises(InputError, match="separator"):
        fixed_locations.upload(b"--aurasim-4d5f2c8e9b7a", "https://me.example")


def test_response_is_the_type_the_sandbox_gives() -> None:
    assert answer(204) == Response(204)
