"""No output of any kind holds the client secret, a token, or what a webhook is signed with.

One run from end to end, with all logging on: its terminal, journal, reports, pages, state and log
are searched, and so is what is printed when it crashes and when a scenario fails.
"""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from simulator.aura import (
    BlockingHttpTransport,
    Client,
    Credentials,
    HttpTransport,
    Request,
    Secret,
    Session,
    Target,
)
from simulator.aura.calls import webhooks
from simulator.aura.tokens import request_token
from simulator.clock import wall_s
from simulator.rng import Rng

SECRET = "s3cr3t-7f3a91-of-the-end-to-end-run"
WEBHOOK_SECRET = "bearer-of-the-webhook-5c1d"
TOKEN = re.compile(rb"eyJ[\w-]{8,}\.[\w-]+")
LOUD = """
import logging, sys
logging.basicConfig(level=1, stream=sys.stderr)
{plant}
from simulator.cli.main import main
main()
"""
CRASH = """
from simulator.gateway.gateway import Gateway
def crash(self, *given):
    raise RuntimeError("planted")
Gateway.receive = crash
"""
FEATURE = """
Feature: Failing on purpose
  Scenario: Nobody is called
    Given a linked AURA structured device
    When the person presses the device
    Then the customer has 7 open callouts within 1 second
"""


class Served(NamedTuple):
    """A sandbox in a process of its own, and the environment of those who talk to it."""

    origin: str
    environment: dict[str, str]
    folder: Path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a sandbox with all logging on."""
    folder = tmp_path_factory.mktemp("secrets")
    command = [sys.executable, "-c", LOUD.format(plant="")]
    command += ["sandbox", "--port", "0", "--json", "--db", str(folder / "sandbox.db")]
    with (folder / "sandbox.log").open("wb") as log:
        running = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            env=os.environ | {"PYTHONASYNCIODEBUG": "1"},
        )
        with running:
            assert running.stdout
            told = msgspec.json.decode(running.stdout.readline())
            environment = os.environ | {
                "AURA_BASE_URL": told["baseUrl"],
                "AURA_CLIENT_ID": "end-to-end",
                "AURA_CLIENT_SECRET": SECRET,
                "AURASIM_STATE": str(folder / "state"),
                "PYTHONASYNCIODEBUG": "1",
                "COLUMNS": "200",
            }
            yield Served(told["baseUrl"].removesuffix("/panic-api/v2"), environment, folder)
            running.send_signal(signal.SIGINT)


def told(served: Served, *words: str, plant: str = "") -> subprocess.CompletedProcess[bytes]:
    """Run a command with all logging on."""
    return subprocess.run(
        [sys.executable, "-c", LOUD.format(plant=plant), *words],
        capture_output=True,
        check=False,
        cwd=served.folder,
        env=served.environment,
        timeout=100,
    )


def run(served: Served, out: str, plant: str = "") -> subprocess.CompletedProcess[bytes]:
    words = ["run", "--profile", "aura-structured=2", "--clock", "scaled=60", "--for", "2m"]
    words += ["--presses", "3", "--target", served.environment["AURA_BASE_URL"], "--out", out]
    return told(served, *words, plant=plant)


def register_webhook(served: Served) -> None:
    """Have deliveries sent with a secret of the integrator's own."""
    given = served.environment
    credentials = Credentials(given["AURA_CLIENT_ID"], Secret(SECRET))
    session = Session(credentials, wall_s, Rng(0).stream(0, "x"))
    target = Target.parse(given["AURA_BASE_URL"])
    headers = {"authorization": WEBHOOK_SECRET}
    call = webhooks.register("https://127.0.0.1:9/hook", ["NEW_CALLOUT"], headers=headers)
    with BlockingHttpTransport(HttpTransport(target)) as transport:
        Client(session, transport, transport.sleep).call(call)


def leaks(text: bytes) -> list[str]:
    """Return what of a text is secret, with its surroundings."""
    pattern = rb"%b|%b|%b" % (SECRET.encode(), WEBHOOK_SECRET.encode(), TOKEN.pattern)
    return [repr(text[max(0, m.start() - 60) : m.end()]) for m in re.finditer(pattern, text)]


def searched(folder: Path) -> dict[str, list[str]]:
    """Return the files of a folder that hold a secret."""
    files = (p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("sandbox.db"))
    found = {str(path): leaks(path.read_bytes()) for path in files}
    return {name: said for name, said in found.items() if said}


def pages(origin: str) -> Iterator[tuple[str, bytes]]:
    """Yield every page that can be reached from the sandbox's first."""
    waiting, seen = ["/__sandbox__/"], set[str]()
    while waiting and len(seen) < 80:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        with urllib.request.urlopen(origin + path, timeout=10) as answer:  # noqa: S310 - loopback
            body: bytes = answer.read()
        yield path, body
        links = re.findall(rb'(?:href|action)="(/__sandbox__/[^"#]*)"', body)
        waiting += [one.decode().replace("&amp;", "&") for one in links if b"/do/" not in one]


@pytest.mark.slow
def test_no_output_of_a_run_holds_a_secret(served: Served) -> None:
    """Terminal, log, journal, reports, state folder, database, pages and request log."""
    register_webhook(served)
    done = run(served, "run")
    after = [
        told(served, *words)
        for words in (
            ["ledger", "run", "--json"],
            ["report", "run"],
            ["cleanup", "--list", "--json"],
            ["sandbox", "requests", "--json"],
        )
    ]
    shown = dict(pages(served.origin))

    assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert b"DEBUG" in done.stderr  # all logging was on
    assert (served.folder / "run" / "journal.ndjson").stat().st_size > 2000
    assert b"deviceEvent" in after[-1].stdout
    assert len(shown) > 5
    for one in (done, *after):
        assert leaks(one.stdout + one.stderr) == []
    assert searched(served.folder) == {}
    # the database has to keep what it sends with deliveries, and nothing else
    assert all(SECRET.encode() not in p.read_bytes() for p in served.folder.glob("sandbox.db*"))
    assert {path: said for path, body in shown.items() if (said := leaks(body))} == {}


@pytest.mark.slow
def test_no_crash_holds_a_secret(served: Served) -> None:
    """Exit code 70, with a traceback."""
    done = run(served, "crash", CRASH)

    assert b"planted" in done.stderr
    assert b"Traceback" in done.stderr
    assert leaks(done.stdout + done.stderr) == []


@pytest.mark.slow
def test_no_failing_scenario_holds_a_secret(served: Served) -> None:
    """With locals in the traceback, captured logs and both reports."""
    folder = served.folder / "suite"
    folder.mkdir()
    (folder / "fails.feature").write_text(FEATURE)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "0", "--showlocals"]
    command += ["--tb=long", "--full-trace", "-o", "log_level=DEBUG", "--aura-report", "out"]
    command += ["--aura-target", served.environment["AURA_BASE_URL"], "."]

    done = subprocess.run(
        command, capture_output=True, check=False, cwd=folder, env=served.environment, timeout=100
    )

    assert done.returncode == 1, done.stdout.decode()[-3000:]
    assert (folder / "out" / "cucumber.json").is_file()
    assert leaks(done.stdout + done.stderr) == []
    assert searched(folder) == {}


@pytest.mark.slow
def test_wrong_secret_is_not_repeated(served: Served) -> None:
    """AURA refuses it, and its answer may repeat it."""
    wrong = served._replace(environment=served.environment | {"AURA_CLIENT_ID": "aurasim-demo"})

    done = run(wrong, "refused")

    assert done.returncode == 3
    assert b"401" in done.stderr
    assert leaks(done.stdout + done.stderr) == []


def test_nothing_on_the_way_shows_a_secret_when_it_is_printed() -> None:
    """What a debugger, a traceback with locals or an f-string would show."""
    credentials = Credentials("me", Secret(SECRET))
    session = Session(credentials, lambda: 0.0, Rng(0).stream(0, "x"))
    asked = next(session.authenticate())
    assert isinstance(asked, Request)
    things = [credentials, session, asked, request_token(credentials), session.perform]

    for thing in things:
        assert SECRET not in repr(thing) + str(thing) + f"{thing}"
    assert SECRET.encode() in asked.body  # it is there, where it has to be
