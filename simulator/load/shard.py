"""One shard of a load test: a share of the devices, on one event loop, wherever that loop runs.

What it measures leaves as frames (a letter and bytes), so that a process of its own, a thread of
another program, or another machine can be at the other end: see `simulator.load.gathering`.
"""

import asyncio
import ssl

import msgspec

from simulator.aura import Credentials, HttpTransport, Secret, Session, Target
from simulator.clock import monotonic_s, wall_s
from simulator.load.bodies import speakers
from simulator.load.books import Books
from simulator.load.diary import Diary
from simulator.load.engine import Engine, Plan
from simulator.load.health import Doctor, Pulse
from simulator.load.pools import Ordinary, Pool
from simulator.load.shapes import Form
from simulator.load.task import LINES, PULSE, PULSE_S, ROWS, Emit, Task, schedule_of
from simulator.load.wire import Wire
from simulator.profile import load
from simulator.rng import Rng

__all__ = ["LINES", "PULSE", "ROWS", "Emit", "Shard", "Task"]


class Shard:
    """Runs its share: `prepare`, then `run` at a common time of the monotonic clock."""

    def __init__(self, task: Task, emit: Emit) -> None:
        self.task = task
        self._emit = emit
        target = task.target
        self._ordinary = HttpTransport(
            target,
            connect_timeout_s=task.connect_timeout_s,
            timeout_s=task.timeout_s,
            connections=task.connections,
        )
        self.pool = pool_of(task, target, self._ordinary)
        credentials = Credentials(task.client_id, Secret(task.client_secret))
        session = Session(credentials, wall_s, Rng(task.seed).stream(task.shard[0], "retry"))
        mix = [(load(name), count) for name, count in task.mix.items()]
        speaking = speakers(mix, task.device_ids, task.place)
        plan = Plan(
            speakers=speaking,
            schedule=schedule_of(task),
            for_s=task.for_s,
            drain_s=task.drain_s,
            most_waiting=task.most_waiting,
            saturates=task.shape.form is Form.SATURATE,
            precise=task.precise,
        )
        diary = Diary(lambda lines: emit(LINES, lines))
        books = Books(lambda rows: emit(ROWS, rows), diary, speaking)
        self.engine = Engine(plan, self.pool, session, books, wall_s)

    async def prepare(self) -> None:
        """Get a token and open connections; raises AuraError or TransportError."""
        await self.engine.ready()

    async def run(self, start_s: float) -> None:
        """Send what is due, and wait for the answers; frames leave meanwhile."""
        with Doctor() as doctor:
            beating = asyncio.create_task(self._beat(doctor))
            try:
                await self.engine.run(start_s)
            finally:
                beating.cancel()
                await asyncio.wait([beating])
                self._emit(PULSE, msgspec.json.encode(self._pulse(doctor)))
                await self.pool.close()
                await self._ordinary.close()

    def stop(self) -> None:
        """Begin nothing new and come to the end."""
        self.engine.stop()

    async def _beat(self, doctor: Doctor) -> None:
        while True:
            await asyncio.sleep(PULSE_S)
            self._emit(PULSE, msgspec.json.encode(self._pulse(doctor)))

    def _pulse(self, doctor: Doctor) -> Pulse:
        engine = self.engine
        engine.hand_over(monotonic_s())
        pulse = doctor.pulse(self.pool)
        pulse.told_s = engine.books.told_s
        pulse.begun, pulse.ended = engine.begun, engine.ended
        pulse.retries, pulse.tokens = engine.persistence.retries, engine.persistence.tokens
        if engine.pacer:
            pulse.at_s = engine.pacer.now()
            pulse.stall_longest_s = engine.pacer.stalled_s
            pulse.pacer = engine.pacer.began_as
        return pulse


def pool_of(task: Task, target: Target, ordinary: HttpTransport) -> Pool:
    """Return what carries the messages of a task."""
    if task.transport == "aiohttp":
        return Ordinary(ordinary, connections=task.connections)
    trust = ssl.create_default_context()
    if task.trust:
        trust.load_verify_locations(task.trust)
    return Wire(
        target,
        connections=task.connections,
        timeout_s=task.timeout_s,
        connect_timeout_s=task.connect_timeout_s,
        trust=trust,
    )
