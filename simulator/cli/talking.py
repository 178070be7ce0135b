"""How commands talk to a running sandbox: where it is, who asks, and on this machine only."""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

import click

from simulator.aura import (
    BlockingHttpTransport,
    Call,
    Client,
    Credentials,
    HttpTransport,
    RefusedTargetError,
    Secret,
    Session,
    Target,
    Tier,
)
from simulator.clock import wall_s
from simulator.rng import Rng

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., object])


def running_sandbox(command: F) -> F:
    """Give a command the options that say where a running sandbox is, and as whom to ask it."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS = (
    click.option(
        "--url",
        envvar="AURA_BASE_URL",
        default="http://127.0.0.1:8787/panic-api/v2",
        help="Base URL of the sandbox.  [env: AURA_BASE_URL]",
    ),
    click.option(
        "--client-id",
        envvar="AURA_CLIENT_ID",
        default="aurasim-demo",
        help="Whose universe.  [env: AURA_CLIENT_ID]",
    ),
    click.option(
        "--client-secret",
        envvar="AURA_CLIENT_SECRET",
        default="aurasim-demo-secret",
        help="Its secret.  [env: AURA_CLIENT_SECRET]",
    ),
)


def ask(call: Call[T], url: str, client_id: str, client_secret: str) -> T:
    """Return what a running sandbox answers; refuse to ask anything that is not on this machine."""
    target = Target.parse(url, allowed=(urlsplit(url).hostname or "",))
    if target.tier is not Tier.SANDBOX:
        message = f"{target.host} is no sandbox on this machine. Nothing was sent."
        raise RefusedTargetError(message)
    credentials = Credentials(client_id, Secret(client_secret), url)
    session = Session(credentials, wall_s, Rng(0).stream(0, "retry"))
    with BlockingHttpTransport(HttpTransport(target)) as transport:
        return Client(session, transport, transport.sleep).call(call)
