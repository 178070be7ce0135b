"""Reads the result of a running load test again and again, until the test has ended."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from simulator.clock import monotonic_s, wall_s
from simulator.load.result import FILE_NAME, LoadResult, ResultError, read_result

_LEEWAY_S = 1.0  # file systems are not as exact as the clock


@dataclass(frozen=True, slots=True)
class Followed:
    """What a look at the folder found: the latest result, and how long it has been the latest."""

    result: LoadResult | None
    unchanged_s: float

    @property
    def is_over(self) -> bool:
        """Return whether the test has ended."""
        return self.result is not None and self.result.is_whole


def follow(
    run: Path,
    wait: Callable[[], bool],
    *,
    only_new: bool = False,
    now_s: Callable[[], float] = monotonic_s,
) -> Iterator[Followed]:
    """Yield what a folder holds, after each wait; end with the test, or when a wait says so.

    `wait` returns whether to go on. With `only_new` a result of an earlier test is not looked at.
    """
    path = run / FILE_NAME
    begun_s = wall_s() - _LEEWAY_S if only_new else 0.0
    seen: tuple[int, int] | None = None
    latest: LoadResult | None = None
    changed_s = now_s()
    while True:
        mark = _mark(path, begun_s)
        if mark and mark != seen:
            fresh = _read(run)
            if fresh:
                seen, latest, changed_s = mark, fresh, now_s()
        followed = Followed(latest, now_s() - changed_s)
        yield followed
        if followed.is_over or not wait():
            return


def _mark(path: Path, begun_s: float) -> tuple[int, int] | None:
    """Return what tells one version of the file from the next; None where there is none yet."""
    try:
        about = path.stat()
    except OSError:
        return None
    return (about.st_mtime_ns, about.st_ino) if about.st_mtime >= begun_s else None


def _read(run: Path) -> LoadResult | None:
    try:
        return read_result(run)
    except ResultError:
        return None  # it is not there yet, or no longer: the next look will tell
