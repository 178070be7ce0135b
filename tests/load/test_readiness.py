"""Who is ready is called, once a turn, and what is due does not wait for the rest."""

import asyncio
import socket
from collections.abc import Iterator
from functools import partial

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


async def turns() -> None:
    """Let the loop look at its files a few times."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.parametrize("shared", WAYS)
async def test_everyone_who_is_ready_is_called(shared: bool, pairs: list[Pair]) -> None:
    readiness = Readiness(shared=shared)
    heard: list[tuple[int, bytes]] = []

    def hear(at: int) -> None:
        heard.append((at, pairs[at][0].recv(9)))

    for number, (ours, _) in enumerate(pairs):
        readiness.add(ours.fileno(), partial(hear, number))

    await turns()
    readiness.close()

    assert sorted(heard) == [(number, b"x") for number in range(4)]


@pytest.mark.parametrize("shared", WAYS)
async def test_who_is_discarded_by_another_is_not_called(shared: bool, pairs: list[Pair]) -> None:
    readiness = Readiness(shared=shared)
    heard: list[int] = []

    def hear(at: int) -> None:
        heard.append(at)
        for ours, _ in pairs:
            readiness.discard(ours.fileno())

    for number, (ours, _) in enumerate(pairs):
        readiness.add(ours.fileno(), partial(hear, number))

    await turns()
    readiness.close()

    assert len(heard) == 1


@pytest.mark.parametrize("shared", WAYS)
async def test_what_is_due_comes_between_two_connections(shared: bool, pairs: list[Pair]) -> None:
    readiness = Readiness(shared=shared)
    told: list[str] = []
    readiness.on_due = lambda: told.append("due")
    readiness.due_s = 0.0

    def hear(ours: socket.socket) -> None:
        told.append(ours.recv(9).decode())

    for ours, _ in pairs:
        readiness.add(ours.fileno(), partial(hear, ours))

    await turns()
    readiness.close()

    assert told == ["x", "due"] * 4


async def test_looking_without_a_file_of_ours_is_left_to_the_loop() -> None:
    readiness = Readiness(shared=False)

    readiness.look()
    readiness.close()
    readiness.close()
