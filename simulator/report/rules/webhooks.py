"""Promises about webhooks, where the run receives them."""

from collections.abc import Callable

from simulator.journal import Answered, EventSent, Failed, Notified, RunResumed, Unfinished
from simulator.report.breach import Breach, Invariant, line

_NEW = "NEW_CALLOUT"
_PRESS = "press"


class WebhookRules:
    """Watches what AURA tells unasked. It remembers callouts that no answer has named yet.

    A press that AURA did not answer may have opened one: so many are excused.
    """

    def __init__(self, report: Callable[[Breach], None]) -> None:
        self._report = report
        self._named: set[int] = set()
        self._told: dict[int, Notified] = {}
        self._asked: set[str] = set()
        self._doubts = 0

    def notified(self, record: Notified) -> None:
        """Remember a callout that AURA speaks of before it is named in an answer."""
        callout = record.callout
        if record.event == _NEW and callout is not None and callout not in self._named:
            self._told.setdefault(callout, record)

    def asked(self, record: EventSent) -> None:
        """Remember a press that is to be answered."""
        if record.kind == _PRESS:
            self._asked.add(record.message)

    def answered(self, record: Answered) -> None:
        """Take the callout that an answer names."""
        self._asked.discard(record.message)
        if record.callout is not None:
            self._named.add(record.callout)
            self._told.pop(record.callout, None)

    def failed(self, record: Failed) -> None:
        """Excuse a callout: the press may have arrived all the same."""
        if record.kind == _PRESS:
            self._asked.discard(record.message)
            self._doubts += 1

    def left(self, record: Unfinished) -> None:
        """Excuse a callout of a press that was on its way at the end."""
        del record
        self._doubts += 1

    def resumed(self, _: RunResumed) -> None:
        """Excuse what AURA may have made of questions that a killed run asked."""
        self._doubts += len(self._asked)
        self._asked.clear()
        self._named.clear()

    def finish(self) -> None:
        """Tell of the callouts that nobody asked for."""
        if len(self._told) <= self._doubts + len(self._asked):
            return
        for callout, record in self._told.items():
            message = f"callout {callout} was opened, and no press was answered with it"
            self._report(Breach(Invariant.UNWANTED, record.t, "", message, (line(record),)))
