"""Puts the lines of several workers in the order of their times, however late one of them is.

A line is written when every worker has told everything up to its time: the least of what they have
told is the watermark. A worker that has ended, or was killed, tells nothing more and is not waited
for. One that hangs is waited for as long as there is room for what the others tell meanwhile.
"""

from collections.abc import Callable
from math import inf

import numpy as np
from numpy.typing import NDArray

from simulator.load.lines import Lines

MOST_BYTES = 256 << 20
_LINE_BYTES = 64  # what a line takes beside its text


class Merge:
    """Takes lines of workers by their numbers, and writes them in order. Times in run seconds.

    `given_up` holds the workers that were waited for in vain and how far they had told, `strays`
    counts the lines that could only be written where they came, `newest_s` is the latest time told.
    """

    def __init__(
        self, workers: int, write: Callable[[list[bytes]], None], *, most_bytes: int = MOST_BYTES
    ) -> None:
        self.given_up: dict[int, float] = {}
        self.strays = 0
        self.newest_s = 0.0
        self._told = dict.fromkeys(range(workers), -inf)
        self._write = write
        self._most_bytes = most_bytes
        self._times: list[NDArray[np.float64]] = []
        self._lines: list[bytes] = []
        self._size_bytes = 0
        self._mark_s = -inf  # all before is written, but for strays
        self._written_s = -inf

    @property
    def kept(self) -> int:
        """Return how many lines wait for their turn."""
        return len(self._lines)

    def take(self, worker: int, lines: Lines) -> None:
        """Take lines, and write what can be written now."""
        if len(lines.times_s):
            self._times.append(lines.times_s)
            self._lines += lines.text.splitlines(keepends=True)
            self._size_bytes += len(lines.text) + _LINE_BYTES * len(lines.times_s)
            self.newest_s = max(self.newest_s, float(lines.times_s.max()))
            self.strays += int((lines.times_s < self._written_s).sum())
        self.told(worker, lines.told_s)

    def told(self, worker: int, until_s: float) -> None:
        """Take note that a worker has told everything up to a time."""
        self._told[worker] = max(self._told.get(worker, -inf), until_s)
        self._release()
        if self._size_bytes > self._most_bytes:
            self._give_up()

    def left(self, worker: int) -> None:
        """Wait for a worker no longer: it has ended, or is gone."""
        self.told(worker, inf)

    def settle(self) -> None:
        """Write all that is left."""
        self._told = dict.fromkeys(self._told, inf)
        self._mark_s = -inf
        self._release()

    def _give_up(self) -> None:
        """Wait no longer for who is furthest behind: memory has an end."""
        behind = min(self._told, key=self._told.__getitem__)
        self.given_up.setdefault(behind, self._told[behind])
        self.left(behind)

    def _release(self) -> None:
        mark_s = min(self._told.values())
        if mark_s <= self._mark_s:
            return
        self._mark_s = mark_s
        if not self._lines:
            return
        times, lines = np.concatenate(self._times), self._lines
        order = np.argsort(times, kind="stable")
        ends = int(np.searchsorted(times[order], mark_s))
        ready, waiting = order[:ends].tolist(), np.sort(order[ends:])
        if not ready:
            return
        self._write([lines[at] for at in ready])
        self._written_s = max(self._written_s, float(times[ready[-1]]))
        self._lines = [lines[at] for at in waiting.tolist()]
        self._times = [times[waiting]]
        self._size_bytes = sum(map(len, self._lines)) + _LINE_BYTES * len(self._lines)
