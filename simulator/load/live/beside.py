"""Starts the view of a load test as a process beside it, and ends it with the test."""

import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from simulator.errors import UnavailableError

_END_S = 5.0


class PortTakenError(UnavailableError):
    """A port that the view was to serve on is taken."""


class Beside:
    """A view in a process of its own while the block runs. It looks at the folder of the test.

    Raises PortTakenError before anything is sent to anybody.
    """

    def __init__(
        self,
        run: Path,
        *,
        with_screen: bool,
        web: int | None = None,
        prometheus: int | None = None,
    ) -> None:
        flags = [] if with_screen else ["--no-screen"]
        for name, port in (("--web", web), ("--prometheus", prometheus)):
            if port is not None:
                _check(name, port)
                flags += [name, str(port)]
        self._command = [sys.executable, "-m", "simulator.cli", "watch", str(run), "--child"]
        self._command += flags
        self._is_wanted = with_screen or web is not None or prometheus is not None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Beside":
        if self._is_wanted:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE)  # noqa: S603 - ours
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        process = self._process
        if process is None or process.stdin is None:
            return
        process.stdin.close()  # it takes that for the end
        try:
            process.wait(timeout=_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _check(flag: str, port: int) -> None:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        message = f"Port {port} of {flag} is not free: {error.strerror}. Choose another, or 0."
        raise PortTakenError(message) from error
