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

_TOLD = ("press", "cancel")


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
    reason: str = ""  # why frames were lost


class Tales:
    """Collects the deeds of chosen devices from a stream of records, in the order of time."""

    def __init__(self, devices: Iterable[str]) -> None:
        self.profiles: dict[str, str] = {}
        self.customers: dict[str, int] = {}
        self.deeds: list[Deed] = []
        self.ends_s = 0.0
        self._chosen = dict.fromkeys(devices)
        self._latest: dict[tuple[str, str], Deed] = {}  # by press and kind of its frames

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
                if pressed := self._latest.get((record.press, "press")):
                    pressed.silence = record.reason
            case OnAir() | FrameSent():
                self._flew(record)
            case Exchanged():
                self._answered(record)

    def _begin(self, at_s: float, device: str, what: str, press: str, gesture: str = "") -> None:
        deed = Deed(at_s, device, what, press, gesture)
        self._latest[press, what] = deed
        self.deeds.append(deed)

    def _flew(self, record: FrameSent | OnAir) -> None:
        if isinstance(record, FrameSent) or record.press is None:
            return
        for what in reversed(_TOLD):
            deed = self._latest.get((record.press, what))
            if deed is None or deed.arrived:
                continue
            if record.lost is None:
                deed.arrived = True
            else:
                deed.lost += 1
                deed.reason = record.lost
            return

    def _answered(self, record: Exchanged) -> None:
        for what in reversed(_TOLD):
            deed = self._latest.get((record.press or "", what))
            if deed and (record.status is None or record.status >= 400):
                deed.refused.append(record.status)
                return
