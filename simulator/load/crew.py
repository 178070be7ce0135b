"""The processes of a load test: its workers, and the embedded sandbox. None outlives its block."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec

from simulator.aura import Credentials, Secret
from simulator.errors import ExitCode, SimulatorError, UnavailableError
from simulator.load.task import Task
from simulator.load.worker import END, FAILED, GO, HEAD, READY, STOP, TASK, Failure, Incoming

_BUFFER = 1 << 20
_START_S = 30.0
_GRACE_S = 5.0


class WorkerError(SimulatorError):
    """A worker could not do its task; it says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.exit_code = ExitCode(failure.exit_code)
        self.kind = failure.kind


class SandboxFailedError(UnavailableError):
    """The embedded sandbox did not come up."""


class Worker:
    """One worker, as the runner sees it: a process of its own, or whoever is behind a socket.

    `take` is called with every frame it sends.
    """

    def __init__(
        self,
        number: int,
        take: Callable[[int, bytes, bytes], None],
        cpu: int | None = None,
        elsewhere: socket.socket | None = None,
    ) -> None:
        self.number = number
        self.ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._take = take
        self._incoming = Incoming()
        self.process: subprocess.Popen[bytes] | None = None
        self._sock = elsewhere or self._start(cpu)
        self._sock.setblocking(False)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        asyncio.get_running_loop().add_reader(self._sock, self._hear)

    def _start(self, cpu: int | None) -> socket.socket:
        """Start a process, and return our end of the line to it."""
        ours, theirs = socket.socketpair()
        with theirs:
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
            command = [sys.executable, "-m", "simulator.load.worker", str(theirs.fileno())]
            self.process = subprocess.Popen(  # noqa: S603 - our own module
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        if cpu is not None and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(self.process.pid, {cpu})
        return ours

    async def tell(self, letter: bytes, payload: bytes = b"") -> None:
        """Send a frame to the worker; one that is gone hears nothing."""
        try:
            frame = HEAD.pack(letter, len(payload)) + payload
            await asyncio.get_running_loop().sock_sendall(self._sock, frame)
        except OSError:
            return

    def kill(self) -> None:
        """End the worker at once; one elsewhere takes the closed line for that."""
        if self.process is None:
            with contextlib.suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)
        elif self.process.poll() is None:
            self.process.kill()

    def close(self) -> None:
        """End the process and forget it."""
        asyncio.get_running_loop().remove_reader(self._sock)
        self.kill()
        if self.process is not None:
            self.process.wait()
        self._sock.close()
        for future in (self.ready, self.ended):
            if not future.done():
                future.cancel()
            elif not future.cancelled():
                future.exception()

    def _hear(self) -> None:
        try:
            data = self._sock.recv(_BUFFER)
        except BlockingIOError:
            return
        except ConnectionResetError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._sock)
            self._gone()
            return
        for letter, payload in self._incoming.feed(data):
            self._frame(letter, payload)

    def _frame(self, letter: bytes, payload: bytes) -> None:
        if letter == READY:
            self.ready.set_result(None)
        elif letter == END:
            self.ended.set_result(True)
        elif letter == FAILED:
            error = WorkerError(msgspec.json.decode(payload, type=Failure))
            future = self.ended if self.ready.done() else self.ready
            future.set_exception(error)
        else:
            self._take(self.number, letter, payload)

    def _gone(self) -> None:
        """Take note that the process is no more: killed, or at its end."""
        if not self.ready.done():
            lost = Failure(f"Worker {self.number} died before it began.", ExitCode.BUG, "died")
            self.ready.set_exception(WorkerError(lost))
        if not self.ended.done():
            self.ended.set_result(False)


@asynccontextmanager
async def workers(
    tasks: Sequence[Task],
    take: Callable[[int, bytes, bytes], None],
    cpus: Sequence[int] = (),
    elsewhere: Sequence[socket.socket] = (),
) -> AsyncIterator[list[Worker]]:
    """Start a worker for each task and yield them when all are ready to go.

    With `elsewhere` none is started: each is at the other end of one of these sockets.

    Raises WorkerError where one cannot; none is left behind.
    """
    crew: list[Worker] = []
    try:
        for number, task in enumerate(tasks):
            cpu = cpus[number % len(cpus)] if cpus else None
            worker = Worker(number, take, cpu, elsewhere[number] if elsewhere else None)
            crew.append(worker)
            await worker.tell(TASK, msgspec.json.encode(task))
        async with asyncio.timeout(_START_S + max(task.connect_timeout_s for task in tasks)):
            await asyncio.gather(*(worker.ready for worker in crew))
        yield crew
    finally:
        for worker in crew:
            worker.close()


async def go(crew: Sequence[Worker], start_s: float) -> None:
    """Let all workers begin at a time of the monotonic clock."""
    for worker in crew:
        await worker.tell(GO, repr(start_s).encode())


async def stop(crew: Sequence[Worker]) -> None:
    """Let all workers come to their end."""
    for worker in crew:
        await worker.tell(STOP)


@dataclass(frozen=True, slots=True)
class EmbeddedSandbox:
    """A sandbox that serves in a process of its own."""

    base_url: str
    credentials: Credentials


@asynccontextmanager
async def embedded_sandbox(
    names: Sequence[str], *, workers: int = 1
) -> AsyncIterator[EmbeddedSandbox]:
    """Serve a sandbox with the templates of these profiles while the block runs.

    Where there are cores enough it leaves one to each worker, so that they do not disturb it.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "simulator.load.embedded",
        json.dumps(list(names)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    _leave_room(process.pid, workers)
    assert process.stdin is not None  # noqa: S101 - narrows the type
    assert process.stdout is not None  # noqa: S101 - narrows the type
    try:
        async with asyncio.timeout(_START_S):
            line = await process.stdout.readline()
        if not line:
            message = "The embedded sandbox ended at once; what it said is above."
            raise SandboxFailedError(message)
        told = json.loads(line)
        secret = Secret(told["clientSecret"])
        yield EmbeddedSandbox(told["baseUrl"], Credentials(told["clientId"], secret))
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(_GRACE_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def _leave_room(process: int, workers: int) -> None:
    """Keep a process off as many cores as there are workers, where it has one left then."""
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > workers:
        os.sched_setaffinity(process, cores[:-workers])
