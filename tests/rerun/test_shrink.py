"""A failing run becomes the smallest that fails in the same way."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from click.testing import CliRunner

from simulator.bdd.mutants.planting import Function, swap
from simulator.cli.planting import planted
from simulator.cli.shrink import shrink
from simulator.device import ActKind, People
from simulator.errors import ExitCode
from simulator.faults import AnyFault
from simulator.journal import FileJournal, MemoryJournal, read_journal
from simulator.report import Invariant, check, ledger_of
from simulator.rerun import NothingFailsError, Shrinker, Size, suspects_of, symptoms_of
from simulator.run import Run, RunResult, RunSettings, read_run_file

PAIR = ("milesight-ws101/37", "milesight-ws101/112")
FLEET = RunSettings(
    mix={"milesight-ws101": 150}, for_s=3 * 3600.0, seed=3, people=People(presses=3.0)
)


def _meeting(press: Function) -> Function:
    """Let AURA mistake one of two devices for the other while that one has a callout open."""
    opened: WeakKeyDictionary[Any, int] = WeakKeyDictionary()  # by tenant

    def pressed(tenant: Any, link: Any, said: Any) -> Any:
        if link.alias == PAIR[1] and tenant in opened:
            callout = tenant.callouts.get(opened[tenant])
            if callout.is_active:
                return callout
        callout = press(tenant, link, said)
        if link.alias == PAIR[0]:
            opened[tenant] = callout.id
        return callout

    return pressed


@pytest.fixture
def meeting() -> Iterator[None]:
    mutant = swap("x", "X.", "simulator.sandbox.routes.device_events:_press", _meeting)
    with mutant.planted():
        yield


@pytest.fixture
def failed(meeting: None) -> MemoryJournal:
    journal = MemoryJournal()
    Run(FLEET, journal).execute()
    return journal


def test_two_devices_that_only_fail_together_are_found(failed: MemoryJournal) -> None:
    (symptom, *_) = symptoms_of(ledger_of(failed.records))
    heard: list[str] = []
    shrinker = Shrinker(FLEET, symptom, tell=lambda what, _: heard.append(what))

    found = shrinker.shrink(suspects_of(failed.records, symptom))

    assert found.symptom.name == Invariant.ONE_CUSTOMER
    assert found.settings.units == {"milesight-ws101": (37, 112)}
    assert [act.device for act in found.settings.acts or ()] == list(PAIR)
    assert all(act.kind is ActKind.PRESS for act in found.settings.acts or ())
    assert found.settings.for_s < 10.0
    assert found.is_least
    assert found.attempts < 60
    assert heard[0] == "devices"


def test_they_are_found_without_a_hint(failed: MemoryJournal) -> None:
    """Whatever the evidence names, in the order in which the devices are listed."""
    (symptom, *_) = symptoms_of(ledger_of(failed.records))
    everyone = [f"milesight-ws101/{n}" for n in range(1, 151)]

    found = Shrinker(FLEET, symptom).shrink(everyone)

    assert found.settings.units == {"milesight-ws101": (37, 112)}


def test_what_is_found_fails_again_by_itself(failed: MemoryJournal) -> None:
    (symptom, *_) = symptoms_of(ledger_of(failed.records))
    found = Shrinker(FLEET, symptom).shrink(suspects_of(failed.records, symptom))
    journal = MemoryJournal()

    Run(found.settings, journal).execute()

    assert {breach.invariant for breach in check(journal.records)} == {Invariant.ONE_CUSTOMER}


def test_when_the_attempts_are_used_up_the_best_so_far_stands(failed: MemoryJournal) -> None:
    (symptom, *_) = symptoms_of(ledger_of(failed.records))

    found = Shrinker(FLEET, symptom, attempts=4).shrink(suspects_of(failed.records, symptom))

    assert not found.is_least
    assert found.size.devices == 2
    assert found.attempts == 4


def test_ctrl_c_ends_the_search_with_what_was_found(
    failed: MemoryJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    (symptom, *_) = symptoms_of(ledger_of(failed.records))
    whole = Run.execute
    runs: list[Run] = []

    def execute(run: Run) -> RunResult:
        runs.append(run)
        return whole(run) if len(runs) < 4 else RunResult("interrupted", 0)

    monkeypatch.setattr(Run, "execute", execute)
    found = Shrinker(FLEET, symptom).shrink(suspects_of(failed.records, symptom))

    assert not found.is_least
    assert found.size.devices == 2
    assert len(runs) == 4


def test_ctrl_c_before_anything_was_found_is_ctrl_c(
    failed: MemoryJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    (symptom, *_) = symptoms_of(ledger_of(failed.records))
    monkeypatch.setattr(Run, "execute", lambda _: RunResult("interrupted", 0))

    with pytest.raises(KeyboardInterrupt):
        Shrinker(FLEET, symptom).shrink(suspects_of(failed.records, symptom))


def test_a_run_that_does_not_fail_again_is_refused(failed: MemoryJournal) -> None:
    """As when the fault was somewhere else, and is gone."""
    (symptom, *_) = symptoms_of(ledger_of(failed.records))
    other = replace(FLEET, seed=4, people=People(presses=0.01))

    with pytest.raises(NothingFailsError, match="does not fail again"):
        Shrinker(other, symptom).shrink(["milesight-ws101/1"])


def test_faults_that_have_no_part_in_it_are_left_out(tmp_path: Path) -> None:
    """One of three is needed to lose a press."""
    path = tmp_path / "run.toml"
    path.write_text(
        'for = "1h"\nseed = 2\n[mix]\neview-ev07b = 6\n[people]\npresses = 4.0\n'
        '[[faults]]\nkind = "clock"\nskew_s = 3.0\n'
        '[[faults]]\nkind = "no-coverage"\nfrom = "10m"\nto = "50m"\n'
        '[[faults]]\nkind = "bounce"\nstrength = 0.5\n',
        "utf-8",
    )
    settings = RunSettings(**read_run_file(path))  # type: ignore[arg-type]
    journal = MemoryJournal()
    Run(settings, journal).execute()
    (symptom,) = symptoms_of(ledger_of(journal.records), "lost")

    found = Shrinker(settings, symptom).shrink(suspects_of(journal.records, symptom))

    faults: tuple[AnyFault, ...] = found.settings.life.faults
    assert len(faults) == 1
    assert found.size.devices == 1
    assert found.size.acts == 1
    assert found.settings.for_s < 600.0


def test_the_command_writes_what_fails_and_says_so(tmp_path: Path) -> None:
    """A run file and a feature file; both fail as the run did."""
    settings = replace(FLEET, mix={"milesight-ws101": 8}, plant="open-callout-is-not-joined")
    with planted(settings.plant), FileJournal(tmp_path) as journal:
        Run(settings, journal).execute()

    done = CliRunner().invoke(shrink, [str(tmp_path), "--json"])

    assert done.exit_code == ExitCode.PASS, done.output
    told = json.loads(done.output)
    assert told["devices"] == 1
    assert told["acts"] == 2
    assert told["feature_fails"] is True
    again = subprocess.run(
        [sys.executable, "-m", "simulator.cli", "run", told["run_file"], "--json",
         "--out", str(tmp_path / "again")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert again.returncode == ExitCode.FAILED
    assert json.loads(again.stdout)["invariants"][told["symptom"]] > 0


def test_a_run_that_has_not_failed_has_nothing_to_shrink(tmp_path: Path) -> None:
    with FileJournal(tmp_path) as journal:
        Run(replace(FLEET, mix={"gt06": 2}), journal).execute()

    done = CliRunner().invoke(shrink, [str(tmp_path)])

    assert isinstance(done.exception, NothingFailsError)
    assert list(read_journal(tmp_path))


def test_a_size_is_told_in_words() -> None:
    assert str(Size(1, 2, 0, 1.5)) == "1 device, 2 acts, 1.5 s"
    assert str(Size(2, 1, 1, 60.0)) == "2 devices, 1 act, 1 fault, 60 s"


def test_what_cannot_be_looked_for_is_refused(tmp_path: Path) -> None:
    with FileJournal(tmp_path) as journal:
        Run(replace(FLEET, mix={"gt06": 2}), journal).execute()

    done = CliRunner().invoke(shrink, [str(tmp_path), "--like", "bad luck"])

    assert "Say one of" in str(done.exception)
