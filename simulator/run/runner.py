"""Runs a script in virtual time against the embedded sandbox, or in real time over HTTP."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import simpy

from simulator import __version__
from simulator.aura import (
    Call,
    Credentials,
    HttpTransport,
    Secret,
    Session,
    Target,
    Tier,
)
from simulator.aura.calls import webhooks
from simulator.aura.types import CalloutId
from simulator.clock import Pacer, epoch_s, iso, wall_s
from simulator.errors import InputError, UnavailableError
from simulator.gateway import Courier, Outlet
from simulator.journal import FORMAT, ColumnsJournal, Journal, JournalForm, RunEnded, RunStarted
from simulator.native import Carriers, NativeOutside, Pace, vet
from simulator.profile import load, profiles
from simulator.rng import Rng
from simulator.run.control import serve_control
from simulator.run.gearing import LEAST, open_crowds
from simulator.run.instants import Instants, Ranks
from simulator.run.outlets import HttpOutlet, InProcessOutlet
from simulator.run.patience import patient_collection
from simulator.run.planned import Planned
from simulator.run.reaching import Reached, door, reach, terminable
from simulator.run.script import Script
from simulator.run.settings import VIRTUAL_START, RunSettings
from simulator.run.share import Share, alone
from simulator.run.webhooks import EVENTS, URL, receiver
from simulator.run.window import Window
from simulator.run.world import Steps, World
from simulator.run.writing import table_of
from simulator.sandbox import Sandbox, close_callout, serve, to_handler
from simulator.sandbox import Settings as SandboxSettings

_PROGRESS_S = 0.2


class OutOfMemoryError(UnavailableError):
    """The machine has no more memory for a run."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, for a person who waits."""

    phase: str
    done_s: float
    for_s: float
    linked: int
    frames: int
    presses: int


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended: `reason` is finished, interrupted or failed."""

    reason: str
    devices: int
    untidied: tuple[str, ...] = ()


class Run:
    """One run, from its settings to its last record.

    One that `is_controlled` listens for commands while it goes by the wall clock. In virtual time
    models of `crowd_from` units and more are put away in crowds while they are idle.
    """

    _script_type: Callable[..., Script] = Script

    def __init__(
        self,
        settings: RunSettings,
        journal: Journal,
        on_progress: Callable[[Progress], None] = lambda _: None,
        *,
        share: Share | None = None,
        is_controlled: bool = False,
        crowd_from: int = LEAST,
    ) -> None:
        self._settings = settings
        self._is_controlled = is_controlled
        self._journal = journal
        self._share = share or alone(settings.devices)
        self._crowd_from = crowd_from
        self._instants: Instants | None = None
        self._window: Window | None = None
        if settings.clock.is_virtual:
            self._instants = Instants(journal, Ranks(settings), keeps_end=share is None)
            columns = journal if isinstance(journal, ColumnsJournal) else None
            self._journal = self._window = Window(self._instants, columns)
        self._on_progress = on_progress
        self._env = simpy.Environment()
        self._epoch_s = self._started_s()
        self._script: Script | None = None
        self._reached: Reached | None = None

    def execute(self) -> RunResult:
        """Run to the end, or until Ctrl-C; raise what makes the run impossible."""
        try:
            if self._settings.clock.is_virtual:
                with patient_collection():
                    self._run_virtual()
            else:
                asyncio.run(self._run_paced())
            if self._script and self._script.failure:
                raise self._script.failure
        except KeyboardInterrupt:
            return self._end("interrupted", "Ctrl-C")
        except MemoryError as error:
            raise self._out_of_memory() from error
        except BaseException as error:
            self._end("failed", str(error) or type(error).__name__)
            raise
        return self._end("finished")

    @property
    def now_s(self) -> float:
        """Return the run time."""
        return self._env.now

    def planned(self) -> tuple[Planned, ...]:
        """Return what the people of the fleet were to do, once the run has linked it, by time."""
        acts = self._script.planned() if self._script else ()
        return tuple(sorted(acts, key=lambda act: (act.at_s, act.device)))

    def _out_of_memory(self) -> "OutOfMemoryError":
        """Let go of the fleet, then write the last record."""
        at_s, devices = self._env.now, self._script.linked if self._script else 0
        self._script = None
        message = (
            f"Memory ran out at {at_s:.0f} s of the run, with {devices} devices. What was written "
            f"until then is in {self._settings.out}. Run fewer devices, or give the machine more."
        )
        self._journal.write(RunEnded(t=at_s, reason="failed", detail=message))
        self._settle()
        return OutOfMemoryError(message)

    def _settle(self) -> None:
        """Let the journal have all that is held back."""
        if self._window and self._instants:
            self._window.let_go()
            self._instants.settle()

    def _sandbox(self) -> Sandbox:
        """Return the embedded AURA, with a template for each device, own files included.

        In virtual time its ids depend on no other device, so that shards of a fleet get the ids
        that the whole fleet gets.
        """
        is_virtual = self._settings.clock.is_virtual
        sandbox = Sandbox(
            self._env,
            self._epoch_s,
            deliver=to_handler(receiver(self._env, self._journal)),
            profiles=(*profiles(), *(load(name) for name in self._settings.mix)),
            settings=SandboxSettings(callouts_apart=self._settings.devices if is_virtual else 0),
        )
        sandbox.tenant(sandbox.demo.client_id).begin_ids_at(self._share.shard.first)
        return sandbox

    def _started_s(self) -> float:
        given = self._settings.start_s
        if given is not None:
            return given
        return epoch_s(VIRTUAL_START) if self._settings.clock.is_virtual else wall_s()

    def _run_virtual(self) -> None:
        if self._settings.target != "sandbox":
            message = (
                f"Virtual time exists in the sandbox only; {self._settings.target} lives in real "
                "time. Say --clock real, or --target sandbox."
            )
            raise InputError(message)
        env = self._env
        sandbox = self._sandbox()
        script = self._prepare(
            InProcessOutlet(env, sandbox.handle), _demo(sandbox), Tier.SANDBOX, close_callout
        )
        tenant = sandbox.tenant(sandbox.demo.client_id)
        script.world.before_link = tenant.begin_ids_at
        if self._window:
            open_crowds(
                script.world,
                self._settings,
                self._share,
                tenant=tenant,
                window=self._window,
                least=self._crowd_from,
            )
        done = env.process(script.turn())
        env.process(self._report(script))
        env.run(until=done)

    async def _run_paced(self) -> None:
        """Run over HTTP. What still runs at the end belongs to the run, and is waited for."""
        env = self._env
        pacer = Pacer(env, self._settings.clock.speed or 1.0)
        async with AsyncExitStack() as stack:
            credentials, transport = await self._reach(stack, pacer)
            target = transport.target
            tasks = await stack.enter_async_context(asyncio.TaskGroup())
            outlet = HttpOutlet(env, pacer, transport, tasks, self._write_ahead)
            room = close_callout if target.tier is Tier.SANDBOX else None
            if self._settings.native:
                await vet(self._settings.native, [load(name) for name in self._settings.mix])
            native = self._native(stack, tasks, pacer)
            script = self._prepare(outlet, credentials, target.tier, room, native)
            env.process(self._report(script))
            if self._is_controlled:
                control = serve_control(script.deeds, pacer, self._settings.out)
                await stack.enter_async_context(control)
            try:
                await pacer.run(env.process(script.turn()))
            finally:
                if self._reached:
                    await asyncio.shield(pacer.run(env.process(script.world.tidy())))

    def _write_ahead(self) -> None:
        """Make the journal safe before a request leaves, so that a resumed run knows of it."""
        if self._settings.journal is JournalForm.LINES:
            self._journal.flush()

    def _native(
        self, stack: AsyncExitStack, tasks: asyncio.TaskGroup, pacer: Pacer
    ) -> Callable[[Courier], NativeOutside] | None:
        """Return what makes the outside that delivers natively, where that is asked for."""
        settings = self._settings
        if settings.native is None:
            return None
        speed = settings.clock.speed or 1.0
        models = [load(name) for name in settings.mix]
        settings.native.check(models)
        carriers = Carriers(settings.native, tasks, speed=speed)
        stack.push_async_callback(carriers.close)

        def outside(courier: Courier) -> NativeOutside:
            made = NativeOutside(
                self._env,
                self._journal,
                courier,
                pacer,
                rng=Rng(settings.seed),
                epoch_s=self._epoch_s,
                pace=Pace(speed),
            )
            carriers.equip(made, models)
            return made

        return outside

    @property
    def _is_embedded(self) -> bool:
        return self._settings.target == "sandbox"

    async def _reach(
        self, stack: AsyncExitStack, pacer: Pacer
    ) -> tuple[Credentials, HttpTransport]:
        """Return as whom and how to talk; starts the embedded sandbox where that is wanted."""
        if self._is_embedded:
            sandbox = self._sandbox()
            server = await stack.enter_async_context(serve(sandbox, pacer=pacer))
            transport = HttpTransport(Target.parse(server.base_url))
            return _demo(sandbox), await stack.enter_async_context(transport)
        settings = self._settings
        target, credentials = door(settings.target, settings.allowed)
        stack.enter_context(terminable())
        entered = reach(target, credentials, run=settings.out)
        self._reached = await stack.enter_async_context(entered)
        return credentials, self._reached.transport

    def _prepare(
        self,
        outlet: Outlet,
        credentials: Credentials,
        tier: Tier,
        control_room: Callable[[CalloutId], Call[str]] | None,
        native: Callable[[Courier], NativeOutside] | None = None,
    ) -> Script:
        """Write the first record and put the pipeline together."""
        settings = self._settings
        self._journal.write(
            RunStarted(
                t=self._env.now,
                format=FORMAT,
                version=__version__,
                seed=settings.seed,
                clock=str(settings.clock),
                target=settings.target,
                tier=tier.value,
                started=iso(self._epoch_s, digits=3),
                for_s=settings.for_s,
                mix=settings.mix,
                mutate=settings.mutate,
                delivery="native" if settings.native else "gateway",
                settings=table_of(settings),
            )
        )
        jitter = Rng(settings.seed).stream(0, "retry")
        session = Session(credentials, lambda: self._epoch_s + self._env.now, jitter)
        courier = Courier(self._env, session, outlet)
        outside = native(courier) if native else None
        world = World(
            self._env,
            self._journal,
            courier,
            rng=Rng(settings.seed),
            epoch_s=self._epoch_s,
            place=settings.place,
            delivery=outside,
        )
        world.first_index = self._share.shard.first
        if outside:
            outside.fleet = world.fleet
        listen = webhooks.register(URL, EVENTS) if self._is_embedded else None
        self._script = self._script_type(world, settings, control_room, listen, self._share)
        return self._script

    def _report(self, script: Script) -> Steps:
        """Tell how far the run is, and flush the journal: 100 times, or five times a second."""
        settings = self._settings
        speed = settings.clock.speed
        step_s = settings.for_s / 100 if speed is None else _PROGRESS_S * speed
        while True:
            self._on_progress(
                Progress(
                    script.phase,
                    min(self._env.now, settings.for_s),
                    settings.for_s,
                    script.linked,
                    script.world.fleet.frames_sent,
                    script.world.fleet.presses,
                )
            )
            self._journal.flush()
            yield self._env.timeout(step_s)

    def _end(self, reason: str, detail: str | None = None) -> RunResult:
        """Write down what was on its way, and the last record."""
        script = self._script
        if script:
            if script.world.crowds:
                script.world.crowds.catch_up()
            script.world.note_unfinished()
            self._journal.write(RunEnded(t=self._env.now, reason=reason, detail=detail))
        self._settle()
        devices = script.linked if script else 0
        return RunResult(reason, devices, tuple(self._reached.left) if self._reached else ())


def _demo(sandbox: Sandbox) -> Credentials:
    return Credentials(sandbox.demo.client_id, Secret(sandbox.demo.client_secret))
