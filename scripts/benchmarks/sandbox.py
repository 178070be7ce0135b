"""Device events a second through the sandbox: in the same process, and over HTTP on loopback.

In process one function call is one event. Over HTTP the server has a process of its own and the
client keeps 32 requests under way on the other core with the product's own transport, so the
figure is that of the pair.
"""

import asyncio
import json
import subprocess
import sys

from measure import Result, in_turn, median, ratio

from simulator.aura import (
    AsyncClient,
    Client,
    Credentials,
    HttpTransport,
    InProcessTransport,
    Request,
    Secret,
    Session,
    Target,
)
from simulator.aura.calls import customers, devices, subscriptions
from simulator.aura.calls.subscriptions import NewSubscription
from simulator.clock import monotonic_s, wall_s
from simulator.rng import Rng

IN_PROCESS, OVER_HTTP, UNDER_WAY = 40_000, 8_000, 32


def event(device_id: str) -> dict[str, object]:
    """Return a battery report: the message a fleet sends most."""
    return {
        "device_id": device_id,
        "device_type_id": 5,
        "message_type": 4,
        "body": {"battery": 87},
    }


def link_calls(number: int):  # type: ignore[no-untyped-def]
    """Yield the calls that bring one device into being; each is sent the result of the last."""
    now = wall_s()
    year = NewSubscription(1, now - 60, now + 3e7)
    person = customers.Profile(name="A", surname="B", mobile=f"+2782{number:07d}")
    customer = yield customers.create(person, year)
    yield devices.link(customer.id, f"AB{number:08d}", "ExampleBrand", device_type_id=5)


def session(client_id: str, secret: str) -> Session:
    """Return a session in real time."""
    return Session(Credentials(client_id, Secret(secret)), wall_s, Rng(1).stream(0, "retry"))


def in_process() -> dict[str, float]:
    """Measure the handler itself."""
    import simpy

    from simulator.sandbox import Sandbox

    box = Sandbox(simpy.Environment(), wall_s())
    transport = InProcessTransport(box.handle)
    client = Client(session(box.demo.client_id, box.demo.client_secret), transport, lambda _: None)
    types = client.call(subscriptions.types())
    assert types
    calls = link_calls(1)
    customer = client.call(next(calls))
    link = client.call(calls.send(customer))
    sent: list[Request] = []

    def note(request: Request):  # type: ignore[no-untyped-def]
        sent.append(request)
        return box.handle(request)

    Client(
        session(box.demo.client_id, box.demo.client_secret),
        InProcessTransport(note),
        lambda _: None,
    ).call(devices.event(event(link.device_id)))
    request = sent[-1]
    began = monotonic_s()
    for _ in range(IN_PROCESS):
        answer = box.handle(request)
    assert answer.status == 200, answer
    return {"events_s": IN_PROCESS / (monotonic_s() - began)}


def over_http() -> dict[str, float]:
    """Measure server and client together."""
    command = [sys.executable, "-m", "simulator.cli", "sandbox", "--port", "0", "--json"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours
    try:
        assert server.stdout
        return asyncio.run(_flood(json.loads(server.stdout.readline())))
    finally:
        server.terminate()
        server.wait()


async def _flood(told: dict[str, str]) -> dict[str, float]:
    async with HttpTransport(Target.parse(told["baseUrl"]), connections=UNDER_WAY) as transport:
        client = AsyncClient(session(told["clientId"], told["clientSecret"]), transport)
        calls = link_calls(1)
        customer = await client.call(next(calls))
        link = await client.call(calls.send(customer))
        left = iter(range(OVER_HTTP))

        async def send() -> None:
            for _ in left:
                await client.call(devices.event(event(link.device_id)))

        began = monotonic_s()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(UNDER_WAY):
                tasks.create_task(send())
        return {"events_s": OVER_HTTP / (monotonic_s() - began)}


WAYS = {"in process": in_process, "over HTTP": over_http}


def run() -> list[Result]:
    """Measure both ways, in turn."""
    seen = in_turn(3, **{name: ("sandbox.py", name) for name in WAYS})
    base = seen["in process"]
    rows = [
        [name, f"{median(runs, 'events_s'):,.0f}", f"{ratio(runs, base, 'events_s'):.2f}"]
        for name, runs in seen.items()
    ]
    figures = {
        f"{name.replace(' ', '_').lower()}_events_s": median(runs, "events_s")
        for name, runs in seen.items()
    }
    notes = [__doc__.split("\n\n", 1)[1].replace("\n", " ").strip()]
    return [Result("Device events", ["way", "events/s", "of in process"], rows, figures, notes)]


if __name__ == "__main__":
    print(json.dumps(WAYS[sys.argv[1]]()))
