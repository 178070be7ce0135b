"""`aurasim gateway`: a small reference middleware between native devices and AURA."""

import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

import click
import simpy

from simulator.aura import Credentials, Secret, Session
from simulator.cli.show import print_json, print_table
from simulator.clock import Pacer, wall_s
from simulator.device import Place, Position
from simulator.gateway import Courier, Gateway, Outlet
from simulator.native import Middleware, Ports, Served, Traffic, serve_middleware
from simulator.profile import Profile, load, profiles
from simulator.rng import Rng
from simulator.run.outlets import HttpOutlet, InProcessOutlet
from simulator.run.reaching import door, reach, terminable
from simulator.sandbox import Sandbox, serve

_SEED = 1


@click.command()
@click.option(
    "--profile", "names", multiple=True, help="A model to serve; repeatable. [default: all]"
)
@click.option("--sandbox", "has_sandbox", is_flag=True, help="Embed an AURA of its own.")
@click.option(
    "--sandbox-port", default=8787, show_default=True, help="Where it listens; 0 is free."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--http-port", default=8790, show_default=True, help="For callbacks; 0 is free.")
@click.option(
    "--tracker-port",
    default=7000,
    show_default=True,
    help="First of the TCP and UDP ports, one a model; 0 takes free ones.",
)
@click.option(
    "--site",
    type=(float, float),
    metavar="LAT LON",
    help="Where devices are that never say their position.",
)
@click.option("--quiet", is_flag=True, help="Do not tell of each press.")
@click.option("--json", "as_json", is_flag=True, help="Print the addresses as JSON.")
def gateway(
    *,
    names: tuple[str, ...],
    has_sandbox: bool,
    sandbox_port: int,
    host: str,
    http_port: int,
    tracker_port: int,
    site: tuple[float, float] | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Listen for native devices and forward what they say to AURA, until Ctrl-C.

    \b
    aurasim gateway --sandbox
    aurasim run --profile simplepack-plus --clock real --for 60s \\
        --deliver native --to http://127.0.0.1:8790/sigfox/simplepack-plus --target URL

    AURA is the one of AURA_BASE_URL, AURA_CLIENT_ID and AURA_CLIENT_SECRET, or an embedded sandbox.
    Devices are known by IMEI, Sigfox id or DevEUI; link them at AURA first, as a run does. The
    callbacks of one of several models are posted below the path of its network: /sigfox/PROFILE.
    """
    served = [load(name) for name in names] or [p for p in profiles() if p.network != "ble"]
    ports = Ports(host, http_port, tracker_port)
    place = Position(*site) if site else Position(Place().latitude, Place().longitude)
    traffic = Traffic((lambda _: None) if quiet or as_json else click.echo)
    service = _serve(
        models=served,
        ports=ports,
        site=place,
        traffic=traffic,
        sandbox_port=sandbox_port if has_sandbox else None,
        as_json=as_json,
    )
    with suppress(KeyboardInterrupt):  # the ordinary way to stop it
        asyncio.run(service)


@dataclass(frozen=True, slots=True)
class _Aura:
    """Who the events go to, and what a person is told of it."""

    outlet: Outlet
    credentials: Credentials
    told: dict[str, str]


async def _serve(
    *,
    models: list[Profile],
    ports: Ports,
    site: Position,
    traffic: Traffic,
    sandbox_port: int | None,
    as_json: bool,
) -> None:
    env, epoch_s = simpy.Environment(), wall_s()
    pacer = Pacer(env)
    async with AsyncExitStack() as stack:
        if sandbox_port is None:
            aura = await _named(stack, env, pacer)
        else:
            aura = await _embedded(stack, Sandbox(env, epoch_s), pacer, ports.host, sandbox_port)
        jitter = Rng(_SEED).stream(0, "retry")
        session = Session(aura.credentials, lambda: epoch_s + env.now, jitter)
        reader = Gateway(env, traffic, Courier(env, session, aura.outlet), epoch_s)
        middleware = Middleware(env, pacer, reader, site=site)
        served = await stack.enter_async_context(serve_middleware(middleware, models, ports))
        _tell(aura.told, served, as_json=as_json)
        await pacer.run(float("inf"))


async def _named(stack: AsyncExitStack, env: simpy.Environment, pacer: Pacer) -> _Aura:
    """Return the AURA of the environment variables."""
    credentials = Credentials.from_environment()
    target, _ = door(credentials.base_url)
    stack.enter_context(terminable())
    reached = await stack.enter_async_context(reach(target, credentials))
    tasks = await stack.enter_async_context(asyncio.TaskGroup())
    told = {"tier": target.tier.value, "baseUrl": credentials.base_url}
    return _Aura(HttpOutlet(env, pacer, reached.transport, tasks), credentials, told)


async def _embedded(
    stack: AsyncExitStack, sandbox: Sandbox, pacer: Pacer, host: str, port: int
) -> _Aura:
    """Return a sandbox of our own, which a run can reach too."""
    server = await stack.enter_async_context(serve(sandbox, host=host, port=port, pacer=pacer))
    demo = sandbox.demo
    told = {
        "tier": "sandbox",
        "baseUrl": server.base_url,
        "clientId": demo.client_id,
        "clientSecret": demo.client_secret,
    }
    credentials = Credentials(demo.client_id, Secret(demo.client_secret))
    return _Aura(InProcessOutlet(sandbox.env, sandbox.handle), credentials, told)


def _tell(aura: dict[str, str], served: Served, *, as_json: bool) -> None:
    if as_json:
        print_json(aura | {"endpoints": served.urls()})
        return
    click.echo(f"AURA {aura['tier']} at {aura['baseUrl']}")
    if "clientId" in aura:
        click.echo(f"demo clientId {aura['clientId']}")
        click.echo(f"demo clientSecret {aura['clientSecret']}")
    print_table("", ["for", "address"], list(served.urls().items()))
    click.echo("Stop with Ctrl-C.")
