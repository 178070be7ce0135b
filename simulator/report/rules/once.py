"""Promises about what happens once: a press, a link, an arrival, and the end of a run."""

from collections.abc import Callable

from simulator.journal import (
    DeviceLinked,
    FrameSent,
    OnAir,
    Pressed,
    Received,
    Record,
    Replied,
    RunEnded,
    RunResumed,
)
from simulator.report.breach import Breach, Invariant, line


class OnceRules:
    """Watches for repetitions. It remembers names of presses and ids, and frames in the air."""

    def __init__(self, report: Callable[[Breach], None]) -> None:
        self._report = report
        self._presses: set[str] = set()
        self._linked: dict[str, DeviceLinked] = {}
        self._serials: dict[tuple[str, str], DeviceLinked] = {}
        self._flying: dict[tuple[str, int], int] = {}
        self._flown: set[str] = set()
        self._sent: dict[str, int] = {}
        self.ended: RunEnded | None = None

    def resumed(self, _: RunResumed) -> None:
        """Let a run go on; what was in the air when it was killed is gone."""
        self.ended = None
        self._flying.clear()
        self._linked.clear()
        self._serials.clear()

    def end(self, record: RunEnded) -> None:
        """Remember that the run is over."""
        self.ended = record

    def after_end(self, record: Record) -> None:
        """Tell of a record that comes after the last one."""
        if self.ended:
            message = f"a record of {record.t:.3f} s follows the last one"
            trace = line(self.ended), line(record)
            device = getattr(record, "device", "")
            self._report(Breach(Invariant.ENDED, record.t, device, message, trace))

    def pressed(self, record: Pressed) -> None:
        """Check that a press is a new one."""
        if record.press in self._presses:
            self._tell(Invariant.ONCE, record, f"{record.press} happened twice", line(record))
        self._presses.add(record.press)

    def linked(self, record: DeviceLinked) -> None:
        """Check that a device is linked once, and that its ids are its own."""
        before = self._linked.setdefault(record.device, record)
        if before is not record:
            self._tell(Invariant.LINKED, record, "it is linked twice", line(before), line(record))
        owner = self._serials.setdefault((record.profile, record.serial), record)
        if owner.device != record.device:
            what = f"it has the serial of {owner.device}"
            self._tell(Invariant.LINKED, record, what, line(owner), line(record))

    def sent(self, record: FrameSent) -> None:
        """Remember the highest number that a device has used."""
        self._sent[record.device] = max(record.seq, self._sent.get(record.device, record.seq))

    def flew(self, record: OnAir) -> None:
        """Count the copies that are to arrive."""
        self._flown.add(record.device)
        if record.copies:
            key = record.device, record.seq
            self._flying[key] = self._flying.get(key, 0) + record.copies

    def received(self, record: Received) -> None:
        """Check that the air had a copy left; a real unit's frames are not in the journal."""
        key = record.device, record.seq
        left = self._flying.get(key, 0)
        if left > 1:
            self._flying[key] = left - 1
        elif left == 1:
            del self._flying[key]
        elif record.device in self._flown and record.seq <= self._sent.get(record.device, -1):
            what = f"frame {record.seq} arrived more often than it was in the air"
            self._tell(Invariant.COPIES, record, what, line(record))

    def replied(self, record: Replied) -> None:
        """Check that the frame that is answered was sent."""
        latest = self._sent.get(record.device)
        if latest is not None and record.seq > latest:
            what = f"a reply to frame {record.seq}, the latest sent is {latest}"
            self._tell(Invariant.UNSENT, record, what, line(record))

    def _tell(
        self,
        promise: Invariant,
        record: Pressed | DeviceLinked | Received | Replied,
        what: str,
        *trace: str,
    ) -> None:
        message = f"{record.device}: {what}"
        self._report(Breach(promise, record.t, record.device, message, trace))
