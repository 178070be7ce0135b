"""Promises about callouts: who opens them, who ends them, and never two for one customer.

What AURA does is seen through its answers, which may come late or not at all. A press or a cancel
that AURA never answered leaves a doubt about its device, and no promise is held against a doubt.
"""

from collections.abc import Callable

from simulator.journal import (
    Answered,
    CalloutClosed,
    DeviceLinked,
    EventSent,
    Failed,
    FaultApplied,
    FrameSent,
    Received,
    RunResumed,
    RunStarted,
)
from simulator.report.breach import Breach, Invariant, line

_PRESS = "press"
_CANCEL = "cancel"
_REPORTS = ("battery", "heartbeat", "login")
_SANDBOX = "sandbox"
_UPSETTING = ("reboot-loop", "duplicate", "reorder", "link-reorder", "link-duplicate", "delay")
"""Faults that upset the order or the numbers of frames: an old emergency may be heard anew."""
_GRACE_S = 10.0  # the end of a callout may be heard of so much later than of the next one


class CalloutRules:
    """Watches callouts. It remembers each callout's users and the open ones of each customer."""

    def __init__(self, report: Callable[[Breach], None]) -> None:
        self._report = report
        self._sees_ends = True
        self._customer: dict[str, int] = {}
        self._first: dict[int, Answered] = {}  # the answer that named a callout first
        self._users: dict[int, tuple[str, ...]] = {}
        self._ended: dict[int, CalloutClosed] = {}
        self._open: dict[int | str, dict[int, Answered]] = {}  # by customer, then by callout
        self._two: dict[int, tuple[Answered, Answered]] = {}  # seen open together, by the first
        self._asked: dict[str, EventSent] = {}
        self._doubtful: set[int | str] = set()  # customers
        self._upset: set[str] = set()
        self._report_frame: dict[str, FrameSent] = {}
        self._mistaken: dict[tuple[str, int | None], tuple[FrameSent, Received]] = {}

    def begun(self, record: RunStarted) -> None:
        """Take note whether we see callouts end: beyond the sandbox, real people close them."""
        self._sees_ends = record.tier == _SANDBOX

    def linked(self, record: DeviceLinked) -> None:
        """Remember whose device it is."""
        self._customer[record.device] = record.customer

    def faulted(self, record: FaultApplied) -> None:
        """Excuse a device whose frames a fault upsets from what its reports are taken for."""
        if record.kind in _UPSETTING:
            self._upset.add(record.device)

    def sent(self, record: FrameSent) -> None:
        """Remember the latest report of a device."""
        if record.kind in _REPORTS:
            self._report_frame[record.device] = record

    def received(self, record: Received) -> None:
        """Remember a report that was read as a press."""
        said = None if record.device in self._upset else self._report_frame.get(record.device)
        if said and said.seq == record.seq and _PRESS in record.means:
            self._mistaken[record.device, record.seq] = said, record

    def asked(self, record: EventSent) -> None:
        """Remember a question about a callout."""
        if record.kind in (_PRESS, _CANCEL):
            self._asked[record.message] = record

    def resumed(self, _: RunResumed) -> None:
        """Forget: what was open has been ended, and the devices get new customers."""
        self._asked.clear()
        for memory in (self._first, self._users, self._ended, self._open, self._two):
            memory.clear()

    def failed(self, record: Failed) -> None:
        """Doubt what AURA made of it: a press may have opened, a cancel or its refusal ended."""
        self._asked.pop(record.message, None)
        customer = self._of(record.device)
        if record.kind == _CANCEL:
            for callout in self._open.pop(customer, ()):
                self._two.pop(callout, None)
        elif record.kind == _PRESS and record.status is None:
            self._doubtful.add(customer)

    def answered(self, record: Answered) -> None:
        """Judge an answer by the kind of its question."""
        question = self._asked.pop(record.message, None)
        if record.callout is None or not 200 <= record.status < 300:
            return
        if record.kind == _PRESS:
            self._press(record, record.callout, question)
        elif record.kind == _CANCEL:
            self._cancel(record, record.callout)
        elif record.kind in _REPORTS and record.callout not in self._first:
            self._report_opens(record)

    def closed(self, record: CalloutClosed) -> None:
        """Take the end of a callout."""
        if record.by == _CANCEL:
            self._cancel(record, record.callout)
        self._ended.setdefault(record.callout, record)
        first = self._first.get(record.callout)
        if first:
            self._open.get(self._of(first.device), {}).pop(record.callout, None)
        pair = self._two.get(record.callout)
        if pair and record.t - pair[1].t <= _GRACE_S:
            del self._two[record.callout]

    def finish(self) -> None:
        """Report what stayed open beside another callout."""
        for first, second in self._two.values():
            what = f"callouts {first.callout} and {second.callout} were open together"
            self._tell(Invariant.ONE_OPEN, second, what, line(first), line(second))

    def _press(self, record: Answered, callout: int, question: EventSent | None) -> None:
        users = self._users.get(callout, ())
        if record.device not in users:
            self._users[callout] = (*users, record.device)
        opener = self._first.get(callout)
        if opener and self._of(opener.device) != self._of(record.device):
            what = f"it joined callout {callout}, which is {opener.device}'s"
            self._tell(Invariant.ONE_CUSTOMER, record, what, line(opener), line(record))
        ended = self._ended.get(callout)
        if ended and question and question.t > ended.t:
            what = f"a press joined callout {callout}, which had ended"
            trace = line(ended), line(question), line(record)
            self._tell(Invariant.ENDED_JOIN, record, what, *trace)
        if callout not in self._first:
            self._opened(record, callout, question)

    def _opened(self, record: Answered, callout: int, question: EventSent | None) -> None:
        self._first[callout] = record
        mistaken = self._mistaken.pop((record.device, question.seq if question else None), None)
        if mistaken:
            trace = line(mistaken[0]), line(mistaken[1]), line(record)
            what = f"a {mistaken[0].kind} report opened callout {callout}"
            self._tell(Invariant.REPORT_OPENS, record, what, *trace)
        of_customer = self._open.setdefault(self._of(record.device), {})
        if of_customer and self._sees_ends:
            other = next(reversed(of_customer))
            self._two.setdefault(other, (of_customer[other], record))
        if callout not in self._ended:
            of_customer[callout] = record

    def _cancel(self, record: Answered | CalloutClosed, callout: int) -> None:
        users = self._users.get(callout)
        if not users or record.device in users or self._is_doubtful(record.device):
            return
        self._users[callout] = (*users, record.device)  # told once
        what = f"a cancel ended callout {callout} of {users[0]}"
        trace = line(self._first[callout]), line(record)
        self._tell(Invariant.OWN_CANCEL, record, what, *trace)

    def _report_opens(self, record: Answered) -> None:
        self._first[record.callout or 0] = record
        if not self._is_doubtful(record.device):
            what = f"a {record.kind} report opened callout {record.callout}"
            self._tell(Invariant.REPORT_OPENS, record, what, line(record))

    def _of(self, device: str) -> int | str:
        """Return the customer of a device, or the device itself where the journal does not say."""
        return self._customer.get(device, device)

    def _is_doubtful(self, device: str) -> bool:
        customer = self._of(device)
        asked = (q for q in self._asked.values() if q.kind == _PRESS)
        return customer in self._doubtful or any(self._of(q.device) == customer for q in asked)

    def _tell(
        self, promise: Invariant, record: Answered | CalloutClosed, what: str, *trace: str
    ) -> None:
        message = f"{record.device}: {what}"
        self._report(Breach(promise, record.t, record.device, message, trace))
