"""The two shapes in which AURA shows a callout: flat when created, nested when read."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from simulator.clock import iso
from simulator.sandbox.catalogue import CLASSIFICATIONS, RESPONSE_TYPES
from simulator.sandbox.rows import Callout, State
from simulator.sandbox.tenant import Tenant

STATUS: Mapping[State, str] = {
    State.CREATED: "created",
    State.OWNED: "created",  # no text of its own is known
    State.DISPATCHED: "Responder Dispatched",
    State.MANUALLY_DISPATCHED: "Responder Dispatched",
    State.ON_SCENE: "Responder Arrived",
    State.COMPLETED: "Responder Completed",
    State.SOFT_CANCELLED: "Soft Cancelled",
    State.STOOD_DOWN: "Responder Cancelled",
    State.CLOSED: "closed",
}
_CATEGORY = {1: "Panic", 2: "Medical emergency"}


class _Part(Struct, frozen=True, kw_only=True, rename="camel"):
    """A JSON object of an answer."""


class FlatCallout(_Part, frozen=True, kw_only=True):
    """A callout as its creation answers it."""

    id: int
    customer_id: int | None
    predefined_location_id: int | None
    status: str
    latitude: float | None
    longitude: float | None
    response_type_id: int
    callout_classification_id: int
    url: str
    created_at: str


class Described(_Part, frozen=True, kw_only=True):
    """Something with a description only."""

    description: str


class Valued(_Part, frozen=True, kw_only=True):
    """An entry of one of AURA's lists."""

    id: int
    value: str


class Named(_Part, frozen=True, kw_only=True):
    """Somebody with a name."""

    name: str


class CurrentLocation(_Part, frozen=True, kw_only=True):
    """Where the callout is; coordinates are texts here."""

    latitude: str | None
    longitude: str | None
    formatted_address: str | None


class Incident(_Part, frozen=True, kw_only=True):
    """Incident, location and dispatch of a callout; what is not yet known is null."""

    predefined_location_id: int | None
    type_of_emergency: Described
    incident_category: Described
    response_type: Valued
    callout_current_location: CurrentLocation
    responder: Named | None
    supplier: Named | None
    eta: str | None
    dispatched_at: str | None
    arrived_at: str | None
    completed_at: str | None


class NestedCallout(_Part, frozen=True, kw_only=True):
    """A callout as reading answers it."""

    id: int
    customer_id: int | None
    status: str
    internal_test: bool
    callout_classification: Valued
    url: str
    created_at: str
    updated_at: str
    incident_information: tuple[Incident, ...]


def tracking_url(tenant: Tenant, callout: Callout) -> str:
    """Return the address of the hosted page that follows a callout."""
    return f"{tenant.house.tracking_url}/track/{tenant.source_id}/{callout.id}"


def flat(tenant: Tenant, callout: Callout) -> FlatCallout:
    """Return a callout as its creation answers it."""
    position = callout.position
    return FlatCallout(
        id=callout.id,
        customer_id=callout.customer_id,
        predefined_location_id=callout.predefined_location_id,
        status=STATUS[callout.state],
        latitude=position.latitude if position else None,
        longitude=position.longitude if position else None,
        response_type_id=callout.response_type_id,
        callout_classification_id=callout.classification_id,
        url=tracking_url(tenant, callout),
        created_at=iso(callout.created_s),
    )


def nested(tenant: Tenant, callout: Callout) -> NestedCallout:
    """Return a callout as reading answers it."""
    classification = callout.classification_id
    return NestedCallout(
        id=callout.id,
        customer_id=callout.customer_id,
        status=STATUS[callout.state],
        internal_test=callout.internal_test,
        callout_classification=Valued(id=classification, value=CLASSIFICATIONS[classification]),
        url=tracking_url(tenant, callout),
        created_at=iso(callout.created_s),
        updated_at=iso(callout.updated_s),
        incident_information=(_incident(callout),),
    )


def delivered(tenant: Tenant, callout: Callout) -> dict[str, object]:
    """Return a callout as a webhook delivers it.

    The one captured payload spells `incidentcategory` in lower case, and so do we by default.
    """
    view: dict[str, object] = msgspec.to_builtins(nested(tenant, callout))
    if not tenant.rules.camel_case_webhooks:
        incident: dict[str, object] = msgspec.to_builtins(_incident(callout))
        incident["incidentcategory"] = incident.pop("incidentCategory")
        view["incidentInformation"] = [incident]
    return view


def _incident(callout: Callout) -> Incident:
    kind = RESPONSE_TYPES[callout.response_type_id]
    return Incident(
        predefined_location_id=callout.predefined_location_id,
        type_of_emergency=Described(description=kind.description),
        incident_category=Described(description=_CATEGORY[kind.id]),
        response_type=Valued(id=kind.id, value=kind.value),
        callout_current_location=_current_location(callout),
        responder=Named(name=callout.responder) if callout.responder else None,
        supplier=Named(name=callout.supplier) if callout.supplier else None,
        eta=_iso(callout.eta_s),
        dispatched_at=_iso(callout.reached_s(State.DISPATCHED, State.MANUALLY_DISPATCHED)),
        arrived_at=_iso(callout.reached_s(State.ON_SCENE)),
        completed_at=_iso(callout.reached_s(State.COMPLETED)),
    )


def _current_location(callout: Callout) -> CurrentLocation:
    position = callout.position
    return CurrentLocation(
        latitude=str(position.latitude) if position else None,
        longitude=str(position.longitude) if position else None,
        formatted_address=callout.address,
    )


def _iso(moment_s: float | None) -> str | None:
    return None if moment_s is None else iso(moment_s)
