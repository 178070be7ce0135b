"""`aurasim check`: exit codes, the minimal trace, JSON."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simulator.cli.check import check
from simulator.errors import ExitCode
from simulator.journal import FileJournal, Pressed, Record
from tests.report.journals import Telling

HOSTILE = "milesight-ws101/1\x1b[31m<b>\u202e"


def checked(folder: Path, records: list[Record], *flags: str) -> Result:
    """Write a journal and check it."""
    with FileJournal(folder) as journal:
        for record in records:
            journal.write(record)
    return CliRunner().invoke(check, [str(folder), *flags])


@pytest.fixture
def run() -> Telling:
    telling = Telling().begin()
    telling.link()
    telling.deliver(telling.press(), 501)
    return telling


def test_a_good_journal_passes(run: Telling, tmp_path: Path) -> None:
    done = checked(tmp_path, run.end())

    assert done.exit_code == ExitCode.PASS
    assert "all promises held" in done.output


def test_a_broken_promise_fails_with_its_records(run: Telling, tmp_path: Path) -> None:
    run.link("milesight-ws101/2", customer=2)
    run.deliver(run.press("milesight-ws101/2"), 501)

    done = checked(tmp_path, run.end())

    assert done.exit_code == ExitCode.FAILED
    first, *trace = done.output.splitlines()[:3]
    assert first.startswith("a callout is never shared by two customers: milesight-ws101/2")
    assert [line.split()[2] for line in trace] == ["answer", "answer"]


def test_programs_are_told_in_json(run: Telling, tmp_path: Path) -> None:
    run.tell(Pressed(t=run.t, press="milesight-ws101/1#1", device="x", gesture="long"))

    told = json.loads(checked(tmp_path, run.end(), "--json").output)

    assert told["invariants"]["a press happens once"] == 1
    assert told["whole"] is True
    assert [breach["invariant"] for breach in told["breaches"]] == ["a press happens once"]


def test_a_torn_journal_that_breaks_nothing_is_void(run: Telling, tmp_path: Path) -> None:
    done = checked(tmp_path, run.records)

    assert done.exit_code == ExitCode.VOID
    assert "no promise broken so far" in done.output


def test_a_shorter_budget_may_be_asked_for(run: Telling, tmp_path: Path) -> None:
    assert checked(tmp_path, run.end(), "--budget", "1ms").exit_code == ExitCode.FAILED


def test_a_hostile_name_does_not_steer_the_terminal(tmp_path: Path) -> None:
    run = Telling().begin()
    run.link(f"{HOSTILE}/1")
    run.deliver(run.press(f"{HOSTILE}/1"), 501)
    run.tell(run.records[2])

    done = checked(tmp_path, run.end())

    assert "\x1b" not in done.output
    assert "\u202e" not in done.output
