"""The embedded AURA: one synchronous function from request to response, over the state it keeps."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import simpy

from simulator.aura.http import Request, Response
from simulator.profile import Profile, profiles
from simulator.sandbox.dispatch import Dispatch, identify
from simulator.sandbox.house import House
from simulator.sandbox.parcels import Deliver
from simulator.sandbox.routes import ROUTES
from simulator.sandbox.routing import Router, moved
from simulator.sandbox.settings import Settings
from simulator.sandbox.templates import Templates
from simulator.sandbox.tenant import DEMO_CLIENT, Tenant
from simulator.sandbox.tenants import Tenants
from simulator.sandbox.tokens import Tokens

_DEMO_SECRET = "aurasim-demo-secret"  # noqa: S105 - printed for everybody to use


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """A clientId and its secret."""

    client_id: str
    client_secret: str = field(repr=False)


class Sandbox:
    """An AURA of one's own, whose time is that of the given environment.

    Time is `epoch_s` (seconds since 1970) plus the environment's. `profiles` are the device
    templates that AURA would have registered, all known ones if not said.
    """

    demo = ClientCredentials(DEMO_CLIENT, _DEMO_SECRET)

    def __init__(
        self,
        env: simpy.Environment,
        epoch_s: float,
        *,
        profiles: Iterable[Profile] | None = None,
        settings: Settings | None = None,
        db: Path | None = None,
        deliver: Deliver | None = None,
    ) -> None:
        settings = settings or Settings()
        self.house = House(
            env, epoch_s, settings, _templates(profiles), settings.tracking_url, deliver
        )
        self.tenants = Tenants(self.house, Tokens(_signing_key(settings.seed)))
        self.house.routes = moved(ROUTES, settings.paths)
        self.router = Router(self.house.routes)
        self._dispatch = Dispatch(self.tenants)
        self.tenants.add(self.demo.client_id, self.demo.client_secret)

    @property
    def env(self) -> simpy.Environment:
        """Return the environment whose time the sandbox lives in."""
        return self.house.env

    def handle(self, request: Request) -> Response:
        """Answer a request as AURA would, at the present time of the environment."""
        exchange = identify(self.tenants, self.router, request)
        response = self._dispatch(exchange)
        if exchange.tenant is not None:
            exchange.tenant.clock.sync()  # let what the request started begin
        return response

    def tenant(self, client_id: str) -> Tenant:
        """Return the tenant of a clientId, for a test that looks behind the API."""
        return self.tenants.named(client_id)


def _templates(given: Iterable[Profile] | None) -> Templates:
    return Templates(profiles() if given is None else given)


def _signing_key(seed: int) -> bytes:
    """Return the key of the tokens: made up, the same for a seed, good for nothing but this."""
    return blake2b(f"aurasim sandbox {seed}".encode(), digest_size=32).digest()
