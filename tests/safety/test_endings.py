"""How commands end when several things fail at once, and what the sandbox never posts to."""

import asyncio
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import click
import pytest

from simulator import __version__
from simulator.cli import main as main_module
from simulator.errors import ExitCode, InputError, UnavailableError
from simulator.journal import JournalUnwritableError
from simulator.sandbox import Parcel
from simulator.sandbox.posting import HttpPost

ROOT = Path(__file__).parents[2]


def ended_by(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return the exit code of a command that fails so."""

    @click.command()
    def failing() -> None:
        raise error

    monkeypatch.setattr(main_module, "cli", failing)
    monkeypatch.setattr(sys, "argv", ["aurasim"])
    with pytest.raises(SystemExit) as exited:
        main_module.main()
    assert isinstance(exited.value.code, int)
    return exited.value.code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ExceptionGroup("tasks", [JournalUnwritableError("the disk is full")]), 3),
        (ExceptionGroup("a", [ExceptionGroup("b", [UnavailableError("gone")])]), 3),
        (ExceptionGroup("tasks", [InputError("bad"), InputError("worse")]), 2),
        (ExceptionGroup("tasks", [InputError("bad"), RuntimeError("a bug")]), 70),
        (BaseExceptionGroup("tasks", [KeyboardInterrupt()]), 4),
        (RuntimeError("a bug"), 70),
        (KeyboardInterrupt(), 4),
    ],
    ids=str,
)
def test_tasks_that_fail_together_end_with_a_documented_code(
    error: BaseException,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A bug among them is told as a bug, and hides behind no error of ours."""
    assert ended_by(error, monkeypatch) == code
    said = capsys.readouterr().err
    assert ("This is a bug" in said) == (code == ExitCode.BUG)


def test_error_cannot_steer_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ended_by(InputError("AURA said \x1b[2J\x07"), monkeypatch)

    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "url",
    [
        "https://panic.aura.services/panic-api/v2/deviceEvent",
        "https://PANIC.aura.services./x",
        "https://staging-panic.aura.services/x",
        "https://hooks.aurasos.com/x",
    ],
)
async def test_no_webhook_of_a_sandbox_goes_to_aura(url: str) -> None:
    answers: asyncio.Queue[int | str] = asyncio.Queue()
    async with HttpPost() as post:
        post(Parcel(url, {}, b"{}"), answers.put_nowait)
        async with asyncio.timeout(10):
            said = await answers.get()

    assert str(said).startswith("not sent")


def test_version_is_the_one_of_the_package() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simulator.cli", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == f"aurasim, version {__version__}\n"
    assert metadata.version("aurasim") == __version__


@pytest.mark.slow
def test_dependencies_pass_the_audit() -> None:
    """Bounded, free to ship with, and declared where they are imported."""
    audit = ROOT / "scripts" / "packaging" / "audit.py"

    done = subprocess.run(
        [sys.executable, str(audit)], capture_output=True, text=True, check=False, cwd=ROOT
    )

    assert done.returncode == 0, done.stderr
