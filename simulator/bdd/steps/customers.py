"""Customers and their subscriptions."""

from simulator.aura.calls import customers, subscriptions
from simulator.aura.calls.subscriptions import NewSubscription
from simulator.aura.types import SubscriptionId
from simulator.bdd.cast import Customer
from simulator.bdd.declare import action, expectation
from simulator.bdd.expectation import Finding
from simulator.bdd.mistakes import StepUseError
from simulator.bdd.scene import Scene

_YEAR_S = 365 * 86400.0


def new_customer(scene: Scene, name: str, *, is_subscribed: bool = True) -> Customer:
    """Register a customer at AURA, with a subscription for a year or without one."""
    mobile = f"+27{scene.fresh_number(9)}"
    person = customers.Profile(name=name, surname="Scenario", mobile=mobile)
    subscription = fresh_subscription(scene, _YEAR_S) if is_subscribed else None
    made = scene.aura.call(customers.create(person, subscription))
    scene.leave(customers.delete(made.id))
    known = made.subscription.id if made.subscription else None
    return scene.customers.add(name, Customer(name, made.id, mobile, known))


def fresh_subscription(scene: Scene, lasts_s: float) -> NewSubscription:
    """Return a subscription of the first type that the target offers, from a minute ago on."""
    if "subscription type" not in scene.remembered:
        types = scene.aura.call(subscriptions.types())
        scene.remembered["subscription type"] = types[0].id if types else 1
    kind = scene.remembered["subscription type"]
    assert isinstance(kind, int)  # noqa: S101 - put there above
    return NewSubscription(kind, scene.now_s - 60.0, scene.now_s + lasts_s)


@action("a customer[ {name:text}]")
def customer(scene: Scene, name: str = "") -> None:
    """Register a customer with a subscription that holds for a year."""
    new_customer(scene, name or f"customer {len(scene.customers) + 1}")


@action("a customer[ {name:text}] without a subscription")
def customer_without_subscription(scene: Scene, name: str = "") -> None:
    """Register a customer who has not paid."""
    title = name or f"customer {len(scene.customers) + 1}"
    new_customer(scene, title, is_subscribed=False)


@action("{customer} subscribes for {duration}")
def subscribes(scene: Scene, customer: str, duration: float) -> None:
    """Give a customer a new subscription that holds from now on for so long."""
    who = scene.customers.one(customer)
    call = subscriptions.create(who.id, fresh_subscription(scene, duration))
    who.subscription_id = scene.aura.call(call).id


@action("the subscription of {customer} is cancelled")
def subscription_is_cancelled(scene: Scene, customer: str) -> None:
    """End a subscription at once; it cannot be revived."""
    scene.aura.call(subscriptions.cancel(_subscription_of(scene, customer)))


@action("the subscription of {customer} is prolonged by {duration}")
def subscription_is_prolonged(scene: Scene, customer: str, duration: float) -> None:
    """Move the end of a subscription to so long from now."""
    known = _subscription_of(scene, customer)
    scene.aura.call(subscriptions.update(known, valid_to_s=scene.now_s + duration))


@action("{customer} is deleted")
def is_deleted(scene: Scene, customer: str) -> None:
    """Delete a customer, softly: AURA keeps the record and shows it to nobody."""
    scene.aura.call(customers.delete(scene.customers.one(customer).id))


@expectation("{customer} has {count} active subscription[s]")
def has_subscriptions(scene: Scene, customer: str, count: int) -> Finding:
    """Count the subscriptions that hold now: in their dates and not cancelled."""
    found = scene.aura.call(subscriptions.of_customer(scene.customers.one(customer).id))
    active = [one for one in found if one.is_active(scene.now_s)]
    seen = f"{len(active)} active of {len(found)}"
    return Finding(len(active) == count, seen, f"{count} active")


def _subscription_of(scene: Scene, reference: str) -> SubscriptionId:
    who = scene.customers.one(reference)
    if who.subscription_id is None:
        message = f"{who.name} has no subscription. Give one with '... subscribes for 30 days'."
        raise StepUseError(message)
    return who.subscription_id
