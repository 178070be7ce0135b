"""A run from settings to the last record: repeatable, accounted for, the same in real time."""

from collections import Counter
from pathlib import Path

import pytest

from simulator.clock import clock_mode
from simulator.device import People
from simulator.errors import InputError
from simulator.journal import (
    Answered,
    CalloutClosed,
    DeviceLinked,
    FileJournal,
    FrameSent,
    MemoryJournal,
    Pressed,
    Record,
    RunEnded,
    RunStarted,
    Unfinished,
    read_journal,
)
from simulator.profile import profile_names
from simulator.report import Outcome, ledger_of
from simulator.run import Progress, Run, RunSettings

MIX = {"milesight-ws101": 4, "simplepack-plus": 4, "eview-ev07b": 4, "shelly-blu-button1": 4}


def ran(**settings: object) -> list[Record]:
    """Return the journal of a run."""
    journal = MemoryJournal()
    Run(RunSettings(**{"mix": MIX, **settings}), journal).execute()  # type: ignore[arg-type]
    return journal.records


def of(records: list[Record], kind: type[Record]) -> list[Record]:
    """Return the records of one type."""
    return [record for record in records if isinstance(record, kind)]


def test_a_virtual_day_accounts_for_every_press() -> None:
    """Four real device models, every press in exactly one class, none unexplained."""
    records = ran(people=People(presses=3.0))
    account = ledger_of(records)

    assert len(of(records, DeviceLinked)) == 16
    assert sum(account.totals.values()) == len(of(records, Pressed)) > 20
    assert account.totals[Outcome.UNEXPLAINED] == 0
    assert account.totals[Outcome.CANCELLED] > 0
    assert account.verdict == "passed"


@pytest.mark.parametrize("clock", ["virtual"])
def test_the_same_seed_gives_the_same_journal_byte_for_byte(tmp_path: Path, clock: str) -> None:
    """And another seed another one."""
    journals = []
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        settings = RunSettings(mix=MIX, seed=seed, clock=clock_mode(clock))
        with FileJournal(tmp_path / name) as journal:
            Run(settings, journal).execute()
        journals.append((tmp_path / name / "journal.ndjson").read_bytes())

    assert journals[0] == journals[1] != journals[2]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100))
def test_no_seed_leaves_a_press_unexplained(seed: int) -> None:
    """A hundred seeds, with regrets and impatience."""
    records = ran(seed=seed, for_s=7200.0, people=People(presses=2.0, cancel_share=0.5))
    account = ledger_of(records)

    assert account.totals[Outcome.UNEXPLAINED] == account.totals[Outcome.DOUBLED] == 0


def test_a_device_does_not_change_when_the_mix_does() -> None:
    """The frames of one model are the same with and without its neighbours."""

    def frames(mix: dict[str, int]) -> list[tuple[float, str, str]]:
        found = of(ran(mix=mix), FrameSent)
        return [
            (r.t, r.device, r.hex)
            for r in found
            if isinstance(r, FrameSent) and r.device.startswith("milesight") and r.kind != "login"
        ]

    assert frames({"milesight-ws101": 4}) == frames(MIX)


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_runs_and_delivers(name: str) -> None:
    """Alone, for an hour, with three presses a device: some open a callout."""
    account = ledger_of(ran(mix={name: 5}, for_s=3600.0, people=People(presses=3.0)))
    arrived = sum(
        account.totals[outcome]
        for outcome in (Outcome.DELIVERED, Outcome.MERGED, Outcome.CANCELLED, Outcome.RETRIED)
    )

    assert arrived > 0
    assert account.totals[Outcome.UNEXPLAINED] == 0


def test_a_fleet_of_every_profile_repeats_itself() -> None:
    """One unit of each model, switched on cold: same seed, same records."""
    mix = dict.fromkeys(profile_names(), 1)
    settings = {"mix": mix, "for_s": 3600.0, "cold_start": True, "people": People(presses=2.0)}

    assert ran(**settings) == ran(**settings)


def test_the_control_room_closes_what_nobody_cancels() -> None:
    """After its time, and not before; then the next press opens a callout of its own."""
    people = People(presses=6.0, cancel_share=0.0, impatient_share=0.0)
    records = ran(people=people, close_after_s=600.0)
    opened: dict[int, float] = {}
    for record in records:
        if isinstance(record, Answered) and record.kind == "press" and record.callout:
            opened.setdefault(record.callout, record.t)
    closed = {r.callout: r.t for r in records if isinstance(r, CalloutClosed)}

    assert len(closed) > 20
    assert {round(closed[number] - opened[number]) for number in closed} == {600}


def test_the_same_pipeline_runs_in_real_time_over_http() -> None:
    """A few seconds against the embedded sandbox on a loopback port."""
    records = ran(
        clock=clock_mode("scaled=20"),
        for_s=30.0,
        people=People(presses=1.0, cancel_after_s=(2.0, 5.0), cancel_share=1.0),
    )
    account = ledger_of(records)
    (start,) = of(records, RunStarted)

    assert isinstance(start, RunStarted)
    assert start.clock == "scaled=20"
    assert account.totals[Outcome.UNEXPLAINED] == 0
    assert account.totals[Outcome.CANCELLED] > 0
    assert any(r.took_s > 0 for r in records if isinstance(r, Answered))


def test_virtual_time_exists_in_the_sandbox_only() -> None:
    """Another target is refused before anything is sent."""
    with pytest.raises(InputError, match="--clock real"):
        ran(target="http://127.0.0.1:9")


def test_ctrl_c_leaves_a_readable_journal(tmp_path: Path) -> None:
    """The records until then, what was on its way, and a last record that says so."""
    settings = RunSettings(mix=MIX, people=People(presses=20.0))

    def stop(progress: Progress) -> None:
        if progress.phase == "running" and progress.done_s > 40_000:
            raise KeyboardInterrupt

    with FileJournal(tmp_path) as journal:
        result = Run(settings, journal, stop).execute()
    records = list(read_journal(tmp_path))

    assert result.reason == "interrupted"
    assert isinstance(records[-1], RunEnded)
    assert 40_000 < records[-1].t < 50_000
    assert ledger_of(records).verdict == "void"
    assert ledger_of(records).totals[Outcome.UNEXPLAINED] == 0


def test_a_failure_of_ours_is_written_before_it_is_raised() -> None:
    """The journal says that the run failed, and why."""
    journal = MemoryJournal()

    def fail(progress: Progress) -> None:
        if progress.phase == "running":
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Run(RunSettings(mix=MIX), journal, fail).execute()

    last = journal.records[-1]
    assert isinstance(last, RunEnded)
    assert (last.reason, last.detail) == ("failed", "ZeroDivisionError")


def test_what_is_on_its_way_at_the_end_is_named() -> None:
    """With no time to drain, the last presses are unfinished, not unexplained."""
    records = ran(
        for_s=600.0, drain_s=0.001, people=People(presses=60.0, impatient_share=0.0, cancel_share=0)
    )
    account = ledger_of(records)

    assert len(of(records, Unfinished)) > 0
    assert account.totals[Outcome.UNEXPLAINED] == 0


def test_progress_tells_phases_in_order() -> None:
    """Linking, running, draining; never backwards."""
    seen: list[Progress] = []
    Run(RunSettings(mix=MIX), MemoryJournal(), seen.append).execute()
    phases = [progress.phase for progress in seen]

    assert phases[0] == "linking"
    assert phases.index("running") > 0
    assert [progress.done_s for progress in seen] == sorted(p.done_s for p in seen)
    assert seen[-1].linked == 16


@pytest.mark.parametrize(
    "wrong", [{"mix": {}}, {"mix": {"milesight-ws101": 0}}, {"for_s": 0.0}, {"for_s": -5.0}]
)
def test_impossible_settings_are_refused(wrong: dict[str, object]) -> None:
    """Before anything begins."""
    with pytest.raises(InputError):
        ran(**wrong)


def test_a_cold_start_begins_with_logins() -> None:
    """A warm fleet has logged in long ago."""
    kinds = Counter(r.kind for r in of(ran(cold_start=True), FrameSent) if isinstance(r, FrameSent))
    warm = Counter(r.kind for r in of(ran(), FrameSent) if isinstance(r, FrameSent))

    assert kinds["login"] == 4
    assert warm["login"] == 0
