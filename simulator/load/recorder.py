"""Counts rows into histograms, tallies and windows; what several recorders counted adds up exactly.

A recorder is all that is measured of a test so far: it turns into a `LoadResult`, and thresholds
look at it. It shares a core with what it measures, so rows are counted some thousand at a time, or
when somebody asks.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from simulator.load.dense import Dense, Whole
from simulator.load.histogram import Histogram, buckets_of
from simulator.load.result import Series, Stage, Tally, Window
from simulator.load.rows import CALLOUT, DROPS, DTYPE, LAST_DROP, UNFINISHED, reason_of
from simulator.load.schedule import KINDS, PRESS

Rows = NDArray[np.void]
Mask = NDArray[np.bool_]
Moments = NDArray[np.float64]  # [moment, message]
_MOST_WINDOWS = 600
_MOST_ROWS = 8192  # that wait to be counted
_MOMENTS = ("due", "taken", "sent", "flushed", "done")
_SPANS = {  # columns of _MOMENTS
    Stage.LATENCY: (0, 4),
    Stage.SERVICE: (2, 4),
    Stage.LATENESS: (0, 1),
    Stage.QUEUE: (1, 2),
    Stage.SEND: (2, 3),
    Stage.ANSWER: (3, 4),
}
_OPEN = 4  # windows that are counted into at once
_OF_WINDOW = 3  # the first of them are kept for every window too
_BEGIN, _END = ([ends[side] for ends in _SPANS.values()] for side in (0, 1))
_AT = {stage: at for at, stage in enumerate(_SPANS)}
_LATE = _AT[Stage.LATENESS]


def width_of(for_s: float) -> float:
    """Return how long a window is: a second, or so long that some hundred cover the test."""
    return float(max(1, -(-int(for_s) // _MOST_WINDOWS)))


class Recorder:
    """Counts rows. `watch` is shown every batch after it was counted, as thresholds need it."""

    def __init__(self, for_s: float, watch: Callable[[Rows], None] | None = None) -> None:
        self._series = Series(width_s=width_of(for_s))
        self._kinds = {kind.value: Tally() for kind in KINDS}
        self._errors: dict[str, int] = {}
        self._drops: dict[str, int] = {}
        self._retries = 0
        self._watch = watch
        self._spans = [Dense(len(_SPANS)) for _ in KINDS]
        self._callouts = Dense(1)
        self._open: dict[int, Dense] = {}  # windows that are counted into
        self._extra: dict[Stage, dict[str, Histogram]] = {}
        self._folded: list[bytes] = []
        self._size = 0
        self._start_s = 0.0

    def fold(self, packed: bytes, start_s: float = 0.0) -> None:
        """Take packed rows; their clock showed `start_s` at the start of the test."""
        if start_s != self._start_s:
            self._settle()
            self._start_s = start_s
        self._folded.append(packed)
        self._size += len(packed)
        if self._size >= _MOST_ROWS * DTYPE.itemsize:
            self._settle()

    def record(self, stage: Stage, kind: str, seconds: float) -> None:
        """Count a duration that no row tells."""
        self._extra.setdefault(stage, {}).setdefault(kind, Histogram()).record(seconds)

    def waited(self, at_s: float, waiting: int) -> None:
        """Take note of how many waited for a connection at a time of the test."""
        window = self._window(int(max(0.0, at_s) // self._series.width_s))
        window.waiting = max(window.waiting, waiting)

    @property
    def series(self) -> Series:
        """Return the test over time."""
        self._settle()
        for at in tuple(self._open):
            self._close(at)
        return self._series

    @property
    def kinds(self) -> dict[str, Tally]:
        """Return the tally of each kind."""
        self._settle()
        return self._kinds

    @property
    def errors(self) -> dict[str, int]:
        """Return the messages that were answered with no success, or not at all, by why."""
        self._settle()
        return self._errors

    @property
    def drops(self) -> dict[str, int]:
        """Return the messages that were never sent, by why."""
        self._settle()
        return self._drops

    @property
    def retries(self) -> int:
        """Return how often a message was sent again."""
        self._settle()
        return self._retries

    def stages(self) -> dict[Stage, dict[str, Histogram]]:
        """Return the histograms by stage and kind; only those that have anything."""
        self._settle()
        made: dict[Stage, dict[str, Histogram]] = {}
        for stage in Stage:
            found = dict(self._extra.get(stage, {}))
            if stage in _AT:
                at = _AT[stage]
                found |= {
                    kind.value: dense.histogram(at)
                    for kind, dense in zip(KINDS, self._spans, strict=True)
                }
            elif stage is Stage.CALLOUT:
                found[KINDS[PRESS].value] = self._callouts.histogram(0)
            made[stage] = {kind: one for kind, one in found.items() if one.n}
        return {stage: by_kind for stage, by_kind in made.items() if by_kind}

    def tallies(self) -> dict[str, Tally]:
        """Return the tallies of the kinds that there were."""
        return {kind: tally for kind, tally in self.kinds.items() if tally.due}

    def _settle(self) -> None:
        """Count what was folded."""
        if not self._size:
            return
        rows = np.frombuffer(b"".join(self._folded), DTYPE)
        self._folded, self._size = [], 0
        moments = np.array([rows[name] for name in _MOMENTS])
        np.subtract(moments, self._start_s, out=moments, where=moments > 0)
        kinds = rows["kind"].astype(np.int64)
        answered, sent, dropped = fates(rows)
        self._count_spans(moments, kinds, answered, rows["attempts"])
        self._tally(rows["status"], kinds, answered, sent, dropped)
        again = (rows["attempts"] & (CALLOUT - 1)).astype(np.int64) - 1
        self._retries += int(again[again > 0].sum())
        self._put_in_windows(moments, rows["status"], (answered, sent, dropped))
        if self._watch:
            shown = rows.copy()
            for name, column in zip(_MOMENTS, moments, strict=True):
                shown[name] = column
            self._watch(shown)

    def _count_spans(self, moments: Moments, kinds: Whole, answered: Mask, attempts: Whole) -> None:
        """Count what lies between the moments of each message, by kind and by window."""
        if not answered.all():
            self._count_late(moments, kinds, ~answered & (moments[1] > 0))
            moments, kinds = moments[:, answered], kinds[answered]
            attempts = attempts[answered]
        order = np.argsort(kinds.astype(np.int8), kind="stable")  # so that a kind is a slice
        moments = moments.take(order, axis=1)
        ns = ((moments[_END] - moments[_BEGIN]) * 1e9).astype(np.int64)
        np.maximum(ns, 0, out=ns)
        buckets = buckets_of(ns)
        ends = np.cumsum(np.bincount(kinds, minlength=len(KINDS))).tolist()
        for dense, (begin, end) in zip(self._spans, pairwise((0, *ends)), strict=True):
            dense.take(ns[:, begin:end], buckets[:, begin:end])
        windows = self._windows_of(moments[0])
        ns, buckets = ns[:_OF_WINDOW], buckets[:_OF_WINDOW]
        found = _numbers_in(windows)
        for at in found:
            mine = slice(None) if len(found) == 1 else np.flatnonzero(windows == at)
            self._of_window(at).take(ns[:, mine], buckets[:, mine])
        presses = slice(0, ends[PRESS])
        named = np.flatnonzero(attempts[order[presses]] >= CALLOUT)
        self._callouts.take(ns[:1, named], buckets[:1, named])

    def _count_late(self, moments: Moments, kinds: Whole, taken: Mask) -> None:
        """Count how late messages were taken up that have no answer."""
        if not taken.any():
            return
        late_s = moments[1, taken] - moments[0, taken]
        ns = np.maximum((late_s * 1e9).astype(np.int64), 0)
        buckets, windows = buckets_of(ns), self._windows_of(moments[0, taken])
        for kind in _numbers_in(kinds[taken]):
            mine = kinds[taken] == kind
            self._spans[kind].take_one(_LATE, ns[mine], buckets[mine])
        for at in _numbers_in(windows):
            mine = windows == at
            self._of_window(at).take_one(_LATE, ns[mine], buckets[mine])

    def _of_window(self, at: int) -> Dense:
        if at not in self._open:
            if len(self._open) >= _OPEN:
                self._close(min(self._open))
            self._open[at] = Dense(_OF_WINDOW)
        return self._open[at]

    def _tally(
        self, status: NDArray[np.int16], kinds: Whole, answered: Mask, sent: Mask, dropped: Mask
    ) -> None:
        unfinished = status == UNFINISHED
        failed = ~(answered | dropped | unfinished)
        counted = [
            np.bincount(kinds[mask] if mask is not None else kinds, minlength=len(KINDS)).tolist()
            for mask in (None, sent, answered, failed, dropped)
        ]
        for kind, (due, *counts) in zip(KINDS, zip(*counted, strict=True), strict=True):
            if due:
                of = dict(zip(("sent", "answered", "errors", "dropped"), counts, strict=True))
                self._kinds[kind.value].add(Tally(due=due, **of))
        for code, count in _counted(status[~answered].astype(np.int64)):
            if code != UNFINISHED:
                reasons = self._drops if code in DROPS else self._errors
                reason = reason_of(code)
                reasons[reason] = reasons.get(reason, 0) + count

    def _put_in_windows(
        self,
        moments: Moments,
        status: NDArray[np.int16],
        fate: tuple[Mask, Mask, Mask],
    ) -> None:
        answered, sent, dropped = fate
        unfinished = status == UNFINISHED
        due_in = self._windows_of(moments[0])
        for at in _numbers_in(due_in):
            mine = due_in == at
            tally = Tally(
                due=int(mine.sum()),
                sent=int((mine & sent).sum()),
                answered=int((mine & answered).sum()),
                dropped=int((mine & dropped).sum()),
            )
            waited_for = int((mine & unfinished).sum())
            tally.errors = tally.due - tally.answered - tally.dropped - waited_for
            self._window(at).tally.add(tally)
        for at, count in _counted(self._windows_of(moments[2, sent])):
            self._window(at).sent_in += count
        for at, count in _counted(self._windows_of(moments[4, answered])):
            self._window(at).answered_in += count

    def _windows_of(self, times_s: NDArray[np.float64]) -> Whole:
        windows: Whole = (np.maximum(times_s, 0) / self._series.width_s).astype(np.int64)
        return windows

    def _close(self, at: int) -> None:
        """Add what was counted of a window to its histograms."""
        dense, window = self._open.pop(at), self._window(at)
        for row, histogram in enumerate((window.latency, window.service, window.lateness)):
            dense.add_to(histogram, row)

    def _window(self, at: int) -> Window:
        windows = self._series.windows
        while len(windows) <= at:
            windows.append(Window())
        return windows[at]


def fates(rows: Rows) -> tuple[Mask, Mask, Mask]:
    """Return which rows were answered with success, which were sent, and which never were."""
    status = rows["status"]
    answered: Mask = (status >= 200) & (status < 300)
    dropped: Mask = status <= LAST_DROP
    sent: Mask = (rows["sent"] > 0) & ~dropped
    return answered, sent, dropped


def _counted(numbers: Whole) -> list[tuple[int, int]]:
    """Return each number that there is, and how often."""
    if not len(numbers):
        return []
    least = int(numbers.min())
    counts = np.bincount(numbers - least)
    return [(least + at, int(counts[at])) for at in np.flatnonzero(counts).tolist()]


def _numbers_in(numbers: Whole) -> list[int]:
    return [number for number, _ in _counted(numbers)]
