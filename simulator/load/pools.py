"""What carries the messages of a load test: the fast transport, or the ordinary one over aiohttp.

Both do the same under one door, `Pool`, so that one can be held against the other.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from simulator.aura import AsyncTransport, Request, Response, TransportError
from simulator.clock import monotonic_s
from simulator.load.connection import Errand
from simulator.load.readiness import Readiness

AIM = Request("POST", "/")


class Pool(Protocol):
    """A bounded number of connections to one target; who finds none waits in `waiting`."""

    head: bytes
    limit: int
    opened: int
    open_most: int
    refused: int
    unasked: int
    waiting: deque[Errand]
    waiting_most: int
    on_idle: Callable[[float], Errand | None] | None

    @property
    def open(self) -> int:
        """Return how many connections are open."""
        ...

    @property
    def readiness(self) -> Readiness | None:
        """Return what tells of answers, where the pool has them told by ours."""
        ...

    def aim(self, request: Request) -> None:
        """Send errands from now on as this request says, with their own bodies."""
        ...

    def head_of(self, request: Request) -> bytes:
        """Return the head of an errand that asks this; where it has its own, not the aimed one."""
        ...

    def post(self, errand: Errand, now: float) -> None:
        """Send an errand, or let it wait."""
        ...

    def refill(self, now: float) -> None:
        """Ask `on_idle` for work for every connection that is free."""
        ...

    async def send(self, request: Request) -> Response:
        """Carry one request; raises TransportError."""
        ...

    async def warm(self, connections: int) -> None:
        """Open connections ahead; raises TransportError where not one can be opened."""
        ...

    def abandon(self) -> list[Errand]:
        """Return all errands that wait or are under way; none of them hears of it any more."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class _Whole:
    """An answer that is there already."""

    def __init__(self, response: Response) -> None:
        self._response = response

    def response(self) -> Response:
        """Return it whole."""
        return self._response


class Ordinary:
    """The pool over an ordinary transport, such as aiohttp's: a task for each errand under way."""

    def __init__(self, transport: AsyncTransport, *, connections: int = 256) -> None:
        self.head = b""
        self.limit = connections
        self.opened = self.open_most = self.refused = self.unasked = self.waiting_most = 0
        self.waiting: deque[Errand] = deque()
        self.on_idle: Callable[[float], Errand | None] | None = None
        self._aimed = AIM
        self._transport = transport
        self._tasks: dict[asyncio.Task[None], Errand | None] = {}

    @property
    def open(self) -> int:
        """Return how many errands are under way; aiohttp keeps the connections."""
        return len(self._tasks)

    @property
    def readiness(self) -> None:
        """Return nothing: the loop tells aiohttp of answers."""

    def aim(self, request: Request) -> None:
        """Send errands from now on as this request says, with their own bodies."""
        self._aimed = request
        self.head = request.headers.get("authorization", "").encode()

    def head_of(self, request: Request) -> bytes:
        """Return nothing: an errand of its own carries its `request`."""
        del request
        return b""

    def post(self, errand: Errand, now: float) -> None:
        """Send an errand in a task of its own, or let it wait."""
        del now
        if len(self._tasks) >= self.limit:
            self.waiting.append(errand)
            self.waiting_most = max(self.waiting_most, len(self.waiting))
            return
        task = asyncio.get_running_loop().create_task(self._work(errand))
        self._tasks[task] = errand
        self.open_most = max(self.open_most, len(self._tasks))
        task.add_done_callback(self._ended)

    def refill(self, now: float) -> None:
        """Begin as many errands as may be under way."""
        while self.on_idle and len(self._tasks) < self.limit:
            errand = self.on_idle(now)
            if errand is None:
                return
            self.post(errand, now)

    async def send(self, request: Request) -> Response:
        """Carry one request; raises TransportError."""
        return await self._transport.send(request)

    async def warm(self, connections: int) -> None:
        """Do nothing: the transport opens connections as it needs them."""
        del connections

    def abandon(self) -> list[Errand]:
        """Return all errands that wait or are under way."""
        left = [*self.waiting, *(errand for errand in self._tasks.values() if errand is not None)]
        self.waiting.clear()
        self._tasks = dict.fromkeys(self._tasks)
        for task in self._tasks:
            task.cancel()
        return left

    async def close(self) -> None:
        """End what is under way."""
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(tuple(self._tasks))

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        if not task.cancelled():
            task.result()

    async def _work(self, errand: Errand | None) -> None:
        task = asyncio.current_task()
        while errand is not None and task is not None:
            self._tasks[task] = errand
            await self._carry(errand)
            errand = self._following()

    async def _carry(self, errand: Errand) -> None:
        errand.sent = errand.flushed = monotonic_s()
        try:
            own = getattr(errand, "request", None) or replace(self._aimed, body=errand.body)
            response = await self._transport.send(own)
        except TransportError as error:
            errand.failed(error, monotonic_s())
        else:
            errand.answered(response.status, _Whole(response), monotonic_s())

    def _following(self) -> Errand | None:
        now = monotonic_s()
        while self.waiting:
            errand = self.waiting.popleft()
            if not errand.is_late(now):
                return errand
        return self.on_idle(now) if self.on_idle else None
