"""Tells connections that there is something to read: many of them in one turn of the loop.

An event loop spends about as much on each socket that is ready as our own code does. Where there is
epoll, all connections share one of ours, which is the one file that the loop looks at. What is due
meanwhile does not wait for the rest of the turn: it is looked for after every connection.
"""

import asyncio
import select
from collections.abc import Callable
from math import inf

from simulator.clock import monotonic_s

HAS_EPOLL = hasattr(select, "epoll")
Readable = Callable[[], None]
_MOST = 64  # connections a turn, before timers and other files get theirs


class Readiness:
    """Calls who is ready to be read. `due_s` (monotonic) is when `on_due` is called in between."""

    def __init__(self, *, shared: bool = HAS_EPOLL) -> None:
        self.due_s = inf
        self.on_due: Callable[[], None] = lambda: None
        self._loop = asyncio.get_running_loop()
        self._readable: dict[int, Readable] = {}
        self._epoll: select.epoll | None = None
        if shared:
            self._epoll = select.epoll()
            self._loop.add_reader(self._epoll.fileno(), self.look)

    def add(self, fd: int, readable: Readable) -> None:
        """Call this when there is something to read, or the other side has gone."""
        self._readable[fd] = readable
        if self._epoll:
            self._epoll.register(fd, select.EPOLLIN)
        else:
            self._loop.add_reader(fd, self._one, fd)

    def discard(self, fd: int) -> None:
        """Call nobody any more, before the file is closed. Callable twice."""
        if self._readable.pop(fd, None) is None:
            return
        if self._epoll:
            self._epoll.unregister(fd)
        else:
            self._loop.remove_reader(fd)

    def look(self) -> None:
        """Call all who are ready now, up to a bound; they are still ready in the next turn."""
        if self._epoll is None:  # the loop itself looks
            return
        readable = self._readable
        for fd, _ in self._epoll.poll(0, _MOST):
            if fd in readable:  # else it was closed by one before it
                readable[fd]()
            if self.due_s < inf and monotonic_s() >= self.due_s:
                self.on_due()

    def _one(self, fd: int) -> None:
        self._readable[fd]()
        if monotonic_s() >= self.due_s:
            self.on_due()

    def close(self) -> None:
        """Look no more."""
        for fd in tuple(self._readable):
            self.discard(fd)
        if self._epoll:
            self._loop.remove_reader(self._epoll.fileno())
            self._epoll.close()
            self._epoll = None
