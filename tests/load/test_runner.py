"""Whole load tests in their processes: exact sums, ends of all kinds, and what stays readable."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulator.aura import RefusedTargetError, Response
from simulator.errors import ExitCode, InputError, UnavailableError
from simulator.journal import read_journal
from simulator.load.result import LoadResult, Stage, Verdict, read_result
from simulator.load.runner import LoadTest
from simulator.load.schedule import Round
from simulator.load.settings import TAKE, LoadSettings
from simulator.load.shapes import Form, Shape
from simulator.load.thresholds import Threshold
from simulator.report import ledger_of
from tests.load.aura_like import SILENCE, AuraLike
from tests.load.hostile import listening

Serving = Callable[[AuraLike], str]


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Be somebody, whom nothing outside this test knows."""
    monkeypatch.setenv("AURA_CLIENT_ID", "id")
    monkeypatch.setenv("AURA_CLIENT_SECRET", "kept-secret")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("AURASIM_CONFIG", str(tmp_path / "aurasim.toml"))
    (tmp_path / "aurasim.toml").write_text("")


@pytest.fixture
def serving() -> Iterator[Serving]:
    """Return what serves a target from a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    contexts = []

    def serve(aura: AuraLike) -> str:
        context = listening(aura.serve)
        contexts.append(context)
        url: str = asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result(5)
        return url

    yield serve
    for context in contexts:
        asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def settings(url: str, out: Path, **given: object) -> LoadSettings:
    """Return a small test of a target whose devices are taken as linked."""
    usual: dict[str, object] = {
        "mix": {"aura-structured": 20},
        "shape": Shape(rate=200.0),
        "life": Round(press=1, move=2, cancel=1, battery=1),
        "for_s": 1.0,
        "drain_s": 2.0,
        "connections": 8,
        "target": url,
        "out": out / "run",
        "setup": TAKE,
    }
    return LoadSettings(**{**usual, **given})  # type: ignore[arg-type]  # a test knows its names


def test_workers_add_up_to_the_same_test(serving: Serving, tmp_path: Path) -> None:
    alone, together = AuraLike(), AuraLike()

    one = LoadTest(settings(serving(alone), tmp_path)).execute()
    two = LoadTest(settings(serving(together), tmp_path, workers=2)).execute()

    assert one.total.due == two.total.due == two.total.answered == 200
    assert {k: t.due for k, t in one.kinds.items()} == {k: t.due for k, t in two.kinds.items()}
    assert sorted(map(json.dumps, alone.bodies)) == sorted(map(json.dumps, together.bodies))
    assert two.generator.workers == 2
    assert one.ledger is not None
    assert two.ledger is not None
    assert one.ledger.totals == two.ledger.totals
    assert two.ledger.verdict == "passed"


def test_result_and_journal_are_in_the_folder(serving: Serving, tmp_path: Path) -> None:
    result = LoadTest(settings(serving(AuraLike()), tmp_path)).execute()

    kept = read_result(tmp_path / "run")
    ledger = ledger_of(read_journal(tmp_path / "run"))
    assert kept == result
    assert kept.is_whole
    assert result.ledger is not None
    assert len(ledger.entries) == result.ledger.presses
    assert "kept-secret" not in (tmp_path / "run" / "result.json").read_text()
    assert "kept-secret" not in (tmp_path / "run" / "journal.ndjson").read_text()


def test_a_missed_threshold_fails_the_test(serving: Serving, tmp_path: Path) -> None:
    missed = Threshold(of="max", below=0.0, stage=Stage.SERVICE)

    result = LoadTest(settings(serving(AuraLike()), tmp_path, thresholds=(missed,))).execute()

    assert result.verdict in (Verdict.FAIL, Verdict.VOID)  # void where this machine is busy
    assert any("max of service" in reason for reason in result.reasons)


def test_a_hopeless_test_is_stopped_early(serving: Serving, tmp_path: Path) -> None:
    aura = AuraLike(lambda number, token: Response(400))
    hopeless = Threshold(of="errors", below=0.01, stop=True)
    asked = settings(serving(aura), tmp_path, for_s=30.0, thresholds=(hopeless,))

    result = LoadTest(asked).execute()

    assert result.lasted_s < 20
    assert result.thresholds[0].stopped_at_s is not None
    assert not result.thresholds[0].is_met


def killing(number: int) -> tuple[Callable[[LoadResult], None], list[LoadTest]]:
    """Return what kills a worker at the first snapshot, and where to put the test."""
    tests: list[LoadTest] = []

    def kill(snapshot: LoadResult) -> None:
        del snapshot
        tests[0]._crew[number].kill()

    return kill, tests


def test_a_killed_worker_leaves_what_was_measured(serving: Serving, tmp_path: Path) -> None:
    kill, tests = killing(1)
    asked = settings(serving(AuraLike()), tmp_path, for_s=4.0, workers=2)
    tests.append(LoadTest(asked, on_snapshot=kill))

    result = tests[0].execute()

    assert result.verdict is Verdict.ENVIRONMENT
    assert "worker 1 of 2 was killed" in result.reasons[0]
    assert not result.is_whole
    assert 400 <= result.total.answered < 800
    assert read_result(tmp_path / "run") == result


def interrupting(times: int) -> tuple[Callable[[LoadResult], None], list[LoadTest]]:
    """Return what presses Ctrl-C so often at the first snapshot."""
    tests: list[LoadTest] = []

    def interrupt(snapshot: LoadResult) -> None:
        del snapshot
        for _ in range(times):
            os.kill(os.getpid(), signal.SIGINT)
            tests.append(tests[0])

    return interrupt, tests


def test_ctrl_c_waits_for_answers_and_is_void(serving: Serving, tmp_path: Path) -> None:
    interrupt, tests = interrupting(1)
    asked = settings(serving(AuraLike()), tmp_path, for_s=30.0)
    tests.append(LoadTest(asked, on_snapshot=interrupt))

    result = tests[0].execute()

    assert result.verdict is Verdict.VOID
    assert "stopped by Ctrl-C" in result.reasons
    assert result.total.unfinished == 0
    assert result.lasted_s < 20
    assert ledger_of(read_journal(tmp_path / "run")).ended is not None


def test_ctrl_c_twice_ends_at_once(serving: Serving, tmp_path: Path) -> None:
    aura = AuraLike(lambda number, token: SILENCE if number > 20 else None)
    interrupt, tests = interrupting(2)
    asked = settings(serving(aura), tmp_path, for_s=30.0, drain_s=60.0, timeout_s=60.0)
    tests.append(LoadTest(asked, on_snapshot=interrupt))

    result = tests[0].execute()

    assert result.verdict is Verdict.VOID
    assert any("before all answers were there" in reason for reason in result.reasons)
    assert not result.is_whole
    assert result.lasted_s < 20


def test_a_target_that_is_not_there_is_an_environment(tmp_path: Path) -> None:
    with pytest.raises((UnavailableError, Exception)) as caught:
        LoadTest(settings("http://127.0.0.1:9/panic-api/v2", tmp_path)).execute()

    assert getattr(caught.value, "exit_code", None) is ExitCode.ENVIRONMENT
    assert "connection refused" in str(caught.value)


def test_wrong_credentials_are_an_environment(serving: Serving, tmp_path: Path) -> None:
    aura = AuraLike()
    aura.refuses_tokens = True

    with pytest.raises(Exception, match="AURA_CLIENT_ID") as caught:
        LoadTest(settings(serving(aura), tmp_path)).execute()

    assert getattr(caught.value, "exit_code", None) is ExitCode.ENVIRONMENT


def test_a_target_that_dies_leaves_errors_with_names(serving: Serving, tmp_path: Path) -> None:
    """The first hundred are answered; then every connection is closed."""
    aura = AuraLike(lambda number, token: SILENCE if number > 100 else None)
    asked = settings(
        serving(aura), tmp_path, timeout_s=0.3, drain_s=0.5, connections=200,
        life=Round(press=0, move=0, cancel=0, battery=1),
    )  # fmt: skip

    result = LoadTest(asked).execute()

    assert result.total.answered == 100
    assert result.errors.keys() <= {"no answer in time"}
    assert result.total.errors + result.total.unfinished == 100


@pytest.mark.parametrize(
    "url", ["https://panic.aura.services/panic-api/v2", "https://example.com/panic-api/v2"]
)
def test_production_and_strangers_are_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedTargetError):
        LoadTest(settings(url, tmp_path)).execute()


def test_a_rate_above_the_ceiling_of_a_host_is_refused(tmp_path: Path) -> None:
    asked = settings(
        "https://staging-panic.aura.services/panic-api/v2", tmp_path,
        allowed=("staging-panic.aura.services",),
    )  # fmt: skip

    with pytest.raises(InputError, match="times a second"):
        LoadTest(asked).execute()


@pytest.mark.slow
def test_the_command_ends_with_the_result_as_json(tmp_path: Path) -> None:
    """The very command of the manual, against the embedded sandbox."""
    command = [
        *(sys.executable, "-m", "simulator.cli", "load", "--profile", "aura-structured=20"),
        *("--rate", "100", "--for", "2s", "--target", "sandbox", "--out", str(tmp_path), "--json"),
    ]

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    result = json.loads(done.stdout.splitlines()[-1])
    assert result["settings"]["rate"] == 100.0
    assert sum(kind["due"] for kind in result["kinds"].values()) == 200
    assert sum(kind["answered"] for kind in result["kinds"].values()) == 200
    assert result["ledger"]["verdict"] == "passed"
    assert done.returncode == {"pass": 0, "void": 4}[result["verdict"]]


def test_a_form_without_a_rate_needs_none() -> None:
    assert not Shape(form=Form.SATURATE).has_rate
