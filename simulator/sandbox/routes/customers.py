"""Customers: created with or without a subscription, changed in part, deleted softly."""

from typing import TYPE_CHECKING, Annotated

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict, replace

from simulator.sandbox.decoding import Json, changed_fields, partial
from simulator.sandbox.magic import check_mobile
from simulator.sandbox.refusal import RefusedError, malformed, missing
from simulator.sandbox.routing import DONE, PREFIX, Call, Message, Reply, body_route, route
from simulator.sandbox.rows import Customer, Person, Subscription
from simulator.sandbox.subscribing import (
    RequiredDates,
    SubscriptionView,
    find_subscription,
    join,
    subscribe,
    view,
)
from simulator.sandbox.tenant import Tenant
from simulator.sandbox.webhooks import publish

Mobile = Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{6,14}$", description="E.164")]
Text = Annotated[str, Meta(min_length=1)]


class NewPerson(Person, frozen=True, kw_only=True):
    """Who the customer is; the mobile number is the identity."""

    name: Text
    surname: Text
    mobile: Mobile


class NewCustomer(Struct, frozen=True, kw_only=True, rename="camel"):
    """A customer, and at most one of a new subscription and one to join."""

    customer: NewPerson
    subscription: RequiredDates | None = None
    subscription_id: int | None = None


if TYPE_CHECKING:
    PersonChanges = Struct
else:
    PersonChanges = partial(NewPerson, "PersonChanges")


class CustomerChanges(Struct, frozen=True, kw_only=True):
    """What to change; what is not named stays."""

    customer: PersonChanges


class CustomerAnswer(Struct, frozen=True, kw_only=True):
    """A customer, with the subscription that was made with it."""

    message: str = DONE
    customer: Customer
    subscription: SubscriptionView | UnsetType = UNSET


def create_customer(call: Call, body: NewCustomer) -> Reply:
    """Create a customer, and with it a subscription or a place in one."""
    tenant = call.tenant
    _refuse_mobile(tenant, body.customer.mobile)
    if body.subscription is not None and body.subscription_id is not None:
        raise malformed("subscriptionId", "give either subscription or subscriptionId, not both.")
    joined = (
        None if body.subscription_id is None else find_subscription(tenant, body.subscription_id)
    )
    dates = body.subscription.checked() if body.subscription else None
    customer = _keep_new(tenant, body.customer)
    made: Subscription | None = None
    if dates is not None:
        made = subscribe(tenant, customer.id, dates, ())
    elif joined is not None:
        made = join(tenant, joined, customer.id)
    return Reply(201, CustomerAnswer(customer=customer, subscription=view(made) if made else UNSET))


def get_customer(call: Call) -> Reply:
    """Return a customer."""
    return Reply(200, CustomerAnswer(customer=find_customer(call.tenant, call.id("customerId"))))


def update_customer(call: Call, body: CustomerChanges) -> Reply:
    """Change some fields of a customer."""
    tenant = call.tenant
    customer = find_customer(tenant, call.id("customerId"))
    changes = changed_fields(body.customer)
    if changes.get("mobile", customer.mobile) != customer.mobile:
        _refuse_mobile(tenant, str(changes["mobile"]))
    changed = tenant.customers.put(replace(customer, **changes, updated_at=tenant.stamp()))
    publish(tenant, "UPDATED_CUSTOMER", "customer", changed.id, changed)
    return Reply(200, CustomerAnswer(customer=changed))


def soft_delete_customer(call: Call) -> Reply:
    """Delete a customer softly: it is gone for every later call, and its mobile is free again."""
    tenant = call.tenant
    customer = find_customer(tenant, call.id("customerId"))
    for link in tenant.links_by_customer.all(customer.id):
        tenant.links.drop(link)
    tenant.customers.drop(customer)
    publish(tenant, "DELETED_CUSTOMER", "customer", customer.id, customer)
    return Reply(200, Message())


def find_customer(tenant: Tenant, customer_id: int) -> Customer:
    """Return a customer; refuse with 404 if there is none of this id here."""
    customer = tenant.customers.get(customer_id)
    if customer is None:
        raise missing("customer", customer_id)
    return customer


def keep_person(tenant: Tenant, person: NewPerson) -> Customer:
    """Return a new customer; refuse a mobile number that is known."""
    _refuse_mobile(tenant, person.mobile)
    return _keep_new(tenant, person)


def _refuse_mobile(tenant: Tenant, mobile: str) -> None:
    check_mobile(mobile)
    if tenant.customers_by_mobile.first(mobile) is not None:
        raise RefusedError(409, "customer.mobile: a customer with this number exists already.")


def _keep_new(tenant: Tenant, person: NewPerson) -> Customer:
    now = tenant.stamp()
    made = tenant.customers.put(
        Customer(
            **asdict(person),
            id=tenant.next_id("customer"),
            customer_source_id=tenant.source_id,
            created_at=now,
            updated_at=now,
        )
    )
    publish(tenant, "CREATED_CUSTOMER", "customer", made.id, made)
    return made


def _older(body: Json) -> Json:
    """Rewrite the flat customer of the first documentation."""
    if "customer" in body:
        return body
    names = {"firstName": "name", "lastName": "surname", "mobileNumber": "mobile"}
    return {"customer": {names.get(key, key): value for key, value in body.items()}}


ROUTES = (
    body_route(
        "POST",
        f"{PREFIX}/customers",
        NewCustomer,
        create_customer,
        answers={201: CustomerAnswer},
        refusals=(404, 409),
        older=_older,
    ),
    route(
        "GET",
        f"{PREFIX}/customers/{{customerId}}",
        get_customer,
        answers={200: CustomerAnswer},
        refusals=(404,),
    ),
    body_route(
        "PUT",
        f"{PREFIX}/customers/{{customerId}}",
        CustomerChanges,
        update_customer,
        answers={200: CustomerAnswer},
        refusals=(404, 409),
        older=_older,
    ),
    route(
        "POST",
        f"{PREFIX}/customers/{{customerId}}/delete",
        soft_delete_customer,
        answers={200: Message},
        refusals=(404,),
    ),
)
