"""A short turn of `scripts/chaos`: real processes, really killed, and the ledger at the end."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

WEATHER = Path(__file__).parents[2] / "scripts" / "weather" / "chaos.py"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["harness-killed", "run-disk-full"])
def test_weather_is_survived(kind: str) -> None:
    """Nothing is lost unexplained, doubled, or left open at AURA."""
    done = subprocess.run(
        [sys.executable, str(WEATHER), kind, "--rounds", "1", "--seed", "7", "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {"tried": 1, "survived": {kind: 1}}


def test_weather_that_does_not_exist_is_named() -> None:
    done = subprocess.run(
        [sys.executable, str(WEATHER), "locusts"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "sandbox-killed" in done.stderr
