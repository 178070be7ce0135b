"""What a tenant's happenings tell the world: each is written to the delivery log."""

import msgspec

from simulator.sandbox.callout_views import delivered
from simulator.sandbox.rows import Callout, Delivery, Progress
from simulator.sandbox.tenant import Tenant


def publish_callout(tenant: Tenant, event: str, callout: Callout) -> None:
    """Tell that something happened to a callout."""
    publish(tenant, event, "callout", callout.id, delivered(tenant, callout))


def publish(tenant: Tenant, event: str, entity: str, entity_id: int | str, view: object) -> None:
    """Tell that something happened to an entity, shown as given."""
    body = msgspec.json.encode({"message": event, entity: view}).decode()
    tenant.deliveries.put(
        Delivery(
            id=tenant.next_id("delivery"),
            event=event,
            entity=entity,
            entity_id=entity_id,
            body=body,
            created_s=tenant.now_s,
            progress=Progress.UNREGISTERED,
        )
    )
