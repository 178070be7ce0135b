"""The inmost layers: who calls, whether they may, and the handler that answers."""

import logging

import msgspec

from simulator.aura.http import Request, Response
from simulator.sandbox.exchange import Exchange, refusal, response_of
from simulator.sandbox.refusal import RefusedError
from simulator.sandbox.routing import Call, Route, Router, Scope
from simulator.sandbox.tenant import Tenant
from simulator.sandbox.tenants import Tenants
from simulator.sandbox.tokens import bearer

CLIENT_HEADER = "x-sandbox-client"
_log = logging.getLogger(__name__)


def identify(tenants: Tenants, router: Router, request: Request) -> Exchange:
    """Return an exchange with its route, tenant and claims, as far as a request says them."""
    path, _, query = request.path.partition("?")
    found = router.find(request.method, path)
    route, places = found or (None, {})
    exchange = Exchange(request, path, query, route, places)
    header = request.headers.get("authorization")
    if header is not None and header[:7].lower() == "bearer ":
        exchange.claims = tenants.tokens.read(header[7:])
    if exchange.claims is not None:
        exchange.tenant = tenants.get(exchange.claims.client_id)
    elif route is not None and route.scope is Scope.CONTROL:
        exchange.tenant = tenants.get(request.headers.get(CLIENT_HEADER, ""))
    if exchange.tenant is not None:
        exchange.tenant.clock.sync()
    return exchange


class Dispatch:
    """Checks the token of an exchange and asks the handler of its route."""

    def __init__(self, tenants: Tenants) -> None:
        self._tenants = tenants

    def __call__(self, exchange: Exchange) -> Response:
        try:
            return self._answer(exchange)
        except RefusedError as error:
            return refusal(error)
        except Exception:
            _log.exception("the sandbox failed at %s %s", exchange.request.method, exchange.path)
            return refusal(RefusedError(500, "The sandbox failed; its log has the reason."))

    def _answer(self, exchange: Exchange) -> Response:
        route = exchange.route
        if route is None:
            where = f"{exchange.request.method} {exchange.path}"
            raise RefusedError(404, f"There is no endpoint {where[:200]}.")
        if route.scope is Scope.CONTROL:
            _check_control(exchange)
        elif route.scope is not Scope.OPEN:
            _check_token(exchange, route)
        call = Call(
            self._tenants,
            exchange.request,
            exchange.query,
            exchange.places,
            exchange.tenant,
            exchange.claims,
            exchange.is_swallowed,
        )
        return response_of(route.run(call))


def _check_control(exchange: Exchange) -> None:
    if exchange.tenant is None:
        message = (
            f"Say which tenant: Authorization: Bearer <token>, or {CLIENT_HEADER}: <clientId>."
        )
        raise RefusedError(401, message)


def _check_token(exchange: Exchange, route: Route) -> None:
    """Refuse what comes without a good token, or with one that does not reach so far."""
    claims, tenant = exchange.claims, exchange.tenant
    if claims is None or tenant is None:
        bearer(exchange.request.headers.get("authorization"))
        raise RefusedError(401, "The token is not valid.")
    expires_s: float = claims.expires_s
    if exchange.early_expiry_s is not None:
        expires_s = min(expires_s, claims.issued_s + exchange.early_expiry_s)
    if tenant.now_s >= expires_s:
        raise RefusedError(401, "The token has expired; ask for a new one.")
    if claims.customer_id is not None and route.scope is Scope.SERVER:
        raise RefusedError(403, "A callout token does not reach this endpoint.")


class _Claim(msgspec.Struct, rename="camel"):
    client_id: str = ""


_READ_CLAIM = msgspec.json.Decoder(_Claim)


def claimed_tenant(tenants: Tenants, exchange: Exchange) -> Tenant | None:
    """Return the tenant that a request for a token says it is, whether or not it has the secret."""
    if exchange.route is None or exchange.route.name != "create_oauth_token":
        return None
    try:
        return tenants.get(_READ_CLAIM.decode(exchange.request.body).client_id)
    except (msgspec.DecodeError, RecursionError):
        return None
