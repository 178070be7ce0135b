"""Feature files on a unit that stands on the desk: the same sentences, a real port."""

import os
from pathlib import Path

import pytest

# pytester forgets what is first imported inside it; what is here before is imported once for all
import simulator.bdd.observer
import simulator.bdd.physical
import simulator.bdd.prompting
import simulator.bdd.reports
import simulator.bdd.steps
import simulator.sandbox
from tests.bench.test_bench_commands import being

pytest_plugins = ["pytester"]
simulator.bdd.steps.load()

FEATURE = """\
@bench
Feature: A pendant on the desk
  Scenario: A press and its cancel
    Given a linked serial-pendant-base
    When the person presses the device
    Then the customer has 1 open callout within 30 seconds
    And the last press frame of the device has:
      | field  | value    |
      | serial | 00000001 |
    When the person takes the press of the device back
    Then the customer has no open callouts within 30 seconds
"""
OTHERS = """\
@bench
Feature: What a unit on the desk cannot do
  Scenario: Another model
    Given a linked Milesight WS101 panic button
  Scenario: Two of them
    Given 2 linked serial-pendant-base
  Scenario: A frame by hand
    Given a linked serial-pendant-base
    When the device sends the frame a501
  Scenario: Its battery
    Given a linked serial-pendant-base
    When the battery of the device falls to 3 %
"""


def played(pytester: pytest.Pytester, text: str, *options: str) -> pytest.RunResult:
    """Play a feature file."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makefile(".feature", desk=text)
    return pytester.runpytest_inprocess("-p", "no:randomly", "-rs", *options)


def test_scenarios_play_on_a_port(pytester: pytest.Pytester, tmp_path: Path) -> None:
    """A command is the finger; frame, callout and cancel are the unit's own."""
    with being("serial-pendant-base", tmp_path) as (port, finger):
        result = played(pytester, FEATURE, f"--aura-port={port}", "--aura-finger", finger)

    result.assert_outcomes(passed=1)


def test_what_a_unit_cannot_do_is_skipped_with_the_reason(
    pytester: pytest.Pytester, tmp_path: Path
) -> None:
    """Another model, a second unit, a frame made by hand, a battery out of reach."""
    with being("serial-pendant-base", tmp_path) as (port, finger):
        options = (f"--aura-port={port}", "--aura-finger", finger)
        known = ("--aura-profile", "serial-pendant-base", "--aura-serial", "00000001")
        result = played(pytester, OTHERS, *options, *known)

    result.assert_outcomes(skipped=4)
    shown = result.stdout.str()
    for reason in (
        "the bench has a serial-pendant-base",
        "has one",
        "firmware does not",
        "battery",
    ):
        assert reason in shown


def test_bench_scenarios_say_how_to_play_them(pytester: pytest.Pytester) -> None:
    """Without a unit they are skipped."""
    result = played(pytester, FEATURE)

    result.assert_outcomes(skipped=1)
    assert "--aura-emulate" in result.stdout.str()


def test_a_missing_port_is_trouble_of_the_environment(pytester: pytest.Pytester) -> None:
    """No verdict on the scenario: its own outcome and exit code."""
    result = played(pytester, FEATURE, "--aura-port=/dev/none", "--aura-serial", "00000001")

    assert result.ret == 3
    assert "no such device" in result.stdout.str()


def test_a_scenario_that_nobody_presses_has_no_verdict(
    pytester: pytest.Pytester, tmp_path: Path
) -> None:
    """A finger that fails is trouble of the bench, not of the unit."""
    with being("serial-pendant-base", tmp_path) as (port, _):
        known = ("--aura-serial", "00000001", "--aura-finger", "exit 3")
        result = played(pytester, FEATURE, f"--aura-port={port}", *known)

    assert result.ret == 3
    assert "not pressed" in result.stdout.str()
    assert os.environ.get("AURASIM_ACT") is None
