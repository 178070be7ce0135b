"""Opening a callout: one a customer, for who has paid, at a place that is known."""

from dataclasses import dataclass

from simulator.sandbox.catalogue import CLASSIFICATIONS, RESPONSE_TYPES, TEST_CLASSIFICATION
from simulator.sandbox.lifecycle import active_callout, begin
from simulator.sandbox.magic import UNPAID_MOBILE
from simulator.sandbox.refusal import RefusedError, malformed
from simulator.sandbox.responders import attend
from simulator.sandbox.rows import Callout, Position, State, Step
from simulator.sandbox.tenant import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """What a new callout is about, already found good but for the subscription."""

    customer_id: int | None
    position: Position | None
    predefined_location_id: int | None = None
    response_type_id: int = 1
    classification_id: int = 1
    internal_test: bool = False
    device_link_id: int | None = None
    installer_identifier: str | None = None
    address: str | None = None
    is_site: bool = False  # a fixed location calls; no subscription is asked for


def open_callout(tenant: Tenant, emergency: Emergency) -> tuple[Callout, bool]:
    """Return the callout that answers an emergency, and whether it is a new one."""
    found = active_callout(tenant, emergency.customer_id, emergency.predefined_location_id)
    if found is not None:
        return found, False
    if not emergency.is_site:
        _check_may_call(tenant, emergency)
    callout = begin(tenant, _new(tenant, emergency))
    attend(tenant, callout)
    return callout, True


def check_types(response_type_id: int, classification_id: int) -> None:
    """Refuse a response type or a classification that AURA does not have."""
    if response_type_id not in RESPONSE_TYPES:
        raise malformed("responseTypeId", f"there is no response type {response_type_id}.")
    if classification_id not in CLASSIFICATIONS:
        known = ", ".join(f"{number} {name}" for number, name in CLASSIFICATIONS.items())
        raise malformed("calloutClassificationId", f"must be one of {known}.")


def _check_may_call(tenant: Tenant, emergency: Emergency) -> None:
    """Refuse who has no subscription, or must first send a test."""
    customer_id, rules = emergency.customer_id, tenant.rules
    is_paid = customer_id is not None and _has_paid(tenant, customer_id)
    before = tenant.callouts_by_customer.all(customer_id)
    if not is_paid and not (rules.first_callout_free and not before):
        message = f"Customer {customer_id} has no active subscription."
        raise RefusedError(rules.unpaid_status, message)
    is_test = emergency.classification_id == TEST_CLASSIFICATION
    if rules.test_before_real and not is_test:
        has_tested = any(c.classification_id == TEST_CLASSIFICATION for c in before)
        if not has_tested:
            raise RefusedError(403, "Send a TEST callout first (calloutClassificationId 2).")


def _has_paid(tenant: Tenant, customer_id: int) -> bool:
    customer = tenant.customers.get(customer_id)
    if customer is None or customer.mobile == UNPAID_MOBILE:
        return False
    return tenant.has_active_subscription(customer_id)


def _new(tenant: Tenant, emergency: Emergency) -> Callout:
    now_s = tenant.now_s
    return Callout(
        id=tenant.callout_id(emergency.customer_id),
        customer_id=emergency.customer_id,
        predefined_location_id=emergency.predefined_location_id,
        position=emergency.position,
        response_type_id=emergency.response_type_id,
        classification_id=emergency.classification_id,
        internal_test=emergency.internal_test,
        device_link_id=emergency.device_link_id,
        installer_identifier=emergency.installer_identifier,
        address=emergency.address,
        updated_s=now_s,
        history=(Step(state=State.CREATED, at_s=now_s),),
    )
