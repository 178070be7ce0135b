"""Tokens of a narrower kind, and AURA's hosted pages for a customer."""

from simulator.aura.call import Call, Json, Repeat, encode
from simulator.aura.http import Response
from simulator.aura.paths import segment
from simulator.aura.reading import Fields, ShapeError, entity, id_of, one
from simulator.aura.tokens import Grant, grant_of
from simulator.aura.types import CustomerId, SignupSession
from simulator.errors import InputError


def callout_token(customer_id: CustomerId) -> Call[Grant]:
    """Ask for a short-lived token for one customer's callouts, for a device without credentials.

    `Session.scoped(grant.token(now))` acts with it. Errors: 401, 404.
    AURA: api-reference/authentication/create-callout-token.
    """
    body = encode({"customerId": customer_id})
    return Call("POST", "/oauth/calloutToken", _grant, body, Repeat.SAFE)


def create_signup(
    return_url: str,
    *,
    email: str | None = None,
    customer_reference_id: str | None = None,
    site: dict[str, str] | None = None,
) -> Call[SignupSession]:
    """Begin a hosted sign-up; send the customer to the answer's `hosted_url`.

    Give an email or your own reference; `site` prefills `siteName` and `siteReferenceId`.
    Errors: 400, 401. AURA: api-reference/customer-sessions.
    """
    if email is None and customer_reference_id is None:
        message = "A sign-up needs an email or your own reference. Give one of them."
        raise InputError(message)
    body: dict[str, Json] = {"returnUrl": return_url}
    if email is not None:
        body["email"] = email
    if customer_reference_id is not None:
        body["customerReferenceId"] = customer_reference_id
    if site is not None:
        body["siteDetails"] = dict(site)
    return Call("POST", "/customer-signup/sessions", _signup, encode(body))


def get_signup(session_id: str) -> Call[SignupSession]:
    """Read what came of a hosted sign-up; the redirect back is only a hint. Errors: 401, 404.

    AURA: overview/embedded-flows/customer-signup.
    """
    path = f"/customer-signup/sessions/{segment(session_id)}"
    return Call("GET", path, _signup, repeat=Repeat.SAFE)


def create_subscription_management(return_url: str, *, locale: str | None = None) -> Call[str]:
    """Begin hosted subscription management; returns the page to send the customer to.

    Takes the customer from the token: a server token is refused with 400. Errors: 400, 401.
    AURA: api-reference/subscription-sessions; the path is `Paths.subscription_sessions`.
    """
    body: dict[str, Json] = {"returnUrl": return_url}
    if locale is not None:
        body["locale"] = locale
    return Call("POST", lambda paths: paths.subscription_sessions, _page_url, encode(body))


def _grant(response: Response) -> Grant:
    return grant_of(entity(response, "token"))


def _read_signup(fields: Fields) -> SignupSession:
    return SignupSession(
        session_id=fields.text("sessionId", "id"),
        hosted_url=fields.text("returnUrl"),
        customer_id=id_of(CustomerId, fields.whole("customerId")),
        customer_reference_id=fields.text("customerReferenceId"),
        raw=fields.raw,
    )


_signup = one(_read_signup, "session")


def _page_url(response: Response) -> str:
    url = entity(response, "session").text("url")
    if not url:
        message = "'url' is not there"
        raise ShapeError(message)
    return url
