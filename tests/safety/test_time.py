"""Leap seconds and changes of daylight saving, in short; `scripts/soak` does the rest."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.clock import ClockError, epoch_s, iso

SOAK = Path(__file__).parents[2] / "scripts" / "weather" / "soaking.py"


@pytest.mark.parametrize(
    "text",
    ["2016-12-31T23:59:60Z", "2017-01-01T01:59:60+02:00", "2016-12-31T23:59:60"],
)
def test_leap_second_is_read_as_the_second_after_it(text: str) -> None:
    assert iso(epoch_s(text)) == "2017-01-01T00:00:00Z"


def test_part_of_a_leap_second_keeps_its_place() -> None:
    assert epoch_s("2016-12-31T23:59:60.250Z") == epoch_s("2017-01-01T00:00:00.250Z")


@pytest.mark.parametrize("text", ["2016-12-31T23:60:00Z", "2016-12-31T23:59:61Z", "60"])
def test_what_is_no_leap_second_is_refused(text: str) -> None:
    with pytest.raises(ClockError):
        epoch_s(text)


@pytest.mark.slow
def test_a_change_of_daylight_saving_changes_no_record() -> None:
    """The same bytes on a machine whose clocks are put forward that night."""
    start, digests = "2026-03-28T12:00:00Z", set()
    for zone in ("UTC", "Europe/Berlin"):
        command = [sys.executable, str(SOAK), "--digest", start, "--devices", "8"]
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, env=os.environ | {"TZ": zone}
        )
        digests.add(done.stdout.strip())

    assert len(digests) == 1
    assert len(digests.pop()) == 64
