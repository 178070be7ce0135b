"""Subscriptions: who may call for help, and until when.

There is no status field: see `Subscription.is_active`. A lapsed or cancelled one cannot be revived.
AURA: overview/core-concepts/subscriptions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.aura.call import Call, Json, Repeat, encode
from simulator.aura.http import Response
from simulator.aura.paths import segment
from simulator.aura.reading import Fields, entity, id_of, many, message_of, object_of, one_if_told
from simulator.aura.types import CustomerId, Subscription, SubscriptionId, SubscriptionType
from simulator.clock import iso


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """A subscription to be: its type (ids differ by environment) and when it holds."""

    subscription_type_id: int
    valid_from_s: float
    valid_to_s: float

    def json(self) -> dict[str, Json]:
        """Return it as AURA wants it, with times in ISO 8601."""
        return {
            "subscriptionTypeId": self.subscription_type_id,
            "validFrom": iso(self.valid_from_s),
            "validTo": iso(self.valid_to_s),
        }


def types() -> Call[list[SubscriptionType]]:
    """List the subscription types of this environment. Errors: 401.

    AURA: api-reference/subscriptions; the name of the wrapper is not published.
    """
    read = many(_read_type, "subscriptionTypes")
    return Call("GET", "/subscriptions/subscriptionTypes", read, repeat=Repeat.SAFE)


def create(
    customer_id: CustomerId,
    subscription: NewSubscription,
    *,
    dependants: Sequence[CustomerId] = (),
) -> Call[Subscription]:
    """Give a customer a subscription, and cover dependants by it.

    Errors: 400, 401, 409 where one is active.
    AURA: api-reference/subscriptions/create-subscription.
    """
    body: dict[str, Json] = {"customerId": customer_id, **subscription.json()}
    if dependants:
        body["dependantCustomerIds"] = list(dependants)
    return Call("POST", "/subscriptions", _subscription, encode(body))


def get(subscription_id: SubscriptionId) -> Call[Subscription]:
    """Read a subscription; a server should rather ask for those of a customer. Errors: 401, 404.

    AURA: api-reference/subscriptions/get-subscription.
    """
    path = f"/subscriptions/{segment(subscription_id)}"
    return Call("GET", path, _subscription, repeat=Repeat.SAFE)


def of_customer(customer_id: CustomerId) -> Call[list[Subscription]]:
    """List a customer's subscriptions. Errors: 401, 404, 429 above about 50 requests in 10 s.

    AURA: overview/core-concepts/subscriptions.
    """
    read = many(read_subscription, "subscriptions")
    path = f"/customers/{segment(customer_id)}/subscriptions"
    return Call("GET", path, read, repeat=Repeat.SAFE)


def update(
    subscription_id: SubscriptionId,
    *,
    valid_to_s: float | None = None,
    dependants: Sequence[CustomerId] | None = None,
) -> Call[Subscription | None]:
    """Prolong a subscription (seconds since 1970), or set whom it covers. Errors: 400, 401, 404.

    None where AURA answers without it: what comes back is not published.
    AURA: api-reference/subscriptions/update-subscription.
    """
    body: dict[str, Json] = {}
    if valid_to_s is not None:
        body["validTo"] = iso(valid_to_s)
    if dependants is not None:
        body["dependantCustomerIds"] = list(dependants)
    path = f"/subscriptions/{segment(subscription_id)}"
    return Call("PUT", path, _updated, encode(body), Repeat.SAFE)


def cancel(subscription_id: SubscriptionId) -> Call[str]:
    """End a subscription now; returns AURA's message. Errors: 401, 404.

    AURA: api-reference/subscriptions/cancel-subscription.
    """
    return Call("DELETE", f"/subscriptions/{segment(subscription_id)}", message_of)


def read_subscription(fields: Fields) -> Subscription:
    """Read a subscription in either spelling."""
    return Subscription(
        id=SubscriptionId(fields.identity("id", "subscriptionId")),
        customer_id=id_of(CustomerId, fields.whole("customerId")),
        subscription_type_id=fields.whole("subscriptionTypeId"),
        valid_from_s=fields.moment("validFrom"),
        valid_to_s=fields.moment("validTo"),
        cancelled_s=fields.moment("CancelledDate", "cancelledDate"),
        dependant_customer_ids=_dependants(fields),
        raw=fields.raw,
    )


def _dependants(fields: Fields) -> tuple[CustomerId, ...]:
    """Read ids, or objects that hold them."""
    listed = fields.value("dependents", "dependantCustomerIds", "dependants")
    found = [
        Fields(one if isinstance(one, dict) else {"id": one}).whole("customerId", "id")
        for one in (listed if isinstance(listed, list) else [])
    ]
    return tuple(CustomerId(one) for one in found if one is not None)


def _subscription(response: Response) -> Subscription:
    """Read an answer, whose list of dependants stands beside the subscription."""
    beside = object_of(response).raw.get("dependents")
    fields = entity(response, "subscription")
    return read_subscription(Fields({"dependents": beside, **fields.raw}))


_updated = one_if_told(read_subscription, "subscription")


def _read_type(fields: Fields) -> SubscriptionType:
    return SubscriptionType(fields.identity("id"), fields.text("value"), raw=fields.raw)
