"""What is kept of a step while a scenario plays."""

import pytest

from simulator.bdd.story import Outcome, StepStory


def test_a_step_takes_the_time_from_its_own_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not from that of the scenario: a press after a long wait is still quick."""
    times = iter([100.0, 100.5])
    monkeypatch.setattr("simulator.bdd.story.monotonic_s", lambda: next(times))
    step = StepStory("When", "the person presses the button", 3)

    step.begin()
    step.finish(Outcome.PASSED)

    assert step.took_s == 0.5


def test_a_step_that_never_began_took_no_time() -> None:
    """An undefined step is found before it begins."""
    step = StepStory("When", "pigs fly", 3)

    step.finish(Outcome.UNDEFINED)

    assert step.took_s == 0.0
