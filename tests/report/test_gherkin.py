"""A run as a feature file: it plays, it says what happened, and names what it cannot say."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from pytest_bdd.feature import get_feature

from simulator.device import People
from simulator.journal import FileJournal, Record, Replied
from simulator.report import feature_of
from simulator.run import Run, RunSettings
from tests.report.journals import Telling
from tests.report.strategies import journals

HOSTILE = '"\n  Scenario: pwned\n<img src=x>\x1b[31m/1'


def written(folder: Path, records: list[Record]) -> Path:
    with FileJournal(folder) as journal:
        for record in records:
            journal.write(record)
    return folder


def played(feature: str, folder: Path, *flags: str) -> "subprocess.CompletedProcess[str]":
    """Play a feature file in a pytest of its own."""
    path = folder / "exported.feature"
    path.write_text(feature, "utf-8")
    command = [sys.executable, "-m", "pytest", str(path), "-q", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, "-n", "0", "--rootdir", str(folder), *flags],
        capture_output=True, text=True, check=False, cwd=folder,
    )  # fmt: skip


@pytest.mark.parametrize("seed", [7])
def test_what_is_exported_plays(tmp_path: Path, seed: int) -> None:
    """Lost frames, resends, cancels and merges of four kinds of devices."""
    mix = {"milesight-ws101": 12, "eview-ev07b": 8, "simplepack-plus": 12, "shelly-blu-button1": 8}
    with FileJournal(tmp_path) as journal:
        Run(RunSettings(mix=mix, seed=seed, people=People(presses=6.0)), journal).execute()

    feature = feature_of(tmp_path, limit=60)
    done = played(feature.text, tmp_path)

    assert feature.scenarios > 12
    assert "is lost" in feature.text
    assert done.returncode == 0, done.stdout
    assert f"{feature.scenarios} passed" in done.stdout


def test_a_story_is_told_as_it_was(run: Telling, tmp_path: Path) -> None:
    press = run.press()
    for attempt, seq in ((1, 0), (2, 0)):
        run.air(press, run.frame(press, attempt=attempt, seq=seq), lost="air")
    run.arrive(press, attempt=3, seq=0)
    run.told(press, 501, seq=0)
    run.cancel(press, 501)

    text = feature_of(written(tmp_path, run.end())).text

    scenario = [line.strip() for line in text[text.index("Scenario") :].splitlines()]
    assert scenario == [
        "Scenario: milesight-ws101: cancelled (press 1)",
        'Given a linked milesight-ws101 "milesight-ws101/1"',
        'When the next 2 frames of "milesight-ws101/1" are lost',
        'And the person uses the gesture "long" of "milesight-ws101/1"',
        "And 1 second pass",
        'And the person takes the press of "milesight-ws101/1" back',
        "And 120 seconds pass",
        "Then every press is accounted for",
        'And the ledger has 1 press "cancelled"',
    ]


def test_an_empty_battery_and_a_dead_zone_are_said_before_the_press(
    run: Telling, tmp_path: Path
) -> None:
    first = run.press()
    run.air(first, run.frame(first), lost="air")
    run.silent(run.press())

    text = feature_of(written(tmp_path, run.end())).text

    assert '"milesight-ws101/1" has no coverage for 900 seconds\n    And the person uses' in text
    assert 'the battery of "milesight-ws101/1" falls to 0 %\n    And the person uses' in text


def test_chosen_presses_bring_those_they_shared_a_callout_with(
    run: Telling, tmp_path: Path
) -> None:
    run.deliver(run.press(), 501)
    merged = run.press()
    run.deliver(merged, 501)
    run.deliver(run.press(), 502)

    feature = feature_of(written(tmp_path, run.end()), presses=[merged, "nobody#1"])

    assert feature.scenarios == 1
    assert feature.text.count("uses the gesture") == 2
    assert feature.left_out == ("nobody#1: there is no such press",)


def test_an_end_between_two_presses_is_played(run: Telling, tmp_path: Path) -> None:
    """The second person takes back what the control room has closed by then."""
    run.deliver(run.press(), 501)
    merged = run.press()
    run.deliver(merged, 501)
    run.close(501, by="control room")
    run.regret(merged)

    text = feature_of(written(tmp_path, run.end())).text

    closes = text.index("the control room closes the first callout")
    assert text.rindex("uses the gesture") < closes < text.index("takes the press of")


def test_what_no_step_can_say_is_named_and_not_claimed(run: Telling, tmp_path: Path) -> None:
    press = run.press()
    run.receive(press, run.frame(press), dropped="not readable: noise")
    run.leave(run.press(), "air")

    feature = feature_of(written(tmp_path, run.end()))

    assert feature.scenarios == 0
    assert len(feature.left_out) == 2
    assert "# Not told: milesight-ws101/1#1: the gateway could not read it" in feature.text


def test_a_hostile_name_writes_no_scenario(tmp_path: Path) -> None:
    run = Telling().begin()
    run.link()
    run.link(HOSTILE)
    run.deliver(run.press(HOSTILE), 501)

    text = feature_of(written(tmp_path, run.end())).text

    assert "pwned" not in text.replace("# Not told", "").split("Feature", 1)[1]
    assert "\x1b" not in text


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(journals)
def test_any_journal_gives_a_feature_that_can_be_read(
    tmp_path: Path, records: list[Record]
) -> None:
    whole = [*Telling().begin().records, *(r for r in records if not isinstance(r, Replied))]
    path = tmp_path / "any.feature"

    path.write_text(feature_of(written(tmp_path, whole)).text, "utf-8")

    get_feature(str(tmp_path), path.name)
