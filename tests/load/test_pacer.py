"""The pacer: what is due is called in order and never early, by a timerfd or by the loop."""

import asyncio
import socket
from math import inf

import pytest
import simpy

from simulator.clock import monotonic_s
from simulator.load.pacer import LoadPacer
from simulator.load.readiness import HAS_EPOLL, Readiness


class Pump:
    """Has things due at given times, and notes when it was asked to do each."""

    def __init__(self, due: list[float]) -> None:
        self.due = due
        self.done: list[tuple[float, float]] = []
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def __call__(self, now: float) -> float:
        while self.due and self.due[0] <= now:
            self.done.append((self.due.pop(0), now))
        if self.due:
            return self.due[0]
        if not self.over.done():
            self.over.set_result(None)
        return inf


@pytest.mark.parametrize("precise", [True, False])
async def test_everything_is_done_in_order_and_nothing_early(precise: bool) -> None:
    pump = Pump([0.0, 0.01, 0.01, 0.015, 0.05])

    pacer = LoadPacer(simpy.Environment(), pump, start_s=monotonic_s(), precise=precise)
    await pacer.run(pump.over)

    assert [due for due, _ in pump.done] == [0.0, 0.01, 0.01, 0.015, 0.05]
    assert all(now >= due for due, now in pump.done)
    assert pacer.began_as == ("timerfd" if precise else "loop")


async def test_nothing_is_done_before_the_common_start() -> None:
    pump = Pump([0.0])
    start_s = monotonic_s() + 0.05

    await LoadPacer(simpy.Environment(), pump, start_s=start_s).run(pump.over)

    assert monotonic_s() >= start_s


@pytest.mark.parametrize("precise", [True, False])
async def test_an_environment_is_stepped_in_time(precise: bool) -> None:
    env, over = simpy.Environment(), asyncio.get_running_loop().create_future()
    start_s = monotonic_s()
    seen: list[float] = []

    def course() -> simpy.events.ProcessGenerator:
        for _ in range(3):
            yield env.timeout(0.01)
            seen.append(monotonic_s() - start_s - env.now)
        over.set_result(None)

    env.process(course())
    await LoadPacer(env, lambda now: inf, start_s=start_s, precise=precise).run(over)

    assert env.now == pytest.approx(0.03)
    assert len(seen) == 3
    assert min(seen) >= 0


async def test_what_comes_from_outside_happens_now() -> None:
    env, over = simpy.Environment(), asyncio.get_running_loop().create_future()
    pacer = LoadPacer(env, lambda now: inf, start_s=monotonic_s())
    loop = asyncio.get_running_loop()
    loop.call_later(0.02, lambda: pacer.post(lambda: over.set_result(None)))

    await pacer.run(over)

    assert 0.02 <= env.now < 5


async def test_a_crowd_of_events_lets_others_have_a_turn() -> None:
    """Ten thousand events at once are handled, and a callback of the loop comes in between."""
    env, over = simpy.Environment(), asyncio.get_running_loop().create_future()
    turns: list[int] = []
    handled = 0

    def count(_: simpy.Event) -> None:
        nonlocal handled
        handled += 1
        if handled == 10_000:
            over.set_result(None)

    for _ in range(10_000):
        event = env.timeout(0)
        event.callbacks.append(count)
    asyncio.get_running_loop().call_later(0.0, lambda: turns.append(handled))

    await LoadPacer(env, lambda now: inf, start_s=monotonic_s()).run(over)

    assert turns
    assert turns[0] < 10_000


async def test_spare_time_is_offered_and_stalls_are_measured() -> None:
    pump = Pump([0.001, 0.02])
    spare: list[float] = []

    pacer = LoadPacer(simpy.Environment(), pump, start_s=monotonic_s(), spare=spare.append)
    await pacer.run(pump.over)

    assert spare
    assert pacer.stalled_s > 0


@pytest.mark.skipif(not HAS_EPOLL, reason="only where connections share one file")
async def test_what_is_due_goes_out_between_two_answers() -> None:
    """However many answers there are, something that is due does not wait for all of them."""
    told: list[str] = []
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    pairs = [socket.socketpair() for _ in range(8)]

    class Ear:
        def __init__(self, ours: socket.socket) -> None:
            self.ours = ours

        def receive(self) -> bool:
            self.ours.recv(9)
            told.append("answer")
            if told.count("answer") == len(pairs):
                done.set_result(None)
            return False

        def handle(self) -> None:
            raise AssertionError

    def pump(now: float) -> float:
        told.append("sent")
        if told.count("sent") == 3:  # the pace is kept: now everybody answers at once
            for _, theirs in pairs:
                theirs.send(b"x")
        return now + 1e-9

    readiness = Readiness()
    for ours, _ in pairs:
        readiness.add(ours.fileno(), Ear(ours))
    pacer = LoadPacer(simpy.Environment(), pump, start_s=monotonic_s())
    await pacer.run(done, readiness)
    readiness.close()
    for ours, theirs in pairs:
        ours.close()
        theirs.close()

    answers = [at for at, what in enumerate(told) if what == "answer"]
    assert all(told[at + 1] == "sent" for at in answers[:-1])
