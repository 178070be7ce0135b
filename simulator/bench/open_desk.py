"""Opens a desk at a target: the embedded sandbox, staging, or whatever `aurasim.toml` names."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import simpy

from simulator import __version__
from simulator.aura import AsyncClient, Credentials, HttpTransport, Secret, Session, Target, Tier
from simulator.bench.desk import Desk
from simulator.bench.told import TaskOutlet, Told
from simulator.clock import REAL, Pacer, iso, wall_s
from simulator.gateway import Courier
from simulator.journal import FORMAT, Journal, RunStarted
from simulator.profile import Profile, profiles
from simulator.rng import Rng
from simulator.run.reaching import door, reach
from simulator.sandbox import Sandbox, serve

_FOREVER = float("inf")


@asynccontextmanager
async def open_desk(
    target: str, profile: Profile, journal: Journal, *, out: Path | None = None
) -> AsyncIterator[Desk]:
    """Give a desk at `sandbox` (embedded), `staging`, a name of aurasim.toml, or a URL."""
    env, epoch_s = simpy.Environment(), wall_s()
    pacer = Pacer(env)
    async with AsyncExitStack() as stack:
        credentials, transport = await _reached(stack, target, profile, env, pacer, epoch_s, out)
        told = Told(journal)
        told.write(_first(profile, target, transport.target.tier, epoch_s))
        jitter = Rng(1).stream(0, "retry")
        session = Session(credentials, wall_s, jitter)
        outlet = TaskOutlet(env, pacer, transport)
        stack.push_async_callback(outlet.close)
        turning = asyncio.create_task(pacer.run(_FOREVER))
        stack.push_async_callback(_stop, turning)
        desk = Desk(
            env,
            pacer,
            told,
            client=AsyncClient(session, transport),
            courier=Courier(env, session, outlet),
            target=transport.target,
            epoch_s=epoch_s,
        )
        yield desk


async def _reached(  # noqa: PLR0917 - one call, for the two ways to an AURA
    stack: AsyncExitStack,
    target: str,
    profile: Profile,
    env: simpy.Environment,
    pacer: Pacer,
    epoch_s: float,
    out: Path | None,
) -> tuple[Credentials, HttpTransport]:
    if target == "sandbox":
        sandbox = Sandbox(env, epoch_s, profiles=(*profiles(), profile))
        server = await stack.enter_async_context(serve(sandbox, pacer=pacer))
        known = Credentials(sandbox.demo.client_id, Secret(sandbox.demo.client_secret))
        transport = HttpTransport(Target.parse(server.base_url))
        return known, await stack.enter_async_context(transport)
    found, credentials = door(target)
    reached = await stack.enter_async_context(reach(found, credentials, run=out))
    return credentials, reached.transport


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()


def _first(profile: Profile, target: str, tier: Tier, epoch_s: float) -> RunStarted:
    return RunStarted(
        t=0.0,
        format=FORMAT,
        version=__version__,
        seed=1,
        clock=str(REAL),
        target=target,
        tier=tier.value,
        started=iso(epoch_s, digits=3),
        for_s=0.0,
        mix={profile.name: 1},
        delivery="bench",
    )
