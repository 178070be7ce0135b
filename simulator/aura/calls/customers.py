"""Customers: the people who can be helped (AURA: overview/core-concepts/customers)."""

from dataclasses import replace

import msgspec

from simulator.aura.call import Call, Json, Repeat, encode
from simulator.aura.calls.subscriptions import NewSubscription, read_subscription
from simulator.aura.http import Response
from simulator.aura.paths import segment
from simulator.aura.reading import Fields, entity, message_of, object_of, one
from simulator.aura.types import Customer, CustomerId, SubscriptionId
from simulator.errors import InputError


class Profile(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What a customer's record says; only what is given is sent.

    `mobile` (E.164) names the customer: it is unique, and its last four digits are the safe code.
    """

    name: str | None = None
    surname: str | None = None
    mobile: str | None = None
    email: str | None = None
    gender: str | None = None
    date_of_birth: str | None = None
    external_reference_id: str | None = None
    vehicle_make: str | None = None
    vehicle_model: str | None = None
    vehicle_colour: str | None = None
    vehicle_license_plate: str | None = None
    has_medical_aid: bool | None = None
    medical_aid_scheme: str | None = None
    medical_aid_number: str | None = None
    medical_conditions: str | None = None
    medications: str | None = None
    allergies: str | None = None
    bloodtype: str | None = None
    medical_other: str | None = None
    next_of_kin_name: str | None = None
    next_of_kin_number: str | None = None
    family_doctor_phone_number: str | None = None


def create(
    profile: Profile, subscription: NewSubscription | SubscriptionId | None = None
) -> Call[Customer]:
    """Register a customer, with a new subscription or linked to an existing one.

    Name, surname and mobile are required. Errors: 400 (a blank mobile, for one), 401, 409 for a
    mobile number that is registered already. AURA: api-reference/customers/create-customer.
    """
    if not (profile.name and profile.surname and profile.mobile):
        message = "A customer needs name, surname and mobile. Give all three."
        raise InputError(message)
    body: dict[str, Json] = {"customer": msgspec.to_builtins(profile)}
    if isinstance(subscription, NewSubscription):
        body["subscription"] = subscription.json()
    elif subscription is not None:
        body["subscriptionId"] = subscription
    return Call("POST", "/customers", _created, encode(body))


def get(customer_id: CustomerId) -> Call[Customer]:
    """Read a customer. Errors: 401, 404. AURA: api-reference/customers/get-customer-by-id."""
    path = f"/customers/{segment(customer_id)}"
    return Call("GET", path, _customer, repeat=Repeat.SAFE)


def update(customer_id: CustomerId, profile: Profile) -> Call[Customer]:
    """Change what the profile says. Errors: 400, 401, 404.

    AURA: api-reference/customers/update-customer, which does not say that fields left out stay.
    """
    body = encode({"customer": msgspec.to_builtins(profile)})
    return Call("PUT", f"/customers/{segment(customer_id)}", _customer, body, Repeat.SAFE)


def delete(customer_id: CustomerId) -> Call[str]:
    """Soft-delete a customer (a POST); returns AURA's message. Errors: 401, 404.

    AURA: api-reference/customers/soft-delete-customer.
    """
    return Call("POST", f"/customers/{segment(customer_id)}/delete", message_of, b"{}")


def read_customer(fields: Fields) -> Customer:
    """Read a customer in either spelling."""
    return Customer(
        id=CustomerId(fields.identity("id", "customerId")),
        name=fields.text("name", "firstName"),
        surname=fields.text("surname", "lastName"),
        mobile=fields.text("mobile", "mobileNumber"),
        email=fields.text("email"),
        external_reference_id=fields.text("externalReferenceId"),
        customer_source_id=fields.whole("customerSourceId"),
        raw=fields.raw,
    )


_customer = one(read_customer, "customer")


def _created(response: Response) -> Customer:
    customer = read_customer(entity(response, "customer"))
    echoed = object_of(response).part("subscription")
    if not echoed.raw.get("id"):
        return customer
    return replace(customer, subscription=read_subscription(echoed))
