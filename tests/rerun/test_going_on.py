"""A run in real time that was killed goes on: nothing is sent twice, all is accounted for."""

import json
import os
import signal
import subprocess
import sys
import time  # noqa: TID251 - waits for another process
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from simulator.clock import clock_mode
from simulator.device import People
from simulator.errors import ExitCode
from simulator.journal import (
    DeviceLinked,
    EventSent,
    FileJournal,
    JournalForm,
    MemoryJournal,
    Pressed,
    Record,
    RunEnded,
    RunResumed,
    RunStarted,
    Unfinished,
    open_journal,
    read_journal,
)
from simulator.native import Delivery
from simulator.report import Outcome, check, ledger_of
from simulator.rerun import read_written, resume
from simulator.rerun.going_on import CannotGoOnError, past_of
from simulator.run import RunSettings, table_of
from simulator.run.continuing import KILLED, Past
from tests.report.journals import Telling

RUN = (
    "run", "--profile", "eview-ev07b=12", "--profile", "milesight-ws101=8", "--for", "120s",
    "--clock", "scaled=20", "--presses", "4", "--seed", "5", "--json",
)  # fmt: skip


@pytest.fixture
def served(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Serve a sandbox on a free port, with a folder of its own for open lists."""
    command = [sys.executable, "-m", "simulator.cli", "sandbox", "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        told: dict[str, str] = json.loads(server.stdout.readline())
        yield {
            **os.environ,
            "AURA_CLIENT_ID": "resumed", "AURA_CLIENT_SECRET": "resumed-secret",
            "TARGET": next(value for value in told.values() if str(value).startswith("http")),
            "XDG_STATE_HOME": str(tmp_path / "state"),
        }  # fmt: skip
        server.send_signal(signal.SIGINT)
        server.wait(timeout=20)


def killed(folder: Path, environment: dict[str, str], *flags: str) -> None:
    """Start a run, and kill it when a few presses have been answered."""
    command = [sys.executable, "-m", "simulator.cli", *RUN, *flags, "--out", str(folder)]
    path = folder / "journal.ndjson"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment) as run:
        while not path.exists() or path.read_bytes().count(b'"type":"answer"') < 25:
            assert run.poll() is None, "the run was over before it could be killed"
            time.sleep(0.01)
        run.send_signal(signal.SIGKILL)


def resumed(folder: Path, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "simulator.cli", "resume", str(folder)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, timeout=100
    )


def judged(folder: Path) -> list[Record]:
    """Return a journal in which nothing was done twice, and every promise held."""
    records = list(read_journal(folder))
    presses = Counter(r.press for r in records if isinstance(r, Pressed))
    messages = Counter(r.message for r in records if isinstance(r, EventSent))
    ledger = ledger_of(records)

    assert set(presses.values()) == {1}
    assert set(messages.values()) == {1}
    assert [str(breach) for breach in check(records)] == []
    assert ledger.totals[Outcome.UNEXPLAINED] == ledger.totals[Outcome.DOUBLED] == 0
    assert sum(isinstance(r, RunStarted) for r in records) == 1
    assert sum(isinstance(r, RunResumed) for r in records) == 1
    assert isinstance(records[-1], RunEnded)
    return records


@pytest.mark.slow
def test_a_run_against_an_aura_that_lives_on_goes_on(
    served: dict[str, str], tmp_path: Path
) -> None:
    """What was left open is ended, all are linked anew, and nobody presses twice."""
    folder = tmp_path / "run"
    killed(folder, served, "--target", served["TARGET"])
    before = [r for r in read_journal(folder) if isinstance(r, Pressed)]

    done = resumed(folder, served)

    assert done.returncode == ExitCode.PASS, done.stdout + done.stderr
    records = judged(folder)
    assert sum(isinstance(r, DeviceLinked) for r in records) == 40
    assert sum(isinstance(r, Pressed) for r in records) > len(before) > 0
    asked = subprocess.run(
        [sys.executable, "-m", "simulator.cli", "cleanup", "--list"],
        capture_output=True, text=True, check=False, env=served,
    )  # fmt: skip
    assert "Nothing was left open" in asked.stdout


@pytest.mark.slow
def test_a_run_whose_sandbox_died_with_it_links_anew(tmp_path: Path) -> None:
    """The embedded AURA has forgotten all; the people have not."""
    folder = tmp_path / "run"
    killed(folder, dict(os.environ))

    done = resumed(folder, dict(os.environ))

    assert done.returncode == ExitCode.PASS, done.stdout + done.stderr
    records = judged(folder)
    assert sum(isinstance(r, DeviceLinked) for r in records) == 40


def past(tmp_path: Path, telling: Telling, **changes: object) -> Past:
    settings = RunSettings(
        mix={"milesight-ws101": 1}, clock=clock_mode("real"), target="http://127.0.0.1:9",
    )  # fmt: skip
    settings = replace(settings, **changes)  # type: ignore[arg-type] # names are fields
    start = telling.records[0]
    assert isinstance(start, RunStarted)
    first = RunStarted(
        **{name: getattr(start, name) for name in start.__struct_fields__ if name != "settings"},
        settings=table_of(settings),
    )
    with FileJournal(tmp_path) as journal:
        for record in (first, *telling.records[1:]):
            journal.write(record)
    return past_of(read_written(tmp_path))


def test_the_past_is_read_from_the_journal(run: Telling, tmp_path: Path) -> None:
    press = run.press()
    run.deliver(press, 501)
    run.regret(press)
    lost = run.press()
    run.ask(lost, seq=run.arrive(lost))

    told = past(tmp_path, run)

    assert told.presses == {"milesight-ws101/1": 2}
    assert told.regrets == {"milesight-ws101/1": 1}
    assert told.sequences == {"milesight-ws101/1": 1}
    assert told.unfinished == ((lost, "milesight-ws101/1"),)
    assert told.began_s == 0.1


def test_a_run_killed_while_it_was_linked_begins_with_the_linking(tmp_path: Path) -> None:
    told = past(tmp_path, Telling().begin())

    assert told.began_s is None


def test_a_press_that_was_on_its_way_is_given_up_in_words(run: Telling) -> None:
    press = run.press()
    run.ask(press, seq=run.arrive(press))
    run.tell(RunResumed(t=run.t, started="2026-01-01T00:00:00Z"))
    run.tell(Unfinished(t=run.t, press=press, device="milesight-ws101/1", where=KILLED))
    run.cancel(run.press(), 502)

    ledger = ledger_of(run.end())

    assert ledger.entries[0].outcome is Outcome.LOST
    assert ledger.entries[0].detail == KILLED
    assert ledger.breaches == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"native": Delivery.parse(["tcp://127.0.0.1:7001"]), "target": "http://127.0.0.1:9"},
        {"journal": JournalForm.COLUMNS},
    ],
)
def test_what_cannot_go_on_says_why(tmp_path: Path, changes: dict[str, object]) -> None:
    settings = RunSettings(
        mix={"gt06": 1}, clock=clock_mode("real"), people=People(presses=1.0), **changes,  # type: ignore[arg-type]
    )  # fmt: skip
    written = MemoryJournal()
    start = Telling().begin().records[0]
    assert isinstance(start, RunStarted)
    fields = {n: getattr(start, n) for n in start.__struct_fields__ if n != "settings"}
    written.write(RunStarted(**fields, settings=table_of(settings)))
    with open_journal(tmp_path, settings.journal) as journal:
        journal.write(written.records[0])

    with pytest.raises(CannotGoOnError):
        resume(tmp_path)
