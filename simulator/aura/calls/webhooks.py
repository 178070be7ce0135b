"""Where AURA tells what happens, and how to read what it tells.

A delivery may come twice or not at all, in any order: count by `Delivery.key`, and also poll.
AURA: overview/core-concepts/webhooks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from simulator.aura.call import Call, Repeat, encode
from simulator.aura.calls.callout_view import read_callout
from simulator.aura.http import Response
from simulator.aura.reading import Fields, ShapeError, entity, object_of
from simulator.aura.types import Callout, Webhook


class WebhookEvent(StrEnum):
    """What AURA can tell; RESPONDER_ACKNOWLEDGED_CALLOUT_WITH_ETA is an older name of its kind."""

    NEW_CALLOUT = "NEW_CALLOUT"
    CALLOUT_OWNED = "CALLOUT_OWNED"
    RESPONDER_MANUALLY_DISPATCHED = "RESPONDER_MANUALLY_DISPATCHED"
    RESPONDER_ACKNOWLEDGED_CALLOUT = "RESPONDER_ACKNOWLEDGED_CALLOUT"
    RESPONDER_ACKNOWLEDGED_CALLOUT_WITH_ETA = "RESPONDER_ACKNOWLEDGED_CALLOUT_WITH_ETA"
    RESPONDER_ARRIVED_ON_SCENE = "RESPONDER_ARRIVED_ON_SCENE"
    RESPONDER_COMPLETED = "RESPONDER_COMPLETED"
    CALLOUT_EVENTS_CHANGED = "CALLOUT_EVENTS_CHANGED"
    CALLOUT_SOFT_CANCELLED_BY_CUSTOMER = "CALLOUT_SOFT_CANCELLED_BY_CUSTOMER"
    CALLOUT_NO_LONGER_REQUIRES_RESPONSE = "CALLOUT_NO_LONGER_REQUIRES_RESPONSE"
    CALLOUT_CLOSED = "CALLOUT_CLOSED"
    SUBSCRIPTION_CREATED = "SUBSCRIPTION_CREATED"
    SUBSCRIPTION_UPDATED = "SUBSCRIPTION_UPDATED"
    SUBSCRIPTION_CANCELLED = "SUBSCRIPTION_CANCELLED"
    SUBSCRIPTION_CANCELLED_FAILED = "SUBSCRIPTION_CANCELLED_FAILED"
    CREATED_CUSTOMER = "CREATED_CUSTOMER"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event as delivered; `entity` is the callout, customer or subscription it is about."""

    event: str
    entity: Fields
    callout: Callout | None = None

    @property
    def key(self) -> tuple[str, str | None]:
        """Return what two deliveries of the same happening share."""
        return self.event, self.entity.text("id")


def register(
    url: str, events: Iterable[WebhookEvent | str], *, headers: Mapping[str, str] | None = None
) -> Call[Webhook]:
    """Have these events delivered to an https address, replacing the one there was.

    `headers` come with every delivery and are all there is to know AURA by. Errors: 400 (also for
    an unknown event), 401. AURA: api-reference/webhooks/create-webhook.
    """
    body = encode(
        {
            "url": url,
            "events": [str(event) for event in events],
            "method": "webhook",
            "headers": dict(headers or {}),
        }
    )
    return Call("POST", "/notifiers/webhooks", _read_webhook, body, Repeat.SAFE)


def read_delivery(body: bytes) -> Delivery:
    """Read what AURA posted to a webhook; raises ShapeError where it is no delivery."""
    fields = object_of(Response(200, body=body))
    event = fields.text("message")
    if not event:
        message = "'message' is not there"
        raise ShapeError(message)
    about = fields.part("callout", "customer", "subscription")
    return Delivery(event, about, read_callout(about) if "callout" in fields.raw else None)


def _read_webhook(response: Response) -> Webhook:
    fields = entity(response, "notifier")
    config = fields.part("config") if fields.part("config").raw else fields
    events = config.value("events")
    return Webhook(
        url=config.text("url") or "",
        events=tuple(str(event) for event in events) if isinstance(events, list) else (),
        raw=config.raw,
    )
