"""Subscriptions as the rest of the sandbox needs them: dates, joining, and how they are shown."""

from dataclasses import dataclass

from msgspec import Struct, field
from msgspec.structs import replace

from simulator.clock import iso
from simulator.sandbox.catalogue import SUBSCRIPTION_TYPES
from simulator.sandbox.moments import Moment, seconds_of
from simulator.sandbox.refusal import RefusedError, malformed, missing
from simulator.sandbox.rows import Subscription
from simulator.sandbox.tenant import Tenant
from simulator.sandbox.webhooks import publish

YEAR_S = 365 * 86400.0


class SubscriptionView(Struct, frozen=True, kw_only=True, rename="camel"):
    """A subscription; it has no status, its dates and `CancelledDate` say whether it is active."""

    id: int
    customer_id: int
    subscription_type_id: int
    valid_from: str
    valid_to: str
    cancelled_date: str | None = field(name="CancelledDate")
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Dates:
    """A type and a time span that were found good."""

    type_id: int
    from_s: float
    to_s: float


class RequiredDates(Struct, frozen=True, kw_only=True, rename="camel"):
    """A new subscription of a new customer."""

    subscription_type_id: int
    valid_from: Moment
    valid_to: Moment

    def checked(self) -> Dates:
        """Return the dates, or refuse them."""
        from_s = seconds_of("subscription.validFrom", self.valid_from)
        to_s = seconds_of("subscription.validTo", self.valid_to)
        return good_dates(self.subscription_type_id, from_s, to_s)


def good_dates(type_id: int, from_s: float, to_s: float) -> Dates:
    """Return a type and its dates; refuse an unknown type, and an end before the start."""
    if type_id not in SUBSCRIPTION_TYPES:
        known = ", ".join(map(str, SUBSCRIPTION_TYPES))
        raise malformed("subscriptionTypeId", f"there is no type {type_id}; known: {known}.")
    if to_s <= from_s:
        raise malformed("validTo", "must be after validFrom.")
    return Dates(type_id, from_s, to_s)


def find_subscription(tenant: Tenant, subscription_id: int) -> Subscription:
    """Return a subscription; refuse with 404 if there is none of this id here."""
    found = tenant.subscriptions.get(subscription_id)
    if found is None:
        raise missing("subscription", subscription_id)
    return found


def subscribe(
    tenant: Tenant, customer_id: int, dates: Dates, dependents: tuple[int, ...]
) -> Subscription:
    """Return a new subscription; refuse a second active one with 409."""
    if tenant.has_active_subscription(customer_id):
        raise RefusedError(409, f"Customer {customer_id} has an active subscription already.")
    now = tenant.stamp()
    made = tenant.subscriptions.put(
        Subscription(
            id=tenant.next_id("subscription"),
            customer_id=customer_id,
            subscription_type_id=dates.type_id,
            valid_from_s=dates.from_s,
            valid_to_s=dates.to_s,
            dependents=dependents,
            created_at=now,
            updated_at=now,
        )
    )
    publish(tenant, "SUBSCRIPTION_CREATED", "subscription", made.id, view(made))
    return made


def join(tenant: Tenant, subscription: Subscription, customer_id: int) -> Subscription:
    """Add a customer to another's subscription."""
    dependents = (*subscription.dependents, customer_id)
    return change(tenant, replace(subscription, dependents=dependents))


def change(tenant: Tenant, subscription: Subscription) -> Subscription:
    """Keep a changed subscription and tell the world."""
    kept = tenant.subscriptions.put(replace(subscription, updated_at=tenant.stamp()))
    publish(tenant, "SUBSCRIPTION_UPDATED", "subscription", kept.id, view(kept))
    return kept


def view(subscription: Subscription) -> SubscriptionView:
    """Return a subscription as AURA shows it."""
    cancelled_s = subscription.cancelled_s
    return SubscriptionView(
        id=subscription.id,
        customer_id=subscription.customer_id,
        subscription_type_id=subscription.subscription_type_id,
        valid_from=iso(subscription.valid_from_s),
        valid_to=iso(subscription.valid_to_s),
        cancelled_date=None if cancelled_s is None else iso(cancelled_s),
        created_at=subscription.created_at,
        updated_at=subscription.updated_at,
    )
