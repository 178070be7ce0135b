"""Subscriptions: activated, listed, renewed, cancelled; never revived."""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from simulator.sandbox.catalogue import SUBSCRIPTION_TYPES, SubscriptionType
from simulator.sandbox.moments import Moment, seconds_of
from simulator.sandbox.refusal import RefusedError, malformed
from simulator.sandbox.routes.customers import find_customer
from simulator.sandbox.routing import DONE, PREFIX, Call, Message, Reply, body_route, route
from simulator.sandbox.rows import Subscription
from simulator.sandbox.subscribing import (
    YEAR_S,
    SubscriptionView,
    change,
    find_subscription,
    good_dates,
    subscribe,
    view,
)
from simulator.sandbox.tenant import LIST_LIMIT, Tenant
from simulator.sandbox.webhooks import publish

_WINDOW_S = 10.0


class NewSubscription(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who subscribes to what from when to when; now and for a year, if not said."""

    customer_id: int
    subscription_type_id: int
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    dependant_customer_ids: list[int] = []


class SubscriptionChanges(Struct, frozen=True, kw_only=True, rename="camel"):
    """What to change; what is not named stays."""

    subscription_type_id: int | None = None
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    dependant_customer_ids: list[int] | None = None


class SubscriptionTypes(Struct, frozen=True, kw_only=True, rename="camel"):
    """What can be subscribed to."""

    message: str = DONE
    subscription_types: tuple[SubscriptionType, ...]


class SubscriptionAnswer(Struct, frozen=True, kw_only=True):
    """A subscription."""

    message: str = DONE
    subscription: SubscriptionView


class Dependent(Struct, frozen=True, kw_only=True, rename="camel"):
    """A customer who depends on the main member."""

    customer_id: int
    name: str
    surname: str


class SubscriptionRead(Struct, frozen=True, kw_only=True):
    """A subscription with those who depend on it."""

    message: str = DONE
    subscription: SubscriptionView
    dependents: list[Dependent]


def list_subscription_types(call: Call) -> Reply:
    """List what can be subscribed to."""
    del call
    return Reply(200, SubscriptionTypes(subscription_types=tuple(SUBSCRIPTION_TYPES.values())))


def create_subscription(call: Call, body: NewSubscription) -> Reply:
    """Activate a subscription; 409 if the customer has an active one."""
    tenant = call.tenant
    find_customer(tenant, body.customer_id)
    from_s = seconds_of("validFrom", body.valid_from) if body.valid_from else tenant.now_s
    to_s = seconds_of("validTo", body.valid_to) if body.valid_to else from_s + YEAR_S
    dates = good_dates(body.subscription_type_id, from_s, to_s)
    dependents = _known(tenant, body.customer_id, body.dependant_customer_ids)
    made = subscribe(tenant, body.customer_id, dates, dependents)
    return Reply(201, SubscriptionAnswer(subscription=view(made)))


def get_subscription(call: Call) -> Reply:
    """Return a subscription and those who depend on it."""
    found = find_subscription(call.tenant, call.id("subscriptionId"))
    dependents = [
        Dependent(customer_id=customer.id, name=customer.name, surname=customer.surname)
        for customer in map(call.tenant.customers.get, found.dependents)
        if customer is not None
    ]
    return Reply(200, SubscriptionRead(subscription=view(found), dependents=dependents))


def list_customer_subscriptions(call: Call) -> Reply:
    """List a customer's subscriptions; about 50 calls in 10 s are allowed, then 429."""
    tenant = call.tenant
    _check_rate(tenant)
    customer = find_customer(tenant, call.id("customerId"))
    return Reply(200, [view(s) for s in tenant.subscriptions_by_customer.all(customer.id)])


def update_subscription(call: Call, body: SubscriptionChanges) -> Reply:
    """Renew or change a subscription that has neither lapsed nor been cancelled."""
    tenant = call.tenant
    found = find_subscription(tenant, call.id("subscriptionId"))
    _refuse_ended(tenant, found)
    kept = found.valid_from_s, found.valid_to_s
    from_s = seconds_of("validFrom", body.valid_from) if body.valid_from else kept[0]
    to_s = seconds_of("validTo", body.valid_to) if body.valid_to else kept[1]
    type_id = body.subscription_type_id or found.subscription_type_id
    dates = good_dates(type_id, from_s, to_s)
    dependents = found.dependents
    if body.dependant_customer_ids is not None:
        dependents = _known(tenant, found.customer_id, body.dependant_customer_ids)
    changed = replace(
        found,
        subscription_type_id=dates.type_id,
        valid_from_s=dates.from_s,
        valid_to_s=dates.to_s,
        dependents=dependents,
    )
    return Reply(200, SubscriptionAnswer(subscription=view(change(tenant, changed))))


def cancel_subscription(call: Call) -> Reply:
    """Cancel a subscription; one that has ended already is refused."""
    tenant = call.tenant
    found = find_subscription(tenant, call.id("subscriptionId"))
    try:
        _refuse_ended(tenant, found)
    except RefusedError:
        publish(tenant, "SUBSCRIPTION_CANCELLED_FAILED", "subscription", found.id, view(found))
        raise
    changed = replace(found, cancelled_s=tenant.now_s, updated_at=tenant.stamp())
    tenant.subscriptions.put(changed)
    publish(tenant, "SUBSCRIPTION_CANCELLED", "subscription", found.id, view(changed))
    return Reply(200, Message())


def _check_rate(tenant: Tenant) -> None:
    """Refuse the call that would be too many in the window; refused calls do not count."""
    recent = tenant.recent_lists
    if len(recent) == LIST_LIMIT and recent[0] > tenant.now_s - _WINDOW_S:
        raise RefusedError(429, f"More than {LIST_LIMIT} requests in {_WINDOW_S:g} seconds.")
    recent.append(tenant.now_s)


def _known(tenant: Tenant, main_id: int, customer_ids: Iterable[int]) -> tuple[int, ...]:
    dependents = tuple(dict.fromkeys(customer_ids))
    if main_id in dependents:
        raise malformed("dependantCustomerIds", "the main member cannot depend on itself.")
    for customer_id in dependents:
        find_customer(tenant, customer_id)
    return dependents


def _refuse_ended(tenant: Tenant, subscription: Subscription) -> None:
    if subscription.cancelled_s is not None or subscription.valid_to_s < tenant.now_s:
        ended = "cancelled" if subscription.cancelled_s is not None else "lapsed"
        message = f"Subscription {subscription.id} is {ended}; create a new one."
        raise RefusedError(400, message)


_ONE = f"{PREFIX}/subscriptions/{{subscriptionId}}"
ROUTES = (
    route(
        "GET",
        f"{PREFIX}/subscriptions/subscriptionTypes",
        list_subscription_types,
        answers={200: SubscriptionTypes},
    ),
    body_route(
        "POST",
        f"{PREFIX}/subscriptions",
        NewSubscription,
        create_subscription,
        answers={201: SubscriptionAnswer},
        refusals=(404, 409),
    ),
    route("GET", _ONE, get_subscription, answers={200: SubscriptionRead}, refusals=(404,)),
    route(
        "GET",
        f"{PREFIX}/customers/{{customerId}}/subscriptions",
        list_customer_subscriptions,
        answers={200: list[SubscriptionView]},
        refusals=(404, 429),
    ),
    body_route(
        "PUT",
        _ONE,
        SubscriptionChanges,
        update_subscription,
        answers={200: SubscriptionAnswer},
        refusals=(404,),
    ),
    route("DELETE", _ONE, cancel_subscription, answers={200: Message}, refusals=(400, 404)),
)
