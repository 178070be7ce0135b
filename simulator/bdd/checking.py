"""Checks feature files without playing them: undefined, ambiguous and unused steps, with places."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from pytest_bdd.parser import Step

# not public: the same search that pytest-bdd itself makes for a step
from pytest_bdd.scenario import find_fixturedefs_for_step
from pytest_bdd.steps import StepFunctionContext, step_function_context_registry

from simulator.bdd.collector import ScenarioItem
from simulator.bdd.dictionary import library
from simulator.bdd.sentence import nearest
from simulator.errors import InputError

_QUIET = ("--collect-only", "-q", "-p", "no:randomly", "-W", "ignore")


class Trouble(StrEnum):
    """What can be wrong with a step."""

    UNDEFINED = "undefined"
    AMBIGUOUS = "ambiguous"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class Complaint:
    """One step that is not as it should be; `advice` proposes or names what there is."""

    trouble: Trouble
    path: str
    line: int
    step: str
    advice: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.trouble} step: {self.step}{self.advice}"


class UncheckableError(InputError):
    """The files could not even be collected."""


def check(path: Path) -> list[Complaint]:
    """Return the complaints about the feature files under a path, in the order of the files.

    Steps of the user's own count as much as ours; only theirs can be unused. The files are
    collected by a pytest of their own, as a run would collect them.
    """
    with TemporaryDirectory() as folder:
        told = Path(folder, "complaints.json")
        command = [sys.executable, "-m", "pytest", str(path), *_QUIET, "--aura-complaints"]
        done = subprocess.run(  # noqa: S603 - our own interpreter, and a path that exists
            [*command, str(told)], capture_output=True, text=True, check=False
        )
        if done.returncode not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            reason = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
            raise UncheckableError(f"{path} cannot be checked:\n{reason}")
        return msgspec.json.decode(told.read_bytes(), type=list[Complaint])


def write_complaints(session: pytest.Session, path: Path) -> None:
    """Write what is wrong with the collected scenarios, where `check` reads it."""
    used: set[Callable[..., object]] = set()
    found: dict[Complaint, None] = {}
    for item in session.items:
        if isinstance(item, ScenarioItem):
            found.update(dict.fromkeys(_complaints(item, used)))
    ordered = sorted(found, key=lambda one: (one.path, one.line))
    path.write_bytes(msgspec.json.encode([*ordered, *_unused(session, used)]))


def _complaints(item: ScenarioItem, used: set[Callable[..., object]]) -> Iterator[Complaint]:
    for step in item.scenario.steps:
        contexts = _definitions(item, step)
        used.update(one.step_func for one in contexts)
        where = (item.feature.filename, step.line_number, step.name)
        if not contexts:
            near = nearest(step.name, [one.sentence for one in library()])
            yield Complaint(Trouble.UNDEFINED, *where, f"; nearest: {near}" if near else "")
        elif len(contexts) > 1:
            named = " and ".join(f"'{one.parser.name}'" for one in contexts)
            yield Complaint(Trouble.AMBIGUOUS, *where, f"; both {named} fit")


def _definitions(item: ScenarioItem, step: Step) -> list[StepFunctionContext]:
    """Return the definitions nearest to a scenario that fit a step: more than one is too many."""
    manager = item.session._fixturemanager
    fitting = list(find_fixturedefs_for_step(step, manager, item))
    deepest = max((len(_base(one)) for one in fitting), default=0)
    contexts = [
        step_function_context_registry[one.func] for one in fitting if len(_base(one)) == deepest
    ]
    return list({id(one.step_func): one for one in contexts}.values())


def _base(definition: Any) -> str:
    return str(definition.baseid)


def _unused(session: pytest.Session, used: set[Callable[..., object]]) -> Iterator[Complaint]:
    """Yield the user's own steps that no scenario needs."""
    seen = {id(function) for function in used}
    for context in list(step_function_context_registry.values()):
        function = context.step_func
        module = function.__module__
        if id(function) in seen or module.startswith(("simulator.", "pytest_bdd.")):
            continue
        code = function.__code__
        if Path(code.co_filename).is_relative_to(session.config.rootpath):
            seen.add(id(function))
            yield Complaint(
                Trouble.UNUSED, code.co_filename, code.co_firstlineno, context.parser.name
            )
