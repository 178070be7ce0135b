"""The folder of a load test: lines as they come, and a reason where they cannot be kept."""

from pathlib import Path

import pytest

from simulator.errors import ExitCode
from simulator.journal import FILE_NAME, Pressed, RunStarted
from simulator.load.chronicle import LEFT_OVER, Chronicle
from simulator.load.result import ResultUnwritableError

FULL = Path("/dev/full")
BEGUN = RunStarted(
    t=0.0, format=1, version="1", seed=1, clock="real", target="sandbox", tier="sandbox",
    started="2026-06-01T00:00:00Z", for_s=1.0, mix={},
)  # fmt: skip
PRESSED = Pressed(t=1.0, press="d#1", device="d", gesture="press")


def test_what_was_kept_can_be_read_meanwhile(tmp_path: Path) -> None:
    with Chronicle(tmp_path) as chronicle:
        chronicle.write(BEGUN)
        chronicle.keep(b'{"type":"press","t":1.0,"press":"d#1","device":"d","gesture":"press"}\n')

        assert list(chronicle.read()) == [BEGUN, PRESSED]


def test_what_an_earlier_test_left_is_removed(tmp_path: Path) -> None:
    for name in LEFT_OVER:
        (tmp_path / name).write_text("old")

    with Chronicle(tmp_path):
        assert not any((tmp_path / name).exists() for name in LEFT_OVER)


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ResultUnwritableError, match="Name a folder"), Chronicle(tmp_path / "file"):
        pass


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_a_full_disk_is_a_reason_and_not_a_gap(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).symlink_to(FULL)

    with Chronicle(tmp_path) as chronicle:
        chronicle.write(BEGUN)
        chronicle.flush()
        chronicle.keep(b"{}\n")

        with pytest.raises(ResultUnwritableError, match="Free the disk") as caught:
            chronicle.check()

    assert caught.value.exit_code is ExitCode.ENVIRONMENT
