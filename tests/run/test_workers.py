"""A run in many processes: the same journal, clear failures, nothing lost."""

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import active_children
from pathlib import Path

import pytest

from simulator.clock import clock_mode
from simulator.device import People
from simulator.errors import InputError, UnavailableError
from simulator.journal import (
    SHARDS,
    FileJournal,
    JournalError,
    JournalForm,
    RunEnded,
    RunStarted,
    open_journal,
    read_journal,
)
from simulator.profile import load, profile_names
from simulator.report import Outcome, account, ledger_of
from simulator.rerun import resume
from simulator.run import Progress, Run, RunSettings, run_shared
from simulator.run.share import shards_of

MIX = {"milesight-ws101": 5, "simplepack-plus": 3, "eview-ev07b": 4, "sensecap-t1000": 3}


def settings(out: Path, **more: object) -> RunSettings:
    """Return a run with many presses."""
    given = {"mix": MIX, "for_s": 20_000.0, "people": People(presses=2.0), **more}
    return RunSettings(out=out, **given)  # type: ignore[arg-type]


def journal(out: Path) -> bytes:
    """Return the lines of a run."""
    return (out / "journal.ndjson").read_bytes()


def alone(out: Path, **more: object) -> bytes:
    """Return the lines of a run in this process."""
    told = settings(out, **more)
    with FileJournal(out) as lines:
        Run(told, lines).execute()
    return journal(out)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 7])
def test_any_number_of_workers_writes_the_same_bytes(tmp_path: Path, workers: int) -> None:
    """Press by press, callout by callout, webhook by webhook."""
    expected = alone(tmp_path / "alone")
    result = run_shared(settings(tmp_path / "many"), workers)

    assert journal(tmp_path / "many") == expected
    assert (result.reason, result.devices) == ("finished", 15)
    assert expected.count(b'"type":"closed"') > 5
    assert expected.count(b'"type":"webhook"') > 5
    assert not (tmp_path / "many" / "shards").exists()


@pytest.mark.slow
def test_every_profile_is_the_same_in_one_process_and_in_three(tmp_path: Path) -> None:
    """One unit of each model, switched on cold, pressed often."""
    more = {
        "mix": dict.fromkeys(profile_names(), 2),
        "for_s": 3000.0,
        "cold_start": True,
        "people": People(presses=3.0),
    }
    expected = alone(tmp_path / "alone", **more)
    run_shared(settings(tmp_path / "many", **more), 3)

    assert journal(tmp_path / "many") == expected


def test_named_units_are_shared_too(tmp_path: Path) -> None:
    """A run of some units only, as a rerun makes it."""
    more = {"units": {"milesight-ws101": (9, 3, 700)}, "mix": {"milesight-ws101": 3, "gt06": 2}}
    expected = alone(tmp_path / "alone", **more)
    run_shared(settings(tmp_path / "many", **more), 2)

    assert journal(tmp_path / "many") == expected
    assert b'"milesight-ws101/700"' in expected


def test_a_model_that_is_named_by_its_file_is_shared_too(tmp_path: Path) -> None:
    """Its devices are called by the name in the file."""
    path = tmp_path / "own.toml"
    text = Path(str(load("sensit-v3").path)).read_text()
    path.write_text(text.replace('name = "sensit-v3"', 'name = "own"'))
    more = {"mix": {str(path): 4}}
    expected = alone(tmp_path / "alone", **more)
    run_shared(settings(tmp_path / "many", **more), 2)

    assert journal(tmp_path / "many") == expected
    assert b'"own/4"' in expected


@pytest.mark.slow
def test_crowds_are_shared_too(tmp_path: Path) -> None:
    """Idle units that are put away, in any number of processes."""
    more = {"mix": {"sensit-v3": 700}, "people": People(presses=0.05), "for_s": 7200.0}
    expected = alone(tmp_path / "alone", **more)
    run_shared(settings(tmp_path / "many", **more), 3)

    assert journal(tmp_path / "many") == expected


def test_more_workers_than_devices_do_no_harm(tmp_path: Path) -> None:
    """Nobody sits idle, nobody fails."""
    more = {"mix": {"milesight-ws101": 2}}
    result = run_shared(settings(tmp_path, **more), 5)

    assert result.devices == 2
    assert ledger_of(read_journal(tmp_path)).verdict == "passed"


def test_a_journal_of_columns_holds_the_same_records(tmp_path: Path) -> None:
    """Each fact of the whole run once, one end, and the same account."""
    form = {"journal": JournalForm.COLUMNS}
    run_shared(settings(tmp_path / "lines"), 2)
    run_shared(settings(tmp_path / "columns", **form), 3)
    lines, columns = (list(read_journal(tmp_path / name)) for name in ("lines", "columns"))

    assert columns[1:] == lines[1:]
    assert [type(record) for record in (columns[0], columns[-1])] == [RunStarted, RunEnded]
    assert ledger_of(columns).totals == ledger_of(lines).totals


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"mutate": 0.1}, "--mutate"),
        ({"clock": clock_mode("real")}, "virtual time"),
        ({"target": "http://127.0.0.1:9"}, "embedded sandbox"),
        ({"plant": "device-ids-collide"}, "--plant"),
    ],
)
def test_what_cannot_be_shared_is_refused_before_anything_begins(
    tmp_path: Path, more: dict[str, object], reason: str
) -> None:
    """With the flag to leave out."""
    with pytest.raises(InputError, match=reason):
        run_shared(settings(tmp_path / "none", **more), 2)

    assert not (tmp_path / "none").exists()


def test_no_workers_are_refused(tmp_path: Path) -> None:
    """At least one has to do the work."""
    with pytest.raises(InputError, match="--workers 2"):
        run_shared(settings(tmp_path), 0)


def test_progress_is_that_of_all_workers(tmp_path: Path) -> None:
    """It counts the devices of all shards, and its phases never go back."""
    seen: list[Progress] = []
    run_shared(settings(tmp_path), 2, seen.append)
    phases = [("linking", "running", "draining").index(one.phase) for one in seen]

    assert phases == sorted(phases)
    assert seen[-1].linked == 15


def test_a_full_disk_ends_all_workers_and_leaves_what_they_wrote(tmp_path: Path) -> None:
    """Each worker's journal can be read up to there, or the one journal that they became."""
    told = settings(tmp_path, mix={"sensit-v3": 40}, for_s=86_400.0)
    with limited(resource.RLIMIT_FSIZE, 200_000), pytest.raises(UnavailableError) as failed:
        run_shared(told, 2)

    assert "Free the disk" in str(failed.value)
    assert str(tmp_path / "shards") in str(failed.value)
    shards = tmp_path / SHARDS  # gone where the other had just begun, and all of it found room
    folders = list(shards.iterdir()) if shards.exists() else [tmp_path]
    assert max(len(list(read_journal(folder))) for folder in folders) > 100
    assert not active_children()


def test_a_killed_worker_ends_the_run_clearly(tmp_path: Path) -> None:
    """As a machine does that runs out of memory."""
    told = settings(tmp_path, for_s=40 * 86_400.0)

    def kill(progress: Progress) -> None:
        if progress.phase == "running":
            for worker in active_children():
                if worker.pid and worker.name == "worker 2":
                    os.kill(worker.pid, signal.SIGKILL)

    with pytest.raises(UnavailableError, match=r"Worker 2 of 2 .* was killed"):
        run_shared(told, 2, kill)
    last = list(read_journal(tmp_path))[-1]

    assert isinstance(last, RunEnded)
    assert last.reason == "failed"


def test_ctrl_c_ends_all_workers_and_merges_what_they_wrote(tmp_path: Path) -> None:
    """One journal, its presses accounted for, its verdict void."""

    def stop(progress: Progress) -> None:
        if progress.phase == "running" and progress.done_s > 0:
            raise KeyboardInterrupt

    result = run_shared(settings(tmp_path, for_s=40 * 86_400.0), 2, stop)
    account = ledger_of(read_journal(tmp_path))

    assert result.reason == "interrupted"
    assert account.verdict == "void"
    assert account.totals[Outcome.UNEXPLAINED] == 0
    assert not active_children()


def test_a_run_without_memory_says_so_and_ends_its_journal(tmp_path: Path) -> None:
    """Whatever it was that found no memory."""
    told = settings(tmp_path)

    def starve(progress: Progress) -> None:
        if progress.phase == "running":
            raise MemoryError

    with FileJournal(tmp_path) as lines, pytest.raises(UnavailableError, match="Memory ran out"):
        Run(told, lines, starve).execute()
    records = list(read_journal(tmp_path))

    assert isinstance(records[-1], RunEnded)
    assert "fewer devices" in (records[-1].detail or "")


def test_a_full_disk_leaves_whole_lines(tmp_path: Path) -> None:
    """What was written before can be read, and nothing is written twice when there is room."""
    told = settings(tmp_path, mix={"sensit-v3": 40}, for_s=86_400.0)

    def run() -> None:
        with FileJournal(tmp_path) as lines:
            Run(told, lines).execute()

    with limited(resource.RLIMIT_FSIZE, 100_000), pytest.raises(UnavailableError, match="disk"):
        run()

    assert len(list(read_journal(tmp_path))) > 100


@contextmanager
def limited(what: int, most: int) -> Iterator[None]:
    """Let this process, and those that it starts, have less of something."""
    soft, hard = resource.getrlimit(what)
    resource.setrlimit(what, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(what, (soft, hard))


@pytest.mark.parametrize("form", JournalForm)
def test_shards_that_nobody_put_together_are_no_empty_run(
    tmp_path: Path, form: JournalForm
) -> None:
    """A run whose leader was killed says so, and what to do, instead of counting nothing."""
    with open_journal(tmp_path, form):
        pass
    told = settings(tmp_path, journal=form)
    with open_journal(tmp_path / SHARDS / "00000", form) as shard:
        Run(told, shard).execute()

    for read in (lambda: list(read_journal(tmp_path)), lambda: account(tmp_path)):
        with pytest.raises(JournalError, match="aurasim resume"):
            read()
    assert account(tmp_path / SHARDS / "00000").entries
    assert resume(tmp_path).result.reason == "finished"
    assert account(tmp_path).entries


@pytest.mark.parametrize("mix", [{"gt06": 1, "aura-structured": 2}, {"aura-structured": 300}])
@pytest.mark.parametrize("workers", [1, 2, 7])
def test_a_fleet_is_cut_by_work_and_into_no_empty_shards(
    tmp_path: Path, mix: dict[str, int], workers: int
) -> None:
    """Each unit once, in order; a chatty unit weighs as much as many that are calm."""
    told = settings(tmp_path, mix=mix)
    shards = shards_of(told, workers)

    assert [n for one in shards for n in range(one.first, one.last)] == list(range(told.devices))
    assert all(len(shard) for shard in shards)
    assert len(shards) == (workers if told.devices > 3 else min(workers, len(shards)))


def test_more_workers_than_units_write_what_one_does(tmp_path: Path) -> None:
    """A process without a unit is not begun."""
    mix = {"gt06": 1, "aura-structured": 2}
    run_shared(settings(tmp_path / "many", mix=mix), 7)

    assert journal(tmp_path / "many") == alone(tmp_path / "one", mix=mix)
