"""Trackers on TCP connections: how many one process holds, and what each costs.

`ours` is the fleet's side: a line a device, with login, dialogue and reconnect. `plain` is the
least that asyncio needs for the same talk: a stream and a task a device. `door` is the other end,
the reference middleware: a session a device, with framer and gateway. The peer is a process of its
own. Every tracker logs in, and when all have, all say a heartbeat and wait for its reply.
"""

import asyncio
import gc
import json
import resource
import subprocess
import sys
from collections.abc import Awaitable, Callable

import simpy
from measure import HERE, Result, in_turn, median, ratio, resident_bytes

from simulator.aura import Credentials, Response, Secret, Session
from simulator.clock import Pacer, monotonic_s
from simulator.codec import Codec, codec
from simulator.device import Position
from simulator.frame import Frame, Kind, Value
from simulator.gateway import Courier, Gateway
from simulator.native import Endpoint, Middleware, Traffic, Uplink
from simulator.native.parcel import Caller, Parcel
from simulator.native.sessions import TcpDoor
from simulator.native.tracker import TcpCarrier
from simulator.profile import load
from simulator.rng import Rng
from simulator.run.outlets import InProcessOutlet

SIZES = (1_000, 5_000, 10_000)
PROFILE = load("gt06")
WAIT_S = 300.0
DIALLING = 64
BACKLOG = 2048
BEAT = codec("gt06").decode(bytes.fromhex("78780a13440604000201baaf540d0a"))


def speaker() -> Codec:
    """Return the codec of the trackers."""
    return codec(PROFILE.codec)


def login(number: int) -> bytes:
    """Return what a tracker says first."""
    said: dict[str, Value] = {
        "message_type": 1,
        "serial_number": 0,
        "imei": PROFILE.identity.serial_of(number),
    }
    return speaker().encode(said)


def heartbeat(sequence: int) -> bytes:
    """Return what it says then."""
    return speaker().encode({**BEAT, "serial_number": sequence})


class Answerer(asyncio.Protocol):
    """The peer of `ours` and `plain`: answers every frame."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._framer = speaker().framer()

    def data_received(self, data: bytes) -> None:
        """Answer the frames of a portion."""
        assert self._framer
        for frame in self._framer.feed(data):
            self._transport.write(speaker().reply(frame) or b"")


async def answer() -> None:
    """Serve until nobody wants it any more."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answerer, "127.0.0.1", 0, backlog=BACKLOG)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


class Count:
    """A desk that counts, and tells when a count is reached."""

    def __init__(self) -> None:
        self.seen = 0
        self._wanted = 0
        self._reached = asyncio.Event()

    def delivered(self, parcel: Parcel, status: int) -> None:
        """Count a frame that was answered."""
        self.seen += 1
        if self.seen == self._wanted:
            self._reached.set()

    def failed(self, parcel: Parcel, reason: str) -> None:
        """Stop: a benchmark that loses frames measures nothing."""
        sys.exit(reason)

    def replied(self, device: str, sequence: int, reply: bytes) -> None:
        """Leave the reply to the firmware, which is not here."""

    def troubled(self, device: str, reason: str) -> None:
        """Stop likewise."""
        sys.exit(reason)

    async def until(self, wanted: int) -> None:
        """Wait for a count."""
        self._wanted = wanted
        self._reached.clear()
        async with asyncio.timeout(WAIT_S):
            if self.seen < wanted:
                await self._reached.wait()


Say = Callable[[], Awaitable[None]]


async def ours(devices: int, port: int, tasks: asyncio.TaskGroup) -> tuple[Say, Say]:
    """Connect the lines of a fleet; return what lets all of them speak, and what ends them."""
    count, rng = Count(), Rng(7)
    carrier = TcpCarrier(Endpoint.parse(f"tcp://127.0.0.1:{port}"), count, tasks)
    callers = [
        Caller(f"d/{n}", speaker(), None, lambda: None, rng.stream(n, "line"), lambda: 0.0)
        for n in range(devices)
    ]

    def say(caller: Caller, sequence: int, payload: bytes, kind: Kind) -> None:
        frame = Frame(caller.device, sequence, kind, payload, 0.0)
        uplink = Uplink(address="", payload=payload, sequence=sequence, received_s=0.0)
        carrier.send(Parcel("", frame, uplink, caller))

    async def speak() -> None:
        for caller in callers:
            say(caller, 1, heartbeat(1), Kind.HEARTBEAT)
        await count.until(2 * devices)

    for number, caller in enumerate(callers):
        say(caller, 0, login(number), Kind.LOGIN)
    await count.until(devices)
    return speak, carrier.close


async def plain(devices: int, port: int, tasks: asyncio.TaskGroup) -> tuple[Say, Say]:
    """Connect one stream and one task a device."""
    go, dialling = asyncio.Event(), asyncio.Semaphore(DIALLING)
    logged_in, done = asyncio.Semaphore(0), asyncio.Semaphore(0)

    async def device(number: int) -> None:
        async with dialling:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for frame, told in ((login(number), logged_in), (heartbeat(1), done)):
            writer.write(frame)
            await reader.readexactly(len(speaker().reply(frame) or b""))
            told.release()
            await go.wait()
        writer.close()

    async def speak() -> None:
        go.set()
        async with asyncio.timeout(WAIT_S):
            for _ in range(devices):
                await done.acquire()

    async def close() -> None:
        """Have nothing left to do: every task ends by itself."""

    for number in range(devices):
        tasks.create_task(device(number))
    async with asyncio.timeout(WAIT_S):
        for _ in range(devices):
            await logged_in.acquire()
    return speak, close


async def door(devices: int, port: int, tasks: asyncio.TaskGroup) -> tuple[Say, Say]:
    """Listen as the middleware does, while a process of plain trackers connects."""
    del port
    env = simpy.Environment()
    pacer, traffic = Pacer(env), Traffic()
    session = Session(Credentials("", Secret("")), lambda: 0.0, Rng(1).stream(0, "retry"))
    outlet = InProcessOutlet(env, lambda request: Response(500))
    middleware = Middleware(
        env, pacer, Gateway(env, traffic, Courier(env, session, outlet), 0.0), site=Position(0, 0)
    )
    tcp = TcpDoor(middleware, PROFILE)
    bound = await tcp.listen("127.0.0.1", 0, BACKLOG)
    turning = tasks.create_task(pacer.run(float("inf")))
    dialler = subprocess.Popen(  # noqa: ASYNC220 - ours, and started before anything counts
        [sys.executable, str(HERE / "native.py"), "dial", str(devices), str(bound)],
        stdin=subprocess.PIPE,
    )

    async def until(frames: int) -> None:
        async with asyncio.timeout(WAIT_S):
            while traffic.counts["frames read"] < frames:  # noqa: ASYNC110 - there is no event
                await asyncio.sleep(0.001)

    async def speak() -> None:
        assert dialler.stdin
        dialler.stdin.close()
        await until(2 * devices)

    async def close() -> None:
        turning.cancel()
        await tcp.close()
        dialler.kill()
        dialler.wait()

    await until(devices)
    return speak, close


async def dial(devices: int, port: int) -> None:
    """Be the peer of `door`: connect and log in; when told to, speak."""
    async with asyncio.TaskGroup() as tasks:
        speak, _ = await plain(devices, port, tasks)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        await speak()


ENGINES = {"plain": plain, "ours": ours, "door": door}


async def measured(engine: str, devices: int, port: int) -> dict[str, float]:
    """Measure one engine once, in this process."""
    async with asyncio.TaskGroup() as tasks:
        warm, end = await ENGINES[engine](3, port, tasks)
        await warm()  # imports and codecs are not the connections' memory
        await end()
    gc.collect()
    before, began = resident_bytes(), monotonic_s()
    async with asyncio.TaskGroup() as tasks:
        speak, end = await ENGINES[engine](devices, port, tasks)
        connected = monotonic_s()
        held = resident_bytes() - before
        await speak()
        spoken = monotonic_s()
        await end()
    return {
        "bytes_connection": held / devices,
        "logins_s": devices / (connected - began),
        "frames_s": devices / (spoken - connected),
    }


def once(engine: str, devices: int) -> dict[str, float]:
    """Measure one engine against a peer in a process of its own."""
    command = [sys.executable, str(HERE / "native.py"), "answer", "0"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as peer:
        assert peer.stdout
        assert peer.stdin
        seen = asyncio.run(measured(engine, devices, int(peer.stdout.readline())))
        peer.stdin.close()
    return seen


def run() -> list[Result]:
    """Measure all engines at all sizes, in turn."""
    rows, figures = [], {}
    for devices in SIZES:
        seen = in_turn(3, **{name: ("native.py", name, str(devices)) for name in ENGINES})
        for name, runs in seen.items():
            rows.append(
                [
                    f"{devices:,}",
                    name,
                    f"{median(runs, 'bytes_connection'):,.0f}",
                    f"{ratio(runs, seen['plain'], 'bytes_connection'):.2f}",
                    f"{median(runs, 'logins_s'):,.0f}",
                    f"{median(runs, 'frames_s'):,.0f}",
                ]
            )
            for key in runs[0]:
                figures[f"{name}_{devices}_{key}"] = median(runs, key)
    columns = ["connections", "engine", "bytes each", "of plain", "logins/s", "answered frames/s"]
    notes = [__doc__.split("\n\n", 1)[1].replace("\n", " ").strip()]
    return [Result("Trackers that hold a TCP connection", columns, rows, figures, notes)]


def allow_handles() -> None:
    """Take as many open sockets as this machine lets a process have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


if __name__ == "__main__":
    allow_handles()
    task, size = sys.argv[1], int(sys.argv[2])
    if task == "answer":
        asyncio.run(answer())
    elif task == "dial":
        asyncio.run(dial(size, int(sys.argv[3])))
    else:
        print(json.dumps(once(task, size)))
