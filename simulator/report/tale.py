"""What happened to a device, as far as a scenario can say it: acts, lost frames, answers, ends."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from simulator.journal import (
    CalloutClosed,
    DeviceLinked,
    Exchanged,
    FrameSent,
    OnAir,
    Pressed,
    Record,
    Regretted,
    Silent,
)


@dataclass(slots=True)
class Deed:
    """One thing that a person did, or that the control room did. Mutable: it is told in pieces.

    `lost` counts the frames that were lost in a row right after it, and `arrived` says whether one
    got through then; `refused` holds what AURA answered before it agreed.
    """

    at_s: float
    device: str
    what: str  # press | cancel | close
    press: str = ""
    gesture: str = ""
    callout: int | None = None
    lost: int = 0
    arrived: bool = False
    refused: list[int | None] = field(default_factory=list)
    silence: str | None = None


class Tales:
    """Collects the deeds of chosen devices from a stream of records, in the order of time."""

    def __init__(self, devices: Iterable[str]) -> None:
        self.profiles: dict[str, str] = {}
        self.customers: dict[str, int] = {}
        self.deeds: list[Deed] = []
        self.ends_s = 0.0
        self._chosen = dict.fromkeys(devices)
        self._latest: dict[tuple[str, str], Deed] = {}  # by press and kind of its frames
        self._frames: dict[tuple[str, int], Deed] = {}  # the frames that say a deed

    def add(self, record: Record) -> None:
        """Take one record."""
        self.ends_s = max(self.ends_s, record.t)
        if getattr(record, "device", None) not in self._chosen:
            return
        match record:
            case DeviceLinked():
                self.profiles[record.device] = record.profile
                self.customers[record.device] = record.customer
            case Pressed():
                self._begin(record.t, record.device, "press", record.press, record.gesture)
            case Regretted():
                self._begin(record.t, record.device, "cancel", record.press)
            case CalloutClosed() if record.by == "control room":
                closed = Deed(record.t, record.device, "close", callout=record.callout)
                self.deeds.append(closed)
            case Silent():
                if silenced := self._latest.get((record.press, "press")):
                    silenced.silence = record.reason
            case FrameSent():
                self._sent(record)
            case OnAir():
                self._flew(record)
            case Exchanged():
                self._answered(record)

    def _begin(self, at_s: float, device: str, what: str, press: str, gesture: str = "") -> None:
        deed = Deed(at_s, device, what, press, gesture)
        self._latest[press, what] = deed
        self.deeds.append(deed)

    def _sent(self, record: FrameSent) -> None:
        deed = self._latest.get((record.press or "", record.kind))
        if deed:
            self._frames[record.device, record.seq] = deed

    def _flew(self, record: OnAir) -> None:
        deed = self._frames.get((record.device, record.seq))
        if deed is None or deed.arrived:
            return
        if record.lost is None:
            deed.arrived = True
        else:
            deed.lost += 1

    def _answered(self, record: Exchanged) -> None:
        """Take note of what AURA refused; a name says what its message is about."""
        is_operator = ":operator:" in record.message
        what = "cancel" if is_operator else record.message.rpartition(":")[2]
        deed = self._latest.get((record.press or "", what))
        if deed and (record.status is None or record.status >= 400):
            deed.refused.append(record.status)
