"""A virtual run that was killed goes on, and leaves what the uninterrupted one leaves."""

import signal
import subprocess
import sys
import time  # noqa: TID251 - waits for another process
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.errors import ExitCode, InputError
from simulator.journal import FileJournal, JournalError, journal_path, read_journal
from simulator.journal.errors import JournalUnwritableError
from simulator.journal.locking import written_alone
from simulator.rerun import DifferentRunError, NothingToResumeError, read_written, resume
from simulator.run import Progress, Run
from tests.report.journals import Telling
from tests.rerun.runs import SETTINGS, cut, ran, ran_in_columns


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return ran(tmp_path_factory.mktemp("whole"))


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_a_run_killed_anywhere_ends_as_if_it_had_not_been(
    whole: bytes, tmp_path: Path, data: st.DataObject
) -> None:
    """Torn in the middle of a line, or between two."""
    least = whole.index(b"\n") + 1
    cut(tmp_path, whole, data.draw(st.integers(least, len(whole) - 1)))

    done = resume(tmp_path)

    assert journal_path(tmp_path).read_bytes() == whole
    assert done.result.reason == "finished"
    assert done.kept + done.added == whole.count(b"\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["journal.ndjson"]


def test_a_real_kill_9_loses_nothing(whole: bytes, tmp_path: Path) -> None:
    """The process of the command is killed while it writes; then it is resumed."""
    command = [
        sys.executable, "-m", "simulator.cli", "run", "--profile", "eview-ev07b=120",
        "--for", "24h", "--seed", "3", "--json",
    ]  # fmt: skip
    subprocess.run([*command, "--out", str(tmp_path / "a")], stdout=subprocess.DEVNULL, check=True)
    path = (
        journal_path(tmp_path / "b") if (tmp_path / "b").is_dir() else tmp_path / "b/journal.ndjson"
    )
    with subprocess.Popen(
        [*command, "--out", str(tmp_path / "b")], stdout=subprocess.DEVNULL
    ) as run:
        while not path.exists() or path.stat().st_size < 300_000:
            assert run.poll() is None, "the run was over before it could be killed"
            time.sleep(0.005)
        run.send_signal(signal.SIGKILL)
    told = subprocess.run(
        [sys.executable, "-m", "simulator.cli", "resume", str(tmp_path / "b")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert told.returncode == ExitCode.PASS, told.stderr
    assert "records were there and are as they were" in told.stdout
    assert path.read_bytes() == (tmp_path / "a/journal.ndjson").read_bytes()


def test_a_run_that_was_interrupted_goes_on(whole: bytes, tmp_path: Path) -> None:
    """What Ctrl-C wrote about its end is taken back."""

    def stop(progress: Progress) -> None:
        if progress.done_s > SETTINGS.for_s / 2:
            raise KeyboardInterrupt

    with FileJournal(tmp_path) as journal:
        assert Run(SETTINGS, journal, stop).execute().reason == "interrupted"
    resume(tmp_path)

    assert journal_path(tmp_path).read_bytes() == whole


def test_a_resumed_run_may_be_interrupted_again(whole: bytes, tmp_path: Path) -> None:
    """It keeps what it has come to, and goes on from there."""
    cut(tmp_path, whole, len(whole) // 4)

    def stop(progress: Progress) -> None:
        if progress.done_s > SETTINGS.for_s * 0.7:
            raise KeyboardInterrupt

    assert resume(tmp_path, stop).result.reason == "interrupted"
    assert journal_path(tmp_path).stat().st_size > len(whole) // 2
    resume(tmp_path)

    assert journal_path(tmp_path).read_bytes() == whole


def test_interrupted_before_it_has_caught_up_it_changes_nothing(
    whole: bytes, tmp_path: Path
) -> None:
    cut(tmp_path, whole, len(whole) - 200)

    def stop(progress: Progress) -> None:
        if progress.done_s > SETTINGS.for_s / 4:
            raise KeyboardInterrupt

    resume(tmp_path, stop)

    assert journal_path(tmp_path).read_bytes() == whole[:-200]


def test_a_journal_of_columns_goes_on_too(tmp_path: Path) -> None:
    """From its last whole part."""
    ran_in_columns(tmp_path / "a")
    ran_in_columns(tmp_path / "b")
    parts = sorted((tmp_path / "b/journal").iterdir())
    for part in parts[len(parts) // 2 :]:
        for file in part.iterdir():
            file.unlink()
        part.rmdir()

    resume(tmp_path / "b")

    assert list(read_journal(tmp_path / "b")) == list(read_journal(tmp_path / "a"))


def test_a_finished_run_has_nothing_to_resume(whole: bytes, tmp_path: Path) -> None:
    cut(tmp_path, whole, len(whole))

    with pytest.raises(NothingToResumeError, match="is finished"):
        resume(tmp_path)


def test_another_run_is_not_written_over(whole: bytes, tmp_path: Path) -> None:
    """A profile or a version has changed since: the journal stays as it is."""
    other = whole[: len(whole) // 2].replace(b'"gesture":"long"', b'"gesture":"song"')
    cut(tmp_path, other, len(other))

    with pytest.raises(DifferentRunError, match="is not what it was"):
        resume(tmp_path)

    assert journal_path(tmp_path).read_bytes() == other
    assert [path.name for path in tmp_path.iterdir()] == ["journal.ndjson"]


def test_another_version_is_named(whole: bytes, tmp_path: Path) -> None:
    other = whole[: len(whole) // 2].replace(b'"version":"', b'"version":"0.0.0-', 1)
    cut(tmp_path, other, len(other))

    with pytest.raises(DifferentRunError, match=r"begun by aurasim 0\.0\.0-"):
        resume(tmp_path)


@pytest.mark.parametrize("left", [0, 1, 100])
def test_a_journal_without_its_first_record_tells_of_no_run(
    whole: bytes, tmp_path: Path, left: int
) -> None:
    cut(tmp_path, whole, left)

    with pytest.raises(JournalError, match="before its first record"):
        resume(tmp_path)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=200), st.integers(0, 3))
def test_any_bytes_are_a_journal_or_refused(
    whole: bytes, tmp_path: Path, noise: bytes, lines: int
) -> None:
    begun = b"".join(whole.splitlines(keepends=True)[:lines])
    cut(tmp_path, begun + noise, len(begun + noise))

    with suppress(InputError):
        assert read_written(tmp_path).facts <= lines + noise.count(b"\n")


def test_a_run_that_is_still_written_is_left_alone(whole: bytes, tmp_path: Path) -> None:
    cut(tmp_path, whole, len(whole) // 2)
    holder = subprocess.Popen(
        [
            sys.executable, "-c",
            "import fcntl, os, sys; f = os.open(sys.argv[1], os.O_RDONLY);"
            "fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()",
            str(tmp_path),
        ],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(JournalUnwritableError, match="another process"):
            resume(tmp_path)
    finally:
        holder.communicate()
    with written_alone(tmp_path):
        pass


def test_a_run_in_many_processes_that_was_killed_is_run_from_its_settings(
    whole: bytes, tmp_path: Path
) -> None:
    """Its journal is put together at the end; until then the workers have pieces."""
    cut(tmp_path, whole, 0)
    cut(tmp_path / "shards/00000", whole, len(whole) // 3)

    done = resume(tmp_path)

    assert done.kept == 0
    assert journal_path(tmp_path).read_bytes() == whole
    assert not (tmp_path / "shards").exists()


def test_the_first_record_is_safe_at_once(tmp_path: Path) -> None:
    """Whoever kills a run early can resume it."""
    journal = FileJournal(tmp_path)
    journal.write(Telling().begin().records[0])

    assert len(list(read_journal(tmp_path))) == 1
    with journal:
        pass


def test_a_run_with_everything_that_is_random_goes_on(tmp_path: Path) -> None:
    """Mutated frames, a cold start, a start of its own."""
    chosen = replace(SETTINGS, mutate=0.1, cold_start=True, start_s=1_800_000_000.25, for_s=7200.0)
    whole = ran(tmp_path / "a", chosen)
    cut(tmp_path / "b", whole, len(whole) * 2 // 3)

    resume(tmp_path / "b")

    assert journal_path(tmp_path / "b").read_bytes() == whole
