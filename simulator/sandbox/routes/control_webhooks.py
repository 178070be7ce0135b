"""The delivery log of a tenant: everything that happened, what was posted, and posting it again."""

from msgspec import Struct
from msgspec.structs import replace

from simulator.clock import iso
from simulator.sandbox.delivering import resend
from simulator.sandbox.delivery_rows import Delivery, DeliveryMode, Progress
from simulator.sandbox.refusal import RefusedError, missing
from simulator.sandbox.routing import CONTROL, Call, Reply, Scope, body_route, route
from simulator.sandbox.tenant import Tenant

_SHOWN = 1000


class DeliveryView(Struct, frozen=True, kw_only=True, rename="camel"):
    """One letter; `answer` is the receiver's status, or what went wrong."""

    id: int
    event: str
    entity: str
    entity_id: int | str
    progress: Progress
    url: str | None
    created_at: str
    due_at: str | None
    answer: str | None
    body: str


def list_deliveries(call: Call) -> Reply:
    """List the newest letters, oldest first."""
    return Reply(200, [_view(delivery) for delivery in list(call.tenant.deliveries)[-_SHOWN:]])


def resend_delivery(call: Call) -> Reply:
    """Post a letter again, to the webhook that is registered now."""
    tenant, delivery_id = call.tenant, call.id("deliveryId")
    delivery = tenant.deliveries.get(delivery_id)
    if delivery is None:
        raise missing("delivery", delivery_id)
    url = delivery.url or _registered(tenant)
    return Reply(200, _view(resend(tenant, delivery, url)))


def get_delivery_mode(call: Call) -> Reply:
    """Return how deliveries go wrong."""
    return Reply(200, call.tenant.delivery_modes.get("mode") or DeliveryMode())


def set_delivery_mode(call: Call, body: DeliveryMode) -> Reply:
    """Say how deliveries go wrong: duplicated, dropped, delayed, overtaken."""
    return Reply(200, call.tenant.delivery_modes.put(replace(body, id="mode")))


def _registered(tenant: Tenant) -> str:
    notifier = tenant.notifiers.get("notifier")
    if notifier is None:
        raise RefusedError(400, "No webhook is registered to send this to.")
    return notifier.config.url


def _view(delivery: Delivery) -> DeliveryView:
    return DeliveryView(
        id=delivery.id,
        event=delivery.event,
        entity=delivery.entity,
        entity_id=delivery.entity_id,
        progress=delivery.progress,
        url=delivery.url,
        created_at=iso(delivery.created_s, digits=3),
        due_at=None if delivery.due_s is None else iso(delivery.due_s, digits=3),
        answer=delivery.answer,
        body=delivery.body,
    )


_WEBHOOKS = f"{CONTROL}/webhooks"
ROUTES = (
    route(
        "GET", _WEBHOOKS, list_deliveries, answers={200: list[DeliveryView]}, scope=Scope.CONTROL
    ),
    route(
        "POST",
        f"{_WEBHOOKS}/{{deliveryId}}/resend",
        resend_delivery,
        answers={200: DeliveryView},
        refusals=(400, 404),
        scope=Scope.CONTROL,
    ),
    route(
        "GET",
        f"{_WEBHOOKS}/mode",
        get_delivery_mode,
        answers={200: DeliveryMode},
        scope=Scope.CONTROL,
    ),
    body_route(
        "PUT",
        f"{_WEBHOOKS}/mode",
        DeliveryMode,
        set_delivery_mode,
        answers={200: DeliveryMode},
        scope=Scope.CONTROL,
    ),
)
