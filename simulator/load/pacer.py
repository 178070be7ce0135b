"""Wakes the loop when something is due, to some hundredths of a millisecond.

The timers of an event loop are whole milliseconds (epoll, libuv). A timerfd is a timer that is a
file: armed with an absolute time of the monotonic clock, it becomes readable then. Where there is
none, the loop's own timers serve, and the result says so. The last moment is waited for awake, for
to be woken takes longer than to send. A SimPy environment is stepped by it: its
next event is one of the things that can be due.
"""

import asyncio
import ctypes
import os
import struct
import sys
from collections.abc import Callable
from math import inf

import simpy

from simulator.clock import monotonic_s
from simulator.load.readiness import Readiness

_CLOCK_MONOTONIC = 1
_NONBLOCK = 0o4000
_ABSOLUTE = 1
_PR_SET_TIMERSLACK = 29
_BURST = 256  # SimPy events in a row before the sockets get a turn
_LONGEST_S = 60.0
_EARLY_S = 30e-6  # it takes a system about so long to wake somebody
_LOOKS = 256  # at sockets, before the other files of the loop get their turn


class TimerFile:
    """One timerfd. Raises OSError or AttributeError where the system has none.

    Nobody reads it: to arm it anew is to forget that it was due.
    """

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.prctl(_PR_SET_TIMERSLACK, 1, 0, 0, 0)  # else the kernel adds up to 50 us
        self.fd = -1
        if sys.version_info >= (3, 13):
            self.fd = os.timerfd_create(_CLOCK_MONOTONIC, flags=_NONBLOCK)
        else:
            self.fd = self._libc.timerfd_create(_CLOCK_MONOTONIC, _NONBLOCK)
            if self.fd < 0:
                raise OSError(ctypes.get_errno(), "timerfd_create")
        self._times = ctypes.create_string_buffer(32)
        self._pack = struct.Struct("qqqq").pack_into
        self._set = self._libc.timerfd_settime

    def arm(self, at_s: float) -> None:
        """Become readable at this time of the monotonic clock; a time that is past is now."""
        if sys.version_info >= (3, 13):
            os.timerfd_settime(self.fd, flags=os.TFD_TIMER_ABSTIME, initial=max(at_s, 1e-9))
            return
        whole = int(at_s)
        nanoseconds = int((at_s - whole) * 1e9)
        self._pack(self._times, 0, 0, 0, whole, max(nanoseconds, 0 if whole else 1))
        self._set(self.fd, _ABSOLUTE, self._times, None)

    def close(self) -> None:
        """Give the file back."""
        os.close(self.fd)


class LoadPacer:
    """Calls `pump(now)` when it is due, and steps an environment, on a loop that runs already.

    `pump` sends what is due and returns when it is due next (run time; inf for never). Run time is
    `start_s` of the monotonic clock at 0, and passes `speed` times as fast. `spare` is called with
    the seconds until something is due, for work that can wait.
    """

    def __init__(
        self,
        env: simpy.Environment,
        pump: Callable[[float], float],
        *,
        start_s: float,
        spare: Callable[[float], None] | None = None,
        precise: bool = True,
        speed: float = 1.0,
    ) -> None:
        self.env = env
        self.start_s = start_s
        self.speed = speed
        self.stalled_s = 0.0  # the longest that anything was late
        self._pump = pump
        self._spare = spare
        self._loop = asyncio.get_running_loop()
        self._due_s = 0.0
        self._timer: TimerFile | None = None
        self._handle: asyncio.Handle | None = None
        self._is_stopped = False
        self._readiness: Readiness | None = None
        if precise:
            try:
                self._timer = TimerFile()
            except (OSError, AttributeError):
                self._timer = None
        self.began_as = "timerfd" if self._timer else "loop"

    def now(self) -> float:
        """Return the run time of this moment."""
        return (monotonic_s() - self.start_s) * self.speed

    def begin(self) -> None:
        """Begin to call."""
        if self._timer:
            self._loop.add_reader(self._timer.fd, self._fire)
        self._arm(0.0)

    def post(self, happening: Callable[[], object]) -> None:
        """Let something from outside happen now in the environment."""
        arrival = self.env.timeout(max(0.0, self.now() - self.env.now))

        def happen(_: simpy.Event) -> None:
            happening()

        arrival.callbacks.append(happen)
        self.nudge()

    def nudge(self) -> None:
        """Look at once for what is due: the schedule has changed."""
        self._arm(0.0)

    def stop(self) -> None:
        """Call no more."""
        self._is_stopped = True
        if self._readiness:
            self._readiness.due_s = inf
        if self._timer:
            self._loop.remove_reader(self._timer.fd)
            self._timer.close()
            self._timer = None
        if self._handle:
            self._handle.cancel()

    def _arm(self, due_s: float) -> None:
        if self._is_stopped:
            return
        self._due_s = due_s
        at_s = self._at_s(due_s)
        if self._timer:
            self._timer.arm(at_s - _EARLY_S if self._readiness else at_s)
            return
        if self._handle:
            self._handle.cancel()
        wait_s = at_s - monotonic_s()
        self._handle = (
            self._loop.call_later(wait_s, self._fire)
            if wait_s > 0
            else self._loop.call_soon(self._fire)
        )

    def _at_s(self, due_s: float) -> float:
        """Return a run time by the monotonic clock; never is in a minute."""
        return self.start_s + min(due_s / self.speed, self.now() / self.speed + _LONGEST_S)

    def _fire(self) -> None:
        """Do what is due, and wait awake for what is due in a moment: answers come meanwhile."""
        self._turn()
        for _ in range(_LOOKS):
            if self._is_stopped:
                return
            if self._readiness is None or self._left_s() > _EARLY_S:
                break
            self._readiness.look()
            if self._left_s() <= 0:
                self._turn()
        if self._spare is not None and self._left_s() > 0:
            self._spare(min(self._left_s(), _LONGEST_S))
        self._arm(self._due_s)

    def _left_s(self) -> float:
        return self._at_s(self._due_s) - monotonic_s()

    def _between(self) -> None:
        """Do what is due between two answers; the timer, which is due too, is armed in its turn."""
        if not self._is_stopped:
            self._turn()

    def _turn(self) -> None:
        """Do what is due, and take note of when the next thing is."""
        now = self.now()
        if self._due_s:
            self.stalled_s = max(self.stalled_s, (now - self._due_s) / self.speed)
        self._due_s = due_s = min(self._pump(now), self._step(now))
        if self._readiness and not self._is_stopped:  # answers have their turn where much is due
            self._readiness.due_s = self._at_s(due_s) if due_s > now else inf

    def _step(self, now: float) -> float:
        """Handle the environment's events that are due; return when the next one is."""
        env = self.env
        for _ in range(_BURST):
            if env.peek() > now:
                return env.peek()
            env.step()
        return 0.0 if env.peek() <= now else env.peek()

    async def run(self, until: asyncio.Future[None], readiness: Readiness | None = None) -> None:
        """Keep the pace until a future is done; what is due does not wait for many answers."""
        self._readiness = readiness
        if readiness:
            readiness.on_due = self._between
        self.begin()
        try:
            await until
        finally:
            self.stop()


NEVER = inf
