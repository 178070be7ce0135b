"""Run files: read as they are, refused with file, line and key."""

from pathlib import Path

import pytest

from simulator.clock import VIRTUAL
from simulator.device import People
from simulator.run import RunFileError, RunSettings, read_run_file

FILE = """\
for = "2h"
clock = "virtual"
seed = 9
target = "sandbox"
out = "runs/file"
close_after = "5m"

[mix]
milesight-ws101 = 3

[people]
presses = 2.5
cancel_share = 0.1

[place]
latitude = -33.9
longitude = 18.4
"""


def test_a_run_file_holds_all_settings(tmp_path: Path) -> None:
    """What it says is what the run is told."""
    path = tmp_path / "run.toml"
    path.write_text(FILE)
    settings = RunSettings(**read_run_file(path))  # type: ignore[arg-type]

    assert settings.mix == {"milesight-ws101": 3}
    assert (settings.for_s, settings.seed, settings.clock) == (7200.0, 9, VIRTUAL)
    assert settings.people == People(presses=2.5, cancel_share=0.1)
    assert settings.place.latitude == -33.9
    assert settings.close_after_s == 300.0
    assert settings.out == Path("runs/file")


def test_what_a_file_leaves_open_is_the_default(tmp_path: Path) -> None:
    """An empty file says nothing."""
    path = tmp_path / "run.toml"
    path.write_text("")

    assert read_run_file(path) == {}


@pytest.mark.parametrize(
    ("old", "new", "line", "key"),
    [
        ("seed = 9", 'seed = "nine"', 3, "seed"),
        ("milesight-ws101 = 3", "milesight-ws101 = -3", 9, "mix"),
        ("presses = 2.5", "presses = -1", 12, "people.presses"),
        ("latitude = -33.9", "latitude = -133.9", 16, "place.latitude"),
        ("cancel_share = 0.1", "cancel_shares = 0.1", 11, "people"),
    ],
)
def test_a_wrong_value_is_refused_where_it_stands(
    tmp_path: Path, old: str, new: str, line: int, key: str
) -> None:
    """The line of the file, and the dotted key."""
    path = tmp_path / "run.toml"
    path.write_text(FILE.replace(old, new))

    with pytest.raises(RunFileError) as caught:
        read_run_file(path)

    assert caught.value.key.startswith(key)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "says"),
    [('for = "a while"', "no duration"), ("for = ", "TOML"), ('clock = "fast"', "no clock")],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """Broken TOML and words that are no duration or clock."""
    path = tmp_path / "run.toml"
    path.write_text(text)

    with pytest.raises(RunFileError, match=says):
        read_run_file(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """With its path."""
    with pytest.raises(RunFileError, match=r"absent\.toml"):
        read_run_file(tmp_path / "absent.toml")


def test_a_run_file_can_deliver_natively(tmp_path: Path) -> None:
    """One endpoint for all, or one a profile; the same as the flags."""
    path = tmp_path / "run.toml"
    path.write_text(
        'clock = "real"\ntarget = "http://127.0.0.1:8787"\n[mix]\ngt06 = 1\n'
        '[native]\nsegments = "mixed"\n[native.to]\ngt06 = "tcp://127.0.0.1:7001"\n'
    )
    settings = RunSettings(**read_run_file(path))  # type: ignore[arg-type]

    assert settings.native is not None
    assert settings.native.to == {"gt06": "tcp://127.0.0.1:7001"}
    assert settings.native.segments == "mixed"
