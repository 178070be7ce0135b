"""The bench's own share of what it measures, and what it loses.

A device on a pseudo terminal writes frames; beside ours stands `plain`, a thread that does no more
than read the port with pyserial. Nothing of AURA's time is in these figures: an event counts as
sent when it is handed to the HTTP client.
"""

import asyncio
import json
import resource
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from threading import Thread

import serial
from measure import Result, in_turn, median, ratio

from simulator.bench.being import PtyPort
from simulator.bench.being.ble_button import BlePeripheral
from simulator.bench.desk import Desk
from simulator.bench.ear import Ear, HeardFrame
from simulator.bench.links import (
    Address,
    Aim,
    Chunk,
    GattLink,
    LinkDown,
    LinkUp,
    SerialLink,
    link_to,
)
from simulator.bench.listening import Listener
from simulator.bench.open_desk import open_desk
from simulator.clock import monotonic_s
from simulator.frame import Kind
from simulator.journal import Answered, MemoryJournal
from simulator.profile import Wire, codec_of, load

PROFILE = load("serial-pendant-base")
SERIAL = "00000017"
LATENCIES, CYCLES, PRESSES_A_CYCLE, UNITS, FRAMES_A_UNIT, NOTES = 400, 200, 5, 16, 200, 2000
PAUSE_S = 0.01
WAIT_S = 120.0


def alarm(sequence: int, serial_number: str = SERIAL) -> bytes:
    """Return a press; each has a sequence number of its own."""
    return codec_of(PROFILE).encode(
        {
            "message": "alarm",
            "serial": serial_number,
            "sequence": sequence,
            "button": "pendant",
            "on_mains": True,
            "battery_percent": 88,
            "rssi_dbm": -71.5,
        }
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


class Plain:
    """The least there is: a thread that reads the port, and takes the time."""

    def __init__(self, path: str, count: int) -> None:
        self.times: list[float] = []
        self._port = serial.Serial(path, timeout=1.0)
        self._count = count
        self._thread = Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        size = len(alarm(0))
        while len(self.times) < self._count:
            if len(self._port.read(size)) == size:
                self.times.append(monotonic_s())

    def end(self) -> None:
        """Wait for the last frame."""
        self._thread.join()
        self._port.close()


async def plain_latency(port: PtyPort) -> list[float]:
    """Return how long each frame takes from the wire into a thread that reads it."""
    reader = Plain(str(port.path), LATENCIES)
    written = []
    for number in range(LATENCIES):
        written.append(monotonic_s())
        await port.write(alarm(number))
        await asyncio.sleep(PAUSE_S)
    await asyncio.to_thread(reader.end)
    return [read - wrote for read, wrote in zip(reader.times, written, strict=True)]


async def our_latency(port: PtyPort) -> list[float]:
    """Return how long each frame takes from the wire to the device event that is sent."""
    async with AsyncExitStack() as stack:
        desk, listener = await station(stack, port)
        hearing = asyncio.create_task(forward(listener, desk))
        written = {}
        for number in range(LATENCIES):
            written[number] = monotonic_s()
            await port.write(alarm(number))
            await asyncio.sleep(PAUSE_S)
        done = await desk.told.until(lambda: desk.has_answer(LATENCIES, Kind.PRESS), WAIT_S)
        assert done, "a device event was not answered"
        hearing.cancel()
        sent = [desk.stage(number + 1, Kind.PRESS, 0.0).sent_s for number in written]
    return [at - written[number] for number, at in enumerate(sent) if at is not None]


async def station(stack: AsyncExitStack, port: PtyPort) -> tuple[Desk, Listener]:
    """Return a desk with the device linked, and its listener."""
    link = link_to(Address(port=str(port.path)), PROFILE)
    listener = await stack.enter_async_context(Listener(link, Ear(PROFILE)))
    desk = await stack.enter_async_context(open_desk("sandbox", PROFILE, MemoryJournal()))
    await desk.link(PROFILE, SERIAL)
    return desk, listener


async def forward(listener: Listener, desk: Desk, stirred: asyncio.Event | None = None) -> None:
    """Hand every frame to the gateway."""
    async for event in listener.events():
        if isinstance(event, HeardFrame):
            desk.receive(event, None, lambda _: None)
        if stirred:
            stirred.set()


async def latency() -> dict[str, float]:
    """Measure the way of a frame through the harness, beside the port alone."""
    with tempfile.TemporaryDirectory() as folder:
        port = PtyPort(Path(folder) / "tty")
        port.plug()
        plain = await plain_latency(port)
        ours = await our_latency(port)
        port.unplug()
    return {
        "plain_p50_us": 1e6 * percentile(plain, 0.5),
        "plain_p99_us": 1e6 * percentile(plain, 0.99),
        "ours_p50_us": 1e6 * percentile(ours, 0.5),
        "ours_p99_us": 1e6 * percentile(ours, 0.99),
    }


async def replug() -> dict[str, float]:
    """Unplug and plug again and again, with presses between; count what was lost or doubled."""
    with tempfile.TemporaryDirectory() as folder:
        port = PtyPort(Path(folder) / "tty")
        port.plug()
        async with AsyncExitStack() as stack:
            desk, listener = await station(stack, port)
            ups, downs, heard = 0, 0, 0
            stirred = asyncio.Event()

            async def hear() -> None:
                nonlocal ups, downs, heard
                async for event in listener.events():
                    ups += isinstance(event, LinkUp)
                    downs += isinstance(event, LinkDown)
                    if isinstance(event, HeardFrame):
                        heard += 1
                        desk.receive(event, None, lambda _: None)
                    stirred.set()

            async def until(wanted: tuple[int, int, int]) -> None:
                async with asyncio.timeout(WAIT_S):
                    while (ups, downs, heard) != wanted:
                        stirred.clear()
                        await stirred.wait()

            hearing = asyncio.create_task(hear())
            began_s, back_s, number = monotonic_s(), [], 0
            await until((1, 0, 0))
            for cycle in range(CYCLES):
                for _ in range(PRESSES_A_CYCLE):
                    await port.write(alarm(number))
                    number += 1
                await until((cycle + 1, cycle, number))
                port.unplug()
                await until((cycle + 1, cycle + 1, number))
                plugged_s = monotonic_s()
                port.plug()
                await until((cycle + 2, cycle + 1, number))
                back_s.append(monotonic_s() - plugged_s)
            await desk.told.until(lambda: desk.has_answer(number, Kind.PRESS), WAIT_S)
            took_s = monotonic_s() - began_s
            hearing.cancel()
            answers = [
                sum(isinstance(r, Answered) for _, r in desk.told.of(message))
                for message in (f"{PROFILE.name}/{SERIAL}:{n + 1}:press" for n in range(number))
            ]
        port.unplug()
    return {
        "cycles": float(CYCLES),
        "presses": float(number),
        "lost": float(sum(count == 0 for count in answers)),
        "doubled": float(sum(count > 1 for count in answers)),
        "back_p50_ms": 1e3 * percentile(back_s, 0.5),
        "back_p99_ms": 1e3 * percentile(back_s, 0.99),
        "took_s": took_s,
    }


async def units(count: int) -> dict[str, float]:
    """Let so many units speak at once, each on a port of its own."""
    with tempfile.TemporaryDirectory() as folder:
        ports = [PtyPort(Path(folder) / f"tty{number}") for number in range(count)]
        late: list[float] = []
        heard = [0] * count
        written: list[dict[int, float]] = [{} for _ in ports]
        for port in ports:
            port.plug()
        async with AsyncExitStack() as stack:
            listeners = [
                await stack.enter_async_context(Listener(SerialLink(str(port.path)), Ear(PROFILE)))
                for port in ports
            ]
            done = asyncio.Event()

            async def hear(index: int) -> None:
                async for event in listeners[index].events():
                    if isinstance(event, HeardFrame):
                        sequence = event.values["sequence"]
                        assert isinstance(sequence, int)
                        late.append(monotonic_s() - written[index][sequence])
                        heard[index] += 1
                        if sum(heard) == count * FRAMES_A_UNIT:
                            done.set()

            async def speak(index: int) -> None:
                for number in range(FRAMES_A_UNIT):
                    written[index][number] = monotonic_s()
                    await ports[index].write(alarm(number))
                    await asyncio.sleep(PAUSE_S)

            cpu_s, began_s = _cpu_s(), monotonic_s()
            tasks = [asyncio.create_task(hear(index)) for index in range(count)]
            async with asyncio.timeout(WAIT_S):
                await asyncio.gather(*(speak(index) for index in range(count)))
                await done.wait()
            took_s, cpu_s = monotonic_s() - began_s, _cpu_s() - cpu_s
            for task in tasks:
                task.cancel()
            lost = count * FRAMES_A_UNIT - sum(heard)
            overflow = sum(one.link.counts.overflow_bytes for one in listeners)
        for port in ports:
            port.unplug()
    return {
        "frames_s": sum(heard) / took_s,
        "lost": float(lost + overflow),
        "p50_us": 1e6 * percentile(late, 0.5),
        "p99_us": 1e6 * percentile(late, 0.99),
        "cpu_us_frame": 1e6 * cpu_s / sum(heard),
    }


async def notify() -> dict[str, float]:
    """Notify as fast as it goes, through bleak's BlueZ code on a private bus."""
    from simulator.bench.emulate.air import Air, bluez_in
    from simulator.bench.emulate.needs import missing
    from simulator.bench.environment import environment

    if missing("ble"):
        return {"skipped": 1.0}
    air, wire = Air(), Wire(service="ffe0", notify=["ffe1"])
    button = BlePeripheral(air.device("button", "F0:00:00:00:00:01"), wire, name="bench")
    async with bluez_in(air) as variables:
        with environment(variables):
            await button.start()
            link = GattLink(Aim(button.address, wire))
            await link.open()
            heard, began_s = 0, monotonic_s()

            async def hear() -> None:
                nonlocal heard
                async for happening in link.happenings():
                    if isinstance(happening, Chunk):
                        heard += 1
                        if heard == NOTES:
                            return

            hearing = asyncio.create_task(hear())
            for number in range(NOTES):
                await button.say(number.to_bytes(4, "big") * 5)
            async with asyncio.timeout(WAIT_S):
                await hearing
            took_s = monotonic_s() - began_s
            await link.close()
            await button.stop()
    return {"skipped": 0.0, "notes_s": NOTES / took_s, "bytes_s": 20 * NOTES / took_s, "lost": 0.0}


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def run() -> list[Result]:
    """Measure each figure in processes of its own, in turn."""
    names = ("latency", "replug", "one", "many", "notify")
    seen = in_turn(3, **{name: ("bench.py", name) for name in names})
    return [_latency(seen), _replug(seen), _units(seen), _notify(seen)]


def _latency(seen: dict[str, list[dict[str, float]]]) -> Result:
    runs = seen["latency"]
    rows = [
        [name, f"{median(runs, f'{key}_p50_us'):,.0f}", f"{median(runs, f'{key}_p99_us'):,.0f}"]
        for name, key in (
            ("plain: byte to thread", "plain"),
            ("ours: byte to device event", "ours"),
        )
    ]
    figures = {key: median(runs, key) for key in runs[0]}
    added = figures["ours_p50_us"] - figures["plain_p50_us"]
    notes = [f"The harness adds {added:,.0f} us at the median: framing, decoding, rules, gateway."]
    return Result("From the wire to AURA", ["way", "p50 us", "p99 us"], rows, figures, notes)


def _replug(seen: dict[str, list[dict[str, float]]]) -> Result:
    runs = seen["replug"]
    figures = {key: median(runs, key) for key in runs[0]}
    figures["lost"] = max(run["lost"] for run in runs)
    figures["doubled"] = max(run["doubled"] for run in runs)
    row = [f"{figures[key]:,.0f}" for key in ("cycles", "presses", "lost", "doubled")]
    row += [f"{figures[key]:,.1f}" for key in ("back_p50_ms", "back_p99_ms")]
    columns = ["replugs", "presses", "lost", "doubled", "back p50 ms", "back p99 ms"]
    notes = [
        "Lost and doubled are the worst of three runs; back is from the plug to the open link."
    ]
    return Result("Unplugged and plugged again", columns, [row], figures, notes)


def _units(seen: dict[str, list[dict[str, float]]]) -> Result:
    rows: list[list[str]] = []
    figures: dict[str, float] = {}
    for name, count in (("one", 1), ("many", UNITS)):
        runs = seen[name]
        rows.append(
            [
                str(count),
                f"{median(runs, 'frames_s'):,.0f}",
                f"{max(run['lost'] for run in runs):.0f}",
                f"{median(runs, 'p50_us'):,.0f}",
                f"{median(runs, 'p99_us'):,.0f}",
                f"{median(runs, 'cpu_us_frame'):,.0f}",
                f"{ratio(runs, seen['one'], 'cpu_us_frame'):.2f}",
            ]
        )
        figures |= {f"units_{count}_{key}": median(runs, key) for key in runs[0]}
    columns = ["units", "frames/s", "lost", "p50 us", "p99 us", "CPU us a frame", "of one"]
    notes = [f"Each writes a frame every {1e3 * PAUSE_S:g} ms; the writer's CPU is in the figures."]
    return Result("Serial units at once on one machine", columns, rows, figures, notes)


def _notify(seen: dict[str, list[dict[str, float]]]) -> Result:
    runs = seen["notify"]
    columns = ["notifications/s", "kB/s", "lost"]
    if runs[0]["skipped"]:
        notes = ["Skipped: run scripts/install-bench ble."]
        return Result("BLE notifications", columns, [], {}, notes)
    figures = {f"notify_{key}": median(runs, key) for key in ("notes_s", "bytes_s", "lost")}
    row = [
        f"{figures['notify_notes_s']:,.0f}",
        f"{figures['notify_bytes_s'] / 1e3:,.1f}",
        f"{figures['notify_lost']:.0f}",
    ]
    notes = ["20 bytes each, from a virtual button through D-Bus and bleak's BlueZ backend."]
    return Result("BLE notifications", columns, [row], figures, notes)


TASKS = {
    "latency": latency,
    "replug": replug,
    "one": lambda: units(1),
    "many": lambda: units(UNITS),
    "notify": notify,
}

if __name__ == "__main__":
    print(json.dumps(asyncio.run(TASKS[sys.argv[1]]())))
