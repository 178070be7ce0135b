"""The promises of every run hold in every scenario, whether a step looks at them or not."""

import pytest

from tests.bdd.conftest import Suite

pytest_plugins = ["pytester"]
TWICE = """\
Feature: Two presses
  {tag}
  Scenario: Nobody looks
    Given a linked Milesight WS101 panic button
    When the person presses the button
    And 20 seconds pass
    And the person presses the button
    And 20 seconds pass
"""
MUTANT = ("--aura-mutant", "open-callout-is-not-joined")


def test_a_broken_promise_fails_a_scenario_that_does_not_look(suite: Suite) -> None:
    """With the records that show it."""
    result = suite(*MUTANT, one=TWICE.format(tag=""))

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*a customer never has two open callouts*", "*answer*callout=*"])


@pytest.mark.parametrize(("tag", "options"), [("", ()), ("@breaks-promises", MUTANT)])
def test_a_scenario_that_keeps_them_or_means_to_break_them_passes(
    suite: Suite, tag: str, options: tuple[str, ...]
) -> None:
    suite(*options, one=TWICE.format(tag=tag)).assert_outcomes(passed=1)
