"""Carries out sentences outside of pytest, as a scenario would: for exploration and scripts."""

from functools import cache
from inspect import signature

from simulator.bdd.declare import StepDefinition
from simulator.bdd.dictionary import library
from simulator.bdd.expectation import Finding
from simulator.bdd.mistakes import StepUseError
from simulator.bdd.scene import Scene
from simulator.bdd.sentence import nearest


def perform(scene: Scene, text: str) -> object:
    """Do what an action says, or return the `Finding` of an expectation's one look."""
    step = _definition(text)
    said = step.sentence.parse_arguments(text) or {}
    asked = signature(step.function).parameters
    return step.function(scene, **{name: said[name] for name in said if name in asked})


def look(scene: Scene, text: str) -> Finding:
    """Look once at what an expectation speaks of."""
    found = perform(scene, text)
    if not isinstance(found, Finding):
        message = f"'{text}' does something; an expectation was asked for."
        raise StepUseError(message)
    return found


@cache
def _definition(text: str) -> StepDefinition:
    steps = library()
    fitting = next((one for one in steps if one.sentence.is_matching(text)), None)
    if fitting is None:
        near = nearest(text, [one.sentence for one in steps])
        message = f"There is no step for '{text}'. {f'The nearest is: {near}' if near else ''}"
        raise StepUseError(message.strip())
    return fitting
