"""A run in many processes: each takes a shard of the fleet, and their journals are put together.

Every device has a customer of its own and the embedded AURA keeps nothing that two customers share,
so each worker has an AURA for its shard. The journal is byte for byte that of one process.
"""

import os
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from simulator.errors import ExitCode, InputError, SimulatorError, UnavailableError
from simulator.fleet import Shard
from simulator.journal import SHARDS, JournalForm, RunEnded, open_journal
from simulator.run.instants import Ranks
from simulator.run.merging import merge_columns, merge_lines
from simulator.run.runner import Progress, Run, RunResult
from simulator.run.settings import RunSettings
from simulator.run.share import Share, shards_of

_STOP = "stop"
_PHASES = ("linking", "running", "draining")
_ROWS_A_UNIT = 1 << 32  # of its journal at the most, so that rows of shards do not meet
_LAST_WORDS_S = 10.0  # how long a worker that is stopped may take to close its journal


class WorkerError(SimulatorError):
    """A worker failed by a mistake of ours."""


class WorkerUsageError(InputError):
    """A run that cannot be shared, or a worker that was given what it cannot accept."""


class WorkerLostError(UnavailableError):
    """A worker ran out of memory or disk, or was killed."""


_ERRORS: dict[int, type[SimulatorError]] = {
    ExitCode.USAGE: WorkerUsageError,
    ExitCode.ENVIRONMENT: WorkerLostError,
}


@dataclass(frozen=True, slots=True)
class _Quiet:
    """A worker looks whether it may end."""

    is_quiet: bool


@dataclass(frozen=True, slots=True)
class _Done:
    """A worker has ended: when in run time, why, and with how many devices."""

    at_s: float
    reason: str
    devices: int
    detail: str | None = None
    exit_code: int = 0


def run_shared(
    settings: RunSettings,
    workers: int,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> RunResult:
    """Run in so many processes; write one journal to the folder of the run.

    Raises WorkerUsageError where a run cannot be shared, and what made a worker fail.
    """
    check_shared(settings, workers)
    shutil.rmtree(settings.out / SHARDS, ignore_errors=True)
    with open_journal(settings.out, settings.journal):
        pass  # an earlier run's journal goes before anything is begun
    crew = _Crew(settings, shards_of(settings, workers), on_progress)
    end = crew.work()
    _merge(settings, crew.folders, end)
    if crew.failure:
        raise crew.failure
    return RunResult(end.reason, sum(done.devices for done in crew.done.values()))


def check_shared(settings: RunSettings, workers: int) -> None:
    """Raise WorkerUsageError where a run cannot be shared by processes."""
    if workers < 1:
        message = f"{workers} workers are none. Say --workers 2 for two processes."
        raise WorkerUsageError(message)
    if not settings.clock.is_virtual or settings.target != "sandbox":
        message = (
            "Only a run in virtual time against the embedded sandbox can be shared by processes. "
            "Leave out --workers, or say --clock virtual and --target sandbox."
        )
        raise WorkerUsageError(message)
    if settings.plant:
        message = (
            "A planted mutant breaks one AURA, and each worker has its own. "
            "Leave out --workers or --plant."
        )
        raise WorkerUsageError(message)
    if settings.mutate:
        message = (
            "Mutated frames may name any other unit of the fleet, so that a run with --mutate "
            "cannot be shared by processes. Leave out --workers or --mutate."
        )
        raise WorkerUsageError(message)


def _merge(settings: RunSettings, folders: Sequence[Path], end: RunEnded) -> None:
    """Put the journals together, and remove those of the workers when that has succeeded."""
    if settings.journal is JournalForm.LINES:
        merge_lines(folders, settings.out, Ranks(settings), end)
    else:
        merge_columns(folders, settings.out, end)
    shutil.rmtree(settings.out / SHARDS, ignore_errors=True)


@dataclass(slots=True)
class _Crew:
    """The workers of a run, as the process that leads them sees them."""

    settings: RunSettings
    shards: Sequence[Shard]
    on_progress: Callable[[Progress], None]
    folders: list[Path] = field(default_factory=list)
    done: dict[int, _Done] = field(default_factory=dict)
    failure: SimulatorError | None = None
    _progress: dict[int, Progress] = field(default_factory=dict)
    _quiet: dict[int, bool] = field(default_factory=dict)
    _lines: dict[int, Connection] = field(default_factory=dict)
    _workers: list[BaseProcess] = field(default_factory=list)

    def work(self) -> RunEnded:
        """Let all work to the end; return the last record."""
        try:
            self._start()
            while len(self.done) < len(self.shards):
                self._listen()
        except KeyboardInterrupt:
            self._stop()
        return self._end()

    def _start(self) -> None:
        spawn = get_context("spawn")
        with _deaf():  # workers begin so, and listen when they are ready to be stopped
            for number, shard in enumerate(self.shards):
                folder = self.settings.out / SHARDS / f"{number:05}"
                ours, theirs = spawn.Pipe()
                worker = spawn.Process(
                    target=_work,
                    args=(self.settings, shard, folder, theirs),
                    name=f"worker {number + 1}",
                    daemon=True,
                )
                self.folders.append(folder)
                self._lines[number] = ours
                self._workers.append(worker)
                worker.start()
                theirs.close()

    def _listen(self) -> None:
        """Take what the workers say next; when all have looked, say whether they may end."""
        open_lines = {line: number for number, line in self._lines.items()}
        for line in wait(list(open_lines)):
            assert isinstance(line, Connection)  # noqa: S101 - it is one of ours
            number = open_lines[line]
            if number not in self._lines:
                continue  # it was stopped with the others
            try:
                self._take(number, line.recv())
            except (EOFError, ConnectionError):
                self._lose(number)
        working = self._lines.keys()
        if working and working == self._quiet.keys():
            may_end = all(self._quiet.values())
            self._quiet.clear()
            for line in self._lines.values():
                _say(line, may_end)

    def _take(self, number: int, said: object) -> None:
        if isinstance(said, Progress):
            self._progress[number] = said
            self.on_progress(self._together())
        elif isinstance(said, _Quiet):
            self._quiet[number] = said.is_quiet
        elif isinstance(said, _Done):
            self._finish(number, said)

    def _finish(self, number: int, done: _Done) -> None:
        self.done[number] = done
        self._quiet.pop(number, None)
        self._lines.pop(number).close()
        if done.reason == "failed" and self.failure is None:
            kind = _ERRORS.get(ExitCode(done.exit_code), WorkerError)
            self.failure = kind(f"{self._named(number)} failed: {done.detail}")
            self._stop()

    def _lose(self, number: int) -> None:
        """Take note of a worker that is gone without a word."""
        worker = self._workers[number]
        worker.join(_LAST_WORDS_S)
        reached = self._progress.get(number)
        detail = f"ended by itself with {worker.exitcode}"
        if worker.exitcode == -signal.SIGKILL:
            detail = (
                "was killed, as a machine does that runs out of memory. What it wrote until then "
                "is in the journal; run fewer devices, or more of them on another machine."
            )
        at_s = reached.done_s if reached else 0.0
        self._finish(number, _Done(at_s, "failed", reached.linked if reached else 0, detail, 3))

    def _named(self, number: int) -> str:
        shard = self.shards[number]
        return f"Worker {number + 1} of {len(self.shards)} (units {shard.first + 1}-{shard.last})"

    def _together(self) -> Progress:
        """Return how far all are: the slowest counts."""
        all_of = list(self._progress.values())
        is_begun = len(all_of) == len(self.shards)
        return Progress(
            min((one.phase for one in all_of), key=_PHASES.index) if is_begun else _PHASES[0],
            min(one.done_s for one in all_of) if is_begun else 0.0,
            self.settings.for_s,
            sum(one.linked for one in all_of),
            sum(one.frames for one in all_of),
            sum(one.presses for one in all_of),
        )

    def _stop(self) -> None:
        """Interrupt who still works, and hear the last words."""
        for number, line in self._lines.items():
            _say(line, _STOP)
            if pid := self._workers[number].pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGINT)
        for number in list(self._lines):
            line = self._lines.pop(number)
            self.done.setdefault(number, _last_words(line) or _Done(0.0, "interrupted", 0))
            line.close()
        for worker in self._workers:
            worker.join(_LAST_WORDS_S)
            if worker.is_alive():
                worker.kill()

    def _end(self) -> RunEnded:
        dones = list(self.done.values())
        reason = "failed" if self.failure else "interrupted"
        if all(done.reason == "finished" for done in dones):
            reason = "finished"
        detail = str(self.failure) if self.failure else None
        at_s = max((done.at_s for done in dones), default=0.0)
        for worker in self._workers:
            worker.join(_LAST_WORDS_S)
        return RunEnded(
            t=at_s, reason=reason, detail=detail or ("Ctrl-C" if reason == "interrupted" else None)
        )


def _say(line: Connection, what: object) -> None:
    with suppress(OSError):  # it is gone; listening to it will tell
        line.send(what)


def _last_words(line: Connection) -> _Done | None:
    """Return what a worker says last, if it does in time."""
    with suppress(EOFError, OSError):
        while line.poll(_LAST_WORDS_S):
            said = line.recv()
            if isinstance(said, _Done):
                return said
    return None


@contextmanager
def _deaf() -> Iterator[None]:
    """Take no notice of Ctrl-C, and let processes that are started meanwhile take none."""
    try:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    except ValueError:  # not in the main thread, where nobody presses Ctrl-C
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Line:
    """A worker's line to its leader. Being stopped never tears what is being said."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self._is_talking = False
        self._is_stopped = False

    def listen(self) -> None:
        """Let the leader stop the worker from now on: by a KeyboardInterrupt, as a person does."""
        if hasattr(os, "setpgrp"):
            os.setpgrp()  # Ctrl-C reaches the leader, who tells each worker once
        signal.signal(signal.SIGINT, self._stop)
        if self._line.poll():
            raise KeyboardInterrupt

    def tell(self, what: Progress | _Quiet | _Done) -> None:
        """Tell the leader something."""
        self._is_talking = True
        self._line.send(what)
        self._is_talking = False
        if self._is_stopped:
            self._is_stopped = False
            raise KeyboardInterrupt

    def may_end(self, is_quiet: bool) -> bool:
        """Ask whether all are quiet."""
        self.tell(_Quiet(is_quiet))
        answer = self._line.recv()
        if answer == _STOP:
            raise KeyboardInterrupt
        return bool(answer)

    def _stop(self, *_: object) -> None:
        if not self._is_talking:
            raise KeyboardInterrupt
        self._is_stopped = True


def _work(settings: RunSettings, shard: Shard, folder: Path, connection: Connection) -> None:
    """Be a worker: run a shard, and tell the leader. A leader that is gone ends the work."""
    line = _Line(connection)
    try:
        done = _run(settings, shard, folder, line)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        line.tell(done)
    except (EOFError, ConnectionError):
        os._exit(1)


def _run(settings: RunSettings, shard: Shard, folder: Path, line: _Line) -> _Done:
    run: Run | None = None
    try:
        first_row = shard.first * _ROWS_A_UNIT
        with open_journal(folder, settings.journal, first_row=first_row) as journal:
            run = Run(settings, journal, line.tell, share=Share(shard, line.may_end))
            line.listen()
            result = run.execute()
        return _Done(run.now_s, result.reason, result.devices)
    except KeyboardInterrupt:
        return _Done(run.now_s if run else 0.0, "interrupted", 0)
    except (SimulatorError, MemoryError) as error:
        code = int(getattr(error, "exit_code", ExitCode.ENVIRONMENT))
        at_s = run.now_s if run else 0.0
        return _Done(at_s, "failed", 0, str(error) or "out of memory", code)
