"""What a running fleet looks like from outside: a journal that also keeps count.

It hears every record on its way to the journal, and knows no more than a reader of the journal.
"""

from collections import Counter
from dataclasses import dataclass

from simulator.journal import (
    Answered,
    CalloutClosed,
    DeviceLinked,
    FaultApplied,
    FaultPlanned,
    FrameSent,
    Journal,
    PowerChanged,
    Pressed,
    Record,
)
from simulator.report import Ledger, LedgerEntry, Outcome, Place, StageLatency, latency_of
from simulator.report.latency import STAGES

_MOST_PRESSES = 5000  # the books are gone through at every look


@dataclass(slots=True)
class Spot:
    """A device on the map. Mutable: it moves, calls for help, and dies."""

    latitude: float
    longitude: float
    has_callout: bool = False
    is_dead: bool = False


class Observer:
    """A journal in front of another one, for people who watch."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._ledger = Ledger()
        self._entries: tuple[LedgerEntry, ...] = ()
        self._seen = -1
        self.now_s = 0.0
        self.records = 0
        self.frames: Counter[str] = Counter()
        self.struck: Counter[str] = Counter()
        self.faults: dict[str, bool] = {}  # by name: whether it may still strike
        self.spots: dict[str, Spot] = {}
        self.presses = 0

    def write(self, record: Record) -> None:
        """Append one record, and take note of it."""
        self._journal.write(record)
        self._ledger.add(record)
        self.records += 1
        self.now_s = max(self.now_s, record.t)
        match record:
            case DeviceLinked():
                self.spots[record.device] = Spot(record.latitude, record.longitude)
            case FrameSent():
                self.frames[record.kind] += 1
                self._move(record)
            case Pressed():
                self.presses += 1
            case Answered(kind="press", callout=int()):
                self._call(record.device, has_callout=True)
            case CalloutClosed():
                self._call(record.device, has_callout=False)
            case PowerChanged() if record.device in self.spots:
                self.spots[record.device].is_dead = record.what == "empty"
            case FaultPlanned():
                self.faults[record.fault] = not record.ends
            case FaultApplied():
                self.struck[record.fault] += 1

    def flush(self) -> None:
        """Make what was written readable for others."""
        self._journal.flush()

    @property
    def open_callouts(self) -> int:
        """Return how many devices have a callout open, as far as is known."""
        return sum(spot.has_callout for spot in self.spots.values())

    @property
    def dead(self) -> int:
        """Return how many devices have an empty battery."""
        return sum(spot.is_dead for spot in self.spots.values())

    @property
    def totals(self) -> dict[str, int]:
        """Return the ledger so far: presses by class; what is on its way has a class of its own."""
        totals = dict.fromkeys([outcome.value for outcome in Outcome], 0)
        on_way = 0
        for entry in self.entries:
            if entry.where is Place.JOURNAL_ENDED:
                on_way += 1
            else:
                totals[entry.outcome.value] += 1
        return totals | {"on its way": on_way}

    @property
    def slowest(self) -> StageLatency | None:
        """Return the stage in which presses spend most, by the 90th percentile."""
        stages = [
            row for row in latency_of(self.entries) if row.p90_s and row.stage != STAGES["total_s"]
        ]
        return max(stages, key=lambda row: row.p90_s or 0.0, default=None)

    @property
    def entries(self) -> tuple[LedgerEntry, ...]:
        """Return the entries so far; of very many, as they were a while ago."""
        step = 1 if self.presses <= _MOST_PRESSES else 100_000
        if self.records >= self._seen + step or self._seen < 0:
            self._entries = self._ledger.open_entries()
            self._seen = self.records
        return self._entries

    def _move(self, record: FrameSent) -> None:
        spot = self.spots.get(record.device)
        if spot and record.latitude is not None and record.longitude is not None:
            spot.latitude, spot.longitude = record.latitude, record.longitude

    def _call(self, device: str, *, has_callout: bool) -> None:
        if device in self.spots:
            self.spots[device].has_callout = has_callout
