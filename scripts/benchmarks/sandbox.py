"""Device events a second through the sandbox: in the same process, and over HTTP on loopback.

An event is a battery report of a linked device, the message a fleet sends most. All ways write the
request log and an SQLite file: behind the answers, or (durable) committed before each. `bare` is
the same handler behind the least server that can be written on httptools and uvloop. Server and
load generator have a core each.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import cast

import simpy
from flood import CONNECTIONS, SERVER_CORE, flood, generator, pin
from measure import HERE, Result, in_turn, median, ratio, resident_bytes

from simulator.aura import (
    BlockingHttpTransport,
    Call,
    Client,
    Credentials,
    HttpTransport,
    InProcessTransport,
    Json,
    Request,
    Response,
    Secret,
    Session,
    Target,
    Transport,
)
from simulator.aura.calls import customers, devices, subscriptions
from simulator.aura.calls.subscriptions import NewSubscription
from simulator.aura.types import Customer, DeviceLink, SubscriptionType
from simulator.clock import monotonic_s, wall_s
from simulator.rng import Rng
from simulator.sandbox import Sandbox

IN_PROCESS, MANY = 60_000, 1_000_000
FILL = 50_000  # events after which the request log is full several times over
CLI = [sys.executable, "-m", "simulator.cli", "sandbox", "--port", "0", "--json", "--db"]


class Noting:
    """A transport that keeps the last request it carried."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.last = Request("GET", "/")

    def send(self, request: Request) -> Response:
        """Carry a request."""
        self.last = request
        return self._inner.send(request)


def link_calls() -> Generator[Call[object], object, DeviceLink]:
    """Yield the calls that bring one device into being; each is sent the result of the last."""
    now_s = wall_s()
    types = cast(list[SubscriptionType], (yield subscriptions.types()))
    year = NewSubscription(types[0].id, now_s - 60, now_s + 3e7)
    person = customers.Profile(name="A", surname="B", mobile="+27820000001")
    customer = cast(Customer, (yield customers.create(person, year)))
    link = yield devices.link(customer.id, "AB00000001", "ExampleBrand", device_type_id=5)
    return cast(DeviceLink, link)


def event_request(transport: Transport, client_id: str, secret: str) -> Request:
    """Link a device and return the request of one of its battery reports."""
    noting = Noting(transport)
    jitter = Rng(1).stream(0, "retry")
    session = Session(Credentials(client_id, Secret(secret)), wall_s, jitter)
    client = Client(session, noting, lambda _: None)
    calls, result = link_calls(), None
    try:
        while True:
            result = client.call(calls.send(result))
    except StopIteration as end:
        link: DeviceLink = end.value
    report: dict[str, Json] = {"device_id": link.device_id, "device_type_id": 5, "message_type": 4}
    client.call(devices.event({**report, "body": {"battery": 87}}))
    return noting.last


def in_process(*, is_durable: bool) -> dict[str, float]:
    """Measure the handler itself."""
    with tempfile.TemporaryDirectory() as folder:
        box = _box(folder, is_durable=is_durable)
        request = event_request(InProcessTransport(box.handle), *_demo(box))
        began = monotonic_s()
        for _ in range(IN_PROCESS):
            answer = box.handle(request)
        box.keep()
        took_s = monotonic_s() - began
        assert answer.status == 200, answer
        box.close()
    return {"events_s": IN_PROCESS / took_s}


def memory() -> dict[str, float]:
    """Measure what a million events leave behind once the log is full."""
    with tempfile.TemporaryDirectory() as folder:
        box = _box(folder, is_durable=False)
        request = event_request(InProcessTransport(box.handle), *_demo(box))
        for _ in range(FILL):
            box.handle(request)
        before = resident_bytes()
        for _ in range(MANY):
            box.handle(request)
        grown = resident_bytes() - before
        box.close()
    return {"full_mib": before / 2**20, "grown_mib": grown / 2**20}


def over_http(command: list[str]) -> dict[str, float]:
    """Measure a server in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        began = monotonic_s()
        whole = [part.format(db=Path(folder) / "state.db") for part in command]
        server = subprocess.Popen(whole, stdout=subprocess.PIPE, text=True)
        try:
            pin(SERVER_CORE, server.pid)
            assert server.stdout
            told = json.loads(server.stdout.readline())
            return {"start_s": monotonic_s() - began, **_flooded(told)}
        finally:
            server.terminate()
            server.wait()


def _flooded(told: dict[str, str]) -> dict[str, float]:
    target = Target.parse(told["baseUrl"])
    with BlockingHttpTransport(HttpTransport(target)) as transport:
        request = event_request(transport, told["clientId"], told["clientSecret"])
    return flood(target.origin + request.path, request.headers, request.body)


def _box(folder: str, *, is_durable: bool) -> Sandbox:
    db = Path(folder) / "state.db"
    return Sandbox(simpy.Environment(), wall_s(), db=db, is_durable=is_durable)


def _demo(box: Sandbox) -> tuple[str, str]:
    return box.demo.client_id, box.demo.client_secret


WAYS = {
    "bare": lambda: over_http([sys.executable, str(HERE / "bare.py"), "{db}"]),
    "over HTTP": lambda: over_http([*CLI, "{db}", "--write-behind"]),
    "over HTTP, durable": lambda: over_http([*CLI, "{db}", "--durable"]),
    "in process": lambda: in_process(is_durable=False),
    "in process, durable": lambda: in_process(is_durable=True),
    "memory": memory,
}


def run() -> list[Result]:
    """Measure all ways, in turn."""
    seen = in_turn(3, **{name: ("sandbox.py", name) for name in WAYS if name != "memory"})
    grown = in_turn(1, memory=("sandbox.py", "memory"))["memory"][0]
    base = seen["bare"]
    rows, figures = [], dict(grown)
    for name, runs in seen.items():
        is_http = "p99_ms" in runs[0]
        key = name.replace(", ", "_").replace(" ", "_").lower()
        figures[f"{key}_events_s"] = median(runs, "events_s")
        figures[f"{key}_ratio"] = ratio(runs, base, "events_s")
        if is_http:
            figures |= {f"{key}_{what}": median(runs, what) for what in ("p99_ms", "start_s")}
        rows.append(
            [
                name,
                f"{figures[f'{key}_events_s']:,.0f}",
                f"{figures[f'{key}_ratio']:.2f}",
                f"{figures[f'{key}_p99_ms']:.1f}" if is_http else "",
                f"{figures[f'{key}_start_s']:.2f}" if is_http else "",
            ]
        )
    notes = [
        (__doc__ or "").split("\n\n", 1)[1].replace("\n", " ").strip(),
        f"Over HTTP {CONNECTIONS} connections are kept busy by {generator()}. With its request log "
        f"full the process holds {grown['full_mib']:.0f} MiB; {MANY:,} events later it holds "
        f"{grown['grown_mib']:+.1f} MiB more.",
    ]
    columns = ["way", "events/s", "of bare", "p99 ms", "start s"]
    return [Result("Device events", columns, rows, figures, notes)]


if __name__ == "__main__":
    print(json.dumps(WAYS[sys.argv[1]]()))
