"""Feature files as pytest collects them: a file of scenarios, each of them an item.

pytest-bdd reads the file and executes the steps; no Python module has to name either.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from _pytest._code.code import TerminalRepr, TracebackStyle  # pytest has no public names for these
from _pytest._io import TerminalWriter
from pytest_bdd.exceptions import GherkinParseError, StepDefinitionNotFoundError
from pytest_bdd.feature import get_feature
from pytest_bdd.parser import Feature, Scenario, ScenarioTemplate

# not public, and all there is: `scenarios()` wants a Python module to put tests into
from pytest_bdd.scenario import _execute_scenario

from simulator.bdd.failure import explain, headline
from simulator.bdd.options import OPTIONS, Options
from simulator.bdd.promises import keep_promises
from simulator.errors import SimulatorError

_KNOWN_PLACES = ("sandbox", "staging", "bench")


class FeatureFile(pytest.Module):
    """One feature file. A module to pytest, so that fixtures of module scope work."""

    def _getobj(self) -> ModuleType:
        return ModuleType(self.path.stem)

    def collect(self) -> Iterator["ScenarioItem"]:
        """Yield a scenario for each scenario, and for each row of an outline."""
        feature = self._read()
        for template in feature.scenarios.values():
            for suffix, row in _rows(template):
                yield ScenarioItem.from_parent(
                    self, name=template.name + suffix, template=template, row=row
                )

    def _read(self) -> Feature:
        try:
            feature = get_feature(str(self.path.parent), self.path.name)
        except GherkinParseError as error:
            message = f"{self.path}:{error.line}: {error.message}\n  {error.line_content.strip()}"
            raise self.CollectError(message) from error
        repeated = _repeated_names(self.path)
        if repeated:
            message = f"{self.path}: two scenarios are named '{repeated[0]}'. Rename one."
            raise self.CollectError(message)
        return feature


class ScenarioItem(pytest.Function):
    """One scenario, or one row of an outline."""

    def __init__(
        self,
        name: str,
        parent: FeatureFile,
        template: ScenarioTemplate,
        row: Mapping[str, str],
        **details: object,
    ) -> None:
        self.template = template
        self.feature = template.feature
        self.row = row
        self.scenario: Scenario = template.render(row)

        def play(request: pytest.FixtureRequest) -> None:
            __tracebackhide__ = True
            _execute_scenario(self.feature, self.scenario, request)
            keep_promises(self, self.tags)

        super().__init__(name, parent, callobj=play, **details)  # type: ignore[arg-type]  # pytest's own
        self._mark()

    @property
    def tags(self) -> frozenset[str]:
        """Return the tags of the scenario, with those of its rule and its feature."""
        rule = self.template.rule
        return frozenset(self.feature.tags | self.template.tags | (rule.tags if rule else set()))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the scenario is written, and its title."""
        return self.path, self.template.line_number - 1, f"{self.feature.name}: {self.name}"

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: TracebackStyle | None = None,
    ) -> "str | TerminalRepr":
        """Return what went wrong in the words of the scenario; a traceback where that is ours."""
        error = excinfo.value
        told = explain(self, error, self.config.stash[OPTIONS].words)
        if isinstance(error, SimulatorError | StepDefinitionNotFoundError):
            return Explanation(told, headline(error))
        self.add_report_section("call", "scenario", told)
        return super().repr_failure(excinfo)

    def _mark(self) -> None:
        """Make each tag a marker, so that `-m` chooses by it; strict markers know them all."""
        known = {re.split(r"[:(]", line)[0].strip() for line in self.config.getini("markers")}
        for tag in sorted(self.tags):
            if tag not in known:
                self.config.addinivalue_line("markers", f"{tag}: a tag of feature files")
            self.add_marker(tag)


class Explanation(TerminalRepr):
    """A failure as pytest shows it: a text, and one line of it for the summary."""

    def __init__(self, text: str, line: str) -> None:
        self._text = text
        self.reprcrash = Headline(line)

    def __str__(self) -> str:
        return self._text

    def toterminal(self, tw: TerminalWriter) -> None:
        """Write the text."""
        tw.line(self._text)


@dataclass(frozen=True, slots=True)
class Headline:
    """The line of a failure; pytest reads `message`."""

    message: str


def skip_what_cannot_play(item: ScenarioItem, options: Options) -> None:
    """Mark a scenario as skipped, with the reason and what would run it."""
    wanted = item.tags.intersection(_KNOWN_PLACES) or {"sandbox"}
    if not wanted & options.tags:
        named = " or ".join(f"@{tag}" for tag in sorted(wanted))
        here = "sandbox" if "sandbox" in options.tags else "staging"
        on_desk = "; give --aura-port, --aura-ble or --aura-emulate" if wanted == {"bench"} else ""
        reason = f"{named} does not play on the {here}{on_desk}"
        item.add_marker(pytest.mark.skip(reason=reason))
    elif "slow" in item.tags and not (options.place.clock.is_virtual or options.runs_slow):
        reason = "@slow takes long on a real clock; give --aura-slow to run it"
        item.add_marker(pytest.mark.skip(reason=reason))


def _rows(template: ScenarioTemplate) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the rows of an outline with a suffix that tells them apart; one empty one without."""
    if not template.examples:
        yield "", {}
    seen: Counter[str] = Counter()
    for examples in template.examples:
        for row in examples.as_contexts():
            title = ", ".join(row.values())
            seen[title] += 1
            yield (
                f" [{title}{' #' * (seen[title] > 1)}{seen[title] if seen[title] > 1 else ''}]",
                row,
            )


def _repeated_names(path: Path) -> list[str]:
    """Return the titles that more than one scenario has; pytest-bdd would keep the last only."""
    titles = re.findall(
        r"^\s*(?:Scenario(?: Outline| Template)?|Example):[ \t]*(.*?)[ \t]*$",
        path.read_text("utf-8"),
        re.MULTILINE,
    )
    return [title for title, times in Counter(titles).items() if times > 1]
