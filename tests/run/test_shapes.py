"""The shapes that ship: each runs, at a small scale, to a ledger that makes sense."""

from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.cli.run import run as command
from simulator.errors import InputError
from simulator.journal import FaultApplied, FrameSent, MemoryJournal, PowerChanged, Pressed, Record
from simulator.report import Ledger, Outcome, ledger_of
from simulator.run import Run, RunSettings, read_run_file
from simulator.run.shapes import run_file, shapes

NAMES = [shape.name for shape in shapes()]
SCALE = 0.15
LASTS_S = {"quiet-year": 40 * 86400.0}


@cache
def ran(name: str) -> tuple[tuple[Record, ...], Ledger]:
    """Return the journal and the ledger of a shape at a small scale."""
    settings = RunSettings(**read_run_file(run_file(name))).scaled(SCALE)  # type: ignore[arg-type]
    if name in LASTS_S:
        settings = replace(settings, for_s=LASTS_S[name])
    journal = MemoryJournal()
    Run(settings, journal).execute()
    return tuple(journal.records), ledger_of(journal.records)


def causes(name: str) -> Counter[str | None]:
    """Return how many presses each cause of a shape had."""
    return Counter(record.cause for record in ran(name)[0] if isinstance(record, Pressed))


def kinds(name: str) -> Counter[str]:
    """Return how often each kind of fault struck."""
    return Counter(record.kind for record in ran(name)[0] if isinstance(record, FaultApplied))


@pytest.mark.parametrize("name", NAMES)
def test_every_press_of_a_shape_is_accounted_for(name: str) -> None:
    """None without a trace, no promise broken."""
    records, ledger = ran(name)

    assert len(ledger.entries) == sum(isinstance(record, Pressed) for record in records) > 0
    assert ledger.totals[Outcome.UNEXPLAINED] == 0
    assert ledger.breaches == ()
    assert ledger.ended is not None
    assert ledger.ended.reason == "finished"


def test_a_shape_says_what_it_is_about_and_what_it_asks() -> None:
    """In the comment that it begins with."""
    for shape in shapes():
        assert shape.purpose.endswith("."), shape.name
        assert shape.asks.endswith("?"), shape.name


def test_a_stadium_is_evacuated() -> None:
    """Many presses of one event within minutes, and people who walk away."""
    records, _ = ran("stadium-evacuation")
    presses = [r.t for r in records if isinstance(r, Pressed) and r.cause == "evacuation"]
    moved = [r for r in records if isinstance(r, FrameSent) and r.t > 9000.0 and r.longitude]

    assert len(presses) >= 8
    assert sum(5400.0 <= t < 6000.0 for t in presses) > 0.8 * len(presses)
    assert any((r.longitude or 0.0) > 27.988 for r in moved)


def test_a_power_cut_takes_presses_that_the_ledger_names() -> None:
    """Those of devices whose gateway went dark."""
    _, ledger = ran("load-shedding")
    dark = [entry for entry in ledger.entries if "gateway down (power cut)" in entry.detail]

    assert dark
    assert {entry.outcome for entry in dark} <= {Outcome.LOST, Outcome.CANCELLED}
    assert kinds("load-shedding")["gateway-down"] > 0


def test_a_network_that_returns_brings_what_was_kept() -> None:
    """Presses of the dark hours arrive in the minutes after it."""
    _, ledger = ran("network-return-storm")
    kept = [
        entry
        for entry in ledger.entries
        if 7200.0 < entry.at_s < 14_400.0 and entry.callout and (entry.stages.total_s or 0) > 600.0
    ]

    assert len(kept) > 5
    assert all(entry.at_s + (entry.stages.total_s or 0.0) > 14_400.0 for entry in kept)


def test_presses_of_nobody_are_told_apart() -> None:
    """Stuck buttons merge into their own callouts; people are heard beside them."""
    _, ledger = ran("stuck-button")
    stuck = [entry for entry in ledger.entries if "#stuck-" in entry.press]

    assert kinds("stuck-button").keys() >= {"stuck-button", "bounce"}
    assert len(stuck) > 20
    assert sum(entry.outcome is Outcome.MERGED for entry in stuck) > len(stuck) / 2
    assert causes("stuck-button")[None] > 0


def test_a_bad_firmware_strikes_its_share_of_one_model() -> None:
    """And of no other."""
    struck = {r.device for r in ran("mass-firmware-fault")[0] if isinstance(r, FaultApplied)}

    assert struck
    assert all(device.startswith("eview-ev07b/") for device in struck)
    assert kinds("mass-firmware-fault").keys() >= {"reboot-loop", "clock", "wrong-battery"}


def test_midnight_makes_many_press() -> None:
    """True ones among those by mistake."""
    found = causes("new-years-eve")

    assert found["midnight"] > 0
    assert found["pocket: by accident"] > 0


def test_hardly_anything_happens_in_a_quiet_year() -> None:
    """Tests, every week, all of them taken back."""
    records, ledger = ran("quiet-year")
    tests = [entry for entry in ledger.entries if entry.regretted]

    assert causes("quiet-year")["carer: test"] == len(tests) > 3
    assert all(entry.outcome is Outcome.CANCELLED for entry in tests)
    assert not [record for record in records if isinstance(record, PowerChanged)]


def test_a_shape_repeats_itself() -> None:
    """The same seed, the same journal, whatever happens in it."""
    again = ran.__wrapped__("stadium-evacuation")

    assert again[0] == ran("stadium-evacuation")[0]


def test_a_shape_is_named_on_the_command_line(tmp_path: Path) -> None:
    """Scaled, and to a folder of its own."""
    told = CliRunner().invoke(
        command, ["stuck-button", "--scale", "0.05", "--out", str(tmp_path / "run")]
    )

    assert told.exit_code == 0, told.output
    assert "3 milesight-ws101" in told.output
    assert (tmp_path / "run" / "journal.ndjson").exists()


def test_the_shapes_are_listed() -> None:
    """For people and for programs."""
    listed = CliRunner().invoke(command, ["--list"]).output
    told = CliRunner().invoke(command, ["--list", "--json"]).output

    assert all(name in listed and name in told for name in NAMES)


def test_a_name_that_is_no_shape_is_answered_with_the_nearest() -> None:
    """And one that is a path is a path."""
    with pytest.raises(InputError, match="Do you mean stadium-evacuation"):
        run_file("stadium-evac")
    assert run_file("folder/absent.toml") == Path("folder/absent.toml")


def test_workers_share_what_happens_to_a_fleet(tmp_path: Path) -> None:
    """Faults, personas and incidents are the same in two processes, byte for byte."""
    journals = []
    for name, workers in (("one", "1"), ("two", "2")):
        out = tmp_path / name
        asked = ["new-years-eve", "--scale", "0.03", "--workers", workers, "--out", str(out)]
        told = CliRunner().invoke(command, [*asked, "--json"])
        assert told.exit_code == 0, told.output
        journals.append((out / "journal.ndjson").read_bytes())

    assert journals[0] == journals[1]
