"""Taking letters to their receivers, at most once, in the tenant's time."""

from msgspec.structs import replace

from simulator.rng import Rng, name_key
from simulator.sandbox.delivery_rows import Delivery, DeliveryMode, Progress
from simulator.sandbox.parcels import Parcel
from simulator.sandbox.tenant import Tenant

BULK = "bulk-upload"  # the entity of a callback that is no webhook


def post(tenant: Tenant, delivery: Delivery) -> None:
    """Plan the delivery of a letter that has a receiver, as the tenant's mode has it."""
    mode = tenant.delivery_modes.get("mode") or DeliveryMode()
    if mode.events and delivery.event not in mode.events:
        mode = DeliveryMode()
    chance = Rng(tenant.house.settings.seed).stream(name_key(tenant.client_id), "webhook drop")
    chance.count = delivery.id
    if mode.drop and chance.chance(mode.drop):
        tenant.deliveries.put(replace(delivery, progress=Progress.DROPPED))
        return
    delay_s = mode.delay_s + (mode.reorder_s if tenant.count("posted") % 2 == 0 else 0.0)
    _plan(tenant, delivery, delay_s)
    for _ in range(mode.duplicates):
        _plan(tenant, replace(delivery, id=tenant.next_id("delivery")), delay_s)


def resend(tenant: Tenant, delivery: Delivery, url: str) -> Delivery:
    """Plan the delivery of a letter's copy, whatever the mode; return the copy."""
    copy = replace(
        delivery,
        id=tenant.next_id("delivery"),
        created_s=tenant.now_s,
        url=url,
        answer=None,
    )
    return _plan(tenant, copy, 0.0)


def plan_again(tenant: Tenant) -> None:
    """Plan what was pending when the state was kept; what was being sent is not sent twice."""
    for delivery in list(tenant.deliveries):
        if delivery.progress is Progress.PENDING and delivery.due_s is not None:
            _plan(tenant, delivery, delivery.due_s - tenant.now_s)


def _plan(tenant: Tenant, delivery: Delivery, delay_s: float) -> Delivery:
    due_s = tenant.now_s + max(0.0, delay_s)
    planned = replace(delivery, progress=Progress.PENDING, due_s=due_s)
    tenant.deliveries.put(planned)
    tenant.clock.after(delay_s, lambda: _send(tenant, planned.id))
    return planned


def _send(tenant: Tenant, delivery_id: int) -> None:
    delivery = tenant.deliveries.get(delivery_id)
    if delivery is None or delivery.progress is not Progress.PENDING or delivery.url is None:
        return
    deliver = tenant.house.deliver
    if deliver is None:
        tenant.deliveries.put(replace(delivery, progress=Progress.KEPT))
        return
    tenant.deliveries.put(replace(delivery, progress=Progress.SENDING))
    notifier = tenant.notifiers.get("notifier")
    headers = notifier.config.headers if notifier and delivery.entity != BULK else {}
    sent = {"content-type": "application/json", **headers}
    parcel = Parcel(delivery.url, sent, delivery.body.encode())
    deliver(parcel, lambda answer: _note(tenant, delivery_id, answer))


def _note(tenant: Tenant, delivery_id: int, answer: int | str) -> None:
    delivery = tenant.deliveries.get(delivery_id)
    if delivery is None:
        return
    is_good = isinstance(answer, int) and 200 <= answer < 300
    progress = Progress.DELIVERED if is_good else Progress.FAILED
    tenant.deliveries.put(replace(delivery, progress=progress, answer=str(answer)))
