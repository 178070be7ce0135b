"""The commands that talk to a running sandbox, and the one that waits for its webhooks."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from click.testing import CliRunner

from simulator.cli.main import cli
from simulator.errors import ExitCode

CLEAN = {"AURA_BASE_URL": None, "AURA_CLIENT_ID": None, "AURA_CLIENT_SECRET": None}


@dataclass(frozen=True)
class Served:
    """A sandbox in a process of its own."""

    base_url: str
    client_id: str
    client_secret: str

    @property
    def environment(self) -> dict[str, str | None]:
        """Return the variables that name it."""
        return {
            "AURA_BASE_URL": self.base_url,
            "AURA_CLIENT_ID": self.client_id,
            "AURA_CLIENT_SECRET": self.client_secret,
        }

    def callout(self, webhook: str | None = None) -> int:
        """Open a callout, after registering a webhook if one is given."""
        return asyncio.run(self._callout(webhook))

    async def _callout(self, webhook: str | None) -> int:
        async with aiohttp.ClientSession() as http:
            login = {"clientId": self.client_id, "clientSecret": self.client_secret}
            async with http.post(f"{self.base_url}/oauth/token", json=login) as answer:
                token = (await answer.json())["accessToken"]
            http.headers["authorization"] = f"Bearer {token}"
            if webhook:
                told = {"url": webhook, "events": ["NEW_CALLOUT", "CALLOUT_CLOSED"]}
                async with http.post(f"{self.base_url}/notifiers/webhooks", json=told) as answer:
                    assert answer.status == 200
            person = {"name": "J", "surname": "D", "mobile": "+27821234567"}
            years = {"validFrom": "2020-01-01T00:00:00Z", "validTo": "2090-01-01T00:00:00Z"}
            new = {"customer": person, "subscription": {"subscriptionTypeId": 4, **years}}
            async with http.post(f"{self.base_url}/customers", json=new) as answer:
                customer = (await answer.json())["customer"]["id"]
            call = {"responseTypeId": 1, "location": {"latitude": -26.1, "longitude": 28.0}}
            path = f"{self.base_url}/customers/{customer}/callouts"
            async with http.post(path, json=call) as answer:
                return int((await answer.json())["callout"]["id"])


@contextmanager
def serving(*flags: str) -> Iterator[Served]:
    """Serve a sandbox until the end of the block."""
    command = [sys.executable, "-m", "simulator.cli", "sandbox", "--port", "0", "--json", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        told = json.loads(server.stdout.readline())
        yield Served(told["baseUrl"], told["clientId"], told["clientSecret"])
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=20) == 0


@pytest.fixture
def served() -> Iterator[Served]:
    """Serve a sandbox that may deliver to loopback."""
    with serving("--allow-http-webhooks") as served:
        yield served


@pytest.mark.parametrize("mode", ["--durable", "--write-behind"])
def test_a_file_keeps_the_state_over_a_restart(tmp_path: Path, mode: str) -> None:
    db = str(tmp_path / "state.db")
    with serving("--db", db, mode) as served:
        callout = str(served.callout())

    with serving("--db", db, mode) as served:
        again = CliRunner(env=served.environment).invoke(cli, ["sandbox", "advance", callout])

    assert again.output == f"Callout {callout} is dispatched; next is on-scene.\n"


def test_a_callout_is_taken_on_step_by_step_and_to_a_state(served: Served) -> None:
    callout = str(served.callout())
    runner = CliRunner(env=served.environment)

    once = runner.invoke(cli, ["sandbox", "advance", callout])
    assert once.output == f"Callout {callout} is dispatched; next is on-scene.\n"
    closed = runner.invoke(cli, ["sandbox", "advance", callout, "--to", "closed", "--json"])
    assert json.loads(closed.output) == {"state": "closed", "nextState": None, "isActive": False}


def test_requests_are_listed_by_path(served: Served) -> None:
    callout = served.callout()
    runner = CliRunner(env=served.environment)

    asked = ["sandbox", "requests", "--path", "*/callouts", "--json"]
    page = json.loads(runner.invoke(cli, asked).output)
    table = runner.invoke(cli, ["sandbox", "requests", "--method", "POST"]).output

    assert [entry["callout"] for entry in page["requests"]] == [str(callout)]
    assert "/panic-api/v2/customers" in table
    assert served.client_secret not in table


def test_a_host_elsewhere_is_not_asked() -> None:
    flags = ["--url", "https://staging-panic.aura.services/panic-api/v2"]
    done = CliRunner(env=CLEAN).invoke(cli, ["sandbox", "advance", "1", *flags])

    assert "no sandbox on this machine" in str(done.exception)


def test_nobody_there_is_said(tmp_path: Path) -> None:
    """With the exit code of the environment."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "simulator.cli",
            "sandbox",
            "requests",
            "--url",
            "http://127.0.0.1:1",
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=60,
    )

    assert done.returncode == ExitCode.ENVIRONMENT
    assert "Traceback" not in done.stderr


def _listen(*flags: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "simulator.cli", "webhooks", "listen", "--port", "0", *flags]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ})


def test_listening_ends_well_when_the_expected_came(served: Served) -> None:
    expected = ["--expect", "NEW_CALLOUT,CALLOUT_CLOSED", "--within", "30s", "--json"]
    with _listen(*expected) as listener:
        assert listener.stdout
        url = json.loads(listener.stdout.readline())["listening"]
        callout = str(served.callout(url))
        CliRunner(env=served.environment).invoke(
            cli, ["sandbox", "advance", callout, "--to", "closed"]
        )
        lines = [json.loads(line) for line in listener.stdout]

        assert listener.wait(timeout=40) == ExitCode.PASS
    assert [line.get("event") for line in lines[:-1]] == ["NEW_CALLOUT", "CALLOUT_CLOSED"]
    assert lines[-1] == {"verdict": "passed"}


def test_listening_fails_when_nothing_comes() -> None:
    done = CliRunner().invoke(
        cli, ["webhooks", "listen", "--port", "0", "--expect", "NEW_CALLOUT", "--within", "10ms"]
    )

    assert done.exit_code == ExitCode.FAILED
    assert done.output.splitlines()[-1] == (
        "failed: NEW_CALLOUT did not come; what came, in order: nothing."
    )


def test_listening_without_expectation_ends_with_ctrl_c() -> None:
    with _listen() as listener:
        assert listener.stdout
        assert listener.stdout.readline().startswith("Listening at http://127.0.0.1:")
        listener.send_signal(signal.SIGINT)
        assert listener.wait(timeout=20) == ExitCode.PASS
