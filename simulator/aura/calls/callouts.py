"""Callouts from the first call for help to the end.

A customer has at most one active callout: creating another returns the one there is, so compare
ids. What can be had after the end is in `callout_records`.
AURA: overview/core-concepts/callout-lifecycle.
"""

from simulator.aura.call import Call, Json, Repeat, encode
from simulator.aura.calls.callout_view import callout_of, read_callout
from simulator.aura.http import Response
from simulator.aura.paths import segment
from simulator.aura.reading import many, message_of, object_of
from simulator.aura.types import (
    Callout,
    CalloutId,
    Classification,
    CustomerId,
    LocationAnswer,
    LocationId,
    Position,
)

_CLOSED = 285


def create(
    customer_id: CustomerId,
    place: Position | LocationId,
    *,
    response_type_id: int = 1,
    classification: Classification | None = None,
    fresh_until_s: float | None = None,
) -> Call[Callout]:
    """Call for help for a customer, at a position or at a fixed location.

    Response types are listed by `coverage.response_types`; 1 is Security and 2 Medical on the
    shared platform. Tried again until `fresh_until_s` (seconds since 1970), without it never.
    Errors: 400 or 403 without an active subscription, 401, 404.
    AURA: api-reference/callouts/create-customer-callout.
    """
    body = _body(place, response_type_id, classification)
    path = f"/customers/{segment(customer_id)}/callouts"
    return Call("POST", path, callout_of, encode(body), Repeat.WHILE_FRESH, fresh_until_s)


def create_legacy(
    place: Position | LocationId,
    *,
    customer_id: CustomerId | None = None,
    response_type_id: int = 1,
    classification: Classification | None = None,
    fresh_until_s: float | None = None,
) -> Call[Callout]:
    """Call for help by the deprecated operation, which `create` replaces. Errors: 400, 401, 403.

    AURA: api-reference/callouts/create-callout.
    """
    body = _body(place, response_type_id, classification)
    if customer_id is not None:
        body["customerId"] = customer_id
    return Call("POST", "/callouts", callout_of, encode(body), Repeat.WHILE_FRESH, fresh_until_s)


def of_customer(customer_id: CustomerId) -> Call[list[Callout]]:
    """List a customer's active callouts. Errors: 401, 404.

    AURA: api-reference/callouts/list-active-customer-callouts.
    """
    path = f"/customers/{segment(customer_id)}/callouts"
    return Call("GET", path, _callouts, repeat=Repeat.SAFE)


def active() -> Call[list[Callout]]:
    """List the active callouts of the customer source. Errors: 401.

    AURA: api-reference/callouts/list-active-callouts.
    """
    return Call("GET", "/callouts/activeCallouts", _callouts, repeat=Repeat.SAFE)


def get(callout_id: CalloutId) -> Call[Callout]:
    """Read a callout. Errors: 401, 404. AURA: api-reference/callouts/get-callout."""
    return Call("GET", f"/callouts/{segment(callout_id)}", callout_of, repeat=Repeat.SAFE)


def update_location(
    callout_id: CalloutId, position: Position, *, fresh_until_s: float | None = None
) -> Call[LocationAnswer]:
    """Say where the customer is now; the answer's `is_closed` (HTTP 285) says to stop.

    Tried again until `fresh_until_s` (seconds since 1970), without it never. Errors: 400, 401.
    AURA: api-reference/callouts/update-callout-location.
    """
    path = f"/callouts/{segment(callout_id)}/location"
    body = encode(_coordinates(position))
    return Call("POST", path, _location_answer, body, Repeat.WHILE_FRESH, fresh_until_s)


def update_and_return(
    callout_id: CalloutId, position: Position, *, fresh_until_s: float | None = None
) -> Call[LocationAnswer]:
    """Say where the customer is now and read the callout, every 5 to 20 s while it is active.

    As `update_location`, and 404. AURA: api-reference/callouts/update-location-and-return-callout,
    whose last segment is the setting `Paths.update_and_return`.
    """
    start = f"/callouts/{segment(callout_id)}/"
    return Call(
        "POST",
        lambda paths: start + paths.update_and_return,
        _location_answer,
        encode(_coordinates(position)),
        Repeat.WHILE_FRESH,
        fresh_until_s,
    )


def cancel(callout_id: CalloutId, safe_code: str | None = None) -> Call[Callout]:
    """Cancel a callout: for the customer with the safe code, from a trusted backend without.

    The safe code is the last four digits of the customer's mobile. A success is no proof that the
    response stops, because a wrong code may mean duress: read the callout again. It is tried again
    after a failure that can pass, so 400 may mean an earlier attempt has closed it.
    Errors: 400, 401, 404. AURA: api-reference/callouts/cancel-callout.
    """
    body: dict[str, Json] = {} if safe_code is None else {"safeCode": safe_code}
    path = f"/callouts/{segment(callout_id)}/cancel"
    return Call("POST", path, callout_of, encode(body), Repeat.SAFE)


def dismiss(callout_id: CalloutId) -> Call[str]:
    """Dismiss a callout; what that does is not documented. Returns AURA's message.

    AURA: api-reference/callouts; the last segment is the setting `Paths.dismiss`.
    """
    start = f"/callouts/{segment(callout_id)}/"
    return Call("POST", lambda paths: start + paths.dismiss, message_of, b"{}")


_callouts = many(read_callout, "callouts", "activeCallouts")


def _location_answer(response: Response) -> LocationAnswer:
    is_closed = response.status == _CLOSED
    if not response.body:
        return LocationAnswer(is_closed)
    fields = object_of(response)
    has_callout = bool(fields.part("callout").raw or fields.part("data").raw or "id" in fields.raw)
    callout = callout_of(response) if has_callout else None
    return LocationAnswer(is_closed, fields.text("message") or "", callout)


def _coordinates(position: Position) -> dict[str, Json]:
    body: dict[str, Json] = {"latitude": position.latitude, "longitude": position.longitude}
    if position.accuracy_m is not None:
        body["accuracy"] = position.accuracy_m
    return body


def _body(
    place: Position | LocationId, response_type_id: int, classification: Classification | None
) -> dict[str, Json]:
    where: dict[str, Json]
    if isinstance(place, Position):
        where = {"location": _coordinates(place)}
    else:
        where = {"predefinedLocationId": place}
    where["responseTypeId"] = response_type_id
    if classification is not None:
        where["calloutClassificationId"] = int(classification)
    return where
