"""The target: reachable, its clock, and whether our credentials are accepted."""

from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime

from simulator.aura import (
    AsyncClient,
    AuraError,
    CredentialsMissingError,
    CredentialsRefusedError,
    HttpTransport,
    Request,
    Response,
    Session,
)
from simulator.aura.access import Access
from simulator.bench.doctor.checks import Finding, ok, problem
from simulator.clock import wall_s
from simulator.errors import InputError
from simulator.rng import Rng

_SKEW_S = 5.0


class _Dated:
    """A transport that keeps what the server says of the time."""

    def __init__(self, transport: HttpTransport) -> None:
        self._transport = transport
        self.skew_s: float | None = None
        self.took_s = 0.0

    async def send(self, request: Request) -> Response:
        """Carry a request."""
        before_s = wall_s()
        response = await self._transport.send(request)
        after_s = wall_s()
        self.took_s = after_s - before_s
        date = response.headers.get("date")
        if date:
            middle_s = (before_s + after_s) / 2
            self.skew_s = parsedate_to_datetime(date).timestamp() + 0.5 - middle_s
        return response


async def aura_checks(target: str, access: Access | None = None) -> AsyncIterator[Finding]:
    """Yield how a target is: allowed, reachable, in time, and willing to talk to us."""
    access = access or Access.read()
    try:
        found = access.target(target)
    except InputError as error:
        yield problem("target", str(error), "export AURASIM_ALLOW=HOST, or `allow` in aurasim.toml")
        return
    try:
        credentials = access.credentials(target)
    except CredentialsMissingError as error:
        yield problem("credentials", str(error), "export AURA_CLIENT_ID=... AURA_CLIENT_SECRET=...")
        return
    yield ok("credentials", f"client {credentials.client_id}")
    async with HttpTransport(found) as transport:
        dated = _Dated(transport)
        session = Session(credentials, wall_s, Rng(0).stream(0, "retry"))
        try:
            await AsyncClient(session, dated).authenticate()
        except CredentialsRefusedError as error:
            yield ok("target", f"{found.origin} answers in {1000 * dated.took_s:.0f} ms")
            fix = "AURA portal, Integration, View applications: copy id and secret anew"
            yield problem("credentials accepted", str(error), fix)
        except AuraError as error:
            fix = f"check the network and the proxy: curl -sI {found.origin}"
            yield problem("target", str(error), fix)
            return
        else:
            yield ok("target", f"{found.origin} answers in {1000 * dated.took_s:.0f} ms")
            yield ok("credentials accepted", "yes")
        yield _clock(dated.skew_s)


def _clock(skew_s: float | None) -> Finding:
    if skew_s is None:
        return ok("clock", "the target does not say its time")
    told = f"{abs(skew_s):.1f} s {'behind' if skew_s > 0 else 'ahead of'} the target"
    if abs(skew_s) > _SKEW_S:
        return problem("clock", told, "timedatectl set-ntp true")
    return ok("clock", told)
