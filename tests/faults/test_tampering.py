"""A run with mutated frames: repeatable, undisturbed elsewhere, and accounted for."""

from pathlib import Path

import pytest

from simulator.device import Firmware, People, Place, Speech
from simulator.errors import InputError
from simulator.faults import Tampering, frame_of
from simulator.frame import Kind
from simulator.journal import FrameSent, MemoryJournal
from simulator.profile import load
from simulator.report import Ledger, ledger_of
from simulator.report.entries import Outcome
from simulator.report.entries import Place as LossPlace
from simulator.rng import Rng
from simulator.run import Run, RunSettings, read_run_file

MIX = {"serial-pendant-base": 6, "eview-ev07b": 4, "milesight-ws101": 6, "simplepack-plus": 4}


def played(mutate: float, seed: int = 7) -> tuple[MemoryJournal, Ledger]:
    """Return journal and ledger of a run of a few hours."""
    journal = MemoryJournal()
    settings = RunSettings(
        mix=MIX, for_s=6 * 3600.0, seed=seed, mutate=mutate, people=People(presses=4)
    )
    Run(settings, journal).execute()
    return journal, ledger_of(journal.records)


def unit() -> Firmware:
    """Return a unit of the pendant base."""
    speech = Speech(load("serial-pendant-base"))
    return Firmware(speech, 1, Rng(1), place=Place(), epoch_s=0.0)


def test_share_of_none_and_of_all() -> None:
    frame = frame_of(load("serial-pendant-base"), Kind.PRESS)

    assert Tampering(Rng(1), 0.0).mutant(unit(), frame) is None
    assert Tampering(Rng(1), 1.0).mutant(unit(), frame) is not None


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(InputError, match="share"):
        Tampering(Rng(1), share)


def test_same_seed_mutates_the_same_frames() -> None:
    first, _ = played(0.3)
    again, _ = played(0.3)

    assert first.records == again.records


def test_run_without_a_share_has_no_mutants() -> None:
    journal, _ = played(0.0)

    assert not any(r.mutation for r in journal.records if isinstance(r, FrameSent))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_press_of_a_mutated_run_is_accounted_for(seed: int) -> None:
    """None is unexplained; those lost at the gateway say why, and what was done to the frame."""
    journal, ledger = played(0.4, seed)
    mutated = [r for r in journal.records if isinstance(r, FrameSent) and r.mutation]
    lost = [e for e in ledger.entries if e.where is LossPlace.GATEWAY]

    assert len(mutated) > 20
    assert ledger.totals[Outcome.UNEXPLAINED] == 0
    assert lost
    assert all("not readable" in e.detail or "read as" in e.detail for e in lost)
    assert all(": " in e.detail for e in lost)


def test_run_file_says_the_share(tmp_path: Path) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text("mutate = 0.01\n[mix]\nh02 = 1\n")

    assert read_run_file(file)["mutate"] == 0.01
