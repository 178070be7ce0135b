"""Whether the generator itself is well: processor, waiting for it, garbage collection, sockets.

Everything is read from this process and this machine, once a second, and summed up in the end. What
the system does not tell (not Linux) stays 0.
"""

import gc
import os
import resource
from pathlib import Path

from msgspec import Struct

from simulator.clock import monotonic_s
from simulator.load.pools import Pool

_NS = 1e-9
_USUAL = gc.get_threshold()
_YOUNG = 50_000  # objects before the garbage collector looks, while a test runs
_STEAL = 7  # the column of /proc/stat, counted from user


class Pulse(Struct, kw_only=True):
    """How one worker is, and how far: sums since it began. Times in seconds."""

    at_s: float = 0.0  # run time
    told_s: float = 0.0  # run time up to which every line of the journal has been handed over
    begun: int = 0
    ended: int = 0
    waiting: int = 0
    lasted_s: float = 0.0
    cpu_s: float = 0.0
    run_wait_s: float = 0.0
    steal_share: float = 0.0
    gc_pauses: int = 0
    gc_longest_s: float = 0.0
    stall_longest_s: float = 0.0
    connections: int = 0
    connections_opened: int = 0
    connections_most: int = 0
    waiting_most: int = 0
    sockets_refused: int = 0
    retries: int = 0
    tokens: int = 0
    memory_peak_mib: float = 0.0
    pacer: str = "timerfd"


class Doctor:
    """Takes the pulse of this process; use as a context manager around the test.

    At its end garbage is collected as usual again (see `keep_memory`).
    """

    def __init__(self) -> None:
        self._pauses = 0
        self._longest_s = 0.0
        self._paused_s = 0.0
        self._began_s = monotonic_s()
        self._cpu_s = cpu_s()
        self._wait_s = _run_wait_s()
        self._stat = _machine()

    def __enter__(self) -> "Doctor":
        gc.callbacks.append(self._collected)
        self.__init__()  # type: ignore[misc]  # counts from here on
        return self

    def __exit__(self, *_: object) -> None:
        gc.callbacks.remove(self._collected)
        gc.unfreeze()
        gc.set_threshold(*_USUAL)

    def _collected(self, phase: str, _: object) -> None:
        if phase == "start":
            self._paused_s = monotonic_s()
            return
        self._pauses += 1
        self._longest_s = max(self._longest_s, monotonic_s() - self._paused_s)

    def pulse(self, pool: Pool | None = None) -> Pulse:
        """Return how this process has been since the beginning, and its connections."""
        total, stolen = (now - then for now, then in zip(_machine(), self._stat, strict=True))
        pulse = Pulse(
            lasted_s=monotonic_s() - self._began_s,
            cpu_s=cpu_s() - self._cpu_s,
            run_wait_s=_run_wait_s() - self._wait_s,
            steal_share=stolen / total if total else 0.0,
            gc_pauses=self._pauses,
            gc_longest_s=self._longest_s,
            memory_peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        )
        if pool is not None:
            pulse.connections = pool.open
            pulse.connections_opened = pool.opened
            pulse.connections_most = pool.open_most
            pulse.waiting = len(pool.waiting)
            pulse.waiting_most = pool.waiting_most
            pulse.sockets_refused = pool.refused
        return pulse


def keep_memory() -> None:
    """Collect garbage now, and never again what is there: a test makes hardly any in circles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 100)


def cpu_s() -> float:
    """Return the processor time that this process has taken."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


def _run_wait_s() -> float:
    """Return how long this thread was ready to run while another had the core."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) * _NS
    except (OSError, IndexError, ValueError):
        return 0.0


def _machine() -> tuple[float, float]:
    """Return the time of all cores, and what their host took of it, in ticks."""
    try:
        cells = [int(cell) for cell in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    except (OSError, ValueError):
        return 0.0, 0.0
    return float(sum(cells[:8])), float(cells[_STEAL]) if len(cells) > _STEAL else 0.0


def cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1
