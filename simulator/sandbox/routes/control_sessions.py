"""The hosted sign-up page's part: a session comes to its end, and somebody is sent back."""

from typing import Literal
from urllib.parse import urlencode

from msgspec import Struct
from msgspec.structs import replace

from simulator.sandbox.refusal import malformed
from simulator.sandbox.routes.customers import NewPerson, keep_person
from simulator.sandbox.routes.sessions import find_session
from simulator.sandbox.routing import CONTROL, Call, Reply, Scope, body_route
from simulator.sandbox.rows import SignupSession


class SignupOutcome(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a sign-up comes to; completed, it brings the customer along."""

    status: Literal["completed", "failed", "cancelled"]
    customer: NewPerson | None = None
    error_code: str = "payment_failed"


class Redirect(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where the browser is sent back to."""

    customer_id: int | None
    redirect_url: str


def complete_signup_session(call: Call, body: SignupOutcome) -> Reply:
    """End a sign-up, as the hosted page would."""
    session = find_session(call.tenant, call.path["sessionId"])
    if session.outcome is not None:
        raise malformed("sessionId", f"this sign-up is {session.outcome} already.")
    customer_id = _customer(call, body)
    error = body.error_code if body.status == "failed" else None
    ended = replace(session, outcome=body.status, customer_id=customer_id, error_code=error)
    call.tenant.sessions.put(ended)
    return Reply(200, Redirect(customer_id=customer_id, redirect_url=_back(ended)))


def _customer(call: Call, body: SignupOutcome) -> int | None:
    if body.status != "completed":
        return None
    if body.customer is None:
        raise malformed("customer", "is required of a completed sign-up.")
    return keep_person(call.tenant, body.customer).id


def _back(session: SignupSession) -> str:
    """Return the caller's URL with the outcome in its query."""
    said = {
        "status": session.outcome,
        "error_code": session.error_code,
        "signupSessionId": session.id,
        "customerId": session.customer_id,
    }
    query = urlencode({name: value for name, value in said.items() if value is not None})
    return f"{session.return_url}{'&' if '?' in session.return_url else '?'}{query}"


ROUTES = (
    body_route(
        "POST",
        f"{CONTROL}/sessions/{{sessionId}}/complete",
        SignupOutcome,
        complete_signup_session,
        answers={200: Redirect},
        refusals=(404, 409, 500),
        scope=Scope.CONTROL,
    ),
)
