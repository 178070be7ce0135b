"""What a request opens at AURA, and what ends it: read off the wire, whoever sends it.

The pipeline, a step of a scenario and a person's own script all pass here, so that nothing that is
opened outside the sandbox depends on the memory of who opened it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

import msgspec

from simulator.aura.calls.callout_view import callout_of
from simulator.aura.calls.devices import read_event_answer
from simulator.aura.http import Request, Response
from simulator.aura.reading import ShapeError, entity


class Kind(StrEnum):
    """What can be left behind, in the order in which it is put away."""

    CALLOUT = "callout"
    SERVICE = "scheduled service"
    DEVICE = "device"
    LOCATION = "fixed location"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing at AURA that is ours to end; `of` is the customer it belongs to, if it is known."""

    kind: Kind
    id: str
    of: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


_OPENS = re.compile(
    r"/(?:customers/(?P<customer>[^/]+)/callouts|externalref/(?P<site>[^/]+)/callouts|(?P<last>"
    r"callouts|deviceevent|customers|devices|predefinedlocations)|scheduled/(?P<service>[^/]+))$"
)
_ENDS: tuple[tuple[str, Kind, re.Pattern[str]], ...] = (
    ("POST", Kind.CALLOUT, re.compile(r"/callouts/([^/]+)/(?:cancel|dismiss)$")),
    ("POST", Kind.CUSTOMER, re.compile(r"/customers/([^/]+)/delete$")),
    ("DELETE", Kind.DEVICE, re.compile(r"/devices/([^/]+)$")),
    ("DELETE", Kind.LOCATION, re.compile(r"/predefinedlocations/([^/]+)$")),
    ("DELETE", Kind.SERVICE, re.compile(r"/scheduled/([^/]+)$")),
)


def about(request: Request) -> str | None:
    """Return whom a request that may open something is about, such as `customer 17`; else None."""
    found = _opening(request)
    if found is None:
        return None
    if found["customer"]:
        return f"customer {found['customer']}"
    if found["site"]:
        return f"site {found['site']}"
    if found["service"]:
        return f"service {found['service']}"
    said = _object(request.body)
    match found["last"]:
        case "callouts":
            return f"customer {said.get('customerId', '?')}"
        case "deviceevent":
            return f"device {said.get('device_id', said.get('device', '?'))}"
        case "customers":
            person = said.get("customer")
            return f"mobile {person.get('mobile', '?') if isinstance(person, dict) else '?'}"
        case "devices":
            return f"serial {said.get('deviceSerial', said.get('deviceId', '?'))}"
    return f"location {said.get('externalReferenceId', '?')}"


def opened(request: Request, response: Response) -> Thing | None:
    """Return what an answer says is open now."""
    found = _opening(request)
    if found is None or not 200 <= response.status < 300:
        return None
    try:
        return _READ[_what(found)](request, response)
    except ShapeError:
        return None


def ended(request: Request, response: Response) -> Thing | None:
    """Return what an answer says is over, or was never there.

    A cancel with a safe code is no proof: a wrong code means duress, and looks the same.
    """
    path = _path(request)
    for method, kind, pattern in _ENDS:
        found = pattern.search(path) if request.method.upper() == method else None
        if found and (200 <= response.status < 300 or response.status == 404):
            if kind is Kind.CALLOUT and "safeCode" in _object(request.body):
                return None
            return Thing(kind, found[1])
    return None


def _opening(request: Request) -> re.Match[str] | None:
    return _OPENS.search(_path(request)) if request.method.upper() == "POST" else None


def _what(found: re.Match[str]) -> str:
    if found["service"]:
        return "scheduled"
    return found["last"] or "callouts"


def _path(request: Request) -> str:
    """Return a path as it is compared; ids of AURA's are numbers, or are not case-sensitive."""
    return unquote(request.path.partition("?")[0]).rstrip("/").lower()


def _callout(request: Request, response: Response) -> Thing:
    callout = callout_of(response)
    found = _opening(request)
    customer = callout.customer_id or (found["customer"] if found else None) or ""
    return Thing(Kind.CALLOUT, str(callout.id), str(customer))


def _event(request: Request, response: Response) -> Thing | None:
    del request
    callout = read_event_answer(response).callout_id
    return None if callout is None else Thing(Kind.CALLOUT, str(callout))


def _customer(request: Request, response: Response) -> Thing:
    del request
    return Thing(Kind.CUSTOMER, str(entity(response, "customer").identity("id")))


def _device(request: Request, response: Response) -> Thing | None:
    del request
    link = entity(response, "device")
    device = link.text("deviceId")
    customer = link.whole("customerId")
    return Thing(Kind.DEVICE, device, "" if customer is None else str(customer)) if device else None


def _location(request: Request, response: Response) -> Thing:
    del request
    return Thing(Kind.LOCATION, str(entity(response, "predefinedLocation").identity("id")))


def _service(request: Request, response: Response) -> Thing | None:
    del request
    service = entity(response, "scheduledRequest").text("id")
    return Thing(Kind.SERVICE, service) if service else None


_READ: Mapping[str, Callable[[Request, Response], Thing | None]] = {
    "callouts": _callout,
    "deviceevent": _event,
    "customers": _customer,
    "devices": _device,
    "predefinedlocations": _location,
    "scheduled": _service,
}


def _object(body: bytes) -> dict[str, object]:
    try:
        found = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
