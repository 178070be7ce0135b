"""Callouts: raised, listed, read, moved, dismissed and cancelled."""

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from simulator.sandbox.callout_views import (
    STATUS,
    FlatCallout,
    NestedCallout,
    flat,
    nested,
)
from simulator.sandbox.decoding import Json
from simulator.sandbox.lifecycle import active_callout, enter, relocate, stand_down
from simulator.sandbox.opening import Emergency, check_types, open_callout
from simulator.sandbox.places import Fix, Place, resolve
from simulator.sandbox.refusal import RefusedError, malformed, missing
from simulator.sandbox.routes.customers import find_customer
from simulator.sandbox.routing import DONE, PREFIX, Call, Message, Reply, Scope, body_route, route
from simulator.sandbox.rows import Callout, State
from simulator.sandbox.tenant import Tenant

CLOSED = 285  # AURA's own status: the callout is closed, stop streaming
SafeCode = Annotated[str, Meta(pattern=r"^[0-9]{4}$")]


class NewCallout(Struct, frozen=True, kw_only=True, rename="camel"):
    """An emergency at coordinates or at a fixed location; classification 1 is REAL, 2 is TEST."""

    response_type_id: int
    location: Place | None = None
    predefined_location_id: int | None = None
    callout_classification_id: int = 1
    internal_test: bool = False


class LegacyCallout(NewCallout, frozen=True, kw_only=True, rename="camel"):
    """The same without the customer in the path."""

    customer_id: int | None = None


class Cancel(Struct, frozen=True, kw_only=True, rename="camel"):
    """With a code the customer cancels, without it the integration does."""

    safe_code: str | None = None


class Nothing(Struct, frozen=True):
    """An empty object."""


class CalloutCreated(Struct, frozen=True, kw_only=True):
    """A callout in its flat shape."""

    message: str = DONE
    callout: FlatCallout


class CalloutRead(Struct, frozen=True, kw_only=True):
    """A callout in its nested shape."""

    message: str = DONE
    callout: NestedCallout


class CalloutCancelled(Struct, frozen=True):
    """A callout after its cancellation; this answer alone has no message."""

    callout: FlatCallout


def create_customer_callout(call: Call, body: NewCallout) -> Reply:
    """Raise a callout for a customer, or return the one that is open already."""
    customer_id = call.id("customerId")
    call.keep_to(customer_id)
    return _raise(call.tenant, body, customer_id)


def create_callout(call: Call, body: LegacyCallout) -> Reply:
    """Raise a callout, the older way; the subscription is checked here too."""
    return _raise(call.tenant, body, body.customer_id)


def list_customer_callouts(call: Call) -> Reply:
    """List the active callouts of a customer."""
    customer_id = call.id("customerId")
    call.keep_to(customer_id)
    find_customer(call.tenant, customer_id)
    found = active_callout(call.tenant, customer_id)
    return Reply(200, [flat(call.tenant, found)] if found else [])


def list_active_callouts(call: Call) -> Reply:
    """List the active callouts of the customer source."""
    return Reply(200, [flat(call.tenant, callout) for callout in call.tenant.active_callouts])


def get_callout(call: Call) -> Reply:
    """Return a callout in its nested shape."""
    return _read(call, 200, asked_callout(call))


def update_location(call: Call, body: Fix) -> Reply:
    """Keep the newest position of a callout; 285 once it is closed."""
    callout = asked_callout(call)
    if callout.state is State.CLOSED:
        return _read(call, CLOSED, callout)
    relocate(call.tenant, callout, body.position())
    return Reply(200, Message())


def update_location_and_return_callout(call: Call, body: Fix) -> Reply:
    """Keep the newest position of a callout and return the callout; 285 once it is closed."""
    callout = asked_callout(call)
    if callout.state is State.CLOSED:
        return _read(call, CLOSED, callout)
    return _read(call, 200, relocate(call.tenant, callout, body.position()))


def dismiss_callout(call: Call, body: Nothing) -> Reply:
    """Stand a callout down and close it."""
    del body
    callout = asked_callout(call)
    _refuse_closed(callout)
    closed = enter(call.tenant, stand_down(call.tenant, callout), State.CLOSED)
    return _read(call, 200, closed)


def cancel_callout(call: Call, body: Cancel) -> Reply:
    """Cancel a callout: with the customer's safe code softly, without any code unconditionally."""
    callout = asked_callout(call)
    code = body.safe_code
    if code is not None and not _is_four_digits(code):
        raise malformed("safeCode", "must be four digits.")
    _refuse_closed(callout)
    if code is None:
        return _cancelled(call.tenant, stand_down(call.tenant, callout))
    return _cancel_with_code(call.tenant, callout, code)


def asked_callout(call: Call) -> Callout:
    """Return the callout of the path; refuse with 404, or with 403 if the token is not for it."""
    callout_id = call.id("calloutId")
    callout = call.tenant.callouts.get(callout_id)
    if callout is None:
        raise missing("callout", callout_id)
    call.keep_to(callout.customer_id)
    return callout


def _raise(tenant: Tenant, body: NewCallout, customer_id: int | None) -> Reply:
    if customer_id is not None:
        find_customer(tenant, customer_id)
    check_types(body.response_type_id, body.callout_classification_id)
    position, location_id = resolve(tenant, body.location, body.predefined_location_id)
    emergency = Emergency(
        customer_id=customer_id,
        position=position,
        predefined_location_id=location_id,
        response_type_id=body.response_type_id,
        classification_id=body.callout_classification_id,
        internal_test=body.internal_test,
    )
    callout, is_new = open_callout(tenant, emergency)
    return Reply(201 if is_new else 200, CalloutCreated(callout=flat(tenant, callout)))


def _read(call: Call, status: int, callout: Callout) -> Reply:
    return Reply(status, CalloutRead(callout=nested(call.tenant, callout)))


def _refuse_closed(callout: Callout) -> None:
    if callout.state is State.CLOSED:
        raise RefusedError(400, "Callout is already closed")


def _is_four_digits(code: str) -> bool:
    return len(code) == 4 and code.isascii() and code.isdigit()


def _cancel_with_code(tenant: Tenant, callout: Callout, code: str) -> Reply:
    """Cancel if the code is right; a wrong one must look the same to who gave it (duress)."""
    customer = tenant.customers.get(callout.customer_id) if callout.customer_id else None
    if customer is None:
        raise malformed("safeCode", f"callout {callout.id} has no customer to check it against.")
    if code == customer.mobile[-4:]:
        is_soft = callout.is_active
        done = enter(tenant, callout, State.SOFT_CANCELLED) if is_soft else callout
        return _cancelled(tenant, done)
    if tenant.rules.refuse_wrong_safe_code and code != customer.duress_code:
        raise malformed("safeCode", "is not the customer's.")
    kept = tenant.callouts.put(replace(callout, is_duress=True, updated_s=tenant.now_s))
    return _cancelled(tenant, kept, STATUS[State.SOFT_CANCELLED])


def _cancelled(tenant: Tenant, callout: Callout, status: str | None = None) -> Reply:
    view = flat(tenant, callout)
    return Reply(200, CalloutCancelled(replace(view, status=status) if status else view))


def _older(body: Json) -> Json:
    """Rewrite the flat coordinates of the first documentation."""
    if "location" in body or "latitude" not in body:
        return body
    location = {key: body[key] for key in ("latitude", "longitude", "accuracy") if key in body}
    return {**body, "location": location}


_CREATED = {200: CalloutCreated, 201: CalloutCreated}
_ONE = f"{PREFIX}/callouts/{{calloutId}}"
ROUTES = (
    route(
        "GET",
        f"{PREFIX}/customers/{{customerId}}/callouts",
        list_customer_callouts,
        answers={200: list[FlatCallout]},
        refusals=(404,),
        scope=Scope.EITHER,
    ),
    body_route(
        "POST",
        f"{PREFIX}/customers/{{customerId}}/callouts",
        NewCallout,
        create_customer_callout,
        answers=_CREATED,
        refusals=(404,),
        scope=Scope.EITHER,
        older=_older,
    ),
    body_route(
        "POST",
        f"{PREFIX}/callouts",
        LegacyCallout,
        create_callout,
        answers=_CREATED,
        refusals=(404,),
        older=_older,
    ),
    route(
        "GET",
        f"{PREFIX}/callouts/activeCallouts",
        list_active_callouts,
        answers={200: list[FlatCallout]},
    ),
    route(
        "GET",
        _ONE,
        get_callout,
        answers={200: CalloutRead},
        refusals=(404,),
        scope=Scope.EITHER,
    ),
    body_route(
        "POST",
        f"{_ONE}/location",
        Fix,
        update_location,
        answers={200: Message, CLOSED: CalloutRead},
        refusals=(404,),
        scope=Scope.EITHER,
    ),
    body_route(
        "POST",
        f"{_ONE}/updateLocationAndReturnCallout",
        Fix,
        update_location_and_return_callout,
        answers={200: CalloutRead, CLOSED: CalloutRead},
        refusals=(404,),
        scope=Scope.EITHER,
    ),
    body_route(
        "POST",
        f"{_ONE}/dismiss",
        Nothing,
        dismiss_callout,
        answers={200: CalloutRead},
        refusals=(404,),
    ),
    body_route(
        "POST",
        f"{_ONE}/cancel",
        Cancel,
        cancel_callout,
        answers={200: CalloutCancelled},
        refusals=(404,),
        scope=Scope.EITHER,
    ),
)
