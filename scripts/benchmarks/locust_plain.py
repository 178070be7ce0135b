"""The same load by Locust's own fastest client: as fast as it can, or fed by a schedule.

RATE 0 keeps 64 users busy; another RATE starts a greenlet for each message when it is due, which is
as near as Locust comes to an open loop, and prints how late they were sent.
"""

import json
import os
from itertools import count

import gevent
from gevent.pool import Pool
from locust import FastHttpUser, constant, events, task

from simulator.clock import monotonic_s, wall_s
from simulator.rng import Rng

RATE, SECONDS = float(os.environ["RATE"]), float(os.environ["SECONDS"])
PATH = "/panic-api/v2/deviceEvent"
HEADERS = {"Content-Type": "application/json", "Authorization": "Bearer made-up"}
_numbers = count()
_late: list[float] = []
_answered: list[float] = []


def body() -> str:
    """Return a fresh event."""
    report = {"battery": 87, "at": round(wall_s(), 3)}
    event = {"device_id": f"{next(_numbers):08d}", "device_type_id": 5, "message_type": 4}
    return json.dumps({**event, "body": report})


class Plain(FastHttpUser):
    """A user as Locust's manual writes one."""

    wait_time = constant(0)
    concurrency = 256

    @task
    def play(self) -> None:
        """Send one message, or the schedule of all."""
        if not RATE:
            self.send()
            return
        draws, pool, start_s, due_s = Rng(1).stream(0, "due"), Pool(256), monotonic_s(), 0.0
        while due_s < SECONDS:
            due_s += draws.exponential(1 / RATE)
            wait_s = start_s + due_s - monotonic_s()
            if wait_s > 0:
                gevent.sleep(wait_s)
            pool.spawn(self.send, start_s + due_s)
        pool.join()
        gevent.sleep(60)

    def send(self, due_s: float | None = None) -> None:
        """Send one message."""
        if due_s is not None:
            _late.append(monotonic_s() - due_s)
        with self.client.post(PATH, data=body(), headers=HEADERS, catch_response=True) as answer:
            if answer.status_code == 200:
                _answered.append(monotonic_s())
                answer.success()


def _tell(**_: object) -> None:
    late = sorted(_late) or [0.0]
    span_s = _answered[-1] - _answered[0] if len(_answered) > 1 else 1.0
    figures = {
        "messages_s": len(_answered) / span_s,
        "late_p50_ms": late[len(late) // 2] * 1e3,
        "late_p99_ms": late[int(len(late) * 0.99)] * 1e3,
    }
    print(json.dumps(figures), flush=True)


events.quit.add_listener(_tell)  # type: ignore[no-untyped-call]  # Locust's events have no types
