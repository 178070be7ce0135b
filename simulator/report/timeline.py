"""The records of one press in words: what a report shows when a press is opened."""

from typing import TypeAlias

from simulator.journal import (
    Answered,
    CalloutClosed,
    EventSent,
    Exchanged,
    Failed,
    FaultApplied,
    FrameSent,
    Notified,
    OnAir,
    Pressed,
    Received,
    Record,
    Regretted,
    Replied,
    Silent,
    Unfinished,
)
from simulator.report.reading import Decoder

Step: TypeAlias = tuple[float, str, str] | tuple[float, str, str, str, str]
"""When, at which station, and what happened; of a frame also its bytes and its values, of a request
also what was sent and answered, of a webhook its body."""

STEPS = 60  # steps of one press that are shown; an emergency may send positions for hours
_TOLD = (":press", ":cancel")  # of other requests, only those that were refused

_REGRETS = {
    "native": "took it back with the device's own gesture",
    "operator": "took it back by calling the operator",
}


class Timelines:
    """Collects the steps of chosen presses from a stream of records.

    `chosen` gives each press its callout. A callout's end is told to every press that shares it.
    """

    def __init__(self, chosen: dict[str, int | None], decoder: Decoder) -> None:
        self.steps: dict[str, list[Step]] = {press: [] for press in chosen}
        self.left_out: dict[str, int] = {}
        self._decoder = decoder
        self._frames: dict[tuple[str, int], str] = {}
        self._sharers: dict[int, list[str]] = {}
        for press, callout in chosen.items():
            if callout is not None:
                self._sharers.setdefault(callout, []).append(press)

    def add(self, record: Record) -> None:
        """Take one record."""
        for press in self._presses(record):
            steps = self.steps[press]
            if len(steps) < STEPS:
                steps.append(self._step(record))
            else:
                self.left_out[press] = self.left_out.get(press, 0) + 1

    def _presses(self, record: Record) -> list[str]:
        if isinstance(record, CalloutClosed | Notified):
            return self._sharers.get(record.callout or 0, [])
        if isinstance(record, Exchanged) and not _is_telling(record):
            return []
        if isinstance(record, Replied):
            press = self._frames.get((record.device, record.seq))
        else:
            press = getattr(record, "press", None)
        if press not in self.steps:
            return []
        if isinstance(record, FrameSent):
            self._frames[record.device, record.seq] = press
        return [press]

    def _step(self, record: Record) -> Step:
        if isinstance(record, FrameSent):
            values = self._decoder.values(record)
            return record.t, "frame", _frame(record), record.hex, values
        if isinstance(record, Exchanged):
            return record.t, "http", _exchange(record), record.sent, record.answered
        if isinstance(record, Notified):
            return (
                record.t,
                "webhook",
                f"{record.event}, we answered {record.status}",
                record.body,
                "",
            )
        station, text = told(record)
        return record.t, station, text


def told(record: Record) -> tuple[str, str]:
    """Return the station of a record that is no frame, and the record in words."""
    match record:
        case Pressed():
            because = f" ({record.cause})" if record.cause else ""
            return "person", f"pressed the button: {record.gesture}{because}"
        case FaultApplied():
            return "fault", f"{record.fault}: {record.what}"
        case Regretted():
            return "person", _REGRETS.get(record.by, f"took it back: {record.by}")
        case Silent():
            return "device", f"said nothing: {record.reason}"
        case OnAir():
            return "air", _air(record)
        case Received():
            means = ", ".join(record.means) or "nothing"
            return "gateway", f"dropped: {record.dropped}" if record.dropped else f"read as {means}"
        case Replied():
            return "reply", f"{record.hex}{', lost on its way' if record.lost else ''}"
        case EventSent():
            return "event", f"{record.kind} sent to AURA"
        case Answered():
            return "answer", _answer(record)
        case Failed():
            return "answer", f"{record.kind} failed: {record.reason}"
        case CalloutClosed():
            return "callout", f"callout {record.callout} ended: {record.by}"
        case Unfinished():
            return "end", f"the run ended while it was here: {record.where}"
    return "run", ""


def _frame(record: FrameSent) -> str:
    port = f", port {record.port}" if record.port is not None else ""
    again = f", attempt {record.attempt}" if record.attempt > 1 else ""
    battery = f", battery {record.battery} %" if record.battery is not None else ""
    return f"{record.kind} frame {record.seq}{port}{again}{battery}"


def _air(record: OnAir) -> str:
    if record.lost:
        return f"lost: {record.lost}"
    copies = "one copy arrives" if record.copies == 1 else f"{record.copies} copies arrive"
    air = f", {record.air_s:.3g} s on air" if record.air_s else ""
    wait = f", after {record.wait_s:.3g} s of silence" if record.wait_s else ""
    return copies + air + wait


def _is_telling(record: Exchanged) -> bool:
    is_good = record.status is not None and record.status < 300
    return not is_good or record.message.endswith(_TOLD) or ":operator:" in record.message


def _exchange(record: Exchanged) -> str:
    came = record.trouble or f"answered {record.status}"
    return f"{record.method} {record.path}: {came} in {record.took_s:g} s"


def _answer(record: Answered) -> str:
    callout = f", callout {record.callout}" if record.callout is not None else ""
    again = f", {record.attempts} requests" if record.attempts > 1 else ""
    return f"{record.kind} answered {record.status}{callout} in {record.took_s:g} s{again}"
