"""What it costs to be sure: promises watched, runs reported, resumed, and shrunk."""

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from measure import Result

from simulator.bdd.mutants import mutant_named
from simulator.clock import monotonic_s
from simulator.device import People
from simulator.journal import FileJournal, MemoryJournal, Record, journal_path, read_journal
from simulator.report import account, check, ledger_of, write_report
from simulator.rerun import Shrinker, resume, suspects_of, symptoms_of
from simulator.run import Run, RunSettings

WATCHED = RunSettings(
    mix={"milesight-ws101": 120, "eview-ev07b": 80, "gt06": 20}, people=People(presses=2.0)
)
ROUNDS = 5
MILLION = RunSettings(mix={"milesight-ws101": 4_000, "eview-ev07b": 4_500}, seed=7)
PLANT = "device-ids-collide"
MANY = RunSettings(mix={"milesight-ws101": 10_000}, for_s=6 * 3600.0, seed=16, plant=PLANT)


def run() -> list[Result]:
    """Measure all."""
    with tempfile.TemporaryDirectory() as folder:
        return [promises(), reports(Path(folder)), shrunk(Path(folder) / "many")]


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds something takes."""
    began_s = monotonic_s()
    work()
    return monotonic_s() - began_s


def promises() -> Result:
    """Compare a run with what is watched over it."""
    records = _records()
    engines: dict[str, Callable[[], float]] = {
        "the run": lambda: timed(lambda: Run(WATCHED, MemoryJournal()).execute()),
        "promises watched": lambda: timed(lambda: check(records)),
        "ledger and promises": lambda: timed(lambda: ledger_of(records)),
    }
    rounds = [{name: work() for name, work in engines.items()} for _ in range(ROUNDS)]
    shares = {
        name: statistics.median(one[name] / one["the run"] for one in rounds) for name in engines
    }
    rows = [
        [name, f"{statistics.median(one[name] for one in rounds):.3f} s", f"{100 * share:.1f} %"]
        for name, share in shares.items()
    ]
    share = shares["promises watched"]
    return Result(
        title=f"A day of {WATCHED.devices} devices, {len(records):,} records",
        columns=["", "time", "of the run"],
        rows=rows,
        figures={"promises_share_of_run": round(share, 4), "records": len(records)},
    )


def _records() -> list[Record]:
    journal = MemoryJournal()
    Run(WATCHED, journal).execute()
    return journal.records


def reports(folder: Path) -> Result:
    """Report a journal of a million records, and resume the run when half of it is lost."""
    run_s = timed(lambda: _write(MILLION, folder))
    records = 0

    def read() -> None:
        nonlocal records
        records = sum(1 for _ in read_journal(folder))

    read_s = timed(read)
    account_s = timed(lambda: account(folder))
    report_s = timed(lambda: write_report(folder))
    page_mb = (folder / "report.html").stat().st_size / 1e6
    path = journal_path(folder)
    whole = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(whole // 2)
    resume_s = timed(lambda: resume(folder))
    assert path.stat().st_size == whole
    rows = [
        ["run", f"{run_s:.1f} s", ""],
        ["read", f"{read_s:.1f} s", "1"],
        ["account", f"{account_s:.1f} s", f"{account_s / read_s:.1f}"],
        [f"report, {page_mb:.1f} MB", f"{report_s:.1f} s", f"{report_s / read_s:.1f}"],
        ["resume, half of it lost", f"{resume_s:.1f} s", ""],
    ]
    return Result(
        title=f"A journal of {records:,} records, {MILLION.devices:,} devices",
        columns=["", "time", "to reading it"],
        rows=rows,
        figures={
            "journal_records": records,
            "report_s": round(report_s, 2),
            "report_mb": round(page_mb, 1),
            "resume_to_run": round(resume_s / run_s, 2),
        },
    )


def shrunk(folder: Path) -> Result:
    """Plant an interaction of two devices among ten thousand, and find it."""
    with mutant_named(PLANT).planted():
        run_s = timed(lambda: _write(MANY, folder))
        symptom = symptoms_of(account(folder))[0]
        suspects = suspects_of(read_journal(folder), symptom)
        hinted = Shrinker(MANY, symptom)
        hinted_s = timed(lambda: hinted.shrink(suspects))
    assert hinted.best.devices == 2
    rows = [
        ["the run that fails", f"{run_s:.1f} s", "1", ""],
        ["shrunk", f"{hinted_s:.1f} s", f"{hinted_s / run_s:.2f}", f"{hinted.attempts}"],
    ]
    return Result(
        title=f"{MANY.devices:,} devices, of which two fail together",
        columns=["", "time", "to the run", "attempts"],
        rows=rows,
        figures={
            "shrink_to_run": round(hinted_s / run_s, 3),
            "shrunk_devices": hinted.best.devices,
        },
    )


def _write(settings: RunSettings, folder: Path) -> None:
    with FileJournal(folder) as journal:
        Run(settings, journal).execute()
