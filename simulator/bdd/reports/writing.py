"""Writes the reports of a session into a folder."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from simulator.bdd.reports.cucumber import cucumber
from simulator.bdd.reports.shapes import ScenarioReport
from simulator.errors import UnavailableError

_PAGE = Path(__file__).with_name("report.html")


class ReportUnwritableError(UnavailableError):
    """The folder of the reports cannot be written."""


def write_reports(folder: Path, scenarios: Sequence[ScenarioReport]) -> None:
    """Write `report.html` and `cucumber.json`; in the order of the files, whoever played them."""
    ordered = sorted(scenarios, key=lambda one: (one["feature"]["uri"], one["line"], one["name"]))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cucumber.json").write_bytes(msgspec.json.encode(cucumber(ordered)))
        (folder / "report.html").write_text(page(ordered), "utf-8")
    except OSError as error:
        message = (
            f"The report cannot be written to {folder}: {error.strerror}. "
            "Name a folder that you may write with --aura-report."
        )
        raise ReportUnwritableError(message) from error


def page(scenarios: Sequence[ScenarioReport]) -> str:
    """Return one page with everything in it; a scenario is built when somebody opens it."""
    lines = (msgspec.json.encode(one).decode().replace("<", "\\u003c") for one in scenarios)
    data = "[\n" + ",\n".join(lines) + "\n]"
    return _PAGE.read_text("utf-8").replace("__SCENARIOS__", data)
