"""The event stream of a callout: chat between the customer and the control room."""

import re

from msgspec import Struct

from simulator.sandbox.decoding import Json
from simulator.sandbox.refusal import RefusedError
from simulator.sandbox.routes.callouts import asked_callout
from simulator.sandbox.routing import PREFIX, Call, Reply, Scope, body_route, route
from simulator.sandbox.rows import CalloutEvent, State
from simulator.sandbox.webhooks import publish_callout

_CHAT = 1


class NewEvent(Struct, frozen=True, kw_only=True):
    """A message, and on whose behalf it is sent."""

    source: str
    event: str


class EventContent(Struct, frozen=True, kw_only=True, rename="camel"):
    """What was said, by whom."""

    message: str
    sender_role: str
    supplier_id: int | None = None


class EventType(Struct, frozen=True, kw_only=True, rename="camel"):
    """What kind of event it is."""

    id: int = _CHAT
    value: str = "CHAT"


class EventTag(Struct, frozen=True, kw_only=True):
    """Somebody mentioned in a message."""

    tag: str


class EventView(Struct, frozen=True, kw_only=True, rename="camel"):
    """One event of the stream."""

    id: int
    callout_id: int
    callout_event_type_id: int = _CHAT
    event: EventContent
    created_by: str
    integration_user_id: int | None = None
    created_at: str
    updated_at: str
    callout_event_type: EventType = EventType()
    callout_event_tags: tuple[EventTag, ...]
    integration_user: str | None = None


class EventSent(Struct, frozen=True, kw_only=True, rename="camel"):
    """An event as it was added."""

    callout_event: EventView
    callout_event_tags: tuple[EventTag, ...]


def list_callout_events(call: Call) -> Reply:
    """List the events of a callout, oldest first."""
    callout = asked_callout(call)
    return Reply(200, [_view(e) for e in call.tenant.events_by_callout.all(callout.id)])


def send_callout_event(call: Call, body: NewEvent) -> Reply:
    """Add a message to the stream of a callout that is not closed."""
    tenant = call.tenant
    callout = asked_callout(call)
    if callout.state is State.CLOSED:
        raise RefusedError(400, "Callout is already closed")
    made = CalloutEvent(
        id=tenant.next_id("event"),
        callout_id=callout.id,
        source=body.source,
        text=body.event,
        created_at=tenant.stamp(),
    )
    tenant.callout_events.put(made)
    publish_callout(tenant, "CALLOUT_EVENTS_CHANGED", callout)
    seen = _view(made)
    return Reply(200, EventSent(callout_event=seen, callout_event_tags=seen.callout_event_tags))


def _view(event: CalloutEvent) -> EventView:
    return EventView(
        id=event.id,
        callout_id=event.callout_id,
        event=EventContent(message=event.text, sender_role=event.source),
        created_by=event.source,
        created_at=event.created_at,
        updated_at=event.created_at,
        callout_event_tags=tuple(EventTag(tag=t) for t in re.findall(r"@(\w+)", event.text)),
    )


def _older(body: Json) -> Json:
    """Rewrite the message of the first documentation."""
    return {"source": "customer", "event": body["message"]} if "message" in body else body


_PATH = f"{PREFIX}/callouts/{{calloutId}}/events"
ROUTES = (
    route(
        "GET",
        _PATH,
        list_callout_events,
        answers={200: list[EventView]},
        refusals=(404,),
        scope=Scope.EITHER,
    ),
    body_route(
        "POST",
        _PATH,
        NewEvent,
        send_callout_event,
        answers={200: EventSent},
        refusals=(404,),
        scope=Scope.EITHER,
        older=_older,
    ),
)
