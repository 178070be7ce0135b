"""The two kinds of steps: an action (Given, When) does something, an expectation (Then) looks.

An expectation is a function that looks once and returns a `Finding`; its sentence may end with
`within 30 seconds`, which waits until it is so, or with `for the next 5 minutes`, which asks that
it stays so. Without either it must be so now.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

import pytest_bdd

from simulator.bdd.expectation import Finding
from simulator.bdd.scene import Scene
from simulator.bdd.sentence import Sentence

P = ParamSpec("P")
T = TypeVar("T")
_PATIENCE = "[ within {within:duration}][ for the next {during:duration}]"
_WAITS = tuple(
    inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=float | None)
    for name in ("within", "during")
)
_DECLARED: list["StepDefinition"] = []


@dataclass(frozen=True, slots=True)
class StepDefinition:
    """One entry of the step dictionary."""

    keyword: str  # "Given" and "When" take the same sentences; "Then"
    sentence: Sentence
    function: Callable[..., object]

    @property
    def summary(self) -> str:
        """Return the first line of the function's docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @property
    def topic(self) -> str:
        """Return the module of the step library it is in."""
        return self.function.__module__.rpartition(".")[2]

    @property
    def argument(self) -> str:
        """Return what follows the sentence: a table, a text, or nothing."""
        asked = inspect.signature(self.function).parameters
        return "table" if "datatable" in asked else "text" if "docstring" in asked else ""


def declared() -> tuple[StepDefinition, ...]:
    """Return every step that was declared, in the order of the modules."""
    return tuple(_DECLARED)


def action(*sentences: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Make a function the step of some sentences, after `Given` and after `When`."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        for text in sentences:
            sentence = Sentence(text)
            _DECLARED.append(StepDefinition("Given/When", sentence, function))
            pytest_bdd.given(sentence, stacklevel=2)(function)
            pytest_bdd.when(sentence, stacklevel=2)(function)
        return function

    return decorate


def expectation(
    *sentences: str,
) -> Callable[[Callable[P, Finding]], Callable[P, Finding]]:
    """Make a function that looks once the step of some sentences, after `Then`."""

    def decorate(function: Callable[P, Finding]) -> Callable[P, Finding]:
        patient = _patient(function)
        for text in sentences:
            colon = ":" * text.endswith(":")
            sentence = Sentence(text.removesuffix(":") + _PATIENCE + colon)
            _DECLARED.append(StepDefinition("Then", Sentence(text), function))
            pytest_bdd.then(sentence, stacklevel=2)(patient)
        return function

    return decorate


def _patient(function: Callable[P, Finding]) -> Callable[..., None]:
    """Return a step that looks as often as its sentence asks."""

    @wraps(function)
    def step(
        scene: Scene,
        within: float | None = None,
        during: float | None = None,
        **said: object,
    ) -> None:
        def look() -> Finding:
            return function(scene, **said)  # type: ignore[arg-type]  # as its sentence says

        if within is not None or during is None:
            scene.run_until(look, within or 0.0)
        if during is not None:
            scene.hold(look, during)

    asked = inspect.signature(function)
    parameters = [*asked.parameters.values(), *_WAITS]
    step.__signature__ = asked.replace(parameters=parameters)  # type: ignore[attr-defined]  # inspect reads it
    return step
