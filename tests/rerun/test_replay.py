"""A journal is played: forwards, back, at any rate; played to its end it gives its ledger."""

import json
import os
import pty
import sys
import termios
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from simulator.cli.replay import replay
from simulator.cli.replaying import Screen, keys
from simulator.errors import ExitCode
from simulator.journal import Record, read_journal
from simulator.report import account, ledger_of, ledger_table
from simulator.rerun import Player
from tests.report.journals import Telling
from tests.rerun.runs import cut, ran


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    ran(folder)
    return folder


@pytest.fixture
def records() -> list[Record]:
    telling = Telling().begin()
    telling.link()
    telling.deliver(telling.press(), 501)
    telling.t = 100.0
    telling.deliver(telling.press(), 502)
    return telling.end()


def test_the_replay_of_a_journal_gives_the_same_ledger(run: Path) -> None:
    player = Player(lambda: read_journal(run))
    for _ in player.play_to(float("inf")):
        pass

    assert ledger_table(player.ledger.finish()) == ledger_table(account(run))
    assert player.is_over


@given(st.lists(st.floats(-10, 25_000), max_size=6))
def test_it_does_so_however_one_goes_back_and_forth(run: Path, places: list[float]) -> None:
    player = Player(lambda: iter(tuple(_cached(run))))
    for place in places:
        player.seek(place)
        assert player.now_s <= max(0.0, place)
    player.seek(1e9)

    assert ledger_table(player.ledger.finish()) == ledger_table(ledger_of(_cached(run)))


_KEPT: dict[Path, tuple[Record, ...]] = {}


def _cached(run: Path) -> tuple[Record, ...]:
    if run not in _KEPT:
        _KEPT[run] = tuple(record for record, _ in zip(read_journal(run), range(400), strict=False))
    return _KEPT[run]


def test_time_passes_at_its_rate_and_not_while_it_is_paused(records: list[Record]) -> None:
    player = Player(lambda: iter(records), rate=10.0)

    assert len(list(player.pass_time(0.05))) > 3
    player.is_paused = True
    assert list(player.pass_time(1000.0)) == []
    player.is_paused = False
    player.faster(1000.0)
    assert list(player.pass_time(1000.0))[-1] is records[-1]


def test_the_rate_stays_within_reason(records: list[Record]) -> None:
    player = Player(lambda: iter(records))
    for _ in range(100):
        player.faster(0.5)
    assert player.rate == 0.125
    for _ in range(100):
        player.faster(2.0)
    assert player.rate < 2e6


def test_keys_pause_seek_step_and_change_the_rate(records: list[Record]) -> None:
    player = Player(lambda: iter(records))
    screen = Screen(player, 200.0)

    screen.obey("]")
    assert player.is_over
    screen.obey("0")
    assert player.now_s == 0.0
    screen.obey(" ")
    assert player.is_paused
    screen.obey("n")
    assert player.ledger.started is records[0]
    screen.obey("+")
    assert player.rate == 2.0
    screen.obey("?")
    assert screen.picture(0.0)


def test_the_screen_shows_no_escapes_of_a_hostile_name() -> None:
    telling = Telling().begin()
    telling.link("x\x1b[31m/1")
    player = Player(lambda: iter(telling.records))
    screen = Screen(player, 1.0)
    for record in player.play_to(10.0):
        screen.note(record)

    from rich.console import Console

    console = Console(file=None, record=True, width=100, force_terminal=False)
    with console.capture() as shown:
        console.print(screen.picture(0.0))
    assert "\x1b" not in shown.get()


def test_on_a_terminal_it_is_played_until_somebody_quits(run: Path) -> None:
    """In a pseudo-terminal: keys are pressed, the show ends, the ledger is printed."""
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover - another process
        command = [sys.executable, "-m", "simulator.cli", "replay", str(run), "--rate", "100000"]
        size = {"COLUMNS": "120", "LINES": "40", "TERM": "xterm"}
        os.execve(sys.executable, command, {**os.environ, **size})  # noqa: S606 - ours
    termios.tcsetwinsize(terminal, (40, 120))
    seen = b""
    while b"space pause" not in seen:
        seen += os.read(terminal, 65536)
    os.write(terminal, b"q")
    with suppress(OSError):  # the terminal is gone, as its program is
        while chunk := os.read(terminal, 65536):
            seen += chunk
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) in (ExitCode.PASS, ExitCode.VOID)
    assert b"played to" in seen


def test_the_terminal_is_left_as_it_was() -> None:
    parent, terminal = pty.openpty()
    before = termios.tcgetattr(terminal)
    saved = sys.stdin
    with os.fdopen(terminal, "r") as stdin:
        sys.stdin = stdin
        try:
            with keys() as pressed:
                assert pressed(0.0) == ""
                os.write(parent, b"n")
                assert pressed(5.0) == "n"
            assert termios.tcgetattr(terminal) == before
        finally:
            sys.stdin = saved
    os.close(parent)


def test_programs_get_lines_and_the_ledger(run: Path) -> None:
    done = CliRunner().invoke(replay, [str(run)])

    assert done.exit_code == ExitCode.PASS
    assert sum(" s  " in line for line in done.output.splitlines()) > 500
    assert done.output.splitlines()[-1].startswith("passed: ")


def test_programs_get_the_same_ledger_as_json(run: Path) -> None:
    done = CliRunner().invoke(replay, [str(run), "--json"])

    told = json.loads(done.output)
    assert told == json.loads(json.dumps(ledger_table(account(run))))


def test_a_part_may_be_played_at_a_rate(run: Path) -> None:
    done = CliRunner().invoke(
        replay, [str(run), "--from", "1h", "--to", "1h5m", "--rate", "1000000"]
    )
    times = [float(text.split(" s  ")[0]) for text in done.output.splitlines() if " s  " in text]

    assert done.exit_code == ExitCode.VOID
    assert times
    assert 3600.0 < min(times) <= max(times) <= 3900.0


def test_a_run_is_run_again_and_is_the_same(run: Path) -> None:
    done = CliRunner().invoke(replay, [str(run), "--again"])

    assert done.exit_code == ExitCode.PASS, done.output
    assert done.output.startswith("All ")


def test_a_journal_that_was_changed_is_not_the_run(run: Path, tmp_path: Path) -> None:
    whole = (
        (run / "journal.ndjson").read_bytes().replace(b'"kind":"battery"', b'"kind":"flattery"', 1)
    )
    cut(tmp_path, whole, len(whole))

    done = CliRunner().invoke(replay, [str(tmp_path), "--again", "--json"])

    assert done.exit_code == ExitCode.FAILED
    assert json.loads(done.output)["same"] is False
