"""What a tenant's happenings tell the world: each is written to the delivery log, and posted."""

from collections.abc import Iterator, Mapping

import msgspec
from msgspec.structs import replace

from simulator.sandbox.callout_views import delivered
from simulator.sandbox.delivering import BULK, post
from simulator.sandbox.delivery_rows import Delivery, Progress
from simulator.sandbox.rows import Callout
from simulator.sandbox.tenant import Tenant

ACKNOWLEDGED = "RESPONDER_ACKNOWLEDGED_CALLOUT"
_ALIASES: Mapping[str, tuple[str, ...]] = {
    ACKNOWLEDGED: (ACKNOWLEDGED, f"{ACKNOWLEDGED}_WITH_ETA"),
    "NEW_CALLOUT": ("NEW_CALLOUT", "NEW_CALLOUT_FOR_INSTANCE"),
}
"""Events with a second name: they go out under the names that were registered."""
EVENTS = frozenset(
    {
        "NEW_CALLOUT",
        "NEW_CALLOUT_FOR_INSTANCE",
        "RESPONDER_MANUALLY_DISPATCHED",
        ACKNOWLEDGED,
        f"{ACKNOWLEDGED}_WITH_ETA",
        "RESPONDER_ARRIVED_ON_SCENE",
        "RESPONDER_COMPLETED",
        "CALLOUT_OWNED",
        "CALLOUT_EVENTS_CHANGED",
        "CALLOUT_SOFT_CANCELLED_BY_CUSTOMER",
        "CALLOUT_NO_LONGER_REQUIRES_RESPONSE",
        "CALLOUT_CLOSED",
        "SUBSCRIPTION_CREATED",
        "SUBSCRIPTION_UPDATED",
        "SUBSCRIPTION_CANCELLED",
        "SUBSCRIPTION_CANCELLED_FAILED",
        "CREATED_CUSTOMER",
        "UPDATED_CUSTOMER",  # this and the next are our names, AURA's list is not complete
        "DELETED_CUSTOMER",
    }
)


def publish_callout(tenant: Tenant, event: str, callout: Callout) -> None:
    """Tell that something happened to a callout."""
    publish(tenant, event, "callout", callout.id, delivered(tenant, callout))


def publish(tenant: Tenant, event: str, entity: str, entity_id: int | str, view: object) -> None:
    """Tell that something happened to an entity, shown as given."""
    notifier = tenant.notifiers.get("notifier")
    names = tuple(_asked_for(event, notifier.config.events)) if notifier else ()
    for name in names or (event,):
        letter = _letter(tenant, name, entity, entity_id, {"message": name, entity: view})
        if names and notifier:
            post(tenant, replace(letter, url=notifier.config.url, progress=Progress.PENDING))


def call_back(tenant: Tenant, url: str, entity_id: int | str, answer: object) -> None:
    """Tell the result of a bulk upload to who asked for it."""
    letter = _letter(tenant, "BULK_UPLOAD_FINISHED", BULK, entity_id, answer)
    post(tenant, replace(letter, url=url, progress=Progress.PENDING))


def _asked_for(event: str, registered: tuple[str, ...]) -> Iterator[str]:
    return (name for name in _ALIASES.get(event, (event,)) if name in registered)


def _letter(
    tenant: Tenant, event: str, entity: str, entity_id: int | str, content: object
) -> Delivery:
    while len(tenant.deliveries) >= tenant.house.settings.logged_deliveries:
        tenant.deliveries.drop(next(iter(tenant.deliveries)))
    return tenant.deliveries.put(
        Delivery(
            id=tenant.next_id("delivery"),
            event=event,
            entity=entity,
            entity_id=entity_id,
            body=msgspec.json.encode(content).decode(),
            created_s=tenant.now_s,
            progress=Progress.UNREGISTERED,
        )
    )
