"""Webhooks: registration, payloads, and a post that works badly on demand."""

import json
from dataclasses import dataclass, field
from typing import cast

import pytest
import simpy

from simulator.aura.http import Request, Response
from simulator.sandbox import Done, Parcel, Sandbox, Settings, to_handler
from tests.sandbox.caller import EPOCH_S, Caller
from tests.sandbox.conftest import Ruled

URL = "https://me.org/hooks"
ALL = [
    "NEW_CALLOUT",
    "RESPONDER_ACKNOWLEDGED_CALLOUT",
    "RESPONDER_ARRIVED_ON_SCENE",
    "RESPONDER_COMPLETED",
    "CALLOUT_CLOSED",
]


@dataclass
class Receiver:
    """Whoever is behind the registered URL."""

    env: simpy.Environment
    status: int = 200
    requests: list[Request] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        self.times.append(self.env.now)
        return Response(self.status)

    @property
    def events(self) -> list[str]:
        """Return the names of the events in the order of their arrival."""
        return [str(json.loads(request.body)["message"]) for request in self.requests]


@pytest.fixture
def receiver(env: simpy.Environment, sandbox: Sandbox) -> Receiver:
    """Return a receiver in the same process."""
    made = Receiver(env)
    sandbox.house.deliver = to_handler(made)
    return made


def _register(caller: Caller, *events: str, **more: object) -> None:
    body = {"url": URL, "events": list(events or ALL), **more}
    assert caller.ask("POST", "/notifiers/webhooks", body).status == 200


def test_a_registration_is_answered_as_aura_wraps_it(caller: Caller) -> None:
    body = {"url": URL, "events": ["NEW_CALLOUT"], "headers": {"authorization": "Bearer x"}}

    answer = caller.ask("POST", "/notifiers/webhooks", body)

    assert answer.inside("notifier")["config"] == [{**body, "method": "webhook"}]


@pytest.mark.parametrize(
    ("change", "field_name"),
    [
        ({"url": "http://me.org"}, "url"),
        ({"url": "http://127.0.0.1:1"}, "url"),
        ({"url": "me.org"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://[bad"}, "url"),
        ({"url": "https://me.org:99999999/"}, "url"),
        ({"url": None}, "url"),
        ({"events": ["NEW_CALLOUT", "NEWS"]}, "events"),
        ({"events": []}, "events"),
        ({"events": "NEW_CALLOUT"}, "events"),
        ({"method": "email"}, "method"),
        ({"headers": {"a": 1}}, "headers"),
        ({"headers": {"a\r\nb": "1"}}, "headers"),
        ({"headers": {"a": "1\r\nb: 2"}}, "headers"),
    ],
)
def test_a_bad_registration_is_refused(
    caller: Caller, change: dict[str, object], field_name: str
) -> None:
    body = {"url": URL, "events": ["NEW_CALLOUT"], **change}

    answer = caller.ask("POST", "/notifiers/webhooks", body)

    assert answer.status == 400
    assert field_name in answer.message


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "http://localhost/x", "http://[::1]/x"])
def test_loopback_http_passes_under_its_flag_only(ruled: Ruled, url: str) -> None:
    caller = ruled(allow_http_webhooks=True)

    def register(url: str) -> int:
        body = {"url": url, "events": ["NEW_CALLOUT"]}
        return caller.ask("POST", "/notifiers/webhooks", body).status

    assert register(url) == 200
    assert register("http://me.org/x") == 400


def test_a_delivery_carries_the_headers_and_the_captured_shape(
    caller: Caller, customer: int, receiver: Receiver
) -> None:
    _register(caller, headers={"Authorization": "Bearer x"})

    callout = caller.callout(customer)

    (request,) = receiver.requests
    body = json.loads(request.body)
    incident = body["callout"]["incidentInformation"][0]
    assert request.path == "/hooks"
    assert request.headers["Authorization"] == "Bearer x"
    assert body["message"] == "NEW_CALLOUT"
    assert body["callout"]["id"] == callout
    assert body["callout"]["calloutClassification"]["value"] == "REAL"
    assert incident["calloutCurrentLocation"]["latitude"] == "-26.0919"
    assert "incidentcategory" in incident
    assert "incidentCategory" not in incident


def test_the_incident_category_can_be_in_camel_case(env: simpy.Environment, ruled: Ruled) -> None:
    caller = ruled(camel_case_webhooks=True)
    receiver = Receiver(env)
    caller.sandbox.house.deliver = to_handler(receiver)
    _register(caller)

    caller.callout(caller.customer())

    assert b"incidentCategory" in receiver.requests[0].body


def test_every_state_fires_its_webhook_with_one_callout_id(
    caller: Caller, customer: int, receiver: Receiver
) -> None:
    _register(caller)

    callout = caller.closed_callout(customer)

    ids = {json.loads(request.body)["callout"]["id"] for request in receiver.requests}
    assert receiver.events == ALL
    assert ids == {callout}


def test_only_registered_events_are_sent_but_all_are_in_the_log(
    caller: Caller, customer: int, receiver: Receiver
) -> None:
    _register(caller, "CALLOUT_CLOSED")

    caller.closed_callout(customer)

    assert receiver.events == ["CALLOUT_CLOSED"]
    assert caller.events()[-5:] == ALL


def test_registering_again_replaces(caller: Caller, customer: int, receiver: Receiver) -> None:
    _register(caller, "NEW_CALLOUT")
    _register(caller, "CALLOUT_CLOSED")

    caller.closed_callout(customer)

    assert receiver.events == ["CALLOUT_CLOSED"]


@pytest.mark.parametrize(
    "registered",
    [
        ["RESPONDER_ACKNOWLEDGED_CALLOUT"],
        ["RESPONDER_ACKNOWLEDGED_CALLOUT_WITH_ETA"],
        ["RESPONDER_ACKNOWLEDGED_CALLOUT", "RESPONDER_ACKNOWLEDGED_CALLOUT_WITH_ETA"],
    ],
)
def test_an_event_with_two_names_goes_out_under_those_registered(
    caller: Caller, customer: int, receiver: Receiver, registered: list[str]
) -> None:
    _register(caller, *registered)

    caller.advance(caller.callout(customer), "dispatched")

    assert receiver.events == registered


def test_customers_and_subscriptions_are_told_too(caller: Caller, receiver: Receiver) -> None:
    _register(caller, "CREATED_CUSTOMER", "SUBSCRIPTION_CREATED", "DELETED_CUSTOMER")

    customer = caller.customer()
    caller.ask("POST", f"/customers/{customer}/delete")

    bodies = [json.loads(request.body) for request in receiver.requests]
    assert receiver.events == ["CREATED_CUSTOMER", "SUBSCRIPTION_CREATED", "DELETED_CUSTOMER"]
    assert bodies[0]["customer"]["id"] == customer
    assert "CancelledDate" in bodies[1]["subscription"]


def test_a_tenants_webhook_hears_of_that_tenant_only(
    caller: Caller, customer: int, receiver: Receiver
) -> None:
    other = Caller(caller.sandbox, "client-b")
    _register(other)

    caller.callout(customer)

    assert receiver.requests == []


@pytest.mark.parametrize(("status", "progress"), [(204, "delivered"), (500, "failed")])
def test_a_delivery_is_tried_once_and_its_answer_noted(
    caller: Caller, customer: int, receiver: Receiver, status: int, progress: str
) -> None:
    receiver.status = status
    _register(caller)

    caller.callout(customer)

    last = caller.control("GET", "/webhooks").items[-1]
    assert (last["progress"], last["answer"]) == (progress, str(status))
    assert len(receiver.requests) == 1


def test_without_a_way_to_deliver_a_letter_is_kept(caller: Caller, customer: int) -> None:
    _register(caller)

    caller.callout(customer)

    assert caller.control("GET", "/webhooks").items[-1]["progress"] == "kept"


def test_a_letter_is_sent_again_on_demand(
    caller: Caller, customer: int, receiver: Receiver
) -> None:
    caller.callout(customer)
    letter = caller.control("GET", "/webhooks").items[-1]["id"]
    unregistered = caller.control("POST", f"/webhooks/{letter}/resend")
    _register(caller)

    answer = caller.control("POST", f"/webhooks/{letter}/resend")

    assert unregistered.status == 400
    assert answer.status == 200
    assert receiver.events == ["NEW_CALLOUT"]
    assert caller.control("POST", "/webhooks/7/resend").status == 404


def test_a_letter_can_come_more_than_once(
    caller: Caller, customer: int, receiver: Receiver
) -> None:
    _register(caller)
    caller.control("PUT", "/webhooks/mode", {"duplicates": 2})

    caller.callout(customer)

    assert receiver.events == ["NEW_CALLOUT"] * 3


def test_letters_can_be_lost(caller: Caller, customer: int, receiver: Receiver) -> None:
    _register(caller)
    caller.control("PUT", "/webhooks/mode", {"drop": 1, "events": ["NEW_CALLOUT"]})

    caller.closed_callout(customer)

    log = caller.control("GET", "/webhooks").items
    assert receiver.events == ALL[1:]
    assert [d["progress"] for d in log if d["event"] == "NEW_CALLOUT"] == ["dropped"]


def test_a_share_of_letters_is_lost_the_same_way_each_time(env: simpy.Environment) -> None:
    def arrivals() -> list[str]:
        receiver = Receiver(env)
        box = Sandbox(env, EPOCH_S, settings=Settings(seed=3), deliver=to_handler(receiver))
        caller = Caller(box, "client-a")
        _register(caller)
        caller.control("PUT", "/webhooks/mode", {"drop": 0.5})
        customer = caller.customer()
        for _ in range(8):
            caller.closed_callout(customer)
        return receiver.events

    first = arrivals()

    assert 8 < len(first) < 32
    assert first == arrivals()


def test_a_late_letter_comes_with_the_time_of_the_run(
    env: simpy.Environment, caller: Caller, customer: int, receiver: Receiver
) -> None:
    """Nobody has to ask for anything: the run's clock wakes the tenant's."""
    _register(caller)
    caller.control("PUT", "/webhooks/mode", {"delayS": 30})
    caller.callout(customer)
    before = list(receiver.times)

    env.run(until=60)

    assert before == []
    assert receiver.times == [30]


def test_letters_can_overtake_each_other(
    env: simpy.Environment, caller: Caller, customer: int, receiver: Receiver
) -> None:
    _register(caller, "NEW_CALLOUT", "RESPONDER_ACKNOWLEDGED_CALLOUT")
    caller.control("PUT", "/webhooks/mode", {"reorderS": 2})

    caller.advance(caller.callout(customer), "dispatched")
    env.run(until=3)

    assert receiver.events == ["RESPONDER_ACKNOWLEDGED_CALLOUT", "NEW_CALLOUT"]


def test_a_bad_mode_is_refused(caller: Caller) -> None:
    caller.log_in()

    for body in ({"drop": 2}, {"duplicates": -1}, {"lose": 1}):
        assert caller.control("PUT", "/webhooks/mode", body).status == 400


def test_a_receiver_may_ask_the_sandbox_while_it_is_told(
    caller: Caller, customer: int, sandbox: Sandbox
) -> None:
    """The state is complete when a letter arrives."""
    seen: list[object] = []

    def deliver(parcel: Parcel, done: Done) -> None:
        callout = json.loads(parcel.body)["callout"]["id"]
        seen.append(caller.ask("GET", f"/callouts/{callout}").inside("callout")["status"])
        done(200)

    sandbox.house.deliver = deliver
    _register(caller, "CALLOUT_CLOSED")

    caller.closed_callout(customer)

    assert seen == ["closed"]


def test_the_delivery_log_is_bounded(env: simpy.Environment) -> None:
    caller = Caller(Sandbox(env, EPOCH_S, settings=Settings(logged_deliveries=5)), "client-a")

    customer = caller.customer()
    for _ in range(3):
        caller.closed_callout(customer)

    assert caller.events() == ALL


def test_secrets_of_a_registration_are_not_in_the_request_log(caller: Caller) -> None:
    _register(caller, headers={"authorization": "Bearer top-secret"})

    log = caller.control("GET", "/requests").response.body

    assert b"top-secret" not in log
    assert cast(str, caller.token).encode() not in log
    assert b'"secret"' not in log
