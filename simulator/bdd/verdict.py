"""What a session comes to: counts environment problems, which are no failures, and says so.

Light, because it is there in every run of pytest; a report is written only when one is asked for.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from simulator.bdd.reports.shapes import ScenarioReport

ENVIRONMENT = 3  # the exit code of a session that found trouble around it, and no failure


class Verdict:
    """A plugin object: sees the report of every test, on the controller of pytest-xdist too."""

    def __init__(self, report: Path | None) -> None:
        self._folder = report
        self._troubles: list[tuple[str, str]] = []
        self._scenarios: list[ScenarioReport] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a scenario's report brings."""
        trouble = getattr(report, "aura_environment", None)
        if trouble:
            self._troubles.append((report.nodeid, trouble))
        story = getattr(report, "aura_story", None)
        if story and self._folder:
            self._scenarios.append(story)

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Show trouble as a category of its own."""
        if getattr(report, "aura_environment", None):
            return "environment", "V", "ENVIRONMENT"
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """End with the exit code of trouble where nothing failed; write the report."""
        if self._troubles and exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        ):
            session.exitstatus = ENVIRONMENT
        if self._folder and not hasattr(session.config, "workerinput"):
            from simulator.bdd.reports import write_reports

            write_reports(self._folder, self._scenarios)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name the trouble, and where the report is."""
        if self._troubles:
            terminalreporter.section("environment problems, no verdict")
            for nodeid, trouble in self._troubles:
                terminalreporter.line(f"{nodeid}\n  {trouble}")
        if self._folder:
            terminalreporter.line(f"report: {self._folder / 'report.html'}")
