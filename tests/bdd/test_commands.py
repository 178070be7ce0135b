"""The commands about feature files: steps, mutate, explore."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from simulator.cli.explore import explore
from simulator.cli.mutate import mutate
from simulator.cli.steps import steps
from simulator.errors import ExitCode
from tests.bdd.conftest import PRESS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one small feature."""
    tmp_path.joinpath("pytest.ini").write_text("[pytest]\n")
    tmp_path.joinpath("press.feature").write_text(PRESS)
    return tmp_path


def test_steps_are_listed_for_programs() -> None:
    """Each with its keyword, its sentence, and what it does."""
    result = CliRunner().invoke(steps, ["--json"])

    found = {one["sentence"]: one for one in msgspec.json.decode(result.output)}
    assert found["{person} presses {device}"]["keyword"] == "Given/When"
    assert found["the answer has:"]["argument"] == "table"


def test_steps_are_listed_for_people() -> None:
    """A table with the sentence first."""
    assert "{person} presses {device}" in CliRunner().invoke(steps, []).output


def test_the_page_of_the_steps_is_printed() -> None:
    """Or written, with --write."""
    assert CliRunner().invoke(steps, ["page", "."]).output.startswith("# Step dictionary")


def test_a_check_ends_with_an_exit_code(folder: Path) -> None:
    """0 when every step is known, 1 when one is not."""
    good = CliRunner().invoke(steps, ["check", str(folder)])
    folder.joinpath("bad.feature").write_text(PRESS.replace("presses", "preses"))
    bad = CliRunner().invoke(steps, ["check", str(folder)])

    assert (good.exit_code, bad.exit_code) == (ExitCode.PASS, ExitCode.FAILED)
    assert "bad.feature:4: undefined step" in bad.output


@pytest.mark.slow
def test_a_survivor_fails_a_mutation_campaign(folder: Path) -> None:
    """The score is told, and the survivor is named."""
    options = ["--only", "press-is-lost", "--only", "chat-is-lost", "--json"]
    result = CliRunner().invoke(mutate, [str(folder), *options])

    told = msgspec.json.decode(result.stdout)
    assert result.exit_code == ExitCode.FAILED
    assert told["score"] == 50.0


def test_an_exploration_without_discovery_passes() -> None:
    """It says how far it looked."""
    result = CliRunner().invoke(explore, ["--examples", "2", "--steps", "3"])

    assert result.exit_code == ExitCode.PASS
    assert result.output.startswith("2 sequences of up to 3 steps broke no promise.")
