"""Counts rows into histograms, tallies and windows; what several recorders counted adds up exactly.

A recorder is all that is measured of a test so far. It turns into a `LoadResult`, is sent between
processes as one (`simulator.load.merge`), and is what thresholds look at.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.load.histogram import BUCKETS, Histogram, buckets_of
from simulator.load.result import Series, Stage, Tally, Window
from simulator.load.rows import CALLOUT, DROPS, DTYPE, UNFINISHED, reason_of
from simulator.load.schedule import KINDS, PRESS

Rows = NDArray[np.void]
Whole = NDArray[np.int64]
_MOST_WINDOWS = 600
_STAGES = (
    Stage.LATENESS,
    Stage.QUEUE,
    Stage.SEND,
    Stage.ANSWER,
    Stage.SERVICE,
    Stage.LATENCY,
    Stage.CALLOUT,
)
_SPANS = {
    Stage.LATENESS: ("due", "taken"),
    Stage.QUEUE: ("taken", "sent"),
    Stage.SEND: ("sent", "flushed"),
    Stage.ANSWER: ("flushed", "done"),
    Stage.SERVICE: ("sent", "done"),
    Stage.LATENCY: ("due", "done"),
    Stage.CALLOUT: ("due", "done"),
}


def width_of(for_s: float) -> float:
    """Return how long a window is: a second, or so long that some hundred cover the test."""
    return float(max(1, -(-int(for_s) // _MOST_WINDOWS)))


@dataclass(slots=True)
class _Spans:
    """The histograms of one stage, dense: a row a kind."""

    counts: Whole = field(default_factory=lambda: np.zeros((len(KINDS), BUCKETS), np.int64))
    sums: Whole = field(default_factory=lambda: np.zeros(len(KINDS), np.int64))
    least: Whole = field(
        default_factory=lambda: np.full(len(KINDS), np.iinfo(np.int64).max, np.int64)
    )
    most: Whole = field(default_factory=lambda: np.zeros(len(KINDS), np.int64))

    def take(self, kinds: Whole, ns: Whole) -> None:
        """Count durations of messages of these kinds."""
        np.add.at(self.counts.reshape(-1), kinds * BUCKETS + buckets_of(ns), 1)
        np.add.at(self.sums, kinds, ns)
        np.minimum.at(self.least, kinds, ns)
        np.maximum.at(self.most, kinds, ns)

    def histogram(self, kind: int) -> Histogram:
        """Return what was counted of one kind."""
        made = Histogram()
        used = np.flatnonzero(self.counts[kind])
        if len(used):
            counted = zip(used.tolist(), self.counts[kind][used].tolist(), strict=True)
            made.take(
                counted,
                total_ns=int(self.sums[kind]),
                least_ns=int(self.least[kind]),
                most_ns=int(self.most[kind]),
            )
        return made


class Recorder:
    """Counts rows. `watch` is shown every batch after it was counted, as thresholds need it."""

    def __init__(self, for_s: float, watch: Callable[[Rows], None] | None = None) -> None:
        self.series = Series(width_s=width_of(for_s))
        self.kinds = {kind.value: Tally() for kind in KINDS}
        self.errors: dict[str, int] = {}
        self.drops: dict[str, int] = {}
        self.retries = 0
        self._watch = watch
        self._spans = {stage: _Spans() for stage in _STAGES}
        self._extra: dict[Stage, dict[str, Histogram]] = {}

    def fold(self, packed: bytes, start_s: float = 0.0) -> None:
        """Count packed rows; their clock showed `start_s` at the start of the test."""
        if not packed:
            return
        rows = np.frombuffer(packed, DTYPE).copy()
        for name in ("due", "taken", "sent", "flushed", "done"):
            times = rows[name]
            times[times > 0] -= start_s
        kinds = rows["kind"].astype(np.int64)
        answered, sent, dropped = fates(rows)
        self._durations(rows, kinds, answered)
        self._tally(rows, kinds, answered, sent, dropped)
        self._say_why(rows["status"][~answered])
        again = (rows["attempts"] & (CALLOUT - 1)).astype(np.int64) - 1
        self.retries += int(again[again > 0].sum())
        self._put_in_windows(rows, answered, sent, dropped)
        if self._watch:
            self._watch(rows)

    def record(self, stage: Stage, kind: str, seconds: float) -> None:
        """Count a duration that no row tells."""
        self._extra.setdefault(stage, {}).setdefault(kind, Histogram()).record(seconds)

    def waited(self, at_s: float, waiting: int) -> None:
        """Take note of how many waited for a connection at a time of the test."""
        window = self._window(int(max(0.0, at_s) // self.series.width_s))
        window.waiting = max(window.waiting, waiting)

    def stages(self) -> dict[Stage, dict[str, Histogram]]:
        """Return the histograms by stage and kind; only those that have anything."""
        made: dict[Stage, dict[str, Histogram]] = {}
        for stage in Stage:
            found = dict(self._extra.get(stage, {}))
            if stage in self._spans:
                dense = self._spans[stage]
                found |= {kind.value: dense.histogram(at) for at, kind in enumerate(KINDS)}
            made[stage] = {kind: one for kind, one in found.items() if one.n}
        return {stage: by_kind for stage, by_kind in made.items() if by_kind}

    def tallies(self) -> dict[str, Tally]:
        """Return the tallies of the kinds that there were."""
        return {kind: tally for kind, tally in self.kinds.items() if tally.due}

    def _durations(self, rows: Rows, kinds: Whole, answered: NDArray[np.bool_]) -> None:
        taken = rows["taken"] > 0
        named = answered & (rows["attempts"] >= CALLOUT) & (kinds == PRESS)
        for stage, (begin, end) in _SPANS.items():
            mask = taken if stage is Stage.LATENESS else answered
            mask = named if stage is Stage.CALLOUT else mask
            ns = ((rows[end][mask] - rows[begin][mask]) * 1e9).astype(np.int64)
            self._spans[stage].take(kinds[mask], np.maximum(ns, 0))

    def _tally(
        self,
        rows: Rows,
        kinds: Whole,
        answered: NDArray[np.bool_],
        sent: NDArray[np.bool_],
        dropped: NDArray[np.bool_],
    ) -> None:
        unfinished = rows["status"] == UNFINISHED
        failed = ~(answered | dropped | unfinished)
        for code in np.unique(kinds).tolist():
            mine = kinds == code
            self.kinds[KINDS[code].value].add(
                Tally(
                    due=int(mine.sum()),
                    sent=int((mine & sent).sum()),
                    answered=int((mine & answered).sum()),
                    errors=int((mine & failed).sum()),
                    dropped=int((mine & dropped).sum()),
                )
            )

    def _say_why(self, statuses: NDArray[np.int16]) -> None:
        for status, count in zip(*np.unique(statuses, return_counts=True), strict=True):
            if status != UNFINISHED:
                reasons = self.drops if int(status) in DROPS else self.errors
                reason = reason_of(int(status))
                reasons[reason] = reasons.get(reason, 0) + int(count)

    def _put_in_windows(
        self,
        rows: Rows,
        answered: NDArray[np.bool_],
        sent: NDArray[np.bool_],
        dropped: NDArray[np.bool_],
    ) -> None:
        width = self.series.width_s
        due_in = (np.maximum(rows["due"], 0) // width).astype(np.int64)
        for at in np.unique(due_in).tolist():
            mine = due_in == at
            window = self._window(at)
            ok = mine & answered
            unfinished = mine & (rows["status"] == UNFINISHED)
            tally = Tally(
                due=int(mine.sum()),
                sent=int((mine & sent).sum()),
                answered=int(ok.sum()),
                dropped=int((mine & dropped).sum()),
            )
            tally.errors = tally.due - tally.answered - tally.dropped - int(unfinished.sum())
            window.tally.add(tally)
            window.latency.record_many(_ns(rows, ok, "due", "done"))
            window.service.record_many(_ns(rows, ok, "sent", "done"))
            window.lateness.record_many(_ns(rows, mine & (rows["taken"] > 0), "due", "taken"))
        for at, count in _per_window(rows["sent"][sent], width):
            self._window(at).sent_in += count
        for at, count in _per_window(rows["done"][answered], width):
            self._window(at).answered_in += count

    def _window(self, at: int) -> Window:
        windows = self.series.windows
        while len(windows) <= at:
            windows.append(Window())
        return windows[at]


def fates(rows: Rows) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which rows were answered with success, which were sent, and which never were."""
    status = rows["status"]
    answered: NDArray[np.bool_] = (status >= 200) & (status < 300)
    dropped: NDArray[np.bool_] = np.isin(status, list(DROPS))
    sent: NDArray[np.bool_] = (rows["sent"] > 0) & ~dropped
    return answered, sent, dropped


def _ns(rows: Rows, mask: NDArray[np.bool_], begin: str, end: str) -> Whole:
    spans: Whole = np.maximum(((rows[end][mask] - rows[begin][mask]) * 1e9).astype(np.int64), 0)
    return spans


def _per_window(times: NDArray[np.float64], width_s: float) -> list[tuple[int, int]]:
    at, counts = np.unique((np.maximum(times, 0) // width_s).astype(np.int64), return_counts=True)
    return list(zip(at.tolist(), counts.tolist(), strict=True))
