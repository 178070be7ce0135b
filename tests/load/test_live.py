"""A load test while it runs: what the terminal, the page and Prometheus say of it."""

import http.client
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from rich.console import Console

from simulator.load.histogram import Histogram
from simulator.load.live import Followed, LivePage, follow, screen, serve_metrics
from simulator.load.live.prometheus import LoadCollector, MetricsUnavailableError, cumulative
from simulator.load.live.recent import ledger_line, rates, recent
from simulator.load.live.web import PageUnavailableError, live_data
from simulator.load.result import LoadResult, Stage, Verdict, Window, write_result
from tests.load.made import made


def running(seconds: int = 20) -> LoadResult:
    """Return a test in the middle of its run; its last second is only begun."""
    result = made(1, seconds=seconds, errors=0.01)
    result.is_whole = False
    result.series.windows.append(Window())
    return result


def text_of(followed: Followed) -> str:
    """Return the screen as a terminal shows it."""
    terminal = Console(width=110, record=True, file=io.StringIO())
    terminal.print(screen(followed))
    return terminal.export_text()


def test_the_last_ten_seconds_leave_out_the_one_under_way() -> None:
    """A second that is only begun looks like a drop of the rate."""
    result = running()

    now = recent(result)

    over = result.series.windows[10:20]
    assert now.due == sum(window.tally.due for window in over) / 10
    assert now.latency.n == sum(window.latency.n for window in over)
    assert len(rates(result, 60)) == 20


def test_the_screen_says_rates_percentiles_drops_and_health() -> None:
    """And what went wrong."""
    shown = text_of(Followed(running(), 0.2))

    for text in ("answered 503", "latency", "lateness", "p99 of latency", "of a core", "ledger"):
        assert text in shown
    assert "no news" not in shown


def test_what_is_known_of_the_presses_is_shown_before_the_ledger() -> None:
    """It is made at the end."""
    result = running()
    result.ledger = None

    line = ledger_line(result)

    presses = result.kinds["press"]
    assert line.startswith(f"{presses.due:,} presses so far: ")
    assert f"{presses.errors:,} not taken" in line
    assert line in text_of(Followed(result, 0.0))
    assert live_data(result).ledger == line


def test_a_silent_test_is_called_silent() -> None:
    """It may have been killed."""
    assert "no news for 12 s" in text_of(Followed(running(), 12.0))
    assert "waiting for the test" in text_of(Followed(None, 3.0))


def test_following_ends_with_the_test(tmp_path: Path) -> None:
    """Every version of the result is seen, the last one too."""
    result = running()
    steps: list[Callable[[], object]] = [
        lambda: write_result(result, tmp_path),
        lambda: None,
        lambda: write_result(made(1, seconds=3), tmp_path),
    ]

    def wait() -> bool:
        steps.pop(0)()
        return True

    seen = list(follow(tmp_path, wait))

    assert [followed.result is not None for followed in seen] == [False, True, True, True]
    assert [followed.is_over for followed in seen] == [False, False, False, True]
    assert not steps


def test_following_may_ignore_what_was_there_before(tmp_path: Path) -> None:
    """The result of an earlier test in the same folder."""
    old = write_result(made(1, seconds=3), tmp_path)
    os.utime(old, (1, 1))

    seen = list(follow(tmp_path, lambda: False, only_new=True))

    assert seen[-1].result is None


def test_a_broken_file_is_waited_out(tmp_path: Path) -> None:
    """Somebody else may be writing into it."""
    (tmp_path / "result.json").write_text("{")

    assert list(follow(tmp_path, lambda: False))[-1].result is None


def test_metrics_count_every_message_and_add_up() -> None:
    """The buckets of each histogram end with all of it."""
    result = running()
    registry = CollectorRegistry()
    registry.register(LoadCollector(lambda: result))

    lines = generate_latest(registry).decode().splitlines()

    due = [line for line in lines if line.startswith('aurasim_load_messages_total{fate="due"')]
    assert sum(float(line.rsplit(" ", 1)[1]) for line in due) == result.total.due
    last = next(
        line
        for line in lines
        if line.startswith("aurasim_load_stage_seconds_bucket")
        and 'stage="latency"' in line
        and 'kind="press"' in line
        and 'le="+Inf"' in line
    )
    assert float(last.rsplit(" ", 1)[1]) == result.stages[Stage.LATENCY]["press"].n
    assert any(line.startswith("aurasim_load_errors_total") for line in lines)


def test_there_are_no_metrics_before_the_test() -> None:
    """Not even zeros."""
    assert not list(LoadCollector(lambda: None).collect())


def test_buckets_are_cumulative() -> None:
    """What is longer than all bounds is in the last one only."""
    histogram = Histogram()
    for seconds in (0.000001, 0.02, 3.0, 500.0):
        histogram.record(seconds)

    counts = dict(cumulative(histogram))

    assert counts["1e-05"] == 1
    assert counts["0.025"] == 2
    assert counts["50"] == 3
    assert counts["+Inf"] == 4


def test_a_taken_port_says_so() -> None:
    """For the page and for the metrics."""
    with LivePage(0, lambda: None) as page:
        port = int(page.url.rstrip("/").rsplit(":", 1)[1])

        with pytest.raises(PageUnavailableError, match="Choose another port"):
            LivePage(port, lambda: None)
        with pytest.raises(MetricsUnavailableError, match="Choose another port"):
            serve_metrics(port, lambda: None)


def test_the_page_serves_figures_to_this_machine_only() -> None:
    """A name that is not loopback is a web page that plays a trick."""
    result = running()
    with LivePage(0, lambda: result) as page:
        html = _get(page, "/")[1].decode()
        data = json.loads(_get(page, "/data.json")[1])
        refused, _ = _get(page, "/data.json", Host="evil.example")
        missing, _ = _get(page, "/etc/passwd")

    assert "connect-src &#39;self&#39;" in html
    assert data["verdict"] == "running"
    assert data["numbers"]["errors"] == f"{result.total.errors:,}"
    assert (refused, missing) == (403, 404)


def test_the_page_shows_the_last_minutes_of_a_long_test() -> None:
    """With their own times."""
    result = made(1, seconds=4)
    result.series.windows *= 100

    data = live_data(result)

    assert len(live_data(running()).over.t) == 20  # not the one under way
    assert len(data.over.t) == 180
    assert data.over.t[0] == 220


def test_the_command_shows_a_moment(tmp_path: Path) -> None:
    """Of a test that runs, and of one that has failed."""
    write_result(running(), tmp_path)
    now = _watch(str(tmp_path), "--once")
    write_result(made(1, seconds=3, verdict=Verdict.FAIL), tmp_path)
    ended = _watch(str(tmp_path))
    nothing = _watch(str(tmp_path / "nowhere"), "--once")

    assert now.returncode == 0
    assert "answered 503" in now.stdout
    assert ended.returncode == 1
    assert ended.stdout.startswith("fail ")
    assert nothing.returncode == 4


def test_a_child_ends_with_its_parent(tmp_path: Path) -> None:
    """When its standard input is closed."""
    done = _watch(str(tmp_path), "--child", "--web", "0")

    assert done.returncode == 4
    assert "page http://127.0.0.1:" in done.stderr


def _get(page: LivePage, path: str, **headers: str) -> tuple[int, bytes]:
    line = http.client.HTTPConnection(page.url.removeprefix("http://").rstrip("/"))
    try:
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


def _watch(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "simulator.cli", "watch", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def test_a_load_test_is_seen_while_it_runs(tmp_path: Path) -> None:
    """By a page, by Prometheus and as spans; the last line is the result all the same."""
    done = _load(tmp_path, "--web", "0", "--prometheus", "0", "--otel-sample", "1", "--json")

    result = json.loads(done.stdout.splitlines()[-1])
    assert "page http://127.0.0.1:" in done.stderr
    assert "metrics http://127.0.0.1:" in done.stderr
    assert result["kinds"]["battery"]["due"] > 0
    assert "spans: 0 sent, 200 lost" in done.stderr  # nobody listens; 40 messages of 5 spans each
    assert {path.name for path in tmp_path.iterdir()} >= {
        "report.html",
        "stages.csv",
        "result.json",
    }


def test_a_taken_port_ends_the_test_before_it_begins(tmp_path: Path) -> None:
    """With exit code 3, and nothing written."""
    with LivePage(0, lambda: None) as page:
        port = page.url.rstrip("/").rsplit(":", 1)[1]

        done = _load(tmp_path, "--web", port)

    assert done.returncode == 3
    assert f"Port {port} of --web is not free" in done.stderr
    assert not list(tmp_path.iterdir())


def _load(out: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    fleet = ("--profile", "aura-structured=10", "--rate", "20", "--for", "2s")
    return subprocess.run(
        [sys.executable, "-m", "simulator.cli", "load", *fleet, "--out", str(out), *flags],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
    )
