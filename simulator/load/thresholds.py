"""What a load test has to reach: thresholds as data, judged while it runs and at its end.

A threshold looks at one stage, or at a share or a rate, of all messages or of one kind, over the
whole test or a window of its time. `of` says what is measured:

| `of`        | measured                                           | limit                       |
|-------------|----------------------------------------------------|-----------------------------|
| p50 .. p99.99, mean, max | a percentile of `stage` (latency if none)| `below`, a duration        |
| errors      | the share of messages with an error                | `below`, a share            |
| dropped     | the share of messages that were never sent in time | `below`, a share            |
| answered    | answers a second                                   | `above`, a rate             |
| sent        | messages sent a second                             | `above`, a rate             |
| unexplained, doubled, lost | presses of that class in the ledger | `below`, a number           |
| breaches    | broken invariants                                  | `below`, a number           |
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.errors import InputError
from simulator.load.histogram import Histogram
from simulator.load.recorder import Recorder, Rows, fates
from simulator.load.result import LedgerJson, Stage, Tally, ThresholdOutcome
from simulator.load.rows import UNFINISHED
from simulator.load.schedule import CODES, KINDS

_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)")
_SHARES = ("errors", "dropped")
_RATES = ("answered", "sent")
_PRESSES = ("unexplained", "doubled", "lost")
_COUNTED = (*_PRESSES, "breaches")
_ENOUGH = 100  # messages, before a test may be called hopeless
_COLUMNS = {
    Stage.LATENESS: ("due", "taken"),
    Stage.QUEUE: ("taken", "sent"),
    Stage.SEND: ("sent", "flushed"),
    Stage.ANSWER: ("flushed", "done"),
    Stage.SERVICE: ("sent", "done"),
    Stage.LATENCY: ("due", "done"),
}


class ThresholdError(InputError):
    """A threshold cannot be judged as it is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """One limit. Durations in seconds; a window is from .. to in seconds of the test."""

    of: str
    below: float | None = None
    above: float | None = None
    stage: Stage = Stage.LATENCY
    kind: str | None = None
    from_s: float = 0.0
    to_s: float | None = None
    stop: bool = False  # end the test as soon as it cannot be reached any more

    def __post_init__(self) -> None:
        if not (self.is_duration or self.of in (*_SHARES, *_RATES, *_COUNTED)):
            names = ", ".join((*_SHARES, *_RATES, *_COUNTED))
            message = f"'{self.of}' cannot be measured. Say p50 to p99.99, mean, max, {names}."
            raise ThresholdError(message)
        wanted = "above" if self.of in _RATES else "below"
        if getattr(self, wanted) is None or (self.below is None) == (self.above is None):
            message = f"A threshold of {self.of} has a limit `{wanted}`, and no other."
            raise ThresholdError(message)
        if self.kind is not None and self.kind not in [kind.value for kind in KINDS]:
            message = f"'{self.kind}' is no kind of message. Say press, move, cancel or battery."
            raise ThresholdError(message)
        if self.is_windowed and (self.of in _COUNTED or not self.is_measured_by_rows):
            message = f"A threshold of {self.of} of {self.stage} is for the whole test only."
            raise ThresholdError(message)
        if self.to_s is not None and self.to_s <= self.from_s:
            message = f"A window from {self.from_s:g} s to {self.to_s:g} s has no time in it."
            raise ThresholdError(message)

    @property
    def is_duration(self) -> bool:
        """Return whether a duration is measured."""
        return self.of in ("mean", "max") or _PERCENTILE.fullmatch(self.of) is not None

    @property
    def is_windowed(self) -> bool:
        """Return whether only a part of the time counts."""
        return self.from_s > 0 or self.to_s is not None

    @property
    def is_measured_by_rows(self) -> bool:
        """Return whether the stage is one that every message goes through."""
        return not self.is_duration or self.stage in _COLUMNS

    @property
    def limit(self) -> float:
        """Return the number it is held against."""
        limit = self.above if self.below is None else self.below
        assert limit is not None  # noqa: S101 - one of them is given
        return limit

    @property
    def unit(self) -> str:
        """Return what the number is."""
        if self.is_duration:
            return "s"
        if self.of in _SHARES:
            return "share"
        if self.of in _RATES:
            return "per second"
        return "presses" if self.of in _PRESSES else "messages"

    @property
    def text(self) -> str:
        """Return it as a sentence."""
        what = f"{self.of} of {self.stage}" if self.is_duration else self.of
        of_kind = f" of {self.kind}" if self.kind else ""
        limit = _shown(self.limit, self.unit)
        if self.of in _RATES:
            held = f"at least {limit}"
        elif self.limit == 0:
            held = "none"
        else:
            held = f"at most {limit}"
        window = ""
        if self.is_windowed:
            ends = "the end" if self.to_s is None else f"{self.to_s:g} s"
            window = f", from {self.from_s:g} s to {ends}"
        return f"{what}{of_kind}: {held}{window}"

    def is_met(self, measured: float | None) -> bool:
        """Return whether a measured value is within the limit; nothing measured is not."""
        if measured is None:
            return False
        return measured >= self.limit if self.of in _RATES else measured <= self.limit


@dataclass(slots=True)
class _Evidence:
    """What was seen of the messages that a windowed threshold is about. Mutable."""

    tally: Tally = field(default_factory=Tally)
    spans: Histogram = field(default_factory=Histogram)


class Judge:
    """Holds thresholds against what is measured; give it every batch of rows by `watch`."""

    def __init__(self, thresholds: Sequence[Threshold], for_s: float) -> None:
        self.thresholds = tuple(thresholds)
        self.hopeless: dict[Threshold, float] = {}
        self._for_s = for_s
        self._seen = {t: _Evidence() for t in self.thresholds if t.is_windowed}

    def watch(self, rows: Rows) -> None:
        """Take note of rows in the windows of thresholds."""
        for threshold, evidence in self._seen.items():
            ends = np.inf if threshold.to_s is None else threshold.to_s
            mine = (rows["due"] >= threshold.from_s) & (rows["due"] < ends)
            if threshold.kind is not None:
                mine &= rows["kind"] == _code(threshold.kind)
            if mine.any():
                _collect(evidence, threshold, rows[mine])

    def judge(
        self, recorder: Recorder, lasted_s: float, ledger: LedgerJson | None = None
    ) -> list[ThresholdOutcome]:
        """Return the outcome of every threshold by what is known now."""
        stages = recorder.stages()
        return [self._outcome(t, recorder, stages, lasted_s, ledger) for t in self.thresholds]

    def give_up(self, recorder: Recorder, now_s: float) -> Threshold | None:
        """Return a threshold that asks to stop and cannot be reached any more, if there is one.

        A share or a percentile cannot be, when what has gone wrong already would be too much even
        if the rest of the test went well at the rate so far.
        """
        if now_s <= 0 or not any(t.stop for t in self.thresholds):
            return None
        stages = recorder.stages()
        for threshold in self.thresholds:
            if threshold.stop and self._is_hopeless(threshold, recorder, stages, now_s):
                self.hopeless.setdefault(threshold, now_s)
                return threshold
        return None

    def _is_hopeless(
        self,
        threshold: Threshold,
        recorder: Recorder,
        stages: Mapping[Stage, Mapping[str, Histogram]],
        now_s: float,
    ) -> bool:
        begins, ends = threshold.from_s, min(threshold.to_s or self._for_s, self._for_s)
        passed = min(now_s, ends) - begins
        if passed <= 0 or threshold.of in (*_COUNTED, *_RATES, "mean"):
            return False
        tally, spans = self._measured(threshold, recorder, stages)
        if tally.due < _ENOUGH:
            return False
        to_come = tally.due * (max(ends, now_s) - begins - passed) / passed
        if threshold.of in _SHARES:
            bad = tally.errors if threshold.of == "errors" else tally.dropped
            return bad > threshold.limit * (tally.due + to_come)
        if threshold.of == "max":
            return (spans.max_s or 0.0) > threshold.limit
        share = 1 - float(threshold.of[1:]) / 100
        slow = spans.share_above(threshold.limit) * spans.n
        return slow > share * (spans.n + to_come)

    def _outcome(
        self,
        threshold: Threshold,
        recorder: Recorder,
        stages: Mapping[Stage, Mapping[str, Histogram]],
        lasted_s: float,
        ledger: LedgerJson | None,
    ) -> ThresholdOutcome:
        tally, spans = self._measured(threshold, recorder, stages)
        samples = spans.n if threshold.is_duration else tally.due
        if threshold.of in _COUNTED:
            measured, samples = _counted(threshold.of, ledger)
        elif threshold.is_duration:
            measured = _duration(threshold.of, spans)
        elif threshold.of in _SHARES:
            bad = tally.errors if threshold.of == "errors" else tally.dropped
            measured = bad / tally.due if tally.due else None
        else:
            ends = lasted_s if threshold.to_s is None else min(threshold.to_s, lasted_s)
            span_s = ends - threshold.from_s
            number = tally.answered if threshold.of == "answered" else tally.sent
            measured = number / span_s if span_s > 0 else None
        return ThresholdOutcome(
            name=threshold.of,
            text=threshold.text,
            limit=threshold.limit,
            measured=measured,
            unit=threshold.unit,
            samples=samples,
            is_met=threshold.is_met(measured),
            stopped_at_s=self.hopeless.get(threshold),
        )

    def _measured(
        self,
        threshold: Threshold,
        recorder: Recorder,
        stages: Mapping[Stage, Mapping[str, Histogram]],
    ) -> tuple[Tally, Histogram]:
        """Return the messages that a threshold is about, and their durations."""
        if threshold in self._seen:
            evidence = self._seen[threshold]
            return evidence.tally, evidence.spans
        kinds = [threshold.kind] if threshold.kind else list(recorder.kinds)
        tally, spans = Tally(), Histogram()
        for kind in kinds:
            tally.add(recorder.kinds[kind])
            spans.add(stages.get(threshold.stage, {}).get(kind, Histogram()))
        return tally, spans


def _collect(evidence: _Evidence, threshold: Threshold, rows: Rows) -> None:
    answered, sent, dropped = fates(rows)
    unfinished = int((rows["status"] == UNFINISHED).sum())
    tally = Tally(
        due=len(rows),
        sent=int(sent.sum()),
        answered=int(answered.sum()),
        dropped=int(dropped.sum()),
    )
    tally.errors = tally.due - tally.answered - tally.dropped - unfinished
    evidence.tally.add(tally)
    if threshold.is_duration:
        begin, end = _COLUMNS[threshold.stage]
        mask = rows["taken"] > 0 if threshold.stage is Stage.LATENESS else answered
        ns: NDArray[np.int64] = ((rows[end][mask] - rows[begin][mask]) * 1e9).astype(np.int64)
        evidence.spans.record_many(np.maximum(ns, 0))


def _code(kind: str) -> int:
    return next(code for name, code in CODES.items() if name.value == kind)


def _counted(of: str, ledger: LedgerJson | None) -> tuple[float | None, int]:
    if ledger is None:
        return None, 0
    if of == "breaches":
        return float(sum(ledger.invariants.values())), ledger.presses
    return float(ledger.totals.get(of, 0)), ledger.presses


def _duration(of: str, spans: Histogram) -> float | None:
    if of == "mean":
        return spans.mean_s
    return spans.max_s if of == "max" else spans.percentile_s(float(of[1:]))


def _shown(value: float, unit: str) -> str:
    if unit == "s":
        return f"{value * 1000:g} ms" if value < 1 else f"{value:g} s"
    if unit == "share":
        return f"{value * 100:g} %"
    return f"{value:g} a second" if unit == "per second" else f"{value:g}"
