"""What a run amounts to beside its presses: devices, frames, and events with their failures."""

import re
from collections import Counter
from dataclasses import dataclass, field

from simulator.journal import (
    Answered,
    DeviceLinked,
    EventSent,
    Failed,
    FaultApplied,
    FaultPlanned,
    FrameSent,
    LinkRefused,
    OnAir,
    Received,
    Record,
)

_NUMBER = re.compile(r"\d+(\.\d+)?")
_REASONS = 40  # different reasons that are told apart for one kind of event
_OTHER = "other reasons"


@dataclass(slots=True)
class EventCount:
    """Events of one kind. Mutable: it is counted up while records come in."""

    sent: int = 0
    answered: int = 0
    failed: Counter[str] = field(default_factory=Counter)

    def fail(self, reason: str, number: int = 1) -> None:
        """Count a failure; reasons that only differ in numbers are one."""
        if reason not in self.failed and len(self.failed) >= _REASONS:
            reason = _OTHER
        self.failed[reason] += number


@dataclass(slots=True)
class Counts:
    """The plain numbers of a run. Mutable: feed it the records."""

    devices: int = 0
    refused_devices: int = 0
    frames: int = 0
    lost_frames: int = 0
    refused_frames: int = 0
    duplicates_dropped: int = 0
    events: dict[str, EventCount] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)  # by name: how often they struck

    def add(self, record: Record) -> None:
        """Count one record."""
        match record:
            case FrameSent():
                self.frames += 1
            case OnAir():
                self.lost_frames += record.lost is not None
            case Received() if record.dropped is not None:
                self.drop(record.dropped)
            case EventSent():
                self.of_kind(record.kind).sent += 1
            case Answered():
                self.of_kind(record.kind).answered += 1
            case Failed():
                self.of_kind(record.kind).fail(grouped(record.status, record.reason))
            case DeviceLinked():
                self.devices += 1
            case FaultPlanned():
                self.faults[record.fault] += 0
            case FaultApplied():
                self.faults[record.fault] += 1
            case LinkRefused():
                self.refused_devices += 1

    def drop(self, reason: str, number: int = 1) -> None:
        """Count frames that the gateway dropped."""
        if reason == "repetition":
            self.duplicates_dropped += number
        else:
            self.refused_frames += number

    def of_kind(self, kind: str) -> EventCount:
        """Return the count of events of a kind."""
        return self.events.setdefault(kind, EventCount())


def grouped(status: object, reason: str) -> str:
    """Return what failures with one status, or reasons that differ in numbers, have in common."""
    return f"answered {status}" if status is not None else _NUMBER.sub("…", reason)
