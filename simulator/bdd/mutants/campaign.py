"""Plays a suite against every mutant, each in a pytest of its own, and counts who is noticed."""

import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from simulator.bdd.mutants.planting import Mutant
from simulator.errors import InputError

_QUIET = ("-x", "-q", "--no-header", "-p", "no:randomly", "-p", "no:cacheprovider")
_LONGEST_S = 600.0


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    BROKEN = "broken"  # the suite could not be played with it


class Verdict(NamedTuple):
    """One mutant, and the scenario that noticed it first, or why it could not be judged."""

    mutant: str
    says: str
    fate: Fate
    by: str


class CleanRunError(InputError):
    """The suite fails without any mutant, so it can tell nothing about them."""


def campaign(
    path: Path,
    mutants: Sequence[Mutant],
    *,
    jobs: int = 2,
    told: Callable[[Verdict], None] = lambda _: None,
) -> list[Verdict]:
    """Return what became of each mutant, in their order; raise `CleanRunError`."""
    clean = _play(path)
    if clean.returncode != 0:
        message = f"{path} fails without a mutant: {_first_failure(clean.stdout)}. Mend it first."
        raise CleanRunError(message)

    def judge(mutant: Mutant) -> Verdict:
        verdict = _verdict(mutant, _play(path, "--aura-mutant", mutant.name))
        told(verdict)
        return verdict

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(judge, mutants))


def score(verdicts: Sequence[Verdict]) -> float:
    """Return the share of mutants that were noticed, in percent."""
    killed = sum(one.fate is Fate.KILLED for one in verdicts)
    return 100.0 * killed / len(verdicts) if verdicts else 100.0


def _play(path: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pytest", str(path), *_QUIET, *options]
    return subprocess.run(  # noqa: S603 - our own interpreter, and a path that exists
        command, capture_output=True, text=True, check=False, timeout=_LONGEST_S
    )


def _verdict(mutant: Mutant, done: "subprocess.CompletedProcess[str]") -> Verdict:
    fates = {0: Fate.SURVIVED, 1: Fate.KILLED}
    fate = fates.get(done.returncode, Fate.BROKEN)
    by = _first_failure(done.stdout) if fate is Fate.KILLED else ""
    if fate is Fate.BROKEN:
        by = ((done.stderr or done.stdout).strip().splitlines() or ["no output"])[-1]
    return Verdict(mutant.name, mutant.says, fate, by)


def _first_failure(output: str) -> str:
    found = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", output, re.MULTILINE)
    return found[1] if found else "no scenario named"
