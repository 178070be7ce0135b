"""The step library is small, regular and documented, and the pages about it are true."""

from pathlib import Path

import pytest

from simulator.bdd import statements
from simulator.bdd.checking import Trouble, check
from simulator.bdd.declare import StepDefinition
from simulator.bdd.dictionary import library, page
from tests.bdd.conftest import PRESS

FEATURES = Path(__file__).parents[2] / "features"
pytest_plugins = ["pytester"]


def _named(step: StepDefinition) -> str:
    return step.sentence.name


@pytest.mark.parametrize("step", library(), ids=_named)
def test_every_step_says_in_one_line_what_it_does(step: StepDefinition) -> None:
    """The first line of the docstring is the entry of the dictionary."""
    assert step.summary.endswith(".")


@pytest.mark.parametrize("step", library(), ids=_named)
def test_every_step_reads_its_own_example(step: StepDefinition) -> None:
    """What the dictionary shows can be written into a feature file."""
    assert step.sentence.is_matching(step.sentence.example)


@pytest.mark.parametrize("step", library(), ids=_named)
def test_no_other_step_reads_the_example_of_a_step(step: StepDefinition) -> None:
    """A sentence means one thing."""
    others = [one for one in library() if one.keyword == step.keyword and one is not step]
    fitting = [
        one.sentence.name for one in others if one.sentence.is_matching(step.sentence.example)
    ]
    assert not fitting


def test_the_page_of_the_steps_is_up_to_date() -> None:
    """Run `aurasim steps page --write` when this fails."""
    assert (FEATURES / "STEPS.md").read_text("utf-8") == page()


def test_the_table_of_the_statements_is_up_to_date() -> None:
    """Run `aurasim steps statements --write` when this fails."""
    assert (FEATURES / "README.md").read_text("utf-8") == statements.page(FEATURES)


def test_scenarios_claim_only_statements_that_exist() -> None:
    """A tag with a slip of the pen would prove nothing."""
    assert statements.unknown_claims(FEATURES) == []


def test_few_statements_are_left_unproved() -> None:
    """Each of them is in the table, with no scenario beside it."""
    assert set(statements.unproved(FEATURES)) <= {"D-staging-only", "D-site-bulk"}


def test_a_statement_without_a_scenario_is_shown(tmp_path: Path) -> None:
    """The page has a list of what nothing proves."""
    tmp_path.joinpath("statements.toml").write_text(
        '[[section]]\ntitle = "1"\n[section.statements]\nD-one = "One."\nD-two = "Two."\n'
    )
    tmp_path.joinpath("a.feature").write_text(
        "Feature: A\n  @D-one\n  Scenario: It is so\n    When 1 hour passes\n"
    )

    told = statements.page(tmp_path)

    assert "1 of 2 statements" in told
    assert "| `D-one` | One. | [It is so](a.feature) |" in told
    assert "| `D-two` | Two. | **none** |" in told
    assert statements.unproved(tmp_path) == ["D-two"]


def test_broken_statements_are_refused(tmp_path: Path) -> None:
    """The file is named."""
    tmp_path.joinpath("statements.toml").write_text("[[section]]\nname = 1\n")

    with pytest.raises(statements.StatementsError, match=r"statements\.toml: cannot be read"):
        statements.page(tmp_path)


def test_the_shipped_features_use_known_steps() -> None:
    """The check finds nothing to complain of."""
    assert check(FEATURES) == []


def test_a_check_names_undefined_ambiguous_and_unused_steps(tmp_path: Path) -> None:
    """Each with its file, its line, and what to do."""
    tmp_path.joinpath("pytest.ini").write_text("[pytest]\n")
    tmp_path.joinpath("a.feature").write_text(
        PRESS.replace("presses", "preses") + "    And it is tea time\n"
    )
    tmp_path.joinpath("conftest.py").write_text(
        "from pytest_bdd import then, parsers\n"
        "@then('it is tea time')\ndef _one(): pass\n"
        "@then(parsers.parse('it is {drink} time'))\ndef _two(): pass\n"
        "@then('nobody says this')\ndef _three(): pass\n"
    )

    found = {one.trouble: one for one in check(tmp_path)}

    undefined, ambiguous, unused = (found[trouble] for trouble in Trouble)
    assert (undefined.line, undefined.advice) == (4, "; nearest: {person} presses {device}")
    assert (ambiguous.line, ambiguous.step) == (6, "it is tea time")
    assert (Path(unused.path).name, unused.line) == ("conftest.py", 6)
