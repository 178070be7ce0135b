"""Tokens: a server token for a customer source, a callout token for one customer's callouts."""

from msgspec import Struct

from simulator.sandbox.refusal import missing
from simulator.sandbox.routing import PREFIX, Call, Reply, Scope, body_route
from simulator.sandbox.tenant import Tenant


class Credentials(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who asks for a server token."""

    client_id: str
    client_secret: str


class CustomerChoice(Struct, frozen=True, kw_only=True, rename="camel"):
    """For whom a callout token is."""

    customer_id: int


class Token(Struct, frozen=True, kw_only=True, rename="camel"):
    """A bearer token, with its lifetime in seconds."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int


class OlderToken(Struct, frozen=True, kw_only=True):
    """The same in the spelling of the first documentation."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int


def create_oauth_token(call: Call, body: Credentials) -> Reply:
    """Exchange client credentials for a server token; an unknown client becomes a new tenant."""
    tenant = call.tenants.admit(body.client_id, body.client_secret)
    tenant.clock.sync()
    return _token(call, tenant, None)


def create_callout_token(call: Call, body: CustomerChoice) -> Reply:
    """Issue a short-lived token that is limited to one customer's callouts."""
    if call.tenant.customers.get(body.customer_id) is None:
        raise missing("customer", body.customer_id)
    return _token(call, call.tenant, body.customer_id)


def _token(call: Call, tenant: Tenant, customer_id: int | None) -> Reply:
    text, life_s = call.tenants.issue(tenant, customer_id)
    spelling = OlderToken if tenant.rules.snake_case_token else Token
    return Reply(200, spelling(access_token=text, expires_in=life_s))


ROUTES = (
    body_route(
        "POST",
        f"{PREFIX}/oauth/token",
        Credentials,
        create_oauth_token,
        answers={200: (Token, OlderToken)},
        refusals=(401,),
        scope=Scope.OPEN,
        is_private=True,
    ),
    body_route(
        "POST",
        f"{PREFIX}/oauth/calloutToken",
        CustomerChoice,
        create_callout_token,
        answers={200: (Token, OlderToken)},
        refusals=(404,),
        is_private=True,
    ),
)
