"""The fleet under Locust, as a tester runs it: alone, over workers, with its page, with a loss."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time  # noqa: TID251 - waits for other processes
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from simulator.load.result import LoadResult, read_result

LOCUSTFILE = Path(__file__).parents[2] / "scripts" / "locustfile.py"
FLEET = "--profile aura-structured=40"
PATIENCE_S = 60.0

pytestmark = pytest.mark.slow


class Swarm:
    """Locust processes that end with the test."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self._stack = stack

    def start(self, name: str, *flags: str, locustfile: Path = LOCUSTFILE) -> subprocess.Popen[str]:
        """Start one; what it says is in a file of its name."""
        log = self._stack.enter_context((self.folder / f"{name}.log").open("w"))
        process = subprocess.Popen(
            [sys.executable, "-m", "locust", "-f", str(locustfile), *flags],
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "default"},
        )
        self._stack.callback(_end, process)
        return process

    def said(self, name: str) -> str:
        """Return what a process has said."""
        return (self.folder / f"{name}.log").read_text()

    def wait_for(self, is_so: Callable[[], object], why: str) -> None:
        """Look again and again until something is so."""
        ends_s = time.monotonic() + PATIENCE_S
        while not is_so():
            assert time.monotonic() < ends_s, f"{why}: {self.said('master')}"
            time.sleep(0.1)

    def master(self, *flags: str) -> tuple[subprocess.Popen[str], list[str]]:
        """Start a master; return it and the flags of its workers."""
        port = _free_port()
        bind = ("--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", str(port))
        process = self.start("master", *bind, *flags)
        return process, ["--worker", "--master-host", "127.0.0.1", "--master-port", str(port)]

    @property
    def result(self) -> LoadResult:
        """Return what the master has written."""
        return read_result(self.folder / "run")


@pytest.fixture
def swarm(tmp_path: Path) -> Iterator[Swarm]:
    """Processes that are gone after the test."""
    with ExitStack() as stack:
        yield Swarm(tmp_path, stack)


def told(swarm: Swarm, load: str) -> Sequence[str]:
    """Return the flags that say what to test, and where to write it."""
    return ("--aura-load", f"{FLEET} {load}", "--aura-out", str(swarm.folder / "run"))


def test_one_process_runs_the_fleet(swarm: Swarm) -> None:
    """Its table has every message, and its exit code is the verdict's."""
    table = swarm.folder / "table"
    flags = told(swarm, "--rate 100 --for 2s")

    process = swarm.start("master", "--headless", "--csv", str(table), *flags)
    code = process.wait(timeout=PATIENCE_S)

    result = swarm.result
    rows = list(csv.DictReader((swarm.folder / "table_stats.csv").read_text().splitlines()))
    assert code == result.verdict.exit_code
    assert result.is_whole
    assert result.total.due == result.total.answered == 200
    assert {row["Name"]: int(row["Request Count"]) for row in rows}["Aggregated"] == 200
    assert int(next(row for row in rows if row["Name"] == "press")["Request Count"]) > 0
    assert (swarm.folder / "run" / "report.html").exists()


def test_listeners_of_the_request_event_hear_every_message(swarm: Swarm) -> None:
    """Locust's plugins live from it."""
    locustfile = swarm.folder / "locustfile.py"
    locustfile.write_text(
        "from locust import events\n"
        "from simulator.load.swarm.plugin import AuraFleet, FleetShape\n"
        "heard = []\n"
        "@events.request.add_listener\n"
        "def hear(name, response_time, exception, **_):\n"
        "    heard.append((name, response_time > 0, exception))\n"
        "@events.quit.add_listener\n"
        "def tell(**_):\n"
        "    print('HEARD', len(heard), sum(1 for name, _, _ in heard if name == 'press'))\n"
    )
    flags = told(swarm, "--rate 100 --for 1s")

    swarm.start("master", "--headless", *flags, locustfile=locustfile).wait(timeout=PATIENCE_S)

    found = re.search(r"HEARD (\d+) (\d+)", swarm.said("master"))
    assert found
    assert int(found[1]) == 100
    assert int(found[2]) == swarm.result.kinds["press"].due


def test_flags_that_make_no_sense_end_the_test(swarm: Swarm) -> None:
    """With the reason and exit code 2, and not with a Locust that waits for ever."""
    process = swarm.start("master", "--headless", *told(swarm, "--rate many"))

    assert process.wait(timeout=PATIENCE_S) == 2
    assert "'many' is not a valid float" in swarm.said("master")


def test_workers_share_the_fleet_and_a_killed_one_is_missed(swarm: Swarm) -> None:
    """What it measured stays counted, the others go on, and the result says what is missing."""
    load = told(swarm, "--rate 200 --for 9s --drain 2s")
    master, flags = swarm.master("--headless", "--expect-workers", "2", *load)
    workers = [swarm.start(f"worker{number}", *flags) for number in range(2)]
    swarm.wait_for(lambda: _messages_of(swarm.folder / "run") > 300, "no messages")

    workers[1].kill()
    code = master.wait(timeout=PATIENCE_S)

    result = swarm.result
    assert code == 3
    assert not result.is_whole
    assert any("was killed; what it had measured counts" in why for why in result.reasons)
    assert 900 < result.total.due < 1800
    assert sum(window.tally.due for window in result.series.windows) == result.total.due
    assert "went missing; its shard is lost" in swarm.said("master")
    assert workers[0].wait(timeout=PATIENCE_S) == 0


def test_the_page_of_locust_starts_stops_and_starts_again(swarm: Swarm) -> None:
    """The rate is a field of its form, and the report is behind a path."""
    web = _free_port()
    load = told(swarm, "--rate 100 --for 60s")
    master, flags = swarm.master("--web-host", "127.0.0.1", "--web-port", str(web), *load)
    worker = swarm.start("worker", *flags)
    run = swarm.folder / "run"
    swarm.wait_for(lambda: "1 workers connected" in swarm.said("master"), "no worker")

    _ask(web, "/swarm", "aura_rate=150")
    swarm.wait_for(lambda: _messages_of(run) > 50, "no messages")
    _ask(web, "/stop", "")
    stopped = json.loads(_ask(web, "/aura/result.json"))
    _ask(web, "/swarm", "aura_rate=50&aura_for=1s")
    ends = re.compile(r"aurasim: (passed|failed|void)")
    swarm.wait_for(lambda: len(ends.findall(swarm.said("master"))) == 2, "no second test")
    page = _ask(web, "/aura/").decode()
    master.send_signal(signal.SIGTERM)
    code = master.wait(timeout=PATIENCE_S)

    assert stopped["settings"]["rate"] == 150
    assert stopped["verdict"] == "void"
    assert "aurasim load" in page
    assert swarm.result.total.due == 50
    assert code == swarm.result.verdict.exit_code
    assert worker.wait(timeout=PATIENCE_S) == 0


def _ask(port: int, path: str, form: str | None = None) -> bytes:
    data = None if form is None else form.encode()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", data, timeout=30) as answer:
        body: bytes = answer.read()
        return body


def _messages_of(run: Path) -> int:
    """Return how many messages the result on disk tells of."""
    try:
        return read_result(run).total.due
    except ValueError:
        return 0


def _free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
