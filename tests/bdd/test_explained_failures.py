"""A failure says the sentence, what was expected, what was there, and how to see it again."""

from collections.abc import Callable

import pytest

from tests.bdd.conftest import Suite

pytest_plugins = ["pytester"]
Play = Callable[..., pytest.RunResult]


def test_expected_stands_against_seen_with_what_was_seen_meanwhile(scenario: Play) -> None:
    """The waiting is on the clock of the run, and told."""
    result = scenario(
        "Given a linked Milesight WS101 panic button",
        "When the person presses the button",
        "Then the customer has 3 open callouts within 10 seconds",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*one.feature:5: expected 3 open callouts; 1 open callouts*",
            "*ok  When the person presses the button",
            "*FAIL Then the customer has 3 open callouts within 10 seconds",
            "expected  3 open callouts",
            "seen      1 open callouts: * (created)  (looked * times in 10 s)",
            "meanwhile 00:00:00.000  0 open callouts",
            "timeline until 00:00:10.000",
            "*person   presses (long)*",
            "*frame    #0 press *port 85*",
            "*http     POST /deviceEvent -> 200*",
        ]
    )


def test_the_command_that_repeats_it_has_the_seed(scenario: Play) -> None:
    """Copied into a shell, it plays just this scenario."""
    result = scenario("Then the answer is 200", options=("--aura-seed", "7"))

    wanted = '*repeat with: pytest "one.feature::The scenario" --aura-seed 7'
    result.stdout.fnmatch_lines([wanted])


def test_the_timeline_is_that_of_the_device_concerned(scenario: Play) -> None:
    """What other devices did is left out."""
    result = scenario(
        'Given a linked AURA structured device "hall"',
        'And a linked AURA structured device "yard"',
        'When the person presses "yard"',
        'And the person presses "hall"',
        'Then "hall" has sent 9 press frames within 10 seconds',
    )

    result.stdout.fnmatch_lines(["*[[]aura-structured/1]"])
    result.stdout.no_fnmatch_line("*[[]aura-structured/2]")


def test_the_nearest_webhook_is_named(scenario: Play) -> None:
    """Of all that arrived, the one most like what was wanted."""
    result = scenario(
        "Given webhooks are registered for every callout event",
        "And a customer",
        "And the customer calls for help at -26.1, 28.1",
        "When the control room closes the callout",
        "Then the webhook CALLOUT_CLOSED_BY_NOBODY arrives once within 5 seconds",
    )

    result.stdout.fnmatch_lines(["nearest   CALLOUT_CLOSED"])


def test_a_table_of_fields_names_the_field_that_differs(scenario: Play) -> None:
    """The other fields are not told again."""
    result = scenario(
        "When the client sends GET /responseTypes",
        "Then the answer has:",
        "  | field                  | value |",
        "  | responseTypes[0].id    | 1     |",
        "  | responseTypes[0].value | FIRE  |",
    )

    result.stdout.fnmatch_lines(['seen      responseTypes[[]0].value is "SECURITY", not FIRE'])


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("When 20 parsecs pass", "'20 parsecs' is no duration. Write for example 30 seconds*"),
        ("Given a linked Milsight WS102 button", "*no device model*Do you mean milesight-ws101*"),
        ('When the person presses "hall"', "There is no device 'hall' here.*"),
        ("When the person presses the button", "There is no device in this scenario yet.*"),
        ("When the customer subscribes for 3 lightyears", "'3 lightyears' is no duration*"),
        ("When the battery of the device falls to 140 %", "*140 %*0 % to 100 %*"),
        ('Given a fixed location "a" at 91.0, 28.0', "*'91.0, 28.0' is no place on earth*"),
        ("When the client sends GET /customers/{Thandi.id}", "*no thing 'Thandi' here*"),
        ("When the operator cancels the callout", "the callout does not exist yet.*"),
        ("When the control room closes the second callout", "the second callout does not exist*"),
    ],
)
def test_a_step_that_cannot_be_says_why_in_one_sentence(
    scenario: Play, step: str, reason: str
) -> None:
    """With the file, the line, and what to write instead."""
    result = scenario(step)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*one.feature:3: *", f"error     {reason}"])


def test_a_table_of_other_columns_is_refused(scenario: Play) -> None:
    """The columns that are wanted are named."""
    result = scenario(
        "When the client sends GET /responseTypes",
        "Then the answer has:",
        "  | path | content |",
        "  | a    | b       |",
    )

    result.stdout.fnmatch_lines(["error *needs a table with the columns | field | value |*"])


def test_an_unknown_step_is_answered_with_the_nearest_one(scenario: Play) -> None:
    """A slip of the pen is found at once."""
    result = scenario("When the person presss the button")

    result.stdout.fnmatch_lines(
        ['There is no step for "the person presss the button".', "nearest   {person} presses*"]
    )


def test_a_step_of_the_users_that_fails_keeps_its_traceback(suite: Suite) -> None:
    """Our explanation stands beside it."""
    own = "from pytest_bdd import then\n@then('two is three')\ndef _():\n    assert 2 == 3\n"
    one = "Feature: Own\n  Scenario: Sums\n    Then two is three\n"

    result = suite(one=one, conftest=own)

    result.stdout.fnmatch_lines(
        ["*assert 2 == 3*", "*FAIL Then two is three*", "*repeat with: pytest*"]
    )
