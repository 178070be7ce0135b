"""Device events: structured and raw, and what they do."""

import pytest
import simpy

from simulator.codec import codec
from simulator.frame import Value
from simulator.sandbox import Sandbox
from tests.sandbox.caller import API, EPOCH_S, HOME, Answer, Caller


@pytest.fixture
def linked(caller: Caller, customer: int) -> Caller:
    """Return a caller with a structured device."""
    caller.link(customer)
    return caller


@pytest.fixture
def button(caller: Caller, customer: int) -> Caller:
    """Return a caller with a Sigfox button that has no position of its own."""
    caller.link(customer, "SP0000000A", "SimpleHw")
    return caller


def _raw(caller: Caller, values: dict[str, Value], **more: object) -> Answer:
    data = codec("sigfox_simplepack").encode(values).hex()
    event = {"device_type_id": 12, "device": "0000000A", "time": "1781080200", "data": data}
    return caller.ask("POST", "/deviceEvent", {**event, "seqNumber": "7", **more})


def _resolved(answer: Answer) -> dict[str, object]:
    return answer.inside("resolvedAuraEvent", "eventResponse")


SHORT: dict[str, Value] = {"mode": "press_me", "press": "short"}


@pytest.mark.parametrize("device_id", ["26217939", 26217939])
def test_a_press_opens_a_callout_and_echoes_what_it_got(linked: Caller, device_id: object) -> None:
    answer = linked.press(device_id, extra={"kept": True})

    assert answer.status == 200
    assert answer.message == "Event successfully processed..."
    assert answer.inside("input")["extra"] == {"kept": True}
    assert answer.inside("input")["device_id"] == device_id
    assert answer.inside("resolvedAuraEvent")["eventTypes"] == "NEW_CALLOUT"
    assert _resolved(answer)["deviceId"] == device_id
    assert linked.ask("GET", f"/callouts/{_resolved(answer)['calloutId']}").status == 200


def test_a_second_press_resolves_to_the_open_callout(linked: Caller) -> None:
    assert _resolved(linked.press()) == _resolved(linked.press())
    assert linked.events().count("NEW_CALLOUT") == 1


def test_a_press_after_the_end_opens_another(linked: Caller) -> None:
    first = _resolved(linked.press())["calloutId"]
    linked.control("POST", f"/callouts/{first}/advance", {"to": "closed"})

    assert _resolved(linked.press())["calloutId"] != first


def test_a_press_of_a_second_device_joins_the_customers_callout(
    linked: Caller, customer: int
) -> None:
    linked.link(customer, "AB00000002")

    assert (
        _resolved(linked.press("00000002"))["calloutId"] == _resolved(linked.press())["calloutId"]
    )


def test_a_device_cannot_cancel_what_another_opened(linked: Caller, customer: int) -> None:
    linked.link(customer, "AB00000002")
    callout = _resolved(linked.press())["calloutId"]
    linked.press("00000002")

    answer = linked.event(3, {}, "00000002")

    assert answer.status == 400
    assert linked.control("GET", f"/callouts/{callout}").body["isActive"] is True


def test_a_callout_opened_elsewhere_belongs_to_the_first_device_that_presses(
    linked: Caller, customer: int
) -> None:
    callout = linked.callout(customer)
    refused = linked.event(3, {})
    linked.press()

    answer = linked.event(3, {})

    assert refused.status == 400
    assert _resolved(answer)["calloutId"] == callout


def test_a_press_needs_a_subscription(caller: Caller) -> None:
    caller.link(caller.customer("+27820000001", pays=False))

    assert caller.press().status == 403


def test_a_press_without_position_uses_the_devices_fixed_one(linked: Caller) -> None:
    without = linked.press(location=None)
    linked.ask("PUT", "/devices", {"deviceId": "26217939", "defaultLocation": HOME})

    answer = linked.press(location=None)

    callout = linked.ask("GET", f"/callouts/{_resolved(answer)['calloutId']}").body
    assert without.status == 400
    assert answer.status == 200
    assert str(HOME["latitude"]) in str(callout)


def test_a_press_that_joins_an_open_callout_needs_no_position(linked: Caller) -> None:
    linked.press()

    assert linked.press(location=None).status == 200


@pytest.mark.parametrize(
    "event",
    [
        {"body": {"latitude": -26.5, "longitude": 28.5}},
        {"body": {"location": {"latitude": -26.5, "longitude": 28.5}}},
        {"location": {"latitude": -26.5, "longitude": 28.5}},
    ],
)
def test_a_move_is_found_in_body_then_its_location_then_location(
    linked: Caller, event: dict[str, object]
) -> None:
    callout = _resolved(linked.press())["calloutId"]

    answer = linked.ask(
        "POST",
        "/deviceEvent",
        {"device_id": "26217939", "device_type_id": 5, "message_type": 2, **event},
    )

    assert answer.inside("resolvedAuraEvent")["eventTypes"] == "UPDATE_LOCATION"
    assert _resolved(answer) == {"calloutId": callout, "deviceId": "26217939"}
    assert "-26.5" in str(linked.ask("GET", f"/callouts/{callout}").body)


@pytest.mark.parametrize("message_type", [2, 3])
def test_move_and_cancel_need_an_open_callout(linked: Caller, message_type: int) -> None:
    assert linked.event(message_type, HOME).status == 400


def test_a_cancel_is_unconditional(linked: Caller) -> None:
    callout = _resolved(linked.press())["calloutId"]

    answer = linked.event(3, {})

    assert answer.inside("resolvedAuraEvent")["eventTypes"] == "CANCEL_CALLOUT"
    assert linked.control("GET", f"/callouts/{callout}").body["state"] == "stood-down"


@pytest.mark.parametrize("field", ["battery", "batteryLevel", "battery_level"])
def test_a_battery_report_updates_the_link_and_opens_nothing(
    env: simpy.Environment, linked: Caller, field: str
) -> None:
    env.run(until=60)

    answer = linked.event(4, {field: 87})

    link = linked.control("GET", "/devices").items[0]
    assert answer.inside("resolvedAuraEvent")["eventTypes"] == "HEALTH_CHECK"
    assert _resolved(answer) == {"deviceId": "26217939", "batteryLevel": 87}
    assert link["batteryLevel"] == 87
    assert link["batteryLevelLastReceivedDate"] == "2026-06-10T08:31:00Z"
    assert link["healthCheckLastReceivedDate"] == "2026-06-10T08:31:00Z"
    assert linked.control("GET", "/callouts").items == []


def test_a_sign_of_life_keeps_the_battery_level(linked: Caller) -> None:
    linked.event(4, {"battery": 50})

    answer = linked.event(4, {})

    assert answer.status == 200
    assert linked.control("GET", "/devices").items[0]["batteryLevel"] == 50


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({"device_id": "1"}, "device_id"),
        ({"device_id": None}, "device_id"),
        ({"device_id": True}, "device_id"),
        ({"device_type_id": 99}, "device_type_id"),
        ({"device_type_id": "5"}, "device_type_id"),
        ({"device_type_id": None}, "device_type_id"),
        ({"message_type": 5}, "message_type"),
        ({"message_type": "1"}, "message_type"),
        ({"message_type": None}, "message_type"),
        ({"message_type": True}, "message_type"),
        ({"location": {"latitude": 91, "longitude": 0}}, "location.latitude"),
        ({"location": {"latitude": 1}}, "location.longitude"),
        ({"location": {"latitude": "1", "longitude": 0}}, "location.latitude"),
        ({"location": "home"}, "location"),
        ({"location": {}}, "location"),
        ({"message_type": 2, "body": {}}, "body"),
        ({"message_type": 4, "body": {"battery": 101}}, "body.battery"),
        ({"message_type": 4, "body": {"battery": "87"}}, "body.battery"),
        ({"message_type": 4, "body": []}, "body"),
    ],
)
def test_an_event_that_fits_no_template_is_refused_by_the_name_of_its_field(
    linked: Caller, event: dict[str, object], field: str
) -> None:
    if event.get("message_type") == 2:
        linked.press()
        event = {**event, "location": None}

    answer = linked.press(**event)

    assert answer.status == 400
    assert field in answer.message


def test_an_event_that_is_no_object_is_refused(linked: Caller) -> None:
    headers = {"authorization": f"Bearer {linked.token}"}

    for body in (b"", b"[]", b"1", b"{", b'"x"'):
        assert linked.raw("POST", f"{API}/deviceEvent", body, headers).status == 400


def test_a_device_of_another_tenant_is_unknown(linked: Caller) -> None:
    assert Caller(linked.sandbox, "client-b").press().status == 400


def test_a_raw_press_is_read_by_the_profile(button: Caller) -> None:
    answer = _raw(button, SHORT, lat="-26.1", lng="28.1", radius="1500")

    callout = button.control("GET", f"/callouts/{_resolved(answer)['calloutId']}").body
    assert answer.inside("resolvedAuraEvent")["eventTypes"] == "NEW_CALLOUT"
    assert _resolved(answer)["deviceId"] == "0000000A"
    assert "-26.1" in str(callout)


def test_a_raw_press_without_the_networks_position_uses_the_fixed_one(button: Caller) -> None:
    without = _raw(button, SHORT)
    button.ask("PUT", "/devices", {"deviceId": "0000000A", "defaultLocation": HOME})

    assert without.status == 400
    assert _raw(button, SHORT).status == 200


def test_a_raw_low_battery_is_a_sign_of_life(button: Caller) -> None:
    answer = _raw(button, {"mode": "press_me", "event": "battery_low"})

    assert answer.inside("resolvedAuraEvent")["eventTypes"] == "HEALTH_CHECK"
    assert button.control("GET", "/devices").items[0]["healthCheckLastReceivedDate"] is not None


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({"data": "zz"}, "data"),
        ({"data": "0"}, "data"),
        ({"data": ""}, "data"),
        ({"data": None}, "data"),
        ({"data": 12}, "data"),
        ({"device": None}, "device"),
        ({"device": "FFFFFFFF"}, "device"),
        ({"lat": "91", "lng": "0"}, "lat"),
        ({"lat": "1"}, "lng"),
        ({"lat": "x", "lng": "1"}, "lat"),
    ],
)
def test_a_raw_event_that_cannot_be_read_is_refused(
    button: Caller, event: dict[str, object], field: str
) -> None:
    answer = _raw(button, SHORT, **event)

    assert answer.status == 400
    assert field in answer.message


def test_every_answer_of_a_fleet_is_the_same_in_a_second_sandbox() -> None:
    """The same requests at the same times get the same bytes."""

    def talk() -> list[bytes]:
        env = simpy.Environment()
        caller = Caller(Sandbox(env, EPOCH_S), "client-a")
        customer = caller.customer()
        answers = [caller.link(customer), caller.press()]
        env.run(until=33.3)
        answers += [caller.event(2, HOME), caller.event(4, {"battery": 5}), caller.event(3, {})]
        return [answer.response.body for answer in answers]

    assert talk() == talk()
