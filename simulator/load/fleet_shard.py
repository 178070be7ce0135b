"""A shard that follows the model's own schedule: firmware, people, radio, gateway, in real time.

The fleet is that of `aurasim run`, on an environment that the timerfd steps. A device event is due
when the gateway has it; what was before is in the journal, and becomes the first stages. Frames of
trackers that the model resends, positions after a press, faults and personas are all as in a run.
"""

import asyncio
from math import inf
from pathlib import Path

import msgspec
import simpy

from simulator.aura import (
    AsyncClient,
    Credentials,
    HttpTransport,
    Request,
    Secret,
    Session,
    TransportError,
)
from simulator.aura.types import CustomerId
from simulator.clock import REAL, monotonic_s, wall_s
from simulator.fleet import Shard as Units
from simulator.frame import Kind
from simulator.gateway import Courier
from simulator.journal import Answered, DeviceLinked, EventSent, Failed, Record
from simulator.load.connection import Reply
from simulator.load.diary import Diary
from simulator.load.health import Doctor, Pulse, keep_memory
from simulator.load.pacer import LoadPacer
from simulator.load.pools import Pool
from simulator.load.rows import CALLOUT, FAILURES, REFUSED, ROW, STALE, UNFINISHED
from simulator.load.schedule import CODES, OTHER
from simulator.load.shard import pool_of
from simulator.load.task import LINES, PULSE, PULSE_S, ROWS, Emit, Task
from simulator.rng import Rng
from simulator.run import RunSettings, World, read_run_file
from simulator.run.script import Script
from simulator.run.share import Share
from simulator.run.world import Steps

_pack = ROW.pack


class FleetShard:
    """Runs its share of a fleet: `prepare`, then `run` at a common time."""

    def __init__(self, task: Task, emit: Emit) -> None:
        self.task = task
        self._emit = emit
        self._settings = _settings(task)
        target = task.target
        self._ordinary = HttpTransport(
            target, timeout_s=task.timeout_s, connections=task.connections
        )
        self.pool = pool_of(task, target, self._ordinary)
        credentials = Credentials(task.client_id, Secret(task.client_secret))
        self._session = Session(
            credentials, self._now, Rng(task.seed).stream(task.shard[0], "retry")
        )
        self._env = simpy.Environment()
        self._epoch_s = 0.0
        self._done: asyncio.Future[None] | None = None
        self._pacer: LoadPacer | None = None
        self._watch = Watch(emit)

    def _now(self) -> float:
        """Return the time of the run, in seconds since 1970."""
        return self._epoch_s + self._pacer.now() if self._pacer else wall_s()

    async def prepare(self) -> None:
        """Get a token; raises AuraError or TransportError."""
        await AsyncClient(self._session, self.pool, asyncio.sleep).authenticate()
        await self.pool.warm(min(self.pool.limit, 16))
        keep_memory()

    async def run(self, start_s: float) -> None:
        """Let the fleet live its time, and wait for the answers; frames leave meanwhile."""
        loop = asyncio.get_running_loop()
        self._done = loop.create_future()
        self._pacer = LoadPacer(
            self._env,
            lambda now: inf,
            start_s=start_s,
            precise=self.task.precise,
            speed=self.task.speed,
        )
        self._watch.start_s = start_s
        self._watch.speed = self.task.speed
        outlet = _Outlet(self._env, self._pacer, self.pool, self._watch)
        self._epoch_s = epoch_s = wall_s() + start_s - monotonic_s()
        world = World(
            self._env,
            self._watch,
            Courier(self._env, self._session, outlet),
            rng=Rng(self.task.seed),
            epoch_s=epoch_s,
            place=self._settings.place,
        )
        course = _Course(world, self._settings, self.task)
        with Doctor() as doctor:
            beating = asyncio.create_task(self._beat(doctor))
            over = self._env.process(course.turn())
            assert over.callbacks is not None  # noqa: S101 - it has just been made
            over.callbacks.append(lambda _: self.stop())
            try:
                await self._pacer.run(self._done, self.pool.readiness)
            finally:
                beating.cancel()
                await asyncio.wait([beating])
                world.note_unfinished()
                self._watch.leave()
                self._emit(PULSE, msgspec.json.encode(self._pulse(doctor)))
                await self.pool.close()
                await self._ordinary.close()
        if course.failure:
            raise course.failure

    def stop(self) -> None:
        """Come to the end."""
        if self._done and not self._done.done():
            self._done.set_result(None)

    async def _beat(self, doctor: Doctor) -> None:
        while True:
            await asyncio.sleep(PULSE_S / 4)
            self._emit(PULSE, msgspec.json.encode(self._pulse(doctor)))

    def _pulse(self, doctor: Doctor) -> Pulse:
        self._watch.hand_over(self._env.now)
        pulse = doctor.pulse(self.pool)
        pulse.told_s = max(0.0, self._watch.told_s)
        pulse.begun, pulse.ended = self._watch.begun, self._watch.ended
        if self._pacer:
            pulse.at_s = self._pacer.now()
            pulse.stall_longest_s = self._pacer.stalled_s
            pulse.pacer = self._pacer.began_as
        return pulse


class _Course(Script):
    """The course of a run whose devices are linked already."""

    def __init__(self, world: World, settings: RunSettings, task: Task) -> None:
        self._task = task
        self._first = Units.number(*task.shard, settings.devices)
        share = Share(self._first, lambda is_quiet: is_quiet)
        super().__init__(world, settings, None, None, share)

    def _link_all(self) -> Steps:
        """Let the units of the share take part that AURA has linked."""
        for at, (profile, number, _) in enumerate(self._units(), self._first.first):
            device_id = self._task.device_ids[at]
            if device_id:
                unit = self.world.unit(profile, number)
                self.world.join(unit, CustomerId(self._task.customers[at]), device_id)
                self._linked.append(unit)
        yield self.world.env.timeout(0)


class _Flight:
    """A device event on its way. Slotted and mutable."""

    __slots__ = ("code", "due", "flushed", "sent", "taken")

    def __init__(self, code: int, due: float) -> None:
        self.code = code
        self.due = due
        self.taken = self.sent = self.flushed = 0.0


class Watch:
    """The journal of the shard: hands records on, and makes a row of every device event.

    The gateway writes that an event is sent, and asks for it to be sent, in one step; `latest` is
    how the request learns which event it carries.
    """

    def __init__(self, emit: Emit) -> None:
        self.start_s = 0.0
        self.speed = 1.0
        self.begun = self.ended = 0
        self.latest: _Flight | None = None
        self._emit = emit
        self._diary = Diary(lambda lines: emit(LINES, lines))
        self._flying: dict[str, _Flight] = {}
        self._rows = bytearray()

    def write(self, record: Record) -> None:
        """Append one record; devices were linked, and written down, before."""
        if isinstance(record, DeviceLinked):
            return
        if isinstance(record, EventSent):
            code = CODES.get(Kind(record.kind), OTHER)
            due = self.start_s + record.t / self.speed
            self.latest = self._flying[record.message] = _Flight(code, due)
            self.begun += 1
        elif isinstance(record, Answered):
            named = CALLOUT if record.callout is not None else 0
            self._end(record.message, record.status, record.attempts + named)
        elif isinstance(record, Failed):
            self._end(record.message, _code_of(record), max(1, record.attempts))
        self._diary.write(record)

    def flush(self) -> None:
        """Hand over what was written."""
        self.hand_over(self.told_s)

    @property
    def told_s(self) -> float:
        """Return the run time up to which everything was handed over."""
        return self._diary.told_s

    def hand_over(self, told_s: float) -> None:
        """Give away rows and lines so far; no record to come will be of a time before `told_s`."""
        if self._rows:
            rows, self._rows = self._rows, bytearray()
            self._emit(ROWS, bytes(rows))
        self._diary.flush(told_s)

    def leave(self) -> None:
        """Count what is still under way as unfinished."""
        for message in tuple(self._flying):
            self._end(message, UNFINISHED, 1)

    def _end(self, message: str, status: int, attempts: int) -> None:
        flight = self._flying.pop(message, None)
        if flight is None:
            return
        self.ended += 1
        now = monotonic_s() if status != UNFINISHED else 0.0
        taken = flight.taken or flight.due
        self._rows += _pack(
            flight.due, taken, flight.sent, flight.flushed, now, flight.code, status, attempts
        )


class _Asked:
    """One request of the fleet on its way through the pool."""

    def __init__(self, outlet: "_Outlet", request: Request, flight: _Flight | None) -> None:
        self.head = outlet.pool.head_of(request)
        self.body = request.body
        self.request = request
        self.sent = self.flushed = 0.0
        self.answer = outlet.env.event()
        self._outlet = outlet
        self._flight = flight

    def answered(self, status: int, reply: Reply, now: float) -> None:
        """Let the answer enter the run."""
        del status, now
        self._note()
        response = reply.response()
        self._outlet.pacer.post(lambda: self.answer.succeed(response))

    def failed(self, error: TransportError, now: float) -> None:
        """Let the failure enter the run."""
        del now
        self._note()
        self._outlet.pacer.post(lambda: self.answer.fail(error))

    def is_late(self, now: float) -> bool:
        """Leave it to the session, which knows how long a message is fresh."""
        del now
        return False

    def _note(self) -> None:
        flight = self._flight
        if flight is not None and not flight.sent:
            flight.sent, flight.flushed = self.sent, self.flushed


class _Outlet:
    """Where requests of the fleet leave: through the pool, in the turn of the environment."""

    def __init__(self, env: simpy.Environment, pacer: LoadPacer, pool: Pool, watch: Watch) -> None:
        self.env = env
        self.pacer = pacer
        self.pool = pool
        self._watch = watch

    def send(self, request: Request) -> simpy.Event:
        """Return an event that brings the answer, or fails with a `TransportError`."""
        now = monotonic_s()
        flight, self._watch.latest = self._watch.latest, None
        if flight is not None:
            flight.taken = now
        errand = _Asked(self, request, flight)
        self.pool.post(errand, now)
        return errand.answer


def _settings(task: Task) -> RunSettings:
    """Return the settings of the run that a task is about: those of its run file, in real time."""
    told = read_run_file(Path(task.run)) if task.run else {}
    ours = {
        "mix": task.mix,
        "for_s": task.for_s * task.speed,
        "clock": REAL,
        "seed": task.seed,
        "drain_s": task.drain_s * task.speed,
        "start_s": None,
        "native": None,
    }
    return RunSettings(**{**told, **ours})  # type: ignore[arg-type]  # by the names of RunSettings


def _code_of(record: Failed) -> int:
    if record.status is not None:
        return record.status
    if "expiry" in record.reason:
        return STALE if not record.attempts else REFUSED
    return next((code for why, code in FAILURES.items() if str(why) in record.reason), REFUSED)
