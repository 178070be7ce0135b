"""A folder of feature files, and a pytest that plays it."""

from collections.abc import Callable
from typing import Protocol

import pytest

# pytester forgets what is first imported inside it; what is here before is imported once for all
import simulator.bdd.observer
import simulator.bdd.reports
import simulator.bdd.steps
import simulator.sandbox

simulator.bdd.steps.load()

PRESS = """\
Feature: Presses
  Scenario: A press
    Given a linked Milesight WS101 panic button
    When the person presses the button
    Then the customer has 1 open callout within 30 seconds
"""


class Suite(Protocol):
    """Writes files given by their names, plays them, and returns what came of it."""

    def __call__(self, *options: str, **files: str) -> pytest.RunResult:
        """Play `name="text"` as `name.feature`; `conftest` is the conftest.py."""
        ...


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Suite:
    """Play feature files in a folder of their own."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")

    def play(*options: str, **files: str) -> pytest.RunResult:
        conftest = files.pop("conftest", "")
        if conftest:
            pytester.makeconftest(conftest)
        for name, text in files.items():
            pytester.path.joinpath(f"{name}.feature").write_text(text, "utf-8")
        return pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider", *options)

    return play


@pytest.fixture
def scenario(suite: Suite) -> Callable[..., pytest.RunResult]:
    """Play one scenario, given by its steps."""

    def play(*steps: str, options: tuple[str, ...] = ()) -> pytest.RunResult:
        lines = "\n    ".join(steps)
        return suite(*options, one=f"Feature: One\n  Scenario: The scenario\n    {lines}\n")

    return play
