"""The reports of a session: Cucumber JSON and one page that needs nothing else."""

from pathlib import Path

import msgspec
import pytest

from simulator.bdd.reports.shapes import ScenarioReport
from tests.bdd.conftest import PRESS, Suite

pytest_plugins = ["pytester"]

_THREE = (
    PRESS
    + """
  Scenario: A failure
    Given a linked Milesight WS101 panic button
    When the person presses the button
    Then the customer has 7 open callouts within 5 seconds
    And the callout is open

  @staging
  Scenario: Elsewhere
    When 1 hour passes
"""
)


@pytest.fixture
def folder(suite: Suite, pytester: pytest.Pytester) -> Path:
    """The folder of the reports of a session with a pass, a failure and a skip."""
    suite("--aura-report", "out", three=_THREE).assert_outcomes(passed=1, failed=1, skipped=1)
    return pytester.path / "out"


def test_cucumber_json_has_each_step_with_its_outcome(folder: Path) -> None:
    """Steps after the failed one are skipped."""
    [feature] = msgspec.json.decode(folder.joinpath("cucumber.json").read_bytes())

    steps = {
        scenario["name"]: [step["result"]["status"] for step in scenario["steps"]]
        for scenario in feature["elements"]
    }
    assert steps == {
        "A press": ["passed"] * 3,
        "A failure": ["passed", "passed", "failed", "skipped"],
        "Elsewhere": ["skipped"],
    }


def test_frames_are_attached_in_hex_and_decoded(folder: Path) -> None:
    """To the step during which they were sent."""
    data = _scenarios(folder)

    [frame] = [
        a for s in data["A press"]["steps"] for a in s["attachments"] if a["kind"] == "frame"
    ]

    assert frame["title"].endswith("#0 press on port 85")
    assert frame["text"].startswith("ff2e") or "0175" in frame["text"]
    assert '"press": "long"' in frame["text"]


def test_no_secret_is_in_the_reports(folder: Path) -> None:
    """Neither the client secret nor a token, in any file."""
    texts = [path.read_text("utf-8") for path in folder.iterdir()]

    assert texts
    assert not any("aurasim-demo-secret" in text or "eyJ" in text for text in texts)


def test_the_page_loads_nothing_from_a_network(folder: Path) -> None:
    """It opens from a disk, on a train."""
    page = folder.joinpath("report.html").read_text("utf-8")
    head, _, _ = page.partition('<script id="data"')

    assert "src=" not in page.replace("\\u003c", "<").split("<script>")[-1]
    assert "http" not in head


def test_the_page_has_the_explanation_of_a_failure(folder: Path) -> None:
    """With the command that repeats it."""
    failed = _scenarios(folder)["A failure"]

    assert "expected  7 open callouts" in failed["reason"]
    assert failed["repeat"] == 'pytest "three.feature::A failure" --aura-seed 1'
    assert any("presses (long)" in line for line in failed["timeline"])


@pytest.mark.slow
def test_scenarios_of_other_processes_are_in_the_report(
    suite: Suite, pytester: pytest.Pytester
) -> None:
    """What workers played is written by who started them."""
    suite("-n", "2", "--aura-report", "out", three=_THREE)

    assert len(_scenarios(pytester.path / "out")) == 3


def _scenarios(folder: Path) -> dict[str, ScenarioReport]:
    page = folder.joinpath("report.html").read_text("utf-8")
    data = page.split('<script id="data" type="application/json">')[1].split("</script>")[0]
    found = msgspec.json.decode(data, type=list[ScenarioReport])
    return {one["name"]: one for one in found}
