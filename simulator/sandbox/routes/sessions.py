"""Hosted sessions: sign-up and subscription management on pages of AURA's."""

from msgspec import Struct

from simulator.frame import Value
from simulator.sandbox.refusal import RefusedError, malformed, missing
from simulator.sandbox.routing import PREFIX, Call, Reply, Scope, body_route, route
from simulator.sandbox.rows import SignupSession
from simulator.sandbox.tenant import Tenant

FLOWS = ("auth", "payment", "download")


class NewSignup(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where to come back to, and who signs up: an email or a reference of yours."""

    return_url: str
    email: str | None = None
    customer_reference_id: str | None = None
    site_details: dict[str, Value] | None = None


class SignupCreated(Struct, frozen=True, kw_only=True, rename="camel"):
    """The session; `returnUrl` is the hosted page to open, not the caller's."""

    session_id: str
    customer_id: int | None
    return_url: str


class SignupRead(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a sign-up came to."""

    session_id: str
    customer_id: int | None
    customer_reference_id: str | None
    flows: tuple[str, ...]
    site_details: dict[str, Value] | None


class NewManagement(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where to come back to from managing a subscription."""

    return_url: str
    locale: str | None = None
    configuration: dict[str, object] | None = None


class ManagementPage(Struct, frozen=True, kw_only=True):
    """The hosted page to open."""

    url: str


def create_signup_session(call: Call, body: NewSignup) -> Reply:
    """Start a sign-up on a hosted page."""
    tenant = call.tenant
    if "://" not in body.return_url:
        raise malformed("returnUrl", "must be an absolute URL.")
    if body.email is None and body.customer_reference_id is None:
        raise malformed("email", "is required, or customerReferenceId.")
    made = tenant.sessions.put(
        SignupSession(
            id=f"signup_{tenant.reference('signup')}",
            return_url=body.return_url,
            email=body.email,
            customer_reference_id=body.customer_reference_id,
            site_details=body.site_details,
        )
    )
    page = _page(tenant, "signup", made.id)
    return Reply(200, SignupCreated(session_id=made.id, customer_id=None, return_url=page))


def get_signup_session(call: Call) -> Reply:
    """Return what a sign-up came to; the redirect's parameters are hints only."""
    session = find_session(call.tenant, call.path["sessionId"])
    answer = SignupRead(
        session_id=session.id,
        customer_id=session.customer_id,
        customer_reference_id=session.customer_reference_id,
        flows=FLOWS,
        site_details=session.site_details,
    )
    return Reply(200, answer)


def create_subscription_session(call: Call, body: NewManagement) -> Reply:
    """Start managing a subscription; the customer comes from the token, so a server token fails."""
    if call.claims is None or call.claims.customer_id is None:
        raise RefusedError(400, "No valid customerId found")
    if not call.tenant.rules.subscription_session_by_callout_token:
        raise RefusedError(403, "A callout token does not reach this endpoint.")
    del body
    page = _page(call.tenant, "subscription", call.tenant.reference("management"))
    return Reply(200, ManagementPage(url=page))


def find_session(tenant: Tenant, session_id: str) -> SignupSession:
    """Return a sign-up session; refuse with 404 if there is none of this id here."""
    session = tenant.sessions.get(session_id)
    if session is None:
        raise missing("session", session_id)
    return session


def _page(tenant: Tenant, kind: str, name: str) -> str:
    return f"{tenant.house.tracking_url}/{kind}/{tenant.source_id}/{name}"


ROUTES = (
    body_route(
        "POST",
        f"{PREFIX}/customer-signup/sessions",
        NewSignup,
        create_signup_session,
        answers={200: SignupCreated},
    ),
    route(
        "GET",
        f"{PREFIX}/customer-signup/sessions/{{sessionId}}",
        get_signup_session,
        answers={200: SignupRead},
        refusals=(404,),
    ),
    body_route(
        "POST",
        f"{PREFIX}/customer-subscription/sessions",
        NewManagement,
        create_subscription_session,
        answers={200: ManagementPage},
        scope=Scope.EITHER,
    ),
)
