"""Where a scenario plays: the embedded sandbox in its own process, or a target over HTTP.

A stage has the environment of the scenario, turns it as the clock mode says, and carries requests:
those of the pipeline as events of the environment, those of steps at once.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import simpy

from simulator.aura import (
    AuraError,
    Credentials,
    Request,
    Response,
    Secret,
    Target,
    Tier,
)
from simulator.bdd.webhooks import Receiver
from simulator.clock import ClockMode, Pacer, epoch_s, wall_s
from simulator.rng import name_key
from simulator.run.outlets import InProcessOutlet
from simulator.run.reaching import reach
from simulator.run.settings import VIRTUAL_START

_log = logging.getLogger(__name__)


class Stage(Protocol):
    """What a scene asks of the place where it plays."""

    env: simpy.Environment
    epoch_s: float
    tier: Tier
    credentials: Credentials
    is_embedded: bool
    receiver: Receiver

    def send(self, request: Request) -> simpy.Event:
        """Send for the pipeline; the event brings the answer."""
        ...

    def ask(self, request: Request) -> Response:
        """Send for a step, and wait for the answer."""
        ...

    def turn(self, until: simpy.Event) -> None:
        """Let the run go on until an event has happened."""
        ...

    def close(self) -> None:
        """Give back what was taken: connections, loops."""
        ...


class EmbeddedStage:
    """A sandbox of the scenario's own, asked by a call; virtual, or paced by the wall clock."""

    is_embedded = True
    tier = Tier.SANDBOX

    def __init__(self, clock: ClockMode) -> None:
        from simulator.sandbox import Sandbox
        from simulator.sandbox.parcels import to_handler

        self.env = simpy.Environment()
        self.epoch_s = epoch_s(VIRTUAL_START) if clock.is_virtual else wall_s()
        self.receiver = Receiver()
        deliver = to_handler(lambda request: self.receiver.take(self.env.now, request))
        sandbox = Sandbox(self.env, self.epoch_s, deliver=deliver)
        demo = sandbox.demo
        self.credentials = Credentials(demo.client_id, Secret(demo.client_secret))
        self._handle: Callable[[Request], Response] = sandbox.handle
        self._outlet = InProcessOutlet(self.env, self._handle)
        self._clock = clock
        self._runner: asyncio.Runner | None = None
        self._pacer: Pacer | None = None

    def send(self, request: Request) -> simpy.Event:
        """Send for the pipeline; the event brings the answer."""
        return self._outlet.send(request)

    def ask(self, request: Request) -> Response:
        """Ask the sandbox."""
        return self._handle(request)

    def turn(self, until: simpy.Event) -> None:
        """Let the run go on, as fast as it can or in step with the wall clock."""
        if self._clock.speed is None:
            self.env.run(until)
            return
        self._pacer = self._pacer or Pacer(self.env, self._clock.speed)
        self._runner = self._runner or asyncio.Runner()
        self._runner.run(self._pacer.run(until))

    def close(self) -> None:
        """Close the event loop, where there is one."""
        if self._runner:
            self._runner.close()


class HttpStage:
    """A target over HTTP; its clock is the world's, so time passes as it does there."""

    is_embedded = False

    def __init__(self, target: Target, credentials: Credentials) -> None:
        self.env = simpy.Environment()
        self.epoch_s = wall_s()
        self.receiver = Receiver()
        self.tier = target.tier
        self.credentials = credentials
        self._pacer = Pacer(self.env)
        self._runner = asyncio.Runner()
        self._door = reach(target, credentials)
        self._reached = self._runner.run(self._door.__aenter__())
        self._transport = self._reached.transport
        self._waiting: list[tuple[Request, simpy.Event]] = []
        self._tasks: asyncio.TaskGroup | None = None

    def send(self, request: Request) -> simpy.Event:
        """Send for the pipeline; while nobody turns the run, the request waits."""
        answered = self.env.event()
        self._waiting.append((request, answered))
        self._begin()
        return answered

    def ask(self, request: Request) -> Response:
        """Send for a step, and wait for the answer."""
        return self._runner.run(self._transport.send(request))

    def turn(self, until: simpy.Event) -> None:
        """Let the run go on; what still waits for an answer at its end is waited for."""
        self._runner.run(self._turn(until))

    def close(self) -> None:
        """End what the scenario left open, and close the connections and the event loop."""
        self._runner.run(self._door.__aexit__(None, None, None))
        self._runner.close()
        for left in self._reached.left:
            _log.warning("not tidied up: %s", left)

    async def _turn(self, until: simpy.Event) -> None:
        async with asyncio.TaskGroup() as self._tasks:
            self._begin()
            await self._pacer.run(until)
        self._tasks = None

    def _begin(self) -> None:
        while self._tasks and self._waiting:
            self._tasks.create_task(self._exchange(*self._waiting.pop(0)))

    async def _exchange(self, request: Request, answered: simpy.Event) -> None:
        try:
            response = await self._transport.send(request)
        except AuraError as error:
            failure = error
            self._pacer.post(lambda: answered.fail(failure))
        else:
            self._pacer.post(lambda: answered.succeed(response))


@dataclass(frozen=True, slots=True)
class Place:
    """Which target a session of pytest plays on, and how its clock runs."""

    name: str
    clock: ClockMode
    target: Target | None = None  # None: the embedded sandbox
    credentials: Credentials | None = None  # None: each scenario is a client of its own

    def open(self, scenario: str) -> Stage:
        """Return a stage for one scenario."""
        if self.target is None:
            return EmbeddedStage(self.clock)
        own = Credentials(
            f"scenario-{name_key(scenario):016x}-{int(wall_s() * 1000):x}", Secret("of-a-scenario")
        )
        return HttpStage(self.target, self.credentials or own)
