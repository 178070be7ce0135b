"""Random exploration finds a broken promise, and cuts it down to a feature file that fails."""

import pytest

from simulator.bdd.exploring import Discovery, explore, reduced
from simulator.bdd.mutants import mutant_named
from simulator.bdd.performing import perform
from simulator.bdd.scene import Scene
from simulator.bdd.stage import EmbeddedStage
from simulator.clock import VIRTUAL
from tests.bdd.conftest import Suite

pytest_plugins = ["pytester"]


def test_a_sound_pipeline_breaks_no_promise() -> None:
    """A few sequences are enough to see that the search itself is sound."""
    assert explore(seed=1, examples=5, steps=10) is None


def test_a_broken_rule_is_found_and_cut_down(suite: Suite) -> None:
    """What is left are two presses, and it fails when it is played as a feature file."""
    with mutant_named("open-callout-is-not-joined").planted():
        found = explore(seed=1, examples=60, steps=15)

    assert found is not None
    assert sum("presses" in step for step in found.steps) == 2
    played = suite("--aura-mutant", "open-callout-is-not-joined", found=found.feature(1))
    played.assert_outcomes(failed=1)


def test_steps_that_are_not_needed_are_dropped() -> None:
    """The rest still shows the same."""
    steps = (
        'a linked AURA structured device "a"',
        'a linked AURA structured device "b"',
        'the person presses "b"',
        'the person presses "a"',
        "the person waits 1 second",
    )

    less = reduced(Discovery(steps, '"a" has sent 5 press frames', "something"))

    assert less.steps == (steps[0],)


def test_an_unknown_sentence_is_answered_with_the_nearest() -> None:
    """As in a feature file."""
    scene = Scene(EmbeddedStage(VIRTUAL), scenario="a test", seed=1)

    with pytest.raises(ValueError, match=r"The nearest is: .*presses"):
        perform(scene, "the person presss the button")
