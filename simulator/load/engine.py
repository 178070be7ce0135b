"""Sends what is due, when it is due, and writes down what became of it: the hot path.

A message is taken up when the schedule says, whatever the target does. It then waits for the
previous message of its device, for real devices keep their order, and for a connection. Anything
but success is handed to the session of the normal client, which knows when to try again, when to
ask for another token, and when a press is too old to be sent.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

import simpy

from simulator.aura import (
    AsyncClient,
    AuraAnswerError,
    AuraError,
    Call,
    Request,
    Response,
    Session,
    TargetUnreachableError,
    TransportError,
)
from simulator.aura.calls import devices
from simulator.aura.types import DeviceEventAnswer
from simulator.clock import monotonic_s
from simulator.load.bodies import Speaker
from simulator.load.connection import Reply
from simulator.load.diary import Diary
from simulator.load.health import keep_memory
from simulator.load.pacer import LoadPacer
from simulator.load.pools import Pool
from simulator.load.rows import (
    CALLOUT,
    FAILURES,
    NO_ROOM,
    REFUSED,
    ROW,
    STALE,
    UNFINISHED,
    UNREADABLE,
)
from simulator.load.schedule import CANCEL, MOVE, PRESS, Schedule

FRESH_S = {PRESS: 60.0, CANCEL: 120.0, MOVE: 20.0}
"""After how many seconds a message would do harm or no good: as the gateway of a run has it."""
_OTHER_FRESH_S = 20.0
_IMPORTANT = frozenset((PRESS, CANCEL))
_BURST = 512  # messages begun in a row before answers get a turn
_ROWS = 4096 * ROW.size  # handed over at the latest
_FEW = 64 * ROW.size
_OFTEN_S = 0.1
_ROUNDED_S = 1e-6  # times in the journal are to the microsecond
_SPARE_S = 0.0003  # so long nothing must be due for work that can wait

_pack = ROW.pack


class Message:
    """One message of one device. Slotted and mutable: a test makes one for each."""

    __slots__ = (
        "attempts", "body", "code", "device", "due", "engine", "flushed", "head", "press", "sent",
        "taken",
    )  # fmt: skip

    def __init__(  # noqa: PLR0917 - the hot path makes one in one call
        self,
        engine: "Engine",
        device: int,
        code: int,
        due: float,
        taken: float,
        head: bytes,
        body: bytes,
        press: str | None,
    ) -> None:
        self.engine = engine
        self.device = device
        self.code = code
        self.due = due
        self.taken = taken
        self.sent = self.flushed = 0.0
        self.attempts = 1
        self.head = head
        self.body = body
        self.press = press

    def answered(self, status: int, reply: Reply, now: float) -> None:
        """Take the answer to the first attempt."""
        if not 200 <= status < 300:
            self.engine.try_again(self, reply.response())
        elif self.press is None:
            self.engine.end(self, status, now)
        else:
            self.engine.end_important(self, reply.response(), now)

    def failed(self, error: TransportError, now: float) -> None:
        """Take note that the first attempt has no answer."""
        del now
        self.engine.try_again(self, error)

    def is_late(self, now: float) -> bool:
        """Drop the message if it has waited for so long that it must not be sent."""
        if now - self.due <= FRESH_S.get(self.code, _OTHER_FRESH_S):
            return False
        self.engine.drop(self, STALE, now)
        return True


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
    """One shard of a load test on one event loop.

    `on_rows` takes packed rows; `now_s` tells the time since 1970.
    """

    def __init__(
        self,
        plan: Plan,
        pool: Pool,
        session: Session,
        *,
        on_rows: Callable[[bytes], None],
        diary: Diary,
        now_s: Callable[[], float],
    ) -> None:
        self.pool = pool
        self.begun = 0
        self.ended = 0
        self.retries = 0
        self.tokens = 0
        self.env = simpy.Environment()
        self._plan = plan
        self._session = session
        self._client = AsyncClient(session, pool, asyncio.sleep)
        self._on_rows = on_rows
        self._diary = diary
        self._now_s = now_s
        self._rows = bytearray()
        self._slices = iter(plan.schedule.slices())
        self._due: list[float] = []
        self._devices: list[int] = []
        self._kinds: list[int] = []
        self._at = 0
        self._speakers = plan.speakers
        self._said = [0] * len(plan.speakers)
        self._busy: dict[int, deque[Message] | None] = {}
        self._retrying: set[asyncio.Task[None]] = set()
        self._start_s = 0.0
        self._is_stopped = False
        self._is_left = False
        self._handed_s = 0.0
        self._done: asyncio.Future[None] | None = None
        self.pacer: LoadPacer | None = None

    async def ready(self) -> None:
        """Get a token and open connections; raises AuraError or TransportError."""
        self._next_slice()
        await self._client.authenticate()
        self._aim()
        await self.pool.warm(min(self.pool.limit, 64))
        keep_memory()

    async def run(self, start_s: float) -> None:
        """Send everything, from a time of the monotonic clock on, and wait for the answers."""
        self._start_s = self._diary.start_s = start_s
        self._done = asyncio.get_running_loop().create_future()
        self.pacer = LoadPacer(
            self.env, self._pump, start_s=start_s, spare=self._spare, precise=self._plan.precise
        )
        token = asyncio.create_task(self._keep_token())
        try:
            if self._plan.saturates:
                await self._saturate(start_s)
            else:
                await self.pacer.run(self._done)
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

    def _pump(self, now: float) -> float:
        """Begin what is due; return when the next is."""
        if self._is_stopped:
            self._finish_pumping()
            return inf
        at, due, ends = self._at, self._due, len(self._due)
        most = at + _BURST
        while True:
            while at < ends and due[at] <= now:
                if at >= most:
                    self._at = at
                    return 0.0
                self._begin(self._devices[at], self._kinds[at], due[at])
                at += 1
            if at < ends:
                self._at = at
                return due[at]
            if not self._next_slice():
                self._finish_pumping()
                return inf
            at, due, ends = 0, self._due, len(self._due)
            most = _BURST

    def _finish_pumping(self) -> None:
        if self._done and not self._done.done():
            self._done.set_result(None)

    def _next_slice(self) -> bool:
        """Work out the next piece of the schedule; empty ones may come in between."""
        for piece in self._slices:
            if piece.due_s:
                self._due, self._devices, self._kinds = piece
                self._at = 0
                return True
        self._due = []
        self._at = 0
        return False

    def _begin(self, device: int, code: int, due_s: float) -> None:
        taken = monotonic_s()
        message = self._made(device, code, self._start_s + due_s, taken)
        if len(self.pool.waiting) >= self._plan.most_waiting:
            self.drop(message, NO_ROOM, taken, releases=False)
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
        press = None
        if code in _IMPORTANT:
            press = self._diary.begin(speaker.name, device, code, due - self._start_s)
        body = model.body(speaker, code, number, self._now_s)
        return Message(self, device, code, due, taken, self.pool.head, body, press)

    def end(self, message: Message, status: int, now: float, attempts: int = 1) -> None:
        """Write down the fate of a message, and let the next one of its device go."""
        self.ended += 1
        rows = self._rows
        rows += _pack(
            message.due, message.taken, message.sent, message.flushed, now, message.code, status,
            attempts,
        )  # fmt: skip
        if len(rows) >= _ROWS:
            self.hand_over(now)
        if self._is_left:
            return
        device = message.device
        behind = self._busy.pop(device, None)
        if behind is not None:
            following = behind.popleft()
            self._busy[device] = behind or None
            if not following.is_late(now):
                self.pool.post(following, now)

    def end_important(self, message: Message, response: Response, now: float) -> None:
        """End a press or a cancel: its answer says which callout it is about."""
        try:
            answer = devices.read_event_answer(response)
        except ValueError:
            self._end_failed(message, UNREADABLE, "the answer is not readable", now)
            return
        self._end_told(message, answer, response.status, now)

    def _end_told(
        self, message: Message, answer: DeviceEventAnswer, status: int, now: float
    ) -> None:
        callout = answer.callout_id
        if message.press is not None:
            name = self._plan.speakers[message.device].name
            self._diary.answered(message, name, callout, status, now - self._start_s)
        named = CALLOUT if callout is not None else 0
        self.end(message, status, now, message.attempts + named)

    def _end_failed(self, message: Message, status: int, reason: str, now: float) -> None:
        name = self._plan.speakers[message.device].name
        self._diary.failed(message, name, status, reason, now - self._start_s)
        self.end(message, status, now, message.attempts)

    def drop(self, message: Message, code: int, now: float, *, releases: bool = True) -> None:
        """Count a message that was not sent."""
        message.sent = message.flushed = 0.0
        name = self._plan.speakers[message.device].name
        self._diary.failed(message, name, code, "", now - self._start_s)
        if releases:
            self.end(message, code, now)
            return
        self.ended += 1
        self._rows += _pack(message.due, message.taken, 0.0, 0.0, now, message.code, code, 1)

    def try_again(self, message: Message, outcome: Response | TransportError) -> None:
        """Let the session decide what follows from an answer that is no success, or from none."""
        if self._is_left:
            return
        task = asyncio.get_running_loop().create_task(self._again(message, outcome))
        self._retrying.add(task)
        task.add_done_callback(self._retrying.discard)

    async def _again(self, message: Message, outcome: Response | TransportError) -> None:
        fresh_s = FRESH_S.get(message.code, _OTHER_FRESH_S)
        until_s = self._now_s() + (message.due + fresh_s - monotonic_s())
        call = devices.event(message.body, fresh_until_s=until_s)
        told = _Told(self.pool, call, outcome, message.head)
        try:
            answer = await AsyncClient(self._session, told, asyncio.sleep).call(call)
        except AuraError as error:
            message.attempts = told.attempts
            code = _code_of(error, outcome)
            self._end_failed(message, code, str(error), monotonic_s())
        except asyncio.CancelledError:
            message.attempts = max(1, told.attempts)
            self._note_unfinished(message)
            self.end(message, UNFINISHED, 0.0, message.attempts)
            raise
        else:
            message.attempts = told.attempts
            self.retries += told.attempts - 1
            self._end_told(message, answer, told.status, monotonic_s())
        self._aim()

    def _aim(self) -> None:
        """Write the token of the moment into the head of what is sent."""
        exchange = self._session.perform(devices.event(b"{}", fresh_until_s=inf))
        step = next(exchange)
        exchange.close()
        if isinstance(step, Request) and step.path.endswith("/deviceEvent"):
            before = self.pool.head
            self.pool.aim(step)
            self.tokens += self.pool.head != before

    async def _keep_token(self) -> None:
        """Renew the token ahead of its end; a failure shows in the answers to come."""
        while True:
            await asyncio.sleep(1.0)
            self.hand_over(monotonic_s())
            try:
                await self._client.authenticate()
            except AuraError:
                continue
            self._aim()

    async def _saturate(self, start_s: float) -> None:
        """Send the next message as soon as a connection is free, for the time of the test."""
        early_s = 0.002  # the loop's timers are whole milliseconds, and may be early by one
        await asyncio.sleep(max(0.0, start_s + early_s - monotonic_s()))
        loop = asyncio.get_running_loop()
        self.pool.on_idle = self._next
        loop.call_at(loop.time() + self._plan.for_s, self.stop)
        self.pool.refill(monotonic_s())
        while not self._is_stopped:
            await asyncio.sleep(0.05)
            self.hand_over(monotonic_s())
        self.pool.on_idle = None

    def _next(self, now: float) -> Message | None:
        while not self._is_stopped:
            if self._at >= len(self._due) and not self._next_slice():
                return None
            at = self._at
            self._at += 1
            device = self._devices[at]
            if device in self._busy:
                continue
            self._busy[device] = None
            return self._made(device, self._kinds[at], now, now)
        return None

    async def _drain(self) -> None:
        """Wait for what is under way."""
        ends_s = monotonic_s() + self._plan.drain_s
        while self.under_way and monotonic_s() < ends_s:
            self.hand_over(monotonic_s())
            await asyncio.sleep(0.01)

    async def _leave(self) -> None:
        """Count what is still under way as unfinished."""
        self._is_left = True
        tasks = tuple(self._retrying)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        behind = [m for waiting in self._busy.values() if waiting for m in waiting]
        left = [errand for errand in self.pool.abandon() if isinstance(errand, Message)]
        for message in (*left, *behind):
            self.ended += 1
            self._note_unfinished(message)
            self._rows += _pack(
                message.due, message.taken, message.sent, message.flushed, 0.0, message.code,
                UNFINISHED, message.attempts,
            )  # fmt: skip
        self._busy.clear()
        self.hand_over(monotonic_s())

    def _note_unfinished(self, message: Message) -> None:
        if message.press is not None and message.code == PRESS:
            name = self._speakers[message.device].name
            self._diary.unfinished(message.press, name, monotonic_s() - self._start_s)

    def _spare(self, left_s: float) -> None:
        if left_s < _SPARE_S:
            return
        if len(self._rows) >= _FEW or monotonic_s() - self._handed_s > _OFTEN_S:
            self.hand_over(monotonic_s())

    def hand_over(self, now: float) -> None:
        """Give away rows and records so far; none to come will be of a time before now.

        But for what is due already and has not been begun: its records are of when it was due.
        """
        self._handed_s = monotonic_s()
        if self._rows:
            rows, self._rows = self._rows, bytearray()
            self._on_rows(bytes(rows))
        told_s = now - self._start_s
        if self._at < len(self._due) and not (self._is_stopped or self._plan.saturates):
            told_s = min(told_s, self._due[self._at])
        self._diary.flush(told_s - _ROUNDED_S)

    @property
    def told_s(self) -> float:
        """Return the run time up to which all records were handed over."""
        return max(0.0, self._diary.told_s)


class _Told:
    """A transport that knows the outcome of the first attempt already."""

    def __init__(
        self,
        pool: Pool,
        call: Call[DeviceEventAnswer],
        outcome: Response | TransportError,
        head: bytes,
    ) -> None:
        self.attempts = 0
        self.status = 0
        self._pool = pool
        self._call = call
        self._outcome: Response | TransportError | None = outcome
        self._head = head

    async def send(self, request: Request) -> Response:
        """Carry a request of the conversation."""
        if request.body is not self._call.body:
            return await self._pool.send(request)
        self.attempts += 1
        outcome, self._outcome = self._outcome, None
        if isinstance(outcome, Response) and outcome.status == 401 and self._is_renewed(request):
            outcome = None  # it speaks of the token before
        if isinstance(outcome, TransportError):
            raise outcome
        response = outcome or await self._pool.send(request)
        self.status = response.status
        return response

    def _is_renewed(self, request: Request) -> bool:
        """Return whether the session has another token by now than the first attempt had."""
        return request.headers.get("authorization", "").encode() not in self._head


def _code_of(error: AuraError, outcome: Response | TransportError) -> int:
    """Return the code that says why a message was given up."""
    if isinstance(error, AuraAnswerError):
        return UNREADABLE if 200 <= error.status < 300 else error.status
    if isinstance(error, TargetUnreachableError):
        return FAILURES[error.reason]
    if isinstance(outcome, TransportError):
        return FAILURES[outcome.reason]
    return outcome.status if outcome.status >= 300 else REFUSED
