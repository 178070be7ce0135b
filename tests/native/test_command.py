"""Both ends as commands: `aurasim gateway --sandbox` in a process, and runs that deliver to it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from simulator.journal import EventSent, RunStarted, read_journal

GATEWAY = "from simulator.cli.gateway import gateway; gateway()"
FREE = ("--sandbox-port", "0", "--http-port", "0", "--tracker-port", "0")


def aurasim(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line."""
    return subprocess.run(
        [sys.executable, "-m", "simulator.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        timeout=100,
    )


@pytest.fixture(scope="module")
def told() -> Iterator[Mapping[str, object]]:
    """Serve a gateway with a sandbox of its own; what its first line says."""
    command = [sys.executable, "-c", GATEWAY, "--sandbox", *FREE, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=20) == 0


def test_a_run_delivers_to_the_gateway_and_accounts_for_every_press(
    told: Mapping[str, object], tmp_path: Path
) -> None:
    """Sigfox, LoRaWAN and TCP in one run; nothing is lost, doubled or unexplained."""
    endpoints = told["endpoints"]
    assert isinstance(endpoints, dict)
    done = aurasim(
        "run",
        *("--profile", "simplepack-plus=2", "--profile", "milesight-ws101=2"),
        *("--profile", "gt06=2", "--profile", "teltonika-tmt250=2"),
        *("--for", "60s", "--clock", "scaled=10", "--presses", "1.5", "--out", str(tmp_path)),
        *("--deliver", "native", "--target", str(told["baseUrl"])),
        *("--to", f"simplepack-plus={endpoints['sigfox']}", "--envelope", "sigfox+strings"),
        *("--to", f"milesight-ws101={endpoints['tts']}"),
        *("--to", f"gt06={endpoints['gt06']}", "--segments", "mixed"),
        *("--to", f"teltonika-tmt250={endpoints['teltonika-tmt250']}"),
        AURA_CLIENT_ID=str(told["clientId"]),
        AURA_CLIENT_SECRET=str(told["clientSecret"]),
    )
    records = list(read_journal(tmp_path))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "delivered natively to" in done.stdout
    assert isinstance(records[0], RunStarted)
    assert sum(isinstance(r, EventSent) and r.kind == "native" for r in records) > 8
    assert "lost" not in done.stdout or " 0 " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--to", "tcp://127.0.0.1:9"), "Add --deliver native"),
        (("--deliver", "native", "--clock", "real"), "Say --to URL"),
        (("--deliver", "native", "--to", "tcp://127.0.0.1:9"), "--clock real"),
        (
            ("--deliver", "native", "--to", "tcp://127.0.0.1:9", "--clock", "real"),
            "aurasim gateway --sandbox",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_remedy(
    arguments: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    """Exit code 2, before anything begins."""
    done = aurasim("run", "--profile", "gt06", "--out", str(tmp_path), *arguments)

    assert done.returncode == 2
    assert says in done.stderr


def test_a_gateway_needs_an_aura() -> None:
    """Without a sandbox the credentials come from the environment, or it says which are missing."""
    without = {k: v for k, v in os.environ.items() if not k.startswith("AURA_")}
    done = subprocess.run(
        [sys.executable, "-c", GATEWAY, *FREE],
        capture_output=True,
        text=True,
        check=False,
        env=without,
        timeout=60,
    )

    assert done.returncode != 0
    assert "AURA_CLIENT_ID" in done.stderr
