"""Promises about the radio: numbers, empty batteries, refused devices, frames out of nowhere."""

from collections.abc import Callable

from simulator.journal import (
    DeviceLinked,
    EventSent,
    FaultApplied,
    FrameSent,
    LinkRefused,
    PowerChanged,
    Pressed,
    Received,
    Silent,
)
from simulator.report.breach import Breach, Invariant, line

_EMPTY = "battery empty"
_RENUMBERING = ("reboot-loop", "duplicate", "reorder")  # faults that upset the order of numbers
_WRAP = 32  # a number that falls by more than this belongs to a counter that wrapped or restarted


class FrameRules:
    """Watches what devices send and what arrives. It remembers two numbers of each device.

    A device with a fault that upsets its numbers is excused from their order from then on.
    """

    def __init__(self, report: Callable[[Breach], None]) -> None:
        self._report = report
        self._sent: dict[str, tuple[int, float]] = {}  # the latest number, and when
        self._heard: dict[str, int] = {}
        self._empty: dict[str, Silent | PowerChanged] = {}
        self._refused: dict[str, LinkRefused] = {}
        self._renumbered: set[str] = set()

    def refused(self, record: LinkRefused) -> None:
        """Remember a device that takes no part."""
        self._refused[record.device] = record

    def linked(self, record: DeviceLinked) -> None:
        """Take a device back that was linked after all."""
        self._refused.pop(record.device, None)

    def faulted(self, record: FaultApplied) -> None:
        """Excuse a device whose numbers a fault upsets."""
        if record.kind in _RENUMBERING:
            self._renumbered.add(record.device)

    def powered(self, record: PowerChanged) -> None:
        """Remember a device that is dead; forget one that was charged."""
        if record.what == "empty":
            self._empty.setdefault(record.device, record)
        else:
            self._empty.pop(record.device, None)

    def silent(self, record: Silent) -> None:
        """Remember a device that is dead."""
        if record.reason == _EMPTY:
            self._empty.setdefault(record.device, record)

    def pressed(self, record: Pressed) -> None:
        """Check that the device takes part."""
        refused = self._refused.get(record.device)
        if refused:
            trace = line(refused), line(record)
            self._tell(Invariant.REFUSED, record, "it was pressed", *trace)

    def sent(self, record: FrameSent) -> None:
        """Check that the device takes part, is alive, and counts on."""
        if record.device in self._refused:
            refused = line(self._refused[record.device])
            self._tell(Invariant.REFUSED, record, "it sent a frame", refused, line(record))
        if record.device in self._empty:
            dead = line(self._empty[record.device])
            self._tell(Invariant.EMPTY, record, "it sent a frame", dead, line(record))
        self._count(record)

    def received(self, record: Received) -> None:
        """Check that the frame was sent; a real unit's frames are not in the journal."""
        sent = None if record.device in self._renumbered else self._sent.get(record.device)
        if sent and record.seq > sent[0] and record.seq - sent[0] <= _WRAP:
            what = f"frame {record.seq} arrived, the latest sent is {sent[0]}"
            self._tell(Invariant.UNSENT, record, what, line(record))
        self._heard[record.device] = max(record.seq, self._heard.get(record.device, record.seq))

    def asked(self, record: EventSent) -> None:
        """Check that the frame behind an event has arrived."""
        is_numbered = record.device in self._sent and record.device not in self._renumbered
        if record.seq is None or not is_numbered:
            return
        heard = self._heard.get(record.device)
        if heard is None or record.seq > heard:
            what = f"an event speaks of frame {record.seq}, which has not arrived"
            self._tell(Invariant.UNSENT, record, what, line(record))

    def _count(self, record: FrameSent) -> None:
        if record.device in self._renumbered:
            return
        latest, at_s = self._sent.get(record.device, (-1, 0.0))
        is_known = latest - _WRAP < record.seq <= latest
        if record.attempt > 1:
            if record.seq > latest:
                what = f"a resend of frame {record.seq}, which was never sent"
                self._tell(Invariant.SEQUENCE, record, what, line(record))
            return  # it may be much older than the latest: devices keep what nobody acknowledged
        if is_known:
            before = f"{at_s:.3f} s  frame  device={record.device} seq={latest}"
            what = f"a new frame has number {record.seq} after number {latest}"
            self._tell(Invariant.SEQUENCE, record, what, before, line(record))
        else:
            self._sent[record.device] = record.seq, record.t

    def _tell(
        self,
        promise: Invariant,
        record: Pressed | FrameSent | Received | EventSent,
        what: str,
        *trace: str,
    ) -> None:
        message = f"{record.device}: {what}"
        self._report(Breach(promise, record.t, record.device, message, trace))
