"""The day of a fleet, schedule and state only, on one engine: `day_engines.py ENGINE DEVICES`.

Each event goes to one Python call in the order of time, but for `arrays`, whose sink takes slices.
"""

import gc
import json
import math
import random  # noqa: TID251 - the textbook draws with Python's own generator
import resource
import sys
from collections.abc import Callable, Generator
from heapq import heapify, heappop, heappush, heapreplace

import numpy as np
import simpy
from measure import resident_bytes

from simulator.clock import monotonic_s
from simulator.draws import Floats
from simulator.fleet import Shard
from simulator.fleet.population import Codes
from simulator.testing.day import DAY_S, Act, Day

counts = [0, 0, 0, 0]
REPORT_S, MOVE_S, PRESS_S = 21_600.0, 300.0, DAY_S * 1000
Turn = Callable[[], None]


def emit(at_s: float, device: int, kind: int) -> None:
    """Take one event."""
    counts[kind] += 1


def textbook(devices: int) -> Turn:
    """A generator process a device that waits for the earliest of its activities."""
    env, chance, after = simpy.Environment(), random.random, random.expovariate

    def device(number: int) -> Generator[simpy.Event, object, None]:
        report, press, cancel = chance() * REPORT_S, after(1 / PRESS_S), math.inf
        move = ends = math.inf
        if number % 10 == 0:
            wakes = 21_600 + 14_400 * chance()
            move, ends = wakes + chance() * MOVE_S, wakes + 28_800
        while True:
            at = min(report, move, press, cancel)
            yield env.timeout(at - env.now)
            if at == report:
                emit(at, number, Act.REPORT)
                report = at + REPORT_S * (0.9 + 0.2 * chance())
            elif at == move:
                emit(at, number, Act.MOVE)
                move = at + MOVE_S * (0.9 + 0.2 * chance())
                move = move if move < ends else math.inf
            elif at == press:
                emit(at, number, Act.PRESS)
                press = at + after(1 / PRESS_S)
                if chance() < 0.3:
                    cancel = at + 5 + 25 * chance()
            else:
                emit(at, number, Act.CANCEL)
                cancel = math.inf

    for number in range(devices):
        env.process(device(number))
    return lambda: env.run(until=DAY_S)


def heap(devices: int) -> Turn:
    """One loop over a heap of (time, device and kind), without SimPy."""
    chance, after = random.random, random.expovariate
    due = [(chance() * REPORT_S, number * 4) for number in range(devices)]
    ends: dict[int, float] = {}
    for number in range(0, devices, 10):
        wakes = 21_600 + 14_400 * chance()
        ends[number] = wakes + 28_800
        due.append((wakes + chance() * MOVE_S, number * 4 + Act.MOVE))
    due.append((after(devices / PRESS_S), int(Act.PRESS)))
    heapify(due)

    def turn() -> None:
        while due[0][0] < DAY_S:
            at, code = due[0]
            kind, number = code & 3, code >> 2
            if kind == Act.REPORT:
                emit(at, number, kind)
                heapreplace(due, (at + REPORT_S * (0.9 + 0.2 * chance()), code))
            elif kind == Act.MOVE:
                emit(at, number, kind)
                follows = at + MOVE_S * (0.9 + 0.2 * chance())
                if follows < ends[number]:
                    heapreplace(due, (follows, code))
                else:
                    heappop(due)
            elif kind == Act.PRESS:
                number = int(chance() * devices)
                emit(at, number, kind)
                heapreplace(due, (at + after(devices / PRESS_S), code))
                if chance() < 0.3:
                    heappush(due, (at + 5 + 25 * chance(), number * 4 + Act.CANCEL))
            else:
                emit(at, number, kind)
                heappop(due)

    return turn


def calls(devices: int) -> Turn:
    """The fleet engine, a call an event."""
    env = simpy.Environment()
    Day(env, Shard(0, devices), emit)
    return lambda: env.run(until=DAY_S)


def arrays(devices: int) -> Turn:
    """The fleet engine, slices of a window as arrays."""
    env = simpy.Environment()

    def sink(at_s: Floats, codes: Codes) -> None:
        for kind, found in enumerate(np.bincount(codes & np.uint32(3), minlength=4).tolist()):
            counts[kind] += found

    Day(env, Shard(0, devices), emit, sink=sink)
    return lambda: env.run(until=DAY_S)


ENGINES: dict[str, Callable[[int], Turn]] = {
    "textbook": textbook,
    "heapq": heap,
    "ours": calls,
    "arrays": arrays,
}


def once(engine: str, devices: int) -> dict[str, float]:
    """Measure one engine once, in this process; memory is the most that was held."""
    ENGINES[engine](10)
    gc.collect()
    counts[:] = [0, 0, 0, 0]
    random.seed(1)
    before, began = resident_bytes(), monotonic_s()
    turn = ENGINES[engine](devices)
    made = monotonic_s()
    turn()
    done = monotonic_s()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {
        "events": sum(counts),
        "start_s": made - began,
        "run_s": done - made,
        "bytes_device": (peak - before) / devices,
    }


if __name__ == "__main__":
    print(json.dumps(once(sys.argv[1], int(sys.argv[2]))))
