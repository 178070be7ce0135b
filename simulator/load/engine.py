"""Sends what is due, when it is due: the hot path.

A message is taken up when the schedule says, whatever the target does. It then waits for the
previous message of its device, for real devices keep their order, and for a connection. What became
of it is written into the books; what AURA does not take is tried again by `Persistence`.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

import simpy

from simulator.aura import Response, Session, TransportError
from simulator.clock import monotonic_s
from simulator.load.agenda import Agenda
from simulator.load.bodies import Speaker
from simulator.load.books import ROWS, Books, pack
from simulator.load.callouts import callout_in
from simulator.load.health import keep_memory
from simulator.load.message import Message
from simulator.load.pacer import LoadPacer
from simulator.load.persistence import Persistence
from simulator.load.pools import Pool
from simulator.load.rows import NO_ROOM, STALE, UNREADABLE
from simulator.load.schedule import CANCEL, PRESS, Schedule

_BURST = 64  # messages begun in a row before answers get a turn
_SPARE_S = 0.0003  # so long nothing must be due for work that can wait
_EARLY_S = 0.002  # the loop's timers are whole milliseconds, and may be early by one
_IMPORTANT = frozenset((PRESS, CANCEL))  # for these there is a diary
_WARM = 64  # connections that are opened ahead


@dataclass(frozen=True, slots=True)
class Plan:
    """What an engine has to do: who speaks, when, and to whom. Run times in seconds."""

    speakers: Sequence[Speaker]
    schedule: Schedule
    for_s: float
    drain_s: float
    most_waiting: int
    saturates: bool = False
    precise: bool = True


class Engine:
    """One shard of a load test on one event loop; `now_s` tells the time since 1970."""

    def __init__(
        self, plan: Plan, pool: Pool, session: Session, books: Books, now_s: Callable[[], float]
    ) -> None:
        self.pool = pool
        self.books = books
        self.begun = 0
        self.ended = 0
        self.pacer: LoadPacer | None = None
        self.persistence = Persistence(session, pool, self, now_s)
        self._rows = books.rows
        self._plan = plan
        self._now_s = now_s
        self._agenda = Agenda(plan.schedule)
        self._always = self._agenda.rest()
        self._speakers = plan.speakers
        self._said = [0] * len(plan.speakers)
        self._busy: dict[int, deque[Message] | None] = {}
        self._start_s = 0.0
        self._is_stopped = False
        self._is_left = False
        self._done: asyncio.Future[None] | None = None

    async def ready(self) -> None:
        """Get a token and open connections; raises AuraError or TransportError."""
        await self.persistence.authenticate()
        await self.pool.warm(min(self.pool.limit, _WARM))
        keep_memory()

    async def run(self, start_s: float) -> None:
        """Send everything, from a time of the monotonic clock on, and wait for the answers."""
        self._start_s = start_s
        self.books.begin(start_s)
        self._done = asyncio.get_running_loop().create_future()
        self.pacer = LoadPacer(
            simpy.Environment(),
            self._pump,
            start_s=start_s,
            spare=self._spare,
            precise=self._plan.precise,
        )
        token = asyncio.create_task(self.persistence.keep_token())
        try:
            if self._plan.saturates:
                await self._saturate(start_s)
            else:
                await self.pacer.run(self._done, self.pool.readiness)
            await self._drain()
        finally:
            token.cancel()
            await asyncio.wait([token])
            await self._leave()

    def stop(self) -> None:
        """Begin nothing new; `run` returns when what is under way is answered. Callable twice."""
        self._is_stopped = True
        if self.pacer:
            self.pacer.nudge()

    @property
    def under_way(self) -> int:
        """Return how many messages have been begun and not ended."""
        return self.begun - self.ended

    def hand_over(self, now: float) -> None:
        """Give away what was written; no record to come will be of a time before now.

        But for what is due already and has not been begun: its records are of when it was due.
        """
        told_s = now - self._start_s
        if not (self._is_stopped or self._plan.saturates):
            told_s = min(told_s, self._agenda.due_s)
        self.books.hand_over(told_s)

    def _pump(self, now: float) -> float:
        """Begin what is due; return when the next is."""
        agenda = self._agenda
        for _ in range(_BURST):
            if self._is_stopped or agenda.due_s == inf:
                if self._done and not self._done.done():
                    self._done.set_result(None)
                return inf
            due_s = agenda.due_s
            if due_s > now:
                return due_s
            self._begin(*agenda.take(), self._start_s + due_s)
        return min(now, agenda.due_s)

    def _begin(self, device: int, code: int, due: float) -> None:
        taken = monotonic_s()
        message = self._made(device, code, due, taken)
        if len(self.pool.waiting) >= self._plan.most_waiting:
            self.ended += 1
            self.books.dropped(message, NO_ROOM, taken)
            return
        busy = self._busy
        if device in busy:
            behind = busy[device]
            if behind is None:
                busy[device] = deque([message])
            else:
                behind.append(message)
            return
        busy[device] = None
        self.pool.post(message, taken)

    def _made(self, device: int, code: int, due: float, taken: float) -> Message:
        """Return the next message of a device: of this kind, or of one that its model says."""
        self.begun += 1
        speaker = self._speakers[device]
        model = speaker.model
        code = model.codes[code]
        said = self._said
        said[device] = number = said[device] + 1
        press = self.books.opened(device, code, due) if code in _IMPORTANT else None
        body = model.body(speaker, code, number, self._now_s)
        return Message(self, device, code, due, taken, self.pool.head, body, press)

    # What becomes of messages.

    def end(self, message: Message, status: int, now: float) -> None:
        """Write down that AURA took a message, and let the next one of its device go.

        Nearly all messages end here: so this does by itself what `Books.row` and `_release` do.
        """
        self.ended += 1
        rows = self._rows
        rows += pack(
            message.due, message.taken, message.sent, message.flushed, now, message.code, status, 1
        )
        behind = self._busy.pop(message.device, None)
        if behind is not None or len(rows) >= ROWS:
            self._go_on(message.device, behind, now)

    def end_important(self, message: Message, response: Response, now: float) -> None:
        """End a press or a cancel: its answer says which callout it is about."""
        try:
            callout = callout_in(response)
        except ValueError:
            self.end_failed(message, UNREADABLE, "the answer is not readable", now)
            return
        self.end_told(message, callout, response.status, now)

    def end_told(self, message: Message, callout: int | None, status: int, now: float) -> None:
        """End a message that AURA took, with the callout that it named."""
        self.books.answered(message, callout, status, now)
        self._release(message, now)

    def end_failed(self, message: Message, status: int, reason: str, now: float) -> None:
        """End a message that was given up."""
        self.books.failed(message, status, reason, now)
        self._release(message, now)

    def end_unfinished(self, message: Message) -> None:
        """End a message that is on its way when the test ends."""
        self.ended += 1
        self.books.unfinished(message)

    def too_late(self, message: Message, now: float) -> None:
        """End a message that has waited for too long."""
        self.books.dropped(message, STALE, now)
        self._release(message, now)

    def try_again(self, message: Message, outcome: Response | TransportError) -> None:
        """Try a message again, as its device would."""
        if not self._is_left:
            self.persistence.try_again(message, outcome)

    def _release(self, message: Message, now: float) -> None:
        self.ended += 1
        self._go_on(message.device, self._busy.pop(message.device, None), now)

    def _go_on(self, device: int, behind: deque[Message] | None, now: float) -> None:
        """Let the next message of a device go, and hand over what was written if it is much."""
        if len(self._rows) >= ROWS:
            self.hand_over(now)
        if behind is not None and not self._is_left:
            following = behind.popleft()
            self._busy[device] = behind or None
            if not following.is_late(now):
                self.pool.post(following, now)

    # As fast as it can, instead of when it is due.

    async def _saturate(self, start_s: float) -> None:
        """Send the next message as soon as a connection is free, for the time of the test."""
        await asyncio.sleep(max(0.0, start_s + _EARLY_S - monotonic_s()))
        loop = asyncio.get_running_loop()
        self.pool.on_idle = self._next
        loop.call_at(loop.time() + self._plan.for_s, self.stop)
        self.pool.refill(monotonic_s())
        while not self._is_stopped:
            await asyncio.sleep(0.05)
            self.hand_over(monotonic_s())
        self.pool.on_idle = None

    def _next(self, now: float) -> Message | None:
        if self._is_stopped:
            return None
        for device, code in self._always:
            if device not in self._busy:
                self._busy[device] = None
                message = self._made(device, code, now, now)
                message.is_prompt = True
                return message
        return None

    # The end.

    async def _drain(self) -> None:
        """Wait for what is under way."""
        ends_s = monotonic_s() + self._plan.drain_s
        while self.under_way and monotonic_s() < ends_s:
            self.hand_over(monotonic_s())
            await asyncio.sleep(0.01)

    async def _leave(self) -> None:
        """Count what is still under way as unfinished."""
        self._is_left = self._is_stopped = True
        await self.persistence.leave()
        behind = [m for waiting in self._busy.values() if waiting for m in waiting]
        left = [errand for errand in self.pool.abandon() if isinstance(errand, Message)]
        for message in (*left, *behind):
            self.end_unfinished(message)
        self._busy.clear()
        self.hand_over(monotonic_s())

    def _spare(self, left_s: float) -> None:
        if left_s >= _SPARE_S and self.books.is_worth_it:
            self.hand_over(monotonic_s())
