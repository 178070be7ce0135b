"""How benchmarks measure and show: side by side, in turn, as ratios against something named."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Result:
    """One table, and its figures by name for programs."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: Mapping[str, float]
    notes: Sequence[str] = field(default_factory=tuple)

    def markdown(self) -> str:
        """Return the table as it stands in BENCHMARKS.md."""
        head = f"| {' | '.join(self.columns)} |\n|{' --- |' * len(self.columns)}"
        rows = "\n".join(f"| {' | '.join(row)} |" for row in self.rows)
        notes = "".join(f"\n{note}\n" for note in self.notes)
        return f"### {self.title}\n\n{head}\n{rows}\n{notes}"


def in_turn(rounds: int, **commands: Sequence[str]) -> dict[str, list[dict[str, float]]]:
    """Run commands in turn (A B A B ...), each in a process of its own; return what each printed.

    Each prints one JSON object as its last line. Neighbours in time share the weather of the
    machine, so ratios are to be taken between runs of one round.
    """
    seen: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
    for number in range(rounds):
        for name, command in commands.items():
            sys.stderr.write(f"round {number + 1} of {rounds}: {name}\n")
            seen[name].append(once(command))
    return seen


def once(command: Sequence[str]) -> dict[str, float]:
    """Run one measurement of this folder in a fresh interpreter, or a program that was built."""
    is_ours = command[0].endswith(".py")
    whole = [sys.executable, str(HERE / command[0])] if is_ours else [command[0]]
    whole += command[1:]
    done = subprocess.run(whole, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def median(runs: Sequence[Mapping[str, float]], key: str) -> float:
    """Return the median of one figure over the rounds."""
    return statistics.median(run[key] for run in runs)


def ratio(
    runs: Sequence[Mapping[str, float]], base: Sequence[Mapping[str, float]], key: str
) -> float:
    """Return the median of the ratios of each round."""
    return statistics.median(a[key] / b[key] for a, b in zip(runs, base, strict=True))


def resident_bytes() -> int:
    """Return the memory this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def machine() -> str:
    """Return the machine as cores and memory."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    version = ".".join(map(str, sys.version_info[:3]))
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {version}"
