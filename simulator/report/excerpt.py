"""What of a journal goes into a report: all of a small run, the telling part of a large one.

A page must stay usable in a browser, so there are ceilings. Presses that fail a run come first,
then lost ones, then those that needed a retry; whatever is left out is said in words on the page.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from simulator.journal import (
    CalloutClosed,
    DeviceLinked,
    FrameSent,
    OnAir,
    Pressed,
    Received,
    Record,
    Silent,
)
from simulator.report.entries import LedgerEntry, Outcome, Stages
from simulator.report.ledger import Ledger
from simulator.report.reading import Decoder
from simulator.report.strips import Strip, points_for
from simulator.report.timeline import Step, Timelines
from simulator.report.words import count

_GRAVITY = {
    Outcome.UNEXPLAINED: 0,
    Outcome.DOUBLED: 1,
    Outcome.LOST: 2,
    Outcome.RETRIED: 3,
    Outcome.CANCELLED: 4,
    Outcome.MERGED: 5,
    Outcome.DELIVERED: 6,
}


_LETTERS = {
    "press": "p", "move": "m", "cancel": "c", "battery": "b", "heartbeat": "h", "login": "l",
}  # fmt: skip
_STRIPPED: dict[type, Callable[[Strip, Any], None]] = {
    DeviceLinked: Strip.linked,
    FrameSent: Strip.sent,
    OnAir: Strip.flew,
    Received: Strip.received,
    Pressed: Strip.pressed,
    CalloutClosed: Strip.closed,
    Silent: Strip.silent,
}
"""Who hears what of the life of a device."""


@dataclass(frozen=True, slots=True)
class Ceilings:
    """How much of a run a page holds at most; with these, less than 30 MB."""

    presses: int = 100_000
    timelines: int = 3_000
    devices: int = 50_000
    strips: int = 10_000


CEILINGS = Ceilings()


class PressColumns(TypedDict):
    """The presses, column by column; texts that repeat are numbers into `texts`."""

    name: list[str]
    device: list[int]
    t: list[float]
    outcome: list[int]
    where: list[int]
    detail: list[int]
    callout: list[int | None]
    stages: list[list[float | None]]
    steps: list[Sequence[Step] | None]
    more: list[int]


class DeviceColumns(TypedDict):
    """The devices, column by column."""

    name: list[str]
    serial: list[str]
    customer: list[int | None]
    lat: list[float | None]
    lon: list[float | None]
    strip: list["StripRow | None"]
    presses: list[int]


class StripRow(TypedDict):
    """The life of one device, a column for each property of its frames.

    `kinds` and `missed` have a letter for each frame. `fixes` and `ways` are told where there is
    something to tell: the number of the frame, then metres.
    """

    t: list[float]
    battery: list[int | None]
    kinds: str
    missed: str
    fixes: list[tuple[int, int]]
    ways: list[tuple[int, int, int]]
    states: list[tuple[float, int]]
    frames: int
    lost: int
    died: float | None


class Embedded(TypedDict):
    """The data of the page."""

    outcomes: list[str]
    stages: list[str]
    texts: list[str]
    presses: PressColumns
    devices: DeviceColumns
    end: float
    left_out: list[str]


class Excerpt:
    """Chooses by a finished ledger, then collects from a second reading of the records."""

    def __init__(self, ledger: Ledger, ceilings: Ceilings = CEILINGS) -> None:
        self._ceilings = ceilings
        worst = sorted(ledger.entries, key=lambda e: _GRAVITY[e.outcome])
        self._total = len(worst)
        self._rows = sorted(worst[: ceilings.presses], key=lambda e: e.at_s)
        told = worst[: ceilings.timelines]
        self._decoder = Decoder(ledger.started.started if ledger.started else None)
        self._timelines = Timelines({e.press: e.callout for e in told}, self._decoder)
        self._strips: dict[str, Strip] = {}
        shown = min(ledger.counts.devices, ceilings.strips)
        self._points = points_for(shown)
        self._pressed = Counter(entry.device for entry in ledger.entries)
        for entry in told:
            self._choose_strip(entry.device)
        self._linked: dict[str, DeviceLinked] = {}
        self._devices_in_rows = dict.fromkeys(entry.device for entry in self._rows)
        self._unshown_devices = 0
        self._end_s = 0.0

    def add(self, record: Record) -> None:
        """Take one record."""
        self._end_s = max(self._end_s, record.t)
        self._timelines.add(record)
        match record:
            case DeviceLinked():
                self._meet(record)
        tell = _STRIPPED.get(type(record))
        if tell and (strip := self._strips.get(getattr(record, "device", ""))):
            tell(strip, record)

    def finish(self) -> Embedded:
        """Return the data of the page."""
        texts = _Texts()
        devices = list(dict.fromkeys((*self._devices_in_rows, *self._linked)))
        return {
            "outcomes": [outcome.value for outcome in Outcome],
            "stages": list(Stages._fields),
            "presses": self._presses(texts, {name: at for at, name in enumerate(devices)}),
            "devices": self._devices(devices),
            "texts": texts.all,
            "end": self._end_s,
            "left_out": list(self._left_out()),
        }

    def _choose_strip(self, device: str) -> None:
        if len(self._strips) < self._ceilings.strips:
            self._strips.setdefault(device, Strip(self._points))

    def _meet(self, record: DeviceLinked) -> None:
        self._decoder.meet(record)
        self._choose_strip(record.device)
        room = len(self._linked) < self._ceilings.devices
        if room or record.device in self._devices_in_rows:
            self._linked[record.device] = record
        else:
            self._unshown_devices += 1

    def _presses(self, texts: "_Texts", devices: dict[str, int]) -> PressColumns:
        rows, steps, more = self._rows, self._timelines.steps, self._timelines.left_out
        outcomes = {outcome: at for at, outcome in enumerate(Outcome)}
        return {
            "name": [e.press for e in rows],
            "device": [devices[e.device] for e in rows],
            "t": [round(e.at_s, 3) for e in rows],
            "outcome": [outcomes[e.outcome] for e in rows],
            "where": [texts.number(e.where or "") for e in rows],
            "detail": [texts.number(e.detail) for e in rows],
            "callout": [e.callout for e in rows],
            "stages": [_spans(e) for e in rows],
            "steps": [steps.get(e.press) for e in rows],
            "more": [more.get(e.press, 0) for e in rows],
        }

    def _devices(self, names: Iterable[str]) -> DeviceColumns:
        columns: DeviceColumns = {
            "name": [], "serial": [], "customer": [], "lat": [], "lon": [], "strip": [],
            "presses": [],
        }  # fmt: skip
        for name in names:
            linked = self._linked.get(name)
            columns["name"].append(name)
            columns["serial"].append(linked.serial if linked else "")
            columns["customer"].append(linked.customer if linked else None)
            columns["lat"].append(_degrees(linked.latitude) if linked else None)
            columns["lon"].append(_degrees(linked.longitude) if linked else None)
            columns["strip"].append(_strip(self._strips.get(name)))
            columns["presses"].append(self._pressed[name])
        return columns

    def _left_out(self) -> Iterable[str]:
        rows, told = len(self._rows), len(self._timelines.steps)
        if rows < self._total:
            unlisted = count(self._total - rows, "press is", "presses are")
            yield f"{unlisted} not listed, of {self._total:,}"
        if told < rows:
            yield f"{count(rows - told, 'listed press has', 'listed presses have')} no timeline"
        if self._unshown_devices:
            unshown = count(self._unshown_devices, "device")
            yield f"{unshown} without a press not on the map"
        without = sum(device not in self._strips for device in self._linked)
        if without:
            yield f"{count(without, 'device')} without a strip of battery and frames"


class _Texts:
    """Numbers for texts that repeat."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    @property
    def all(self) -> list[str]:
        return list(self._numbers)


def _spans(entry: LedgerEntry) -> list[float | None]:
    return [None if span is None else round(span, 3) for span in entry.stages]


def _degrees(value: float) -> float | None:
    return round(value, 5) if math.isfinite(value) else None


def _strip(strip: Strip | None) -> StripRow | None:
    if strip is None:
        return None
    ways: list[tuple[int, int, int]] = []
    for at, (north, east) in enumerate(strip.ways):
        if (north, east) != (ways[-1][1:] if ways else (0, 0)):
            ways.append((at, north, east))
    return {
        "t": [t for t, _ in strip.points],
        "battery": [battery for _, battery in strip.points],
        "kinds": "".join(_LETTERS.get(kind, "o") for kind in strip.kinds),
        "missed": "".join("1" if missed else "0" for missed in strip.missed),
        "fixes": [(at, error) for at, error in enumerate(strip.fixes) if error is not None],
        "ways": ways,
        "states": strip.states,
        "frames": strip.frames,
        "lost": strip.lost,
        "died": strip.died_s,
    }
