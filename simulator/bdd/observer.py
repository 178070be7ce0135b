"""Follows scenarios through the hooks of pytest-bdd, and writes their stories."""

from collections.abc import Callable, Generator

import pytest
from pytest_bdd.parser import Scenario, Step

from simulator.bdd.collector import ScenarioItem
from simulator.bdd.environment import trouble_of
from simulator.bdd.playing import SCENE
from simulator.bdd.reports.telling import told
from simulator.bdd.scene import Scene
from simulator.bdd.story import STORY, Outcome, ScenarioStory, StepStory


def pytest_bdd_before_scenario(request: pytest.FixtureRequest, scenario: Scenario) -> None:
    """Begin a story with all steps, none of them reached."""
    steps = [StepStory(step.keyword, step.name, step.line_number) for step in scenario.steps]
    request.node.stash[STORY] = ScenarioStory(steps)


def pytest_bdd_before_step(request: pytest.FixtureRequest, step: Step) -> None:
    """Take note of where the world stands."""
    del step
    story: ScenarioStory = request.node.stash[STORY]
    story.current += 1
    current = story.steps[story.current]
    current.begin()
    current.began_s, *begun = _marks(request.node.stash.get(SCENE, None))
    current.records, current.exchanges, current.webhooks = ((one, one) for one in begun)


def pytest_bdd_after_step(
    request: pytest.FixtureRequest, step_func_args: dict[str, object]
) -> None:
    """Take note that a step is done."""
    _end(request, step_func_args, Outcome.PASSED)


def pytest_bdd_step_error(
    request: pytest.FixtureRequest,
    step_func: Callable[..., object],
    step_func_args: dict[str, object],
    exception: BaseException,
) -> None:
    """Take note of why a step failed."""
    del step_func
    skipped = isinstance(exception, pytest.skip.Exception)
    outcome = Outcome.SKIPPED if skipped else Outcome.FAILED
    _end(request, step_func_args, outcome, str(exception))


def pytest_bdd_step_func_lookup_error(
    request: pytest.FixtureRequest, exception: BaseException
) -> None:
    """Take note of a step that nobody defines."""
    story: ScenarioStory = request.node.stash[STORY]
    story.current += 1
    story.steps[story.current].finish(Outcome.UNDEFINED, str(exception))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn trouble of the environment into an outcome of its own."""
    report = yield
    if not isinstance(item, ScenarioItem):
        return report
    if call.excinfo and report.failed:
        _find_trouble(item, call.excinfo.value, report)
    is_last = report.when == "call" or not report.passed
    if is_last and item.config.getoption("aura_report"):
        report.aura_story = told(item, report)  # type: ignore[attr-defined]  # rides on it
    return report


def _find_trouble(item: ScenarioItem, error: BaseException, report: pytest.TestReport) -> None:
    trouble = trouble_of(error, item.stash.get(SCENE, None))
    if not trouble:
        return
    report.outcome = "skipped"
    report.longrepr = (str(item.path), item.template.line_number, f"environment: {trouble}")
    report.aura_environment = trouble  # type: ignore[attr-defined]  # rides on it
    story = item.stash.get(STORY, None)
    if story and story.step:
        story.step.outcome = Outcome.ENVIRONMENT


def _end(
    request: pytest.FixtureRequest,
    said: dict[str, object],
    outcome: Outcome,
    error: str = "",
) -> None:
    step = request.node.stash[STORY].step
    if step is None:
        return
    step.finish(outcome, error)
    step.devices = str(said.get("device", ""))
    step.ended_s, *ended = _marks(request.node.stash.get(SCENE, None))
    begun = (step.records[0], step.exchanges[0], step.webhooks[0])
    spans = list(zip(begun, ended, strict=True))
    step.records, step.exchanges, step.webhooks = spans


def _marks(scene: Scene | None) -> tuple[float, int, int, int]:
    if scene is None:
        return 0.0, 0, 0, 0
    return (
        scene.env.now,
        len(scene.journal.records),
        len(scene.recorder.exchanges),
        len(scene.webhooks),
    )
