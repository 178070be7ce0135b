"""What follows when AURA does not take a message: as the normal client has it, under load.

Anything but success is handed to the session of that client, which knows when to try again, when to
ask for another token, and when a press is too old to be sent. The token is one for the fleet.
"""

import asyncio
from collections.abc import Callable
from math import inf
from typing import Protocol

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
from simulator.load.message import Message, fresh_s
from simulator.load.pools import Pool
from simulator.load.rows import FAILURES, REFUSED, UNREADABLE

_LOOK_S = 1.0  # how often the token is looked at


class LateEnds(Protocol):
    """Who is told what became of a message after all."""

    def end_told(self, message: Message, callout: int | None, status: int, now: float) -> None:
        """Take note that AURA took it."""
        ...

    def end_failed(self, message: Message, status: int, reason: str, now: float) -> None:
        """Take note that it was given up."""
        ...

    def end_unfinished(self, message: Message) -> None:
        """Take note that the test ended before."""
        ...


class Persistence:
    """Holds the session and its token, and tries again. Count `retries` and `tokens` from it."""

    def __init__(
        self, session: Session, pool: Pool, ends: LateEnds, now_s: Callable[[], float]
    ) -> None:
        self.retries = 0
        self.tokens = 0
        self._session = session
        self._pool = pool
        self._ends = ends
        self._now_s = now_s
        self._client = AsyncClient(session, pool, asyncio.sleep)
        self._trying: set[asyncio.Task[None]] = set()

    async def authenticate(self) -> None:
        """Get a token, or another one where it ends soon; raises AuraError or TransportError."""
        await self._client.authenticate()
        self._aim()

    async def keep_token(self) -> None:
        """Renew the token ahead of its end, for ever; a failure shows in the answers to come."""
        while True:
            await asyncio.sleep(_LOOK_S)
            try:
                await self.authenticate()
            except AuraError:
                continue

    def try_again(self, message: Message, outcome: Response | TransportError) -> None:
        """Let the session decide what follows from an answer that is no success, or from none."""
        task = asyncio.get_running_loop().create_task(self._again(message, outcome))
        self._trying.add(task)
        task.add_done_callback(self._trying.discard)

    async def leave(self) -> None:
        """Give up what is being tried again."""
        tasks = tuple(self._trying)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _again(self, message: Message, outcome: Response | TransportError) -> None:
        until_s = self._now_s() + (message.due + fresh_s(message.code) - monotonic_s())
        call = devices.event(message.body, fresh_until_s=until_s)
        told = _Told(self._pool, call, outcome, message.head)
        try:
            answer = await AsyncClient(self._session, told, asyncio.sleep).call(call)
        except AuraError as error:
            message.attempts = told.attempts
            code = _code_of(error, outcome)
            self._ends.end_failed(message, code, str(error), monotonic_s())
        except asyncio.CancelledError:
            message.attempts = max(1, told.attempts)
            self._ends.end_unfinished(message)
            raise
        else:
            message.attempts = told.attempts
            self.retries += told.attempts - 1
            self._ends.end_told(message, answer.callout_id, told.status, monotonic_s())
        self._aim()

    def _aim(self) -> None:
        """Write the token of the moment into the head of what is sent."""
        exchange = self._session.perform(devices.event(b"{}", fresh_until_s=inf))
        step = next(exchange)
        exchange.close()
        if isinstance(step, Request) and step.path.endswith("/deviceEvent"):
            before = self._pool.head
            self._pool.aim(step)
            self.tokens += self._pool.head != before


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
