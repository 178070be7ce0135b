"""Whatever fits the description, or nearly does, gets an answer that is described, and no 5xx."""

import io
from collections.abc import Callable, Iterable
from typing import Any, cast

import pytest
import schemathesis
import simpy
from hypothesis import HealthCheck, settings

from simulator.aura.http import Request
from simulator.sandbox import Sandbox
from simulator.sandbox.snapshots import restore, take
from tests.sandbox.caller import CONTROL, EPOCH_S, Caller

pytestmark = pytest.mark.slow
SITE = {
    "externalReferenceId": "site",
    "locationIdentifier": "site",
    "latitude": "-26.1",
    "longitude": "28.1",
}
Start = Callable[[str, list[tuple[str, str]]], object]


class Wsgi:
    """The sandbox as a WSGI application, which schemathesis calls in this process."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    def __call__(self, environ: dict[str, object], start: Start) -> Iterable[bytes]:
        headers = {
            name[5:].lower().replace("_", "-"): str(value)
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        if environ.get("CONTENT_TYPE"):
            headers["content-type"] = str(environ["CONTENT_TYPE"])
        path = str(environ.get("RAW_URI") or environ["REQUEST_URI"])
        body = cast(io.BytesIO, environ["wsgi.input"]).read()
        request = Request(str(environ["REQUEST_METHOD"]), path, headers, body)
        response = self.caller.sandbox.handle(request)
        start(f"{response.status} Answer", list(response.headers.items()))
        return [response.body]


def _furnished() -> tuple[Caller, dict[str, object]]:
    """Return a caller of a tenant that has one of everything, and the ids of it all."""
    caller = Caller(Sandbox(simpy.Environment(), EPOCH_S), "client-a")
    customer = caller.customer()
    caller.link(customer)
    path = f"/customers/{customer}/subscriptions"
    signup = {"returnUrl": "https://x.org", "email": "x"}
    known = {
        "customerId": customer,
        "calloutId": caller.callout(customer),
        "deviceId": "26217939",
        "locationId": caller.ask("POST", "/predefinedLocations", SITE).body["id"],
        "externalReferenceId": "site",
        "responseTypeId": 1,
        "subscriptionId": caller.ask("GET", path).items[0]["id"],
        "sessionId": caller.ask("POST", "/customer-signup/sessions", signup).body["sessionId"],
        "leadId": caller.ask("POST", "/leads", {"mobileNumber": "+27820000009"}).body["id"],
        "deliveryId": caller.control("GET", "/webhooks").items[-1]["id"],
        "name": "all",
    }
    return caller, known


CALLER, KNOWN = _furnished()
TENANT = CALLER.sandbox.tenant(CALLER.client_id)
COPY = take(TENANT, "all")
SCHEMA = schemathesis.openapi.from_wsgi(f"{CONTROL}/openapi.json", Wsgi(CALLER))
CHECKS = (
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.status_code_conformance,
    schemathesis.checks.content_type_conformance,
    schemathesis.checks.response_schema_conformance,
)
LIMITS = settings(
    max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


Case = schemathesis.Case[Any]


def _ask(case: Case) -> None:
    TENANT.snapshots.put(COPY)
    restore(TENANT, COPY.id)
    headers = {"authorization": f"Bearer {CALLER.log_in()}"}
    case.call_and_validate(headers=headers, checks=list(CHECKS))


# Faults answer what no description has, by intent; a forgotten tenant takes the others' ids along.
_STEADY = SCHEMA.exclude(path_regex="/faults$").exclude(path=f"{CONTROL}/tenant", method="DELETE")


@_STEADY.parametrize()
@LIMITS
def test_any_request_gets_a_described_answer(case: Case) -> None:
    _ask(case)


@_STEADY.include(path_regex="{").parametrize()
@LIMITS
def test_requests_for_what_exists_get_described_answers(case: Case) -> None:
    case.path_parameters = {
        name: KNOWN.get(name, value) for name, value in case.path_parameters.items()
    }
    _ask(case)
