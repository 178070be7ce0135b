"""Runs trials of hard weather, and says how many were survived, by kind."""

import argparse
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

from stage import NotSurvivedError, Stage
from trials import TRIALS

PAGE = Path(__file__).parents[2] / "BENCHMARKS.md"
_TITLE = "weather"


def main() -> None:
    """Read the command line; exit with 1 where something was not survived."""
    parser = argparse.ArgumentParser(prog="scripts/chaos", description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(TRIALS)}")
    parser.add_argument("--rounds", type=int, default=5, help="trials of each kind (5)")
    parser.add_argument("--seed", type=int, default=1, help="of all chance (1)")
    parser.add_argument("--keep", action="store_true", help="keep the folders of what failed")
    parser.add_argument("--json", action="store_true", help="end with one JSON line")
    parser.add_argument("--write", action="store_true", help="write the table into BENCHMARKS.md")
    asked = parser.parse_args()
    unknown = set(asked.kinds) - set(TRIALS)
    if unknown:
        parser.error(f"there is no {min(unknown)}; there is {', '.join(TRIALS)}")
    survived = {
        kind: sum(_tried(kind, number, asked) for number in range(1, asked.rounds + 1))
        for kind in asked.kinds or TRIALS
    }
    print(_table(survived, asked.rounds))
    if asked.write:
        _write(_table(survived, asked.rounds))
    if asked.json:
        print(json.dumps({"tried": asked.rounds, "survived": survived}))
    sys.exit(any(number < asked.rounds for number in survived.values()))


def _tried(kind: str, number: int, asked: argparse.Namespace) -> bool:
    """Run one trial, and say what happened."""
    folder = Path(tempfile.mkdtemp(prefix=f"{kind}-{number}-"))
    survived = False
    try:
        with Stage(folder, kind, number, asked.seed) as stage:
            said = TRIALS[kind](stage)
            survived = True
    except NotSurvivedError as error:
        said = f"NOT SURVIVED: {error}"
    print(f"{kind} {number}: {said}", flush=True)
    if survived or not asked.keep:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"  kept: {folder}")
    return survived


def _table(survived: dict[str, int], rounds: int) -> str:
    rows = [f"| {kind} | {rounds} | {number} |" for kind, number in survived.items()]
    rows.append(f"| all | {rounds * len(survived)} | {sum(survived.values())} |")
    return "\n".join(["| fault | tried | survived |", "| --- | --- | --- |", *rows])


def _write(table: str) -> None:
    """Put the table into the page, in place of its older one."""
    page = PAGE.read_text()
    section = (
        f"## {_TITLE}\n\nFaults survived of faults tried, by `scripts/chaos`. Survived is a trial "
        "after which the ledger explains every press, none is doubled, every callout that was "
        "acknowledged is still known, nothing is left open at AURA, and every command ended with a "
        f"documented exit code.\n\n{table}\n"
    )
    found = re.search(rf"^## {_TITLE}\n.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    text = page.replace(found[0], section + "\n") if found else f"{page.rstrip()}\n\n{section}"
    PAGE.write_text(text.rstrip() + "\n")


if __name__ == "__main__":
    main()
