"""The ledger: every press of a run is exactly one of seven things.

The first line of this table that holds gives the class of a press:

| class                 | holds when                                                              |
|-----------------------|-------------------------------------------------------------------------|
| doubled               | two callouts or more were first named in answers to this press          |
| cancelled             | the person took it back and AURA answered that cancel with 2xx; a press |
|                       | that merely shared the callout is judged by its own regret              |
| delivered after retry | it has a callout, but a second frame or a second request was needed     |
| delivered             | it has a callout that no earlier press was given                        |
| merged                | it has a callout that an earlier press was given                        |
| lost                  | the furthest stage that it reached says why it got no further, or the   |
|                       | run ended while it was on its way, or the journal has no last record    |
| unexplained           | none of these                                                           |

Frames of positions and of the cancel carry the name of their press too; they neither deliver it nor
count as its attempts. Where the same press was lost at first and delivered by a resend, the loss is
forgotten. A press that was taken back although it never had a callout keeps the place of its loss.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

from simulator.journal import (
    Answered,
    EventSent,
    Failed,
    FaultApplied,
    FrameSent,
    OnAir,
    Pressed,
    Received,
    Record,
    Regretted,
    RunEnded,
    RunResumed,
    RunStarted,
    Silent,
    Unfinished,
)
from simulator.report.breach import Breach, Invariant
from simulator.report.counts import Counts
from simulator.report.entries import LedgerEntry, Outcome, Place
from simulator.report.invariants import Watch
from simulator.report.story import Story

_PRESS = "press"
_CANCEL = "cancel"


class Verdict(StrEnum):
    """What a run comes to."""

    PASSED = "passed"
    FAILED = "failed"
    VOID = "void"


class Ledger:
    """Accounts for the presses of a run. Feed it the records in their order, then `finish` it.

    It keeps one small story for each press and one number for each callout, and no records.
    """

    def __init__(self) -> None:
        self.started: RunStarted | None = None
        self.ended: RunEnded | None = None
        self.counts = Counts()
        self.entries: tuple[LedgerEntry, ...] = ()
        self.breaches: tuple[Breach, ...] = ()
        self.watch = Watch()
        self._stories: dict[str, Story] = {}
        self._named: set[int] = set()  # the callouts that answers to presses have named
        self._take: dict[type, Callable[[Any], None]] = {
            Pressed: self._pressed,
            Regretted: self._regretted,
            Silent: self._told(Story.silenced),
            FaultApplied: self._told(Story.faulted),
            FrameSent: self._told(Story.sent),
            OnAir: self._told(Story.flew),
            Received: self._told(Story.arrived),
            EventSent: self._told(Story.asked),
            Answered: self._answered,
            Failed: self._failed,
            Unfinished: self._told(Story.left),
            RunStarted: self._begin,
            RunResumed: self._resumed,
            RunEnded: self._end,
        }

    def add(self, record: Record) -> None:
        """Take one record."""
        self.counts.add(record)
        self.tell(record)

    def tell(self, record: Record) -> None:
        """Take one record that `counts` has counted already."""
        self.watch.add(record)
        take = self._take.get(type(record))
        if take:
            take(record)

    def so_far(self) -> dict[Outcome, int]:
        """Return the number of presses of each class as it looks now, before the end."""
        totals = dict.fromkeys(Outcome, 0)
        for story in self._stories.values():
            totals[story.entry(has_ended=False).outcome] += 1
        return totals

    def open_entries(self) -> tuple[LedgerEntry, ...]:
        """Return the entries of the books as they are open: what is on its way is lost as yet."""
        return tuple(story.entry(has_ended=False) for story in self._stories.values())

    def finish(self) -> "Ledger":
        """Close the books: `entries` are in the order in which people pressed."""
        has_ended = self.ended is not None
        stories = self._stories.values()
        self.entries = tuple(story.entry(has_ended=has_ended) for story in stories)
        self.breaches = self.watch.finish()
        return self

    @property
    def broken(self) -> dict[Invariant, int]:
        """Return how often each promise of a run was broken; all promises are there."""
        return {promise: self.watch.broken[promise] for promise in Invariant}

    @property
    def totals(self) -> dict[Outcome, int]:
        """Return the number of presses of each class; all classes are there, in their order."""
        totals = dict.fromkeys(Outcome, 0)
        for entry in self.entries:
            totals[entry.outcome] += 1
        return totals

    @property
    def losses(self) -> dict[Place, int]:
        """Return the number of lost presses by place; only places that lost some are there."""
        lost = [entry.where for entry in self.entries if entry.outcome is Outcome.LOST]
        return {place: lost.count(place) for place in Place if place in lost}

    @property
    def verdict(self) -> Verdict:
        """Return failed before void: what a broken run has shown stays shown.

        A device that AURA refused fails the run too: the fleet is not the one that was asked for.
        """
        if self.breaches or self.counts.refused_devices:
            return Verdict.FAILED
        if any(entry.outcome.is_failure for entry in self.entries):
            return Verdict.FAILED
        if self.ended is None or self.ended.reason != "finished":
            return Verdict.VOID
        return Verdict.PASSED

    def _told(self, tell: Callable[[Story, Any], None]) -> Callable[[Any], None]:
        """Return what hands a record to the story of its press, if it names a known one."""
        stories = self._stories

        def take(record: Any) -> None:
            story = stories.get(record.press)
            if story is not None:
                tell(story, record)

        return take

    def _begin(self, record: RunStarted) -> None:
        self.started = record

    def _resumed(self, _: RunResumed) -> None:
        self.ended = None
        self._named.clear()  # another embedded AURA counts from its beginning

    def _end(self, record: RunEnded) -> None:
        self.ended = record

    def _pressed(self, record: Pressed) -> None:
        self._stories.setdefault(record.press, Story(record))

    def _regretted(self, record: Regretted) -> None:
        story = self._stories.get(record.press)
        if story:
            story.regretted = True

    def _answered(self, record: Answered) -> None:
        is_press = record.kind == _PRESS
        is_yes = 200 <= record.status < 300
        opens = is_press and is_yes and self._opens(record)
        story = self._stories.get(record.press or "")
        if story is None:
            return
        if is_press and is_yes:
            story.answered(record, opens=opens)
        elif is_press:
            story.failed(f"answered {record.status}", record.attempts)
        elif record.kind == _CANCEL and is_yes:
            story.taken_back = True

    def _opens(self, record: Answered) -> bool:
        """Return whether this answer is the first to name its callout."""
        if record.callout is None or record.callout in self._named:
            return False
        self._named.add(record.callout)
        return True

    def _failed(self, record: Failed) -> None:
        story = self._stories.get(record.press or "")
        if story and record.kind == _PRESS:
            story.failed(record.reason, record.attempts)


def ledger_of(records: Iterable[Record]) -> Ledger:
    """Account for the presses of a whole journal."""
    ledger = Ledger()
    for record in records:
        ledger.add(record)
    return ledger.finish()
