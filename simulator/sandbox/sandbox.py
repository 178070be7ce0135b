"""The embedded AURA: one synchronous function from request to response, over the state it keeps."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import simpy

from simulator.aura.http import Request, Response
from simulator.profile import Profile, profiles
from simulator.sandbox.dispatch import Dispatch, identify
from simulator.sandbox.exchange import refusal
from simulator.sandbox.faults import Faults
from simulator.sandbox.house import House
from simulator.sandbox.limits import too_large
from simulator.sandbox.logging_layer import Logging
from simulator.sandbox.pages import PAGES
from simulator.sandbox.parcels import Deliver
from simulator.sandbox.routes import ROUTES
from simulator.sandbox.routing import Router, moved
from simulator.sandbox.settings import Settings
from simulator.sandbox.storage import Storage
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
    templates that AURA would have registered, all known ones if not said. `db` names a file that
    keeps the state; unless `is_durable`, it is written behind the answers. `deliver` takes the
    webhooks; without it they stay in the delivery log.
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
        is_durable: bool = True,
        deliver: Deliver | None = None,
    ) -> None:
        settings = settings or Settings()
        self.storage = Storage(db) if db else None
        self.is_durable = is_durable
        self.house = House(
            env, epoch_s, settings, _templates(profiles), settings.tracking_url, deliver
        )
        self.house.routes = moved(ROUTES, settings.paths)
        self._router = Router((*self.house.routes, *PAGES))
        key = _signing_key(settings.seed)
        if self.storage is not None:
            self.house.changes = self.storage.changes
            key = self.storage.signing_key(key)
        self.tenants = Tenants(self.house, Tokens(key))
        self._layers = Logging(Faults(Dispatch(self.tenants), self.tenants), self.tenants)
        self._begin()

    def _begin(self) -> None:
        if self.storage is not None:
            self.storage.restore(self.tenants)
        if self.tenants.get(self.demo.client_id) is None:
            self.tenants.add(self.demo.client_id, self.demo.client_secret)
        self.keep()

    @property
    def env(self) -> simpy.Environment:
        """Return the environment whose time the sandbox lives in."""
        return self.house.env

    def handle(self, request: Request) -> Response:
        """Answer a request as AURA would, at the present time of the environment.

        With a file of its own and durable, what the answer acknowledges is on the file before;
        else the changes of many answers are written together.
        """
        response = self.answer(request)
        if self.storage is not None and (self.is_durable or self.storage.is_behind):
            self.storage.write()
        return response

    def answer(self, request: Request) -> Response:
        """Answer a request without keeping anything: whoever asks calls `keep` himself."""
        oversize = too_large(request, self.house.settings.limits)
        if oversize is not None:
            return refusal(oversize)
        exchange = identify(self.tenants, self._router, request)
        response = self._layers(exchange)
        if exchange.tenant is not None:
            exchange.tenant.clock.sync()  # let what the request started begin
        return response

    def keep(self) -> None:
        """Commit what changed to the file, if there is one."""
        if self.storage is not None:
            self.storage.write()

    def close(self) -> None:
        """Commit and close the file, if there is one."""
        if self.storage is not None:
            self.storage.close()

    def tenant(self, client_id: str) -> Tenant:
        """Return the tenant of a clientId, for a test that looks behind the API."""
        return self.tenants.named(client_id)


def _templates(given: Iterable[Profile] | None) -> Templates:
    return Templates(profiles() if given is None else given)


def _signing_key(seed: int) -> bytes:
    """Return the key of the tokens: made up, the same for a seed, good for nothing but this."""
    return blake2b(f"aurasim sandbox {seed}".encode(), digest_size=32).digest()
