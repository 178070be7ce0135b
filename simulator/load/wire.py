"""The fast HTTP/1.1 client: one request at a time on each of a bounded number of connections.

It exists because no general client reaches a fifth of what one core can send. It does what a device
event needs and nothing else: keep-alive, answers by length, in chunks or until the end of the
connection, time-outs, reconnecting. `pools.Ordinary` does the same with aiohttp and is its oracle.
Errands that find no connection wait in order and are counted by their own times.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable

from simulator.aura import Request, Response, Target, TransportError, TransportFailure
from simulator.clock import monotonic_s
from simulator.load.connecting import Dialler, exhausted, failure_of
from simulator.load.connection import Connection, Errand, Reply
from simulator.load.heads import Heads
from simulator.load.readiness import HAS_EPOLL, Readiness

_SWEEP_S = 0.05  # how often time-outs are looked for


class Wire:
    """The pool. `post` from the loop's thread; `close` at the end.

    `unasked` counts answers that nobody asked for, `refused` connections for which the system had
    no port or file, `opened` all that were opened, `waiting_most` the longest queue.
    """

    def __init__(
        self,
        target: Target,
        *,
        connections: int = 256,
        timeout_s: float = 20.0,
        connect_timeout_s: float = 5.0,
        trust: ssl.SSLContext | None = None,
        shared: bool = HAS_EPOLL,
    ) -> None:
        self.head = b""
        self.heads = Heads()
        self.target = target
        self.limit = connections
        self.opened = self.refused = self.unasked = self.waiting_most = self.open_most = 0
        self.waiting: deque[Errand] = deque()
        self.on_idle: Callable[[float], Errand | None] | None = None
        self._timeout_s = timeout_s
        self._dialler = Dialler(target, connect_timeout_s, trust)
        self._free: list[Connection] = []
        self._all: set[Connection] = set()
        self._dialling: set[asyncio.Task[None]] = set()
        self._sweeper: asyncio.TimerHandle | None = None
        self._is_closed = False
        self._shared = shared
        self._readiness: Readiness | None = None

    @property
    def readiness(self) -> Readiness:
        """Return what tells of answers; made in the loop that runs."""
        if self._readiness is None:
            self._readiness = Readiness(shared=self._shared)
        return self._readiness

    @property
    def open(self) -> int:
        """Return how many connections are open."""
        return len(self._all)

    @property
    def busy(self) -> int:
        """Return how many errands are under way."""
        return sum(connection.errand is not None for connection in self._all)

    def post(self, errand: Errand, now: float) -> None:
        """Send an errand, or let it wait for a connection."""
        free = self._free
        while free:
            connection = free.pop()
            if connection.is_open:
                connection.send(errand, now)
                return
        self.waiting.append(errand)
        self.waiting_most = max(self.waiting_most, len(self.waiting))
        self._dial()

    def aim(self, request: Request) -> None:
        """Send errands from now on as this request says, with their own bodies."""
        self.head = self.head_of(request)

    def head_of(self, request: Request) -> bytes:
        """Return what stands before the body of an errand that asks this."""
        self.target.url(request)
        return self._dialler.head(request)

    def refill(self, now: float) -> None:
        """Ask `on_idle` for work for every connection that is free, now and after every turn."""
        del now
        self.readiness.after = self._work
        self._work()

    def _work(self) -> None:
        """Give all who are free work: first make it, then send it, for like goes with like."""
        if self.on_idle is None:
            return
        free, going = self._free, []
        now = monotonic_s()
        while free:
            connection = free.pop()
            if not connection.is_open:
                continue
            errand = self.on_idle(now)
            if errand is None:
                free.append(connection)
                break
            going.append((connection, errand))
        for connection, errand in going:
            connection.send(errand, monotonic_s())

    def abandon(self) -> list[Errand]:
        """Return all errands that wait or are under way; none of them hears of it any more."""
        left = [*self.waiting, *(c.errand for c in self._all if c.errand is not None)]
        self.waiting.clear()
        for connection in tuple(self._all):
            connection.errand = None
            connection.close()
        return left

    async def warm(self, connections: int) -> None:
        """Open connections ahead; raises TransportError where not one can be opened."""
        for _ in range(min(connections, self.limit) - len(self._all)):
            self._dial(ahead=True)
        if self._dialling:
            await asyncio.wait(self._dialling)
        if not self._all and self._dialler.failure:
            raise self._dialler.failure

    async def send(self, request: Request) -> Response:
        """Carry one request as an ordinary transport does; raises TransportError."""
        errand = _Single(self.head_of(request), request.body)
        self.post(errand, monotonic_s())
        return await errand.outcome

    def idle(self, connection: Connection, now: float) -> None:
        """Give a connection that is free its next errand, or keep it."""
        while connection.is_open and connection.errand is None:
            if not self.waiting:
                self._free.append(connection)
                return
            errand = self.waiting.popleft()
            if not errand.is_late(now):
                connection.send(errand, monotonic_s())
                return
        if not connection.is_open:
            self.gone(connection)

    def gone(self, connection: Connection) -> None:
        """Forget a connection, and open another one if somebody waits for it."""
        self._all.discard(connection)
        if self.waiting:
            self._dial()

    def _dial(self, *, ahead: bool = False) -> None:
        """Open a connection, unless there are enough for those who wait."""
        under_way = len(self._dialling)
        if self._is_closed or len(self._all) + under_way >= self.limit:
            return
        if not ahead and under_way >= len(self.waiting):
            return
        task = asyncio.get_running_loop().create_task(self._open())
        self._dialling.add(task)
        task.add_done_callback(self._dialling.discard)

    async def _open(self) -> None:
        self._watch()
        mine = asyncio.current_task()
        assert mine is not None  # noqa: S101 - narrows the type
        try:
            sock = await self._dialler.dial()
        except (OSError, TimeoutError, ssl.SSLError) as error:
            self._dialling.discard(mine)
            self._undialled(error)
            return
        self._dialling.discard(mine)
        self.opened += 1
        connection = Connection(self, sock, self.readiness)
        self._all.add(connection)
        self.open_most = max(self.open_most, len(self._all))
        self.idle(connection, monotonic_s())
        self._work()

    def _undialled(self, error: Exception) -> None:
        """Fail the errand that has waited longest; the next one may try a connection of its own.

        Where the system has no port or file left and some connections are open, nobody fails: they
        are the pool from now on.
        """
        self._dialler.failure = failure = failure_of(error)
        if exhausted(error):
            self.refused += 1
            if self._all:
                self.limit = max(1, len(self._all))
                return
        if self.waiting:
            self.waiting.popleft().failed(failure, monotonic_s())
        if self.waiting:
            self._dial()

    def _watch(self) -> None:
        if self._sweeper is None:
            loop = asyncio.get_running_loop()
            self._sweeper = loop.call_later(_SWEEP_S, self._sweep)

    def _sweep(self) -> None:
        """End what has taken too long, and drop from the queue what may not be sent any more."""
        self._sweeper = None
        now = monotonic_s()
        oldest = now - self._timeout_s
        late = [c for c in self._all if c.errand is not None and c.since < oldest]
        for connection in late:
            connection.lose(TransportError(TransportFailure.TIMEOUT, f"{self._timeout_s:g} s"))
        while self.waiting and self.waiting[0].is_late(now):
            self.waiting.popleft()
        if (self._all or self._dialling or self.waiting) and not self._is_closed:
            self._watch()

    async def close(self) -> None:
        """Close all connections; what is under way fails."""
        self._is_closed = True
        if self._sweeper:
            self._sweeper.cancel()
        for task in tuple(self._dialling):
            task.cancel()
        if self._dialling:
            await asyncio.wait(self._dialling)
        failure = TransportError(TransportFailure.RESET, "closed by us")
        while self.waiting:
            self.waiting.popleft().failed(failure, monotonic_s())
        for connection in tuple(self._all):
            if connection.errand is not None:
                connection.lose(failure)
            else:
                connection.close()
        if self._readiness:
            self._readiness.close()


class _Single:
    """An errand that somebody awaits."""

    def __init__(self, head: bytes, body: bytes) -> None:
        self.head = head
        self.body = body
        self.sent = self.flushed = 0.0
        self.outcome: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

    def answered(self, status: int, reply: Reply, now: float) -> None:
        """Hand the answer to who waits."""
        del status, now
        if not self.outcome.done():
            self.outcome.set_result(reply.response())

    def failed(self, error: TransportError, now: float) -> None:
        """Tell who waits."""
        del now
        if not self.outcome.done():
            self.outcome.set_exception(error)

    def is_late(self, now: float) -> bool:
        """Drop it if nobody waits any more."""
        del now
        return self.outcome.done()
