"""The page of a load test: whole, self-contained, and harmless whatever its result says."""

import base64
import csv
import hashlib
import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from simulator.load.page import write_load_report, write_tables
from simulator.load.page.columns import MOST_COLUMNS, columns_of, heat_of, over_time
from simulator.load.page.curves import curves_of
from simulator.load.page.render import render
from simulator.load.page.words import share, span, way_of
from simulator.load.result import (
    LoadResult,
    ResultUnwritableError,
    Series,
    Stage,
    Verdict,
    Window,
    write_result,
)
from tests.load.made import made, settings


def empty() -> LoadResult:
    """Return a test that never began."""
    return LoadResult(
        version="0",
        settings=settings(),
        started="2026-06-01T08:00:00Z",
        lasted_s=0.0,
        verdict=Verdict.ENVIRONMENT,
        reasons=["the target refused the connection"],
    )


def test_the_page_holds_what_was_measured(tmp_path: Path) -> None:
    """Verdict, thresholds, messages, stages, ledger, and the data of the charts."""
    result = made(1, seconds=20, errors=0.02)

    page = write_load_report(result, tmp_path).read_text()

    assert "<h1>" in page
    assert "Passed" in page
    for text in ("p99 of latency at most 250 ms", "answered 503", "a battery report never opens"):
        assert text in page
    assert f"{result.total.due:,}" in page
    assert all(stage.meaning in page for stage in result.stages)


def test_the_page_loads_nothing_and_may_not() -> None:
    """Its policy names its own style and script by their hashes, and nothing else."""
    page = render(made(1, seconds=5))

    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert policy
    assert style
    for text in (style[1], *scripts):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"&#39;sha256-{digest}&#39;" in policy[1]
    assert policy[1].startswith("default-src &#39;none&#39;")
    assert not re.search(r'(src|href)="(?!#)', page)
    assert "@import" not in page
    assert "url(" not in style[1]


def test_names_cannot_break_out_of_the_page() -> None:
    """Not from the text, and not from the data."""
    result = made(1, seconds=3)
    evil = "</script><script>alert(1)</script>"
    result.errors = {evil: 1}
    result.stages[Stage.LATENCY][evil] = result.stages[Stage.LATENCY]["press"]

    page = render(result)

    assert evil not in page
    assert "alert(1)" in page


def test_a_test_that_never_began_has_a_page_too() -> None:
    """With the reason, and without charts."""
    page = render(empty())

    assert "No test" in page
    assert "the target refused the connection" in page


def test_a_void_test_says_the_rate_that_would_have_been_honest() -> None:
    """And why."""
    result = made(1, seconds=3, verdict=Verdict.VOID)
    result.generator.honest_rate = 1234.0

    page = render(result)

    assert "made so" in page
    assert "1,234 messages a second" in page


def test_a_long_test_is_joined_into_columns_and_loses_nothing() -> None:
    """A day has no more columns than a screen."""
    short = made(1, seconds=5)
    long = made(1, seconds=3)
    long.series = Series(windows=short.series.windows * 500)

    columns = columns_of(long)
    over = over_time(long, columns)

    assert len(columns) <= MOST_COLUMNS
    assert sum(column.tally.due for column in columns) == 500 * short.total.due
    assert over.width == 5
    assert over.t[1] == 5
    assert over.due[0] == pytest.approx(short.total.due / 5)
    assert sum(count for *_, count in heat_of(columns).cells) == 500 * short.total.due


def test_a_quiet_end_is_no_column() -> None:
    """Windows after the last message are left out."""
    result = made(1, seconds=5)
    result.series.windows += [Window(), Window()]

    assert len(columns_of(result)) == 5


def test_the_stack_adds_up_to_the_latency() -> None:
    """Means do; that is why they are stacked."""
    result = made(1, seconds=5)
    columns = columns_of(result)

    stack = over_time(result, columns).stack

    for at, window in enumerate(columns):
        total = sum(part[at] or 0.0 for part in stack.values())
        assert total == pytest.approx(window.latency.mean_s, rel=0.01)


def test_curves_rise_and_end_at_the_slowest() -> None:
    """Each as far to the right as it has messages."""
    result = made(1, seconds=10)

    curves = {curve.name: curve for curve in curves_of(result)}

    latency = curves["latency"]
    assert all(a <= b for a, b in pairwise(latency.y))
    assert len(curves["latency of press"].x) < len(latency.x)
    assert latency.x[0] == 0
    assert "callout" in curves


def test_bars_of_stages_fit_their_row() -> None:
    """The longest way fills it."""
    ways = way_of(made(1, seconds=5))

    ends = [way.parts[-1].x + way.parts[-1].width for way in ways]
    assert max(ends) == pytest.approx(1000, abs=0.1)
    assert {way.kind for way in ways} == {"all", "battery", "move", "press"}


def test_tables_hold_every_stage_and_second(tmp_path: Path) -> None:
    """As numbers that a spreadsheet reads."""
    result = made(1, seconds=7)

    stages, seconds = write_tables(result, tmp_path)

    rows = list(csv.DictReader(stages.read_text().splitlines()))
    latency = next(row for row in rows if (row["stage"], row["kind"]) == ("latency", "all"))
    assert int(latency["n"]) == result.total.due
    assert float(latency["p99_s"]) == pytest.approx(result.stage(Stage.LATENCY).percentile_s(99))
    assert (
        sum(int(row["due"]) for row in csv.DictReader(seconds.read_text().splitlines()))
        == result.total.due
    )


def test_a_report_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    """And what to do about it."""
    (tmp_path / "file").write_text("")

    with pytest.raises(ResultUnwritableError, match="--out"):
        write_load_report(empty(), tmp_path / "file")


def test_the_data_is_json() -> None:
    """With the figures of the charts in it."""
    page = render(made(1, seconds=5))

    found = re.search(r'id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    data = json.loads(found[1])
    assert len(data["over"]["t"]) == 5
    assert msgspec.json.encode(data)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),  # noqa: RUF001 - the dash that stands for no value
        (0.0, "0 s"),
        (4.2e-7, "420 ns"),
        (0.0000999999, "100 µs"),
        (0.0123, "12.3 ms"),
        (0.9999, "1 s"),
        (59.0, "59 s"),
        (61.0, "1 min 01 s"),
        (7260.0, "2 h 1 min"),
    ],
)
def test_spans_read_well(seconds: float | None, text: str) -> None:
    """From nanoseconds to hours."""
    assert span(seconds) == text


def test_a_small_share_is_not_none() -> None:
    """Three in a million matter."""
    assert (share(0.0), share(3e-6), share(0.0123)) == ("0 %", "0.0003 %", "1.2 %")


def test_the_report_of_a_killed_test_can_be_written_later(tmp_path: Path) -> None:
    """`aurasim report` knows the folder of a load test from that of a run."""
    result = made(1, seconds=3)
    result.is_whole = False
    write_result(result, tmp_path)
    (tmp_path / "journal.ndjson").write_text("")

    done = subprocess.run(
        [sys.executable, "-m", "simulator.cli", "report", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stdout.strip() == str(tmp_path / "report.html")
    assert "This result is not whole" in (tmp_path / "report.html").read_text()
