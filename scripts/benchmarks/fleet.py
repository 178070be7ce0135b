"""The fleet engine beside a plain SimPy process a device, and beside C.

`plain` is a generator for each device that only waits for its next report. `ours` is the whole
device: firmware, battery, native frames encoded, radio with loss and delay, journal records made;
frames that arrive are counted.
"""

import gc
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path

import simpy
from measure import HERE, Result, in_turn, median, ratio, resident_bytes

from simulator.clock import monotonic_s
from simulator.device import Code, Firmware, Place, Speech
from simulator.fleet import Fleet, Unit
from simulator.frame import Frame
from simulator.journal import Record
from simulator.link import CoarsePosition, link_of
from simulator.profile import load
from simulator.rng import Rng

DAY_S = 86_400.0
SIZES = (1_000, 10_000, 100_000)
PROFILE = "aura-structured"  # reports every six hours
DAY_SIZES = (100_000, 1_000_000)
DAY_ROUNDS = {100_000: 3, 1_000_000: 1}  # a million textbook processes take minutes
PIPELINE_FROM = 10_000
PIPELINE = (
    (10_000, 1, "full"),
    (10_000, 1, "crowds"),
    (100_000, 1, "crowds"),
    (10_000, 2, "crowds"),
    (100_000, 2, "crowds"),
    (1_000_000, 2, "crowds"),
)
MONTH = ("10000", "30")
PIPELINE_NOTE = (
    "Whole devices: every one reports every six hours, every tenth is a tracker that moves every "
    "five minutes while it walks, all press 1e-3 times a day. Native frames are encoded, go "
    "through radio and gateway, become device events that the embedded AURA answers; the journal "
    "is written as columns, and accounted for. Idle units are full devices or live in crowds; both "
    "write the same records. Memory is at most that of all processes together, the largest "
    "counted for each."
)
PYTHON_ENGINES = ("textbook", "ours", "arrays", "heapq")
C_ENGINES = {"C heap": "day_heap.c", "C calendar": "day_calendar.c"}
DAY_NOTE = (
    "Every device reports every six hours, every tenth moves every five minutes for eight hours, "
    "all press 1e-3 times a day: 13.6 events a device. Each event goes to one call in the order "
    "of time (`arrays`: to a sink that takes slices). `textbook` is a SimPy process a device and "
    "draws with Python's `random`; `ours` draws keyed numbers, and a device that is pressed is "
    "promoted to a process of its own for a minute. Memory is the most that was held beyond the "
    "interpreter; for C the whole process."
)


class Counter:
    """A journal and a gateway that only count."""

    def __init__(self) -> None:
        self.records = 0
        self.arrived = 0

    def write(self, record: Record) -> None:
        """Count a record."""
        self.records += 1

    def flush(self) -> None:
        """Nothing is kept."""

    def receive(self, device: str, frame: Frame, position: CoarsePosition | None) -> bytes | None:
        """Count a frame that arrived."""
        self.arrived += 1
        return None

    def cancel(self, device: str, press: str, code: Code | None = None) -> None:
        """Nobody calls."""


def plain(devices: int) -> Callable[[], int]:
    """One process a device that waits for its next report, and counts it."""
    env = simpy.Environment()
    counter = Counter()
    rng = Rng(7)

    def device(number: int) -> Generator[simpy.Event, object, None]:
        stream = rng.stream(number, "schedule")
        yield env.timeout(21_600.0 * stream.random())
        while True:
            counter.arrived += 1
            yield env.timeout(stream.jittered(21_600.0, 0.1))

    for number in range(devices):
        env.process(device(number))

    def turn() -> int:
        env.run(until=DAY_S)
        return counter.arrived

    return turn


def ours(devices: int) -> Callable[[], int]:
    """The fleet engine: one calendar, a radio and a firmware a device."""
    env = simpy.Environment()
    counter = Counter()
    fleet = Fleet(env, counter, counter)
    for number, unit in enumerate(units(devices)):
        fleet.add(unit)
        fleet.switch_on(unit, number / devices)

    def turn() -> int:
        env.run(until=DAY_S)
        return fleet.frames_sent

    return turn


def units(devices: int) -> Iterator[Unit]:
    """Yield units of the profile, with their radios."""
    profile = load(PROFILE)
    rng, speech, place = Rng(7), Speech(profile), Place()
    for number in range(devices):
        firmware = Firmware(speech, number, rng, place=place, epoch_s=0.0)
        yield Unit(number, firmware, link_of(profile, firmware.key, rng))


ENGINES = {"plain": plain, "ours": ours}


def once(engine: str, devices: int) -> dict[str, float]:
    """Measure one engine once, in this process."""
    ENGINES[engine](1)()  # imports, caches and codecs are not the devices' memory
    gc.collect()
    before, began = resident_bytes(), monotonic_s()
    turn = ENGINES[engine](devices)
    made = monotonic_s()
    memory = (resident_bytes() - before) / devices
    events = turn()
    took = monotonic_s() - made
    return {
        "events": events,
        "events_s": events / took,
        "bytes_device": memory,
        "start_s": made - began,
    }


def run() -> list[Result]:
    """Measure schedule and state of a day, then the whole device."""
    return [day(), reports(), pipeline(), identical()]


def day() -> Result:
    """Measure the day of a fleet on all engines, and on C, in turn."""
    rows, figures = [], {}
    with tempfile.TemporaryDirectory() as folder:
        built = {name: build(HERE / source, Path(folder)) for name, source in C_ENGINES.items()}
        for devices in DAY_SIZES:
            commands: dict[str, Sequence[str]] = {
                name: ("day_engines.py", name, str(devices)) for name in PYTHON_ENGINES
            }
            commands |= {name: (path, str(devices)) for name, path in built.items()}
            seen = in_turn(DAY_ROUNDS[devices], **commands)
            for name, runs in seen.items():
                of = {other: ratio(seen["ours"], seen[other], "run_s") for other in seen}
                rows.append(
                    [
                        f"{devices:,}",
                        name,
                        f"{median(runs, 'run_s'):.2f}",
                        f"{median(runs, 'events') / median(runs, 'run_s') / 1e6:.2f}",
                        "" if name == "ours" else f"{of[name]:.3f}",
                        f"{median(runs, 'bytes_device'):,.0f}",
                        f"{median(runs, 'start_s'):.3f}",
                    ]
                )
                figures[f"day_{name}_{devices}_s"] = median(runs, "run_s")
                figures[f"day_{name}_{devices}_bytes_device"] = median(runs, "bytes_device")
                figures[f"day_ours_of_{name}_{devices}"] = of[name]
    columns = ["devices", "engine", "s", "M events/s", "ours : this", "bytes a device", "start s"]
    return Result("A day of schedule and state", columns, rows, figures, [DAY_NOTE])


def pipeline() -> Result:
    """Measure the day of whole devices through the whole pipeline, small to large."""
    rows, figures, each = [], {}, {}
    for devices, workers, gear in PIPELINE:
        seen = in_turn(1, run=("fleet_run.py", str(devices), str(workers), gear))["run"][0]
        whole = seen["run_s"] + seen["account_s"]
        each[devices, workers, gear] = whole / seen["frames"] * 1e6
        growth = each[devices, workers, gear] / each.get((PIPELINE_FROM, workers, gear), math.nan)
        rows.append(
            [
                f"{devices:,}",
                f"{workers}",
                gear,
                f"{seen['frames']:,.0f}",
                f"{seen['run_s']:.1f}",
                f"{seen['account_s']:.1f}",
                f"{each[devices, workers, gear]:.1f}",
                "" if math.isnan(growth) else f"{growth:.2f}",
                f"{seen['mib']:,.0f}",
                f"{seen['journal_mb']:,.0f}",
            ]
        )
        figures[f"pipeline_{gear}_{workers}_{devices}_s"] = whole
        figures[f"pipeline_{gear}_{workers}_{devices}_mib"] = seen["mib"]
    columns = ["devices", "processes", "idle units", "frames", "run s", "ledger s", "us a frame",
               f": at {PIPELINE_FROM:,}", "MiB", "journal MB"]  # fmt: skip
    return Result("A day through the whole pipeline", columns, rows, figures, [PIPELINE_NOTE])


def identical() -> Result:
    """Compare the journals of a month by the number of processes that wrote them."""
    rows, figures, digests = [], {}, set()
    for workers in (1, 2, 7):
        seen = in_turn(1, run=("fleet_same.py", str(workers), *MONTH))["run"][0]
        digests.add(seen["digest"])
        sha = f"{int(seen['digest']):013x}"
        rows.append([f"{workers}", f"{seen['run_s']:.0f}", f"{seen['mb']:,.0f}", sha])
        figures[f"month_{workers}_s"] = seen["run_s"]
    figures["month_journals"] = len(digests)
    notes = [f"{MONTH[0]} devices for {MONTH[1]} days; {len(digests)} different journals."]
    return Result("The same bytes", ["processes", "s", "MB", "sha256 begins"], rows, figures, notes)


def build(source: Path, folder: Path) -> str:
    """Compile one of the C programs; return its path."""
    made = folder / source.stem
    command = ["gcc", "-O3", "-march=native", str(source), "-lm", "-o", str(made)]
    subprocess.run(command, check=True)
    return str(made)


def reports() -> Result:
    """Measure the whole device at all sizes, in turn."""
    rows, figures = [], {}
    for devices in SIZES:
        seen = in_turn(3, **{name: ("fleet.py", name, str(devices)) for name in ENGINES})
        for name, runs in seen.items():
            slower = ratio(runs, seen["plain"], "events_s")
            rows.append(
                [
                    f"{devices:,}",
                    name,
                    f"{median(runs, 'events_s'):,.0f}",
                    f"{slower:.2f}",
                    f"{median(runs, 'bytes_device'):,.0f}",
                    f"{median(runs, 'start_s'):.2f}",
                ]
            )
            figures[f"{name}_{devices}_events_s"] = median(runs, "events_s")
            figures[f"{name}_{devices}_bytes_device"] = median(runs, "bytes_device")
            figures[f"{name}_{devices}_ratio"] = slower
    columns = ["devices", "engine", "events/s", "of plain", "bytes a device", "start s"]
    notes = [__doc__.split("\n\n", 1)[1].replace("\n", " ").strip()]
    return Result("A day of reports by whole devices", columns, rows, figures, notes)


if __name__ == "__main__":
    print(json.dumps(once(sys.argv[1], int(sys.argv[2]))))
