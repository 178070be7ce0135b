"""A long virtual time through the whole pipeline, and what it leaves in memory.

Three parts: the long run itself, with the ledger kept as it goes and memory looked at a hundred
times; days around both changes of daylight saving, which must be the same records to the byte in
zones with and without it; and the day of a leap second.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import msgspec

from simulator.clock import epoch_s, monotonic_s
from simulator.device import People
from simulator.journal import FrameSent, Received, Record, RunStarted
from simulator.profile import load
from simulator.report import Ledger, Outcome, Verdict
from simulator.run import Run, RunSettings

PAGE = Path(__file__).parents[2] / "BENCHMARKS.md"
DAY_S = 86_400.0
CALM = {"aura-structured": 0.4, "simplepack-plus": 0.3, "milesight-ws101": 0.295}
CHATTY = "gt06"  # counts its frames in 16 bits, and says something every few minutes
WRAP = 65_536
ZONES = ("UTC", "Europe/Berlin", "America/New_York")
CHANGES = (
    "2026-03-07T12:00:00Z",
    "2026-03-28T12:00:00Z",
    "2026-10-24T12:00:00Z",
    "2026-10-31T12:00:00Z",
)
LEAP = "2016-12-31T12:00:00Z"
_MIB = 2**20


class Watch:
    """A journal that keeps the ledger and looks at the memory, and keeps no record."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.records = 0
        self.dropped: Counter[str] = Counter()
        self.sequences: dict[str, int] = {}
        self.late = 0
        self.memory_mib: list[float] = []
        self._t = 0.0
        self._digest = hashlib.sha256()
        self._encode = msgspec.json.Encoder().encode

    def write(self, record: Record) -> None:
        """Take a record in."""
        self.records += 1
        self.late += record.t < self._t
        self._t = record.t
        if isinstance(record, FrameSent):
            self.sequences[record.device] = max(self.sequences.get(record.device, 0), record.seq)
        elif isinstance(record, Received) and record.dropped:
            self.dropped[record.dropped] += 1
        if not isinstance(record, RunStarted):  # it names the folder of the models
            self._digest.update(self._encode(record))
        self.ledger.add(record)

    def flush(self) -> None:
        """Look at the memory."""
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        self.memory_mib.append(pages * os.sysconf("SC_PAGE_SIZE") / _MIB)

    @property
    def digest(self) -> str:
        """Return what tells two journals apart."""
        return self._digest.hexdigest()


def ran(devices: int, days: float, start: str, seed: int = 1) -> Watch:
    """Run a fleet of calm devices with a few chatty ones, each pressed twice a month."""
    shares = {name: max(1, int(devices * share)) for name, share in CALM.items()}
    shares[CHATTY] = max(1, devices - sum(shares.values()))
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder:
        settings = RunSettings(
            mix={lasting(name, Path(folder)): count for name, count in shares.items()},
            for_s=days * DAY_S,
            seed=seed,
            start_s=epoch_s(start),
            people=People(presses=max(1.0, days / 15.0)),
        )
        Run(settings, watch).execute()
    return watch


def lasting(name: str, folder: Path) -> str:
    """Write a model of a profile that hangs on the mains; return its path.

    A device whose battery is empty after a month soaks nothing.
    """
    text = Path(str(load(name).path)).read_text()
    for pattern, change in (
        (rf'^name = "{name}"', f'name = "{name}-on-the-mains"'),
        (r"^capacity_mah = \d+", "capacity_mah = 10000000"),
        (r"^device_type_id = (\d+)", r"device_type_id = 9\g<1>"),
    ):
        text, changed = re.subn(pattern, change, text, flags=re.MULTILINE)
        if changed != 1:
            sys.exit(f"{name}: {changed} lines are {pattern}")
    path = folder / f"{name}.toml"
    path.write_text(text)
    return str(path)


def judged(watch: Watch, name: str) -> str:
    """Stop where a run lost something; return what it came to."""
    account = watch.ledger.finish()
    wrong = [account.totals[one] for one in (Outcome.UNEXPLAINED, Outcome.DOUBLED)]
    if any(wrong) or account.verdict is not Verdict.PASSED or watch.late:
        sys.exit(f"{name}: {account.verdict}, {account.totals}, {watch.late} records out of order")
    return ", ".join(f"{number} {one.value}" for one, number in account.totals.items() if number)


def long_run(devices: int, days: float) -> dict[str, float]:
    """Return the figures of the long run."""
    began = monotonic_s()
    watch = ran(devices, days, "2026-01-01T00:00:00Z")
    took_s = monotonic_s() - began
    said = judged(watch, "the long run")
    memory = watch.memory_mib
    settled, end = memory[len(memory) // 10], memory[-1]
    wrapped = sum(sequence >= WRAP for sequence in watch.sequences.values())
    print(f"{days:g} days of {devices} devices: {watch.records:,} records in {took_s:.0f} s")
    print(f"  presses: {said}")
    print(f"  frames dropped by the gateway: {dict(watch.dropped) or 'none'}")
    print(f"  devices whose 16 bit count wrapped: {wrapped}")
    print(f"  memory after a tenth {settled:.0f} MiB, at the end {end:.0f} MiB")
    return {
        "days": days,
        "devices": devices,
        "records": watch.records,
        "took_s": took_s,
        "wrapped": wrapped,
        "settled_mib": settled,
        "end_mib": end,
    }


def zones(devices: int) -> int:
    """Run the days of the changes in several zones; return how many were compared."""
    for start in CHANGES:
        found = {zone: _in_zone(zone, start, devices) for zone in ZONES}
        if len(set(found.values())) != 1:
            sys.exit(f"the days from {start} differ by the zone of the machine: {found}")
    print(f"{len(CHANGES)} changes of daylight saving: the same records in {', '.join(ZONES)}")
    return len(CHANGES) * len(ZONES)


def _in_zone(zone: str, start: str, devices: int) -> str:
    command = [sys.executable, __file__, "--digest", start, "--devices", str(devices)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"TZ": zone}
    )
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout.strip()


def leap_second(devices: int) -> None:
    """Live through 2016-12-31T23:59:60."""
    said = judged(ran(devices, 1.0, LEAP), "the leap second")
    print(f"the day of the leap second: {said}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--days", type=float, default=365.0)
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--digest", metavar="START", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="end with one JSON line")
    parser.add_argument("--write", action="store_true", help="write into BENCHMARKS.md")
    asked = parser.parse_args()
    if asked.digest:
        watch = ran(asked.devices, 1.0, asked.digest)
        judged(watch, asked.digest)
        print(watch.digest)
        return
    few = min(asked.devices, 40)
    zones(few)
    leap_second(few)
    figures = long_run(asked.devices, asked.days)
    if asked.write:
        _write(figures)
    if asked.json:
        print(json.dumps(figures))


def _write(figures: dict[str, float]) -> None:
    """Put the figures into the page, in place of older ones."""
    section = (
        "## soak\n\nA long virtual time through the whole pipeline, by `scripts/soak`; before it, "
        "days around the changes of daylight saving in three zones, and a leap second. What memory "
        "grows by is the ledger: it keeps a story for each press.\n\n"
        "| devices | days | records | s | counts wrapped | MiB after a tenth | MiB at the end |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n"
        f"| {figures['devices']:,} | {figures['days']:g} | {figures['records']:,} "
        f"| {figures['took_s']:,.0f} | {figures['wrapped']} | {figures['settled_mib']:.0f} "
        f"| {figures['end_mib']:.0f} |\n"
    )
    page = PAGE.read_text()
    found = re.search(r"^## soak\n.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    text = page.replace(found[0], section + "\n") if found else f"{page.rstrip()}\n\n{section}"
    PAGE.write_text(text.rstrip() + "\n")


if __name__ == "__main__":
    main()
