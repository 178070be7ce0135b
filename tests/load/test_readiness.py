"""Who is ready is told, once a turn, and what is due does not wait for the rest."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from simulator.load.readiness import HAS_EPOLL, Readiness

WAYS = [True, False] if HAS_EPOLL else [False]
Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pairs() -> Iterator[list[Pair]]:
    """Return four sockets with something to read, and their other ends."""
    made = [socket.socketpair() for _ in range(4)]
    for ours, theirs in made:
        ours.setblocking(False)
        theirs.send(b"x")
    yield made
    for pair in made:
        for sock in pair:
            sock.close()


class Ear:
    """Reads from a socket, and writes down what it does."""

    def __init__(self, ours: socket.socket, told: list[str], *, handles: bool = True) -> None:
        self.ours = ours
        self.told = told
        self.handles = handles

    def receive(self) -> bool:
        """Read what is there."""
        self.told.append(f"receive {self.ours.recv(9).decode()}")
        return self.handles

    def handle(self) -> None:
        """Handle it."""
        self.told.append("handle")


async def turns() -> None:
    """Let the loop look at its files a few times."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.parametrize("shared", WAYS)
async def test_everyone_who_is_ready_is_told(shared: bool, pairs: list[Pair]) -> None:
    readiness, told = Readiness(shared=shared), list[str]()
    for ours, _ in pairs:
        readiness.add(ours.fileno(), Ear(ours, told))

    await turns()
    readiness.close()

    assert sorted(told) == ["handle"] * 4 + ["receive x"] * 4


@pytest.mark.skipif(not HAS_EPOLL, reason="only where all share one file")
async def test_a_turn_does_like_with_like(pairs: list[Pair]) -> None:
    readiness, told = Readiness(), list[str]()
    readiness.after = lambda: told.append("after")
    for ours, _ in pairs:
        readiness.add(ours.fileno(), Ear(ours, told))

    readiness.look()
    readiness.close()

    assert told == ["receive x"] * 4 + ["handle"] * 4 + ["after"]


@pytest.mark.parametrize("shared", WAYS)
async def test_what_needs_no_handling_is_not_handled(shared: bool, pairs: list[Pair]) -> None:
    readiness, told = Readiness(shared=shared), list[str]()
    for ours, _ in pairs:
        readiness.add(ours.fileno(), Ear(ours, told, handles=False))

    await turns()
    readiness.close()

    assert told == ["receive x"] * 4


@pytest.mark.parametrize("shared", WAYS)
async def test_who_is_discarded_by_another_is_not_told(shared: bool, pairs: list[Pair]) -> None:
    readiness, told = Readiness(shared=shared), list[str]()

    class Last(Ear):
        def receive(self) -> bool:
            for ours, _ in pairs:
                readiness.discard(ours.fileno())
            return super().receive()

    for ours, _ in pairs:
        readiness.add(ours.fileno(), Last(ours, told, handles=False))

    await turns()
    readiness.close()

    assert told == ["receive x"]


@pytest.mark.parametrize("shared", WAYS)
async def test_what_is_due_comes_between_two_connections(shared: bool, pairs: list[Pair]) -> None:
    readiness, told = Readiness(shared=shared), list[str]()
    readiness.on_due = lambda: told.append("due")
    readiness.due_s = 0.0
    for ours, _ in pairs:
        readiness.add(ours.fileno(), Ear(ours, told, handles=False))

    await turns()
    readiness.close()

    assert told == ["receive x", "due"] * 4


async def test_looking_without_a_file_of_ours_is_left_to_the_loop() -> None:
    readiness = Readiness(shared=False)

    readiness.look()
    readiness.close()
    readiness.close()
