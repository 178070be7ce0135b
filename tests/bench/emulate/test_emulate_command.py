"""`aurasim bench emulate`, typed as a person types it, with firmware in an emulator."""

import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import serial

from simulator.bench.emulate.simavr import program

COMMAND = [sys.executable, "-m", "simulator.cli", "bench", "emulate"]
PATIENCE_S = 60


@contextmanager
def running(*words: str) -> Iterator[subprocess.Popen[str]]:
    """Run the command with its input and output in our hands."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*COMMAND, *words], stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until(process: subprocess.Popen[str], pattern: str) -> str:
    """Return the first line that has it."""
    assert process.stdout
    for line in process.stdout:
        if found := re.search(pattern, line):
            return found[found.lastindex or 0]
    raise AssertionError(f"it ended without {pattern}")


def say(process: subprocess.Popen[str], line: str) -> None:
    """Type a line."""
    assert process.stdin
    process.stdin.write(line + "\n")
    process.stdin.flush()


def test_person_presses_and_reads_the_port(needs: Callable[..., None]) -> None:
    needs("avr")
    with running("avr") as process:
        port = until(process, r"check aurasim-avr-button --port (\S+)")
        until(process, "say: press")
        with serial.Serial(port, 9600, timeout=PATIENCE_S) as wire:
            say(process, "press 0.1")
            line = wire.read_until(b"\n")
            while b",TEST," not in line:
                line = wire.read_until(b"\n")
                assert line
        say(process, "battery 9000")
        until(process, "0 to 5000 mV")
        say(process, "quit")

        assert process.wait(PATIENCE_S) == 0
    assert not Path(port).exists()


def _emulator_of(process: subprocess.Popen[str]) -> int:
    """Return the id of the only child of a process, as Linux lists it."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not children.exists():
        pytest.skip("this kernel lists no children")
    return int(children.read_text().split()[0])


def test_death_of_the_emulator_ends_the_command(needs: Callable[..., None]) -> None:
    needs("avr")
    with running("avr") as process:
        until(process, "say: press")
        os.kill(_emulator_of(process), signal.SIGKILL)
        until(process, "simavr was killed by signal 9")

        assert process.wait(PATIENCE_S) == 3


def test_emulator_does_not_outlive_the_command(needs: Callable[..., None]) -> None:
    needs("avr")
    with running("avr") as process:
        until(process, "say: press")
        emulator = os.pidfd_open(_emulator_of(process))
        process.kill()

        ended, _, _ = select.select([emulator], [], [], PATIENCE_S)
    os.close(emulator)
    assert ended


def test_units_with_serials_of_their_own_run_side_by_side(needs: Callable[..., None]) -> None:
    needs("avr")
    with (
        running("avr", "--serial", "0000000A") as one,
        running("avr", "--serial", "0000000B") as two,
    ):
        first = until(one, r"--port (\S+) --serial 0000000A")
        second = until(two, r"--port (\S+) --serial 0000000B")

        assert first != second
        for port, serial_number in ((first, b"0000000A"), (second, b"0000000B")):
            with serial.Serial(port, 9600, timeout=PATIENCE_S) as wire:
                wire.write(b"\nID\n")
                assert serial_number in wire.read_until(b"\n")


async def test_program_of_a_user_runs_with_its_profile(
    needs: Callable[..., None], tmp_path: Path
) -> None:
    needs("avr")
    own = tmp_path / "own.elf"
    own.write_bytes((await program()).read_bytes())
    words = ("--firmware", str(own), "--profile", "aurasim-avr-button")

    with running("avr", *words, "--serial", "AB12F00D") as process:
        assert until(process, "own.elf on an AVR in simavr")
        until(process, "say: press")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("avr", "--serial", "tiny"), "'tiny' is no serial of aurasim-avr-button"),
        (("avr", "--firmware", __file__), "needs the --profile"),
        (("microbit", "--firmware", __file__, "--profile", "gt06"), "is for avr"),
    ],
)
def test_wrong_words_are_refused(words: tuple[str, ...], told: str) -> None:
    with running(*words) as process:
        until(process, told)

        assert process.wait(PATIENCE_S) == 2


def test_program_that_is_none_is_refused(needs: Callable[..., None], tmp_path: Path) -> None:
    needs("avr")
    (tmp_path / "text.elf").write_text("no program")
    words = ("--firmware", str(tmp_path / "text.elf"), "--profile", "aurasim-avr-button")

    with running("avr", *words) as process:
        until(process, "is no program for an AVR")

        assert process.wait(PATIENCE_S) == 3


def test_machine_without_emulator_is_told_what_to_install() -> None:
    ended = subprocess.run(
        [*COMMAND, "microbit"],
        env=os.environ | {"PATH": "/nothing"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 3
    assert "Run scripts/install-bench microbit" in ended.stderr
