"""A fleet, its middleware and an AURA on one loop: everything real but the people."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import msgspec
import simpy

from simulator.aura import Credentials, Secret, Session
from simulator.clock import Pacer
from simulator.device import Place, Position
from simulator.fleet import Unit
from simulator.gateway import Courier, Gateway
from simulator.journal import MemoryJournal, Record, RunEnded, RunStarted
from simulator.native import (
    Carriers,
    Delivery,
    Middleware,
    NativeOutside,
    Pace,
    Segments,
    Served,
    serve_middleware,
)
from simulator.profile import CellularLink, Profile, load
from simulator.report import ledger_of
from simulator.report.ledger import Ledger
from simulator.rng import Rng
from simulator.run import World
from simulator.run.outlets import InProcessOutlet
from simulator.sandbox import Sandbox

EPOCH = 1_780_000_000.0
MOST_S = 30.0  # of wall time, before a test gives up


@dataclass
class Stage:
    """Both ends of a native delivery, and the journal of the fleet."""

    env: simpy.Environment
    pacer: Pacer
    world: World
    outside: NativeOutside
    middleware: Middleware
    served: Served
    journal: MemoryJournal
    heard: MemoryJournal  # what the gateway of the middleware wrote
    carriers: Carriers
    units: list[Unit]

    async def run(self, run_s: float) -> None:
        """Let so much run time pass."""
        async with asyncio.timeout(MOST_S):
            await self.pacer.run(self.pacer.now() + run_s)

    async def settle(self, most_s: float = 600.0) -> None:
        """Wait until nothing is on its way."""
        ends = self.pacer.now() + most_s
        while not self.world.is_quiet and self.pacer.now() < ends:
            await self.run(1.0)

    def press(self) -> list[str]:
        """Let the person of every unit press; return the names of the presses."""
        return [
            self.world.fleet.press(u, u.firmware.profile.behaviour.gestures[0]) for u in self.units
        ]

    def ledger(self) -> Ledger:
        """Account for the presses so far, as at the end of a run."""
        self.world.note_unfinished()
        ended = RunEnded(t=self.env.now, reason="finished")
        return ledger_of([*self.journal.records, ended])

    def of(self, kind: type[Record]) -> list[Record]:
        """Return the records of one type."""
        return [record for record in self.journal.records if isinstance(record, kind)]


def lossless(name: str) -> Profile:
    """Return a profile whose radio loses nothing and needs no time."""
    profile = load(name)
    changes: dict[str, object] = {"loss": 0.0, "delay_s": (0.0, 0.01)}
    if isinstance(profile.link, CellularLink):
        changes["reply_loss"] = 0.0
    return msgspec.structs.replace(profile, link=msgspec.structs.replace(profile.link, **changes))


@asynccontextmanager
async def stage(
    mix: Mapping[str, int],
    *,
    speed: float = 20.0,
    segments: str = "whole",
    scheme: str = "tcp",
    envelopes: Mapping[str, str] | None = None,
    cold: bool = False,
) -> AsyncIterator[Stage]:
    """Set everything up: link the fleet, switch it on, and turn the clock as fast as `speed`."""
    env = simpy.Environment()
    pacer = Pacer(env, speed)
    journal, heard = MemoryJournal(), MemoryJournal()
    profiles = [lossless(name) for name in mix]
    sandbox = Sandbox(env, EPOCH, profiles=profiles)
    async with AsyncExitStack() as stack:
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        gateway = Gateway(env, heard, _courier(env, sandbox), EPOCH)
        middleware = Middleware(env, pacer, gateway, site=Position(-26.2, 28.0))
        served = await stack.enter_async_context(serve_middleware(middleware, profiles))
        outside = NativeOutside(
            env, journal, _courier(env, sandbox), pacer,
            rng=Rng(3), epoch_s=EPOCH, pace=Pace(speed, look_s=0.02, within_s=2.0),
        )  # fmt: skip
        world = World(
            env, journal, _courier(env, sandbox),
            rng=Rng(3), epoch_s=EPOCH, place=Place(), delivery=outside,
        )  # fmt: skip
        outside.fleet = world.fleet
        delivery = Delivery(
            to=_addresses(served, profiles, scheme),
            envelopes=envelopes or {},
            segments=Segments(segments),
        )
        carriers = Carriers(delivery, tasks, speed=speed)
        stack.push_async_callback(carriers.close)
        carriers.equip(outside, profiles)
        units = [
            world.unit(profile, number)
            for profile in profiles
            for number in range(1, mix[profile.name] + 1)
        ]
        journal.write(_first_record(mix))
        for unit in units:
            env.run(until=env.process(world.link(unit)))
        made = Stage(
            env, pacer, world, outside, middleware, served, journal, heard, carriers, units
        )
        for unit in units:
            unit.firmware.battery.drain_to(90.0)
            world.fleet.switch_on(unit, cold=cold)
        yield made


def _courier(env: simpy.Environment, sandbox: Sandbox) -> Courier:
    credentials = Credentials(sandbox.demo.client_id, Secret(sandbox.demo.client_secret))
    session = Session(credentials, lambda: EPOCH + env.now, Rng(1).stream(0, "retry"))
    return Courier(env, session, InProcessOutlet(env, sandbox.handle))


def _addresses(served: Served, profiles: list[Profile], scheme: str) -> dict[str, str]:
    trackers = served.tcp if scheme == "tcp" else served.udp
    envelopes = {"sigfox": "sigfox", "lorawan": "tts", "direct": "plain"}
    return {
        p.name: f"{served.http}/{envelopes[p.network]}"
        if p.network in envelopes
        else trackers[p.name]
        for p in profiles
    }


def _first_record(mix: Mapping[str, int]) -> RunStarted:
    return RunStarted(
        t=0.0, format=1, version="0", seed=3, clock="scaled=20", target="http://127.0.0.1",
        tier="sandbox", started="2026-05-28T20:26:40Z", for_s=60.0, mix=dict(mix),
    )  # fmt: skip
