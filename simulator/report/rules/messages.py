"""Promises about the conversation with AURA: in time, in order, and an answer for a question."""

from collections.abc import Callable

from simulator.journal import Answered, EventSent, Failed, Received, RunResumed, Unfinished
from simulator.report.breach import Breach, Invariant, line

_PRESS = "press"
_CANCEL = "cancel"


class MessageRules:
    """Watches messages. It remembers those without an answer, and presses without a callout."""

    def __init__(self, report: Callable[[Breach], None], budget_s: float) -> None:
        self._report = report
        self._budget_s = budget_s
        self._waiting: dict[str, Received] = {}  # presses that arrived and have no callout
        self._settled: set[str] = set()
        self._asked: dict[str, EventSent] = {}
        self._pressing: dict[str, EventSent] = {}  # by device: its press that AURA has to answer

    def received(self, record: Received) -> None:
        """Let the time of a press begin."""
        press = record.press
        if press and _PRESS in record.means and press not in self._settled:
            self._waiting.setdefault(press, record)

    def asked(self, record: EventSent) -> None:
        """Remember a question; check that a cancel waits for the answer to its press."""
        self._asked[record.message] = record
        if record.kind == _PRESS:
            self._pressing[record.device] = record
        elif record.kind == _CANCEL and record.device in self._pressing:
            press = self._pressing[record.device]
            what = "a cancel was sent while its press was unanswered"
            self._tell(Invariant.OVERTAKING, record, what, line(press), line(record))

    def answered(self, record: Answered) -> None:
        """Check that the question was asked, and that a press has its callout in time."""
        self._close(record, is_asked=True)
        if record.kind != _PRESS or not record.press:
            return
        arrival = self._settle(record.press)
        if 200 <= record.status < 300 and record.callout is None:
            what = f"a press was answered {record.status} without a callout"
            self._tell(Invariant.BUDGET, record, what, line(record))
        if arrival and record.t - arrival.t > self._budget_s:
            what = f"the callout came {record.t - arrival.t:.1f} s after the frame"
            self._tell(Invariant.BUDGET, record, what, line(arrival), line(record))

    def failed(self, record: Failed) -> None:
        """Take an explained failure; without an attempt there was no question."""
        self._close(record, is_asked=record.attempts > 0)
        if record.kind == _PRESS and record.press:
            self._settle(record.press)

    def left(self, record: Unfinished) -> None:
        """Take a press that the end of the run explains."""
        self._settle(record.press)

    def resumed(self, _: RunResumed) -> None:
        """Wait no longer for what was on its way when the run was killed."""
        self._waiting.clear()
        self._asked.clear()
        self._pressing.clear()

    def finish(self, end_s: float) -> None:
        """Report the presses whose time is over."""
        for press, arrival in self._waiting.items():
            if end_s - arrival.t > self._budget_s:
                what = f"{press} arrived {end_s - arrival.t:.1f} s before the end and has no answer"
                self._tell(Invariant.BUDGET, arrival, what, line(arrival))

    def _settle(self, press: str) -> Received | None:
        self._settled.add(press)
        return self._waiting.pop(press, None)

    def _close(self, record: Answered | Failed, *, is_asked: bool) -> None:
        question = self._asked.pop(record.message, None)
        if question is None and is_asked:
            what = f"{record.message} was not on its way"
            self._tell(Invariant.UNASKED, record, what, line(record))
        if record.kind == _PRESS:
            self._pressing.pop(record.device, None)

    def _tell(
        self,
        promise: Invariant,
        record: Received | EventSent | Answered | Failed,
        what: str,
        *trace: str,
    ) -> None:
        message = f"{record.device}: {what}"
        self._report(Breach(promise, record.t, record.device, message, trace))
