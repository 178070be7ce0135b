"""`aurasim shrink`: the fewest devices, presses, faults and seconds that still fail."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click

from simulator.cli.planting import planted
from simulator.cli.show import json_option, plain, print_json
from simulator.errors import UnavailableError
from simulator.journal import FileJournal, read_journal
from simulator.report import account, ledger_of, scenario_of
from simulator.report.words import count
from simulator.rerun import (
    NothingFailsError,
    Shrinker,
    Shrunk,
    Symptom,
    Written,
    read_written,
    suspects_of,
    symptoms_of,
)
from simulator.run import Run, RunSettings, toml_of

RUN_FILE = "smallest.toml"
FEATURE = "smallest.feature"


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--like", metavar="WHAT", help="What to keep, such as lost; else the gravest failure."
)
@click.option("--attempts", type=click.IntRange(min=1), default=500, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Folder.  [default: RUN/smallest]")
@json_option
def shrink(run: Path, like: str | None, attempts: int, out: Path | None, as_json: bool) -> None:
    """Bisect RUN, which has failed, to the smallest run that fails in the same way.

    It is written as a run file and as a feature file, both are played once more, and what they show
    is said. Ends with 0 when a smaller run was found, with 2 when the run does not fail (again).
    """
    written = read_written(run)
    symptom = _symptom(written, like)
    folder = out or written.folder / "smallest"
    say: Callable[[str], object] = _silent if as_json else click.echo
    say(f"{symptom.name}, first seen at {symptom.at_s:.0f} s")
    with planted(written.settings.plant):
        found = _shrunk(written, symptom, attempts, say)
        feature = _write(found, folder)
        plays = _plays(feature, written.settings.plant)
    if as_json:
        print_json(_table(found, folder, plays))
    else:
        _print(found, folder, plays)


def _symptom(written: Written, like: str | None) -> Symptom:
    found = symptoms_of(account(written.folder), like)
    if not found:
        what = f"shows nothing that is {like}" if like else "has not failed"
        message = f"The run in {written.folder} {what}: there is nothing to shrink."
        raise NothingFailsError(message)
    return found[0]


def _shrunk(
    written: Written, symptom: Symptom, attempts: int, say: Callable[[str], object]
) -> Shrunk:
    def tell(what: str, settings: RunSettings) -> None:
        acts = "" if settings.acts is None else f", {count(len(settings.acts), 'act')}"
        say(f"  {count(settings.devices, 'device')}{acts}, {settings.for_s:g} s ({what})")

    shrinker = Shrinker(written.settings, symptom, attempts=attempts, tell=tell)
    return shrinker.shrink(suspects_of(read_journal(written.folder), symptom))


def _write(found: Shrunk, folder: Path) -> Path:
    """Run the smallest run once more, into a folder; return its feature file."""
    with FileJournal(folder) as journal:
        Run(found.settings, journal).execute()
    ledger = ledger_of(read_journal(folder))
    comment = (
        f"The smallest run that still shows: {found.symptom.name}.\n{found.size}; found by "
        f"aurasim shrink in {found.attempts} attempts.\nRun it: aurasim run {RUN_FILE}"
    )
    settings = found.settings
    devices = [f"{name}/{n}" for name in settings.mix for n in settings.numbers(name)]
    feature = scenario_of(read_journal(folder), devices, ledger)
    try:
        (folder / RUN_FILE).write_text(toml_of(settings, comment=comment), "utf-8")
        (folder / FEATURE).write_text(feature.text, "utf-8")
    except OSError as error:
        message = f"The smallest run cannot be written to {folder}: {error.strerror}."
        raise UnavailableError(message) from error
    return folder / FEATURE


def _plays(feature: Path, plant: str | None) -> bool:
    """Return whether the feature file fails too, in a pytest of its own."""
    mutant = ("--aura-mutant", plant) if plant else ()
    quiet = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", feature.parent)
    command = [sys.executable, "-m", "pytest", str(feature), *map(str, quiet), *mutant]
    done = subprocess.run(command, capture_output=True, check=False, timeout=300)  # noqa: S603 - ours
    return done.returncode == 1


def _print(found: Shrunk, folder: Path, plays: bool) -> None:
    click.echo(plain(found.symptom.told))
    click.echo()
    done = "" if found.is_least else "; more attempts may find a smaller one"
    click.echo(f"{found.size}, found in {found.attempts} attempts{done}")
    click.echo(f"run file      {folder / RUN_FILE}")
    click.echo(f"feature file  {folder / FEATURE} ({_told(found, plays)})")


def _told(found: Shrunk, plays: bool) -> str:
    """Return what the feature file shows."""
    if plays:
        return "fails too"
    if not found.symptom.is_failure:
        return "shows it, and passes: it is no failure"
    return "does not fail: chance, or a part that no step can say, has a share in it"


def _table(found: Shrunk, folder: Path, plays: bool) -> dict[str, object]:
    size = found.size
    return {
        "symptom": found.symptom.name,
        "devices": size.devices,
        "acts": size.acts,
        "faults": size.faults,
        "seconds": size.seconds,
        "attempts": found.attempts,
        "least": found.is_least,
        "run_file": str(folder / RUN_FILE),
        "feature": str(folder / FEATURE),
        "feature_fails": plays,
    }


def _silent(_: str) -> None:
    """Say nothing: a program reads the result."""
