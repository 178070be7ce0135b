"""`aurasim report`: a page, and tables beside it for whoever asks."""

import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from simulator.cli.report import report
from simulator.errors import ExitCode
from simulator.journal import FileJournal
from simulator.report import ReportUnwritableError
from tests.report.journals import Telling


@pytest.fixture
def run(tmp_path: Path) -> Path:
    telling = Telling().begin()
    telling.link()
    telling.deliver(telling.press(), 501)
    telling.fail(None, "=cmd|' /C calc'!A0", "battery", seq=9, attempts=0)
    with FileJournal(tmp_path / "run") as journal:
        for record in telling.end():
            journal.write(record)
    return tmp_path / "run"


def test_the_page_is_written_beside_the_journal(run: Path) -> None:
    done = CliRunner().invoke(report, [str(run)])

    assert done.exit_code == ExitCode.PASS
    assert done.output == f"{run / 'report.html'}\n"
    assert (run / "report.html").stat().st_size > 10_000


def test_all_forms_at_once(run: Path, tmp_path: Path) -> None:
    junit, tables = tmp_path / "ci" / "junit.xml", tmp_path / "tables"

    done = CliRunner().invoke(
        report, [str(run), "--junit", str(junit), "--csv", str(tables), "--json"]
    )

    told = json.loads(done.output)
    assert told["totals"]["delivered"] == 1
    assert len(told["written"]) == 6
    assert ElementTree.parse(junit).getroot().tag == "testsuites"  # noqa: S314 - our own
    rows = {p.stem: list(csv.reader(p.read_text().splitlines())) for p in tables.iterdir()}
    assert rows["presses"][1][0] == "milesight-ws101/1#1"
    assert rows["times"][-1][0] == "press to answer"
    assert rows["promises"][1] == ["run time never runs backwards", "0"]
    assert rows["messages"][-1][-1].startswith("'=cmd")


def test_a_place_that_cannot_be_written_is_named(run: Path) -> None:
    done = CliRunner().invoke(report, [str(run), "--junit", "/proc/nowhere/junit.xml"])

    assert isinstance(done.exception, ReportUnwritableError)
    assert "/proc/nowhere" in str(done.exception)
