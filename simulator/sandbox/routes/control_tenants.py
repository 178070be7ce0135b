"""Control of tenants: who there is, what rules hold for them, snapshots, what they have."""

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from simulator.clock import iso
from simulator.sandbox.decoding import changed_fields, partial
from simulator.sandbox.magic import TABLE
from simulator.sandbox.refusal import RefusedError
from simulator.sandbox.routes.devices import LinkView, view_link
from simulator.sandbox.routing import CONTROL, Call, Message, Reply, Scope, body_route, route
from simulator.sandbox.rows import Customer, Scheduled
from simulator.sandbox.settings import Rules
from simulator.sandbox.snapshots import find, restore, take
from simulator.sandbox.tenant import Tenant

_NAMED = 409


class TenantView(Struct, frozen=True, kw_only=True, rename="camel"):
    """A tenant in numbers."""

    client_id: str
    customer_source_id: int
    now: str
    customers: int
    devices: int
    callouts: int
    active_callouts: int
    requests: int
    deliveries: int
    faults: int


class NewTenant(Struct, frozen=True, kw_only=True, rename="camel"):
    """Credentials to be."""

    client_id: Annotated[str, Meta(min_length=1)]
    client_secret: str


class SnapshotName(Struct, frozen=True, kw_only=True):
    """What a copy of the state is to be called."""

    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,100}$")]


class SnapshotView(Struct, frozen=True, kw_only=True, rename="camel"):
    """A copy of the state."""

    name: str
    taken_at: str


class Booking(Struct, frozen=True, kw_only=True, rename="camel"):
    """A booked service; without a next occurrence it is over."""

    id: str
    customer_id: int
    service_type: str
    name: str
    next_occurrence: str | None


class MagicView(Struct, frozen=True, kw_only=True):
    """A value with a meaning of its own."""

    field: str
    value: str
    effect: str


if TYPE_CHECKING:
    RuleChanges = Struct
else:
    RuleChanges = partial(Rules, "RuleChanges")


def list_tenants(call: Call) -> Reply:
    """List the tenants of this sandbox."""
    return Reply(200, [_view(tenant) for tenant in call.tenants])


def create_tenant(call: Call, body: NewTenant) -> Reply:
    """Make a tenant, also where the sandbox is not open to any client."""
    if call.tenants.get(body.client_id) is not None:
        raise RefusedError(_NAMED, f"clientId: there is a tenant {body.client_id} already.")
    return Reply(201, _view(call.tenants.add(body.client_id, body.client_secret)))


def delete_tenant(call: Call) -> Reply:
    """Forget a tenant and everything it has; its next token makes it anew."""
    call.tenants.remove(call.tenant)
    return Reply(200, Message())


def get_rules(call: Call) -> Reply:
    """Return the tenant's choices where AURA is silent."""
    return Reply(200, call.tenant.rules)


def change_rules(call: Call, body: RuleChanges) -> Reply:
    """Change some of them."""
    rules = replace(call.tenant.rules, **{**changed_fields(body), "id": "rules"})
    return Reply(200, call.tenant.rule_sets.put(rules))


def list_snapshots(call: Call) -> Reply:
    """List the copies of the state."""
    copies = call.tenant.snapshots
    return Reply(200, [SnapshotView(name=copy.id, taken_at=copy.taken_at) for copy in copies])


def create_snapshot(call: Call, body: SnapshotName) -> Reply:
    """Copy the whole state under a name."""
    copy = take(call.tenant, body.name)
    return Reply(201, SnapshotView(name=copy.id, taken_at=copy.taken_at))


def restore_snapshot(call: Call) -> Reply:
    """Go back to a copy of the state."""
    copy = restore(call.tenant, call.path["name"])
    return Reply(200, SnapshotView(name=copy.id, taken_at=copy.taken_at))


def delete_snapshot(call: Call) -> Reply:
    """Forget a copy of the state."""
    call.tenant.snapshots.drop(find(call.tenant, call.path["name"]))
    return Reply(200, Message())


def control_customers(call: Call) -> Reply:
    """List all customers."""
    return Reply(200, list(call.tenant.customers))


def control_devices(call: Call) -> Reply:
    """List all linked devices."""
    return Reply(200, [view_link(link) for link in call.tenant.links])


def control_scheduled(call: Call) -> Reply:
    """List the booked services, with their next occurrence by the tenant's clock."""
    now_s = call.tenant.now_s
    return Reply(200, [_booking(booked, now_s) for booked in call.tenant.scheduled])


def _booking(booked: Scheduled, now_s: float) -> Booking:
    next_s = booked.next_s(now_s)
    return Booking(
        id=booked.id,
        customer_id=booked.customer_id,
        service_type=booked.service_type,
        name=booked.name,
        next_occurrence=None if next_s is None else iso(next_s),
    )


def list_magic_values(call: Call) -> Reply:
    """List the values that bring rare outcomes about."""
    del call
    return Reply(200, [MagicView(field=m.field, value=m.value, effect=m.effect) for m in TABLE])


def _view(tenant: Tenant) -> TenantView:
    tenant.clock.sync()
    return TenantView(
        client_id=tenant.client_id,
        customer_source_id=tenant.source_id,
        now=tenant.stamp(),
        customers=len(tenant.customers),
        devices=len(tenant.links),
        callouts=len(tenant.callouts),
        active_callouts=sum(1 for _ in tenant.active_callouts),
        requests=len(tenant.log),
        deliveries=len(tenant.deliveries),
        faults=len(tenant.faults),
    )


_SNAPSHOTS = f"{CONTROL}/snapshots"
ROUTES = (
    route(
        "GET",
        f"{CONTROL}/tenants",
        list_tenants,
        answers={200: list[TenantView]},
        scope=Scope.OPEN,
    ),
    body_route(
        "POST",
        f"{CONTROL}/tenants",
        NewTenant,
        create_tenant,
        answers={201: TenantView},
        refusals=(409,),
        scope=Scope.OPEN,
        is_private=True,
    ),
    route(
        "DELETE",
        f"{CONTROL}/tenant",
        delete_tenant,
        answers={200: Message},
        scope=Scope.CONTROL,
    ),
    route("GET", f"{CONTROL}/rules", get_rules, answers={200: Rules}, scope=Scope.CONTROL),
    body_route(
        "PATCH",
        f"{CONTROL}/rules",
        RuleChanges,
        change_rules,
        answers={200: Rules},
        scope=Scope.CONTROL,
    ),
    route(
        "GET",
        _SNAPSHOTS,
        list_snapshots,
        answers={200: list[SnapshotView]},
        scope=Scope.CONTROL,
    ),
    body_route(
        "POST",
        _SNAPSHOTS,
        SnapshotName,
        create_snapshot,
        answers={201: SnapshotView},
        scope=Scope.CONTROL,
    ),
    route(
        "POST",
        f"{_SNAPSHOTS}/{{name}}/restore",
        restore_snapshot,
        answers={200: SnapshotView},
        refusals=(404,),
        scope=Scope.CONTROL,
    ),
    route(
        "DELETE",
        f"{_SNAPSHOTS}/{{name}}",
        delete_snapshot,
        answers={200: Message},
        refusals=(404,),
        scope=Scope.CONTROL,
    ),
    route(
        "GET",
        f"{CONTROL}/customers",
        control_customers,
        answers={200: list[Customer]},
        scope=Scope.CONTROL,
    ),
    route(
        "GET",
        f"{CONTROL}/devices",
        control_devices,
        answers={200: list[LinkView]},
        scope=Scope.CONTROL,
    ),
    route(
        "GET",
        f"{CONTROL}/scheduled",
        control_scheduled,
        answers={200: list[Booking]},
        scope=Scope.CONTROL,
    ),
    route(
        "GET",
        f"{CONTROL}/magic",
        list_magic_values,
        answers={200: list[MagicView]},
        scope=Scope.OPEN,
    ),
)
