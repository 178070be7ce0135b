"""Customers and their subscriptions."""

from simulator.aura.calls import customers, subscriptions
from simulator.aura.calls.subscriptions import NewSubscription
from simulator.bdd.cast import Customer
from simulator.bdd.declare import action
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
