"""How many requests a second leave for a host, whoever sends them.

One ceiling holds for all processes of a user: workers of a load test, parallel tests, two shells.
It is a file with one number, the time at which the next request is due if all before it came
evenly; a lock of the kernel lets one process at a time look and write.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from simulator.aura.state import StateError, made
from simulator.clock import wall_s

if sys.platform != "win32":
    import fcntl

_LONGEST_QUEUE_S = 3600.0  # a number further ahead is from a clock that was set back


class Ceiling:
    """At most `rate_s` requests a second, and `burst` at once after a pause."""

    def __init__(
        self, path: Path, rate_s: float, *, burst: int = 5, now: Callable[[], float] = wall_s
    ) -> None:
        if rate_s <= 0:
            message = f"a ceiling of {rate_s:g} requests a second lets nothing pass"
            raise ValueError(message)
        self.rate_s = rate_s
        self._path = path
        self._slack_s = (burst - 1) / rate_s
        self._now = now

    def pause_s(self) -> float:
        """Take the next place; return how many seconds to wait for it."""
        try:
            made(self._path.parent)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                if sys.platform != "win32":  # there processes may now and then pass together
                    fcntl.flock(descriptor, fcntl.LOCK_EX)
                return self._take(descriptor)
            finally:
                os.close(descriptor)  # and with it the lock
        except OSError as error:
            if isinstance(error, StateError):
                raise
            raise StateError(self._path, error.strerror or str(error)) from error

    def _take(self, descriptor: int) -> float:
        now_s = self._now()
        due_s = _number(os.read(descriptor, 64))
        if not now_s <= due_s <= now_s + _LONGEST_QUEUE_S:
            due_s = now_s
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"{due_s + 1 / self.rate_s:<32.6f}".encode())
        return max(0.0, due_s - self._slack_s - now_s)


def _number(text: bytes) -> float:
    try:
        return float(text or b"0")
    except ValueError:
        return 0.0
