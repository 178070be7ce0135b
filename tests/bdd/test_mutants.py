"""Planted faults can be planted, are taken out again, and are noticed by the suites that ship."""

from pathlib import Path

import pytest

from simulator.bdd.mistakes import StepUseError
from simulator.bdd.mutants import MUTANTS, Mutant, MutantError, mutant_named
from simulator.bdd.mutants.campaign import CleanRunError, Fate, campaign, score
from simulator.bdd.mutants.planting import swap
from simulator.bdd.performing import look, perform
from simulator.bdd.scene import Scene
from simulator.bdd.stage import EmbeddedStage
from simulator.clock import VIRTUAL
from tests.bdd.conftest import PRESS, Suite

pytest_plugins = ["pytester"]


def _open_callouts_after_a_press() -> str:
    scene = Scene(EmbeddedStage(VIRTUAL), scenario="a test", seed=1)
    perform(scene, "a linked AURA structured device")
    perform(scene, "the person presses the device")
    perform(scene, "20 seconds pass")
    seen = look(scene, "the customer has 1 open callout").seen
    scene.close()
    return seen.partition(":")[0]


def _named(mutant: Mutant) -> str:
    return mutant.name


def test_there_are_enough_of_them_and_each_has_a_name() -> None:
    """At least twenty-five, each said in a sentence."""
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 25
    assert all(mutant.says.endswith(".") for mutant in MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=_named)
def test_a_mutant_can_be_planted_and_leaves_no_trace(mutant: Mutant) -> None:
    """What it swaps is there, and is put back."""
    with mutant.planted():
        pass

    with mutant.planted():
        pass


def test_a_planted_fault_is_there_for_a_while_only() -> None:
    """Inside the block, and not after it."""
    with mutant_named("press-is-lost").planted():
        assert _open_callouts_after_a_press() == "0 open callouts"

    assert _open_callouts_after_a_press() == "1 open callouts"


def test_a_mutant_of_something_that_is_gone_says_so() -> None:
    """Code moves; the mutant must move with it."""
    gone = swap("x", "X.", "simulator.clock:Sundial.shadow", lambda function: function)

    with pytest.raises(MutantError, match=r"simulator\.clock:Sundial\.shadow is not there"):
        gone.planted().__enter__()


def test_an_unknown_mutant_is_answered_with_near_ones() -> None:
    """A slip of the pen is found at once."""
    with pytest.raises(StepUseError, match=r"Do you mean .*press-is-lost"):
        mutant_named("pres-is-lost")


def test_a_session_can_be_played_with_a_mutant(suite: Suite) -> None:
    """The scenario that notices it fails."""
    suite("--aura-mutant", "press-is-lost", press=PRESS).assert_outcomes(failed=1)
    suite(press=PRESS).assert_outcomes(passed=1)


@pytest.mark.slow
def test_a_campaign_tells_who_was_noticed_and_by_what(tmp_path: Path) -> None:
    """A small suite notices one of two."""
    tmp_path.joinpath("pytest.ini").write_text("[pytest]\n")
    tmp_path.joinpath("press.feature").write_text(PRESS)
    chosen = [mutant_named("press-is-lost"), mutant_named("chat-is-lost")]

    verdicts = campaign(tmp_path, chosen)

    assert [one.fate for one in verdicts] == [Fate.KILLED, Fate.SURVIVED]
    assert verdicts[0].by.endswith("press.feature::A press")
    assert score(verdicts) == 50.0


@pytest.mark.slow
def test_a_suite_that_fails_by_itself_cannot_judge(tmp_path: Path) -> None:
    """It says which scenario fails."""
    tmp_path.joinpath("pytest.ini").write_text("[pytest]\n")
    tmp_path.joinpath("press.feature").write_text(PRESS.replace("1 open", "2 open"))

    with pytest.raises(CleanRunError, match=r"fails without a mutant: .*press\.feature::A press"):
        campaign(tmp_path, [])
