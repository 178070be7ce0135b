"""Feature files are collected and played without a line of Python."""

import pytest

from tests.bdd.conftest import PRESS, Suite

pytest_plugins = ["pytester"]

_OWN_STEPS = """
import pytest
from pytest_bdd import given, then, parsers

@pytest.fixture
def desk():
    return []

@given(parsers.parse("a cup of {drink}"))
def cup(desk, drink, scene):
    desk.append((drink, scene.env.now))

@then("the desk is full")
def full(desk):
    assert len(desk) == 2
"""


def test_a_feature_file_is_played_without_glue(suite: Suite) -> None:
    """No scenarios(), no step import, no conftest."""
    suite(press=PRESS).assert_outcomes(passed=1)


def test_own_steps_and_fixtures_work_beside_ours(suite: Suite) -> None:
    """A scenario mixes steps of a conftest with those of the library."""
    mixed = """\
Feature: Mixed
  Scenario: Tea
    Given a cup of tea
    And a linked Milesight WS101 panic button
    And a cup of coffee
    Then the desk is full
    And the customer has no open callouts
"""
    suite(mixed=mixed, conftest=_OWN_STEPS).assert_outcomes(passed=1)


def test_a_scenario_bound_by_python_is_played_once(suite: Suite, pytester: pytest.Pytester) -> None:
    """Who calls scenarios() keeps doing so; the file is not collected a second time."""
    pytester.makepyfile(test_bound="from pytest_bdd import scenarios\nscenarios('bound.feature')\n")
    bound = "Feature: Bound\n  Scenario: Tea\n    Given a cup of tea\n"

    result = suite(bound=bound, conftest=_OWN_STEPS)

    result.assert_outcomes(passed=1, deselected=1)


def test_each_row_of_an_outline_is_an_item(suite: Suite) -> None:
    """A row is named after its values and can be chosen by its name."""
    outline = """\
Feature: Outline
  Scenario Outline: Waiting
    When <time> pass

    Examples:
      | time       |
      | 2 minutes  |
      | 26 hours   |
"""
    suite(outline=outline).assert_outcomes(passed=2)

    suite("outline.feature::Waiting [26 hours]", "-v").stdout.fnmatch_lines(
        ["*outline.feature::Waiting ?26 hours? PASSED*"]
    )


def test_tags_are_markers_that_strict_pytest_knows(suite: Suite) -> None:
    """`-m` chooses by tag, of the feature, the rule or the scenario."""
    tagged = """\
@sandbox
Feature: Tags
  @night
  Scenario: Dark
    When 1 hour passes
  Scenario: Light
    When 1 hour passes
"""
    result = suite("--strict-markers", "-m", "night", tags=tagged)

    result.assert_outcomes(passed=1, deselected=1)


def test_what_does_not_play_here_is_skipped_with_the_reason(suite: Suite) -> None:
    """A scenario for staging waits for staging."""
    tagged = "Feature: Tags\n  @staging\n  Scenario: Far\n    When 1 hour passes\n"

    result = suite("-rs", tags=tagged)

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*@staging does not play on the sandbox*"])


def test_two_scenarios_of_one_name_are_refused(suite: Suite) -> None:
    """Otherwise one of them would silently not be played."""
    once = "  Scenario: A\n    When 1 hour passes\n"

    result = suite(twice=f"Feature: Twice\n{once}\n{once}")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*twice.feature: two scenarios are named 'A'*"])


def test_broken_gherkin_is_told_with_file_and_line(suite: Suite) -> None:
    """The line is shown as it is written."""
    result = suite(broken="Feature: Broken\n  Scenario: A\n    When 1 hour passes\n  It rains\n")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*broken.feature:*", "*It rains*"])


def test_nothing_heavy_is_imported_without_feature_files(pytester: pytest.Pytester) -> None:
    """The plugin is loaded in every run of pytest, and costs a run without features little."""
    pytester.makepyfile(
        "import sys\n"
        "def test_modules():\n"
        "    assert 'simulator.bdd.plugin' in sys.modules\n"
        "    assert 'simulator.bdd.scene' not in sys.modules\n"
        "    assert 'simpy' not in sys.modules\n"
    )

    pytester.runpytest_subprocess("-p", "no:randomly").assert_outcomes(passed=1)


@pytest.mark.slow
def test_scenarios_are_spread_over_processes(suite: Suite) -> None:
    """Each has a tenant of its own, so nothing has to be reset between them."""
    outline = """\
Feature: Outline
  Scenario Outline: Press <number>
    Given a linked Milesight WS101 panic button
    When the person presses the button
    Then the customer has 1 open callout within 30 seconds

    Examples:
      | number |
      | 1      |
      | 2      |
      | 3      |
      | 4      |
"""
    suite("-n", "2", outline=outline).assert_outcomes(passed=4)
