"""Tells connections that there is something to read: many of them in one turn of the loop.

An event loop spends about as much on each socket that is ready as our own code does. Where there is
epoll, all connections share one of ours, which is the one file that the loop looks at. A turn reads
from all who are ready, then handles what came, then does what is left for `after`: a core that does
like with like is quicker than one that goes to and fro. What is due does not wait for a turn.
"""

import asyncio
import select
from collections.abc import Callable
from math import inf
from typing import Protocol

from simulator.clock import monotonic_s

HAS_EPOLL = hasattr(select, "epoll")
_MOST = 64  # connections a turn, before timers and other files get theirs


class Reader(Protocol):
    """Who is to be told that there is something to read."""

    def receive(self) -> bool:
        """Read what is there; return whether it is to be handled."""
        ...

    def handle(self) -> None:
        """Handle what was read."""
        ...


class Readiness:
    """Tells who is ready to be read, and calls `after` them all.

    `due_s` is when `on_due` is called in between, by the monotonic clock.
    """

    def __init__(self, *, shared: bool = HAS_EPOLL) -> None:
        self.due_s = inf
        self.on_due: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        self._loop = asyncio.get_running_loop()
        self._readers: dict[int, Reader] = {}
        self._epoll: select.epoll | None = None
        if shared:
            self._epoll = select.epoll()
            self._loop.add_reader(self._epoll.fileno(), self.look)

    def add(self, fd: int, reader: Reader) -> None:
        """Tell this one when there is something to read, or the other side has gone."""
        self._readers[fd] = reader
        if self._epoll:
            self._epoll.register(fd, select.EPOLLIN)
        else:
            self._loop.add_reader(fd, self._turn, [(fd, 0)])

    def discard(self, fd: int) -> None:
        """Tell nobody any more, before the file is closed. Callable twice."""
        if self._readers.pop(fd, None) is None:
            return
        if self._epoll:
            self._epoll.unregister(fd)
        else:
            self._loop.remove_reader(fd)

    def look(self) -> None:
        """Tell all who are ready now, up to a bound; others are still ready in the next turn."""
        if self._epoll is not None:  # else the loop itself looks
            self._turn(self._epoll.poll(0, _MOST))

    def _turn(self, ready: list[tuple[int, int]]) -> None:
        readers, came = self._readers, []
        for fd, _ in ready:
            reader = readers.get(fd)  # none where it was closed by one before it
            if reader is not None and reader.receive():
                came.append(reader)
            if self.due_s < inf and monotonic_s() >= self.due_s:
                self.on_due()
        for reader in came:
            reader.handle()
            if self.due_s < inf and monotonic_s() >= self.due_s:
                self.on_due()
        self.after()

    def close(self) -> None:
        """Look no more."""
        for fd in tuple(self._readers):
            self.discard(fd)
        if self._epoll:
            self._loop.remove_reader(self._epoll.fileno())
            self._epoll.close()
            self._epoll = None
