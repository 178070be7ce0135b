"""A failure that explains itself: the sentence, expected and seen, the timeline, how to repeat."""

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from pytest_bdd.exceptions import StepDefinitionNotFoundError

from simulator.bdd.declare import declared
from simulator.bdd.expectation import ExpectationError
from simulator.bdd.mistakes import StepUseError
from simulator.bdd.playing import SCENE
from simulator.bdd.scene import Scene
from simulator.bdd.sentence import nearest
from simulator.bdd.story import STORY, Outcome, StepStory
from simulator.bdd.timeline import timeline, written

if TYPE_CHECKING:
    from simulator.bdd.collector import ScenarioItem

_SHOWN = 24  # happenings before the failure that are told
_MARKS = {Outcome.PASSED: " ok ", Outcome.SKIPPED: "    "}


def explain(item: "ScenarioItem", error: BaseException, words: str) -> str:
    """Return the report of a failed scenario as text; `words` are the options of the session."""
    story, scene = item.stash.get(STORY, None), item.stash.get(SCENE, None)
    step = story.step if story else None
    line = step.line if step else item.template.line_number
    lines = [f"{item.path}:{line}: {headline(error)}", ""]
    lines += map(_step_line, story.steps if story else ())
    lines += ["", *_reason(error, step, scene)]
    if scene:
        lines += ["", *_timeline(scene, step)]
    target = item.nodeid.replace('"', '\\"')
    return "\n".join([*lines, "", f'repeat with: pytest "{target}" {words}'])


def headline(error: BaseException) -> str:
    """Return a failure in one line."""
    if isinstance(error, StepDefinitionNotFoundError):
        return "a step is not defined"
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _step_line(step: StepStory) -> str:
    return f"  {_MARKS.get(step.outcome, 'FAIL')} {step.keyword} {step.name}"


def _reason(error: BaseException, step: StepStory | None, scene: Scene | None) -> Iterator[str]:
    if isinstance(error, ExpectationError) and scene:
        yield from _expectation(error, scene)
    elif isinstance(error, StepDefinitionNotFoundError) and step:
        yield f'There is no step for "{step.name}".'
        near = nearest(step.name, [one.sentence for one in declared()])
        if near:
            yield f"nearest   {near}"
        yield "See features/STEPS.md, or `aurasim steps`, for all there are."
    else:
        yield f"error     {error}"


def _expectation(error: ExpectationError, scene: Scene) -> Iterator[str]:
    finding, looks = error.finding, error.watch.looks
    if finding.expected:
        yield f"expected  {finding.expected}"
    waited = f"  ({error.waited})" if error.waited else ""
    yield f"seen      {finding.seen}{waited}"
    if finding.nearest:
        yield f"nearest   {finding.nearest}"
    for look in looks[:-1][-6:]:
        yield f"meanwhile {scene.clock(look.at_s)}  {look.finding.seen}"


def _timeline(scene: Scene, step: StepStory | None) -> Iterator[str]:
    named = step.devices if step else ""
    devices: list[str] = []
    with suppress(StepUseError):  # the step may have failed because there is no such device
        devices = [one.unit.name for one in scene.devices.many(named)] if named else []
    moments = timeline(scene, devices)
    hidden = len(moments) - _SHOWN
    yield f"timeline until {scene.clock(scene.env.now)}" + (f" of {named}" if named else "")
    if hidden > 0:
        yield f"  ... {hidden} happenings before"
    yield from (f"  {line}" for line in written(scene, moments[-_SHOWN:]))
