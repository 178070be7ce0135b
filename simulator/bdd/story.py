"""The course of one scenario as its reports tell it: each step, and what happened during it."""

from dataclasses import dataclass, field
from enum import StrEnum

import pytest

from simulator.clock import monotonic_s


class Outcome(StrEnum):
    """How a step, or a scenario, ended; `environment` is nobody's fault here."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNDEFINED = "undefined"
    ENVIRONMENT = "environment"


@dataclass(slots=True)
class StepStory:
    """One step. `records`, `exchanges` and `webhooks` are the spans of what happened during it."""

    keyword: str
    name: str
    line: int
    outcome: Outcome = Outcome.SKIPPED
    error: str = ""
    took_s: float = 0.0
    began_s: float = 0.0  # of the run
    ended_s: float = 0.0
    records: tuple[int, int] = (0, 0)
    exchanges: tuple[int, int] = (0, 0)
    webhooks: tuple[int, int] = (0, 0)
    devices: str = ""  # what the step calls the device that it speaks of
    _started: float = 0.0

    def begin(self) -> None:
        """Take note of the beginning of the step."""
        self._started = monotonic_s()

    def finish(self, outcome: Outcome, error: str = "") -> None:
        """Take note of the end of the step."""
        self.outcome = outcome
        self.error = error
        self.took_s = monotonic_s() - self._started if self._started else 0.0


@dataclass(slots=True)
class ScenarioStory:
    """One scenario; steps that were not reached are skipped."""

    steps: list[StepStory] = field(default_factory=list)
    current: int = -1

    @property
    def step(self) -> StepStory | None:
        """Return the step that runs, or ran last."""
        return self.steps[self.current] if self.current >= 0 else None


STORY = pytest.StashKey[ScenarioStory]()
