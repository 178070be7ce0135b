"""Who sits in a crowd of a run, what AURA was told of each, and frames of theirs in the air."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Floats, picked
from simulator.fleet import Batch, Crowd
from simulator.gateway import Answers, Cargo, Freight, Held, LinkedDevice, Located
from simulator.profile import Profile

_NOT_TOLD = -1
_WHERE = ("latitude", "longitude", "accuracy_m")


class Seats:
    """A crowd, where its first unit stands in the fleet, and what AURA was told of each unit.

    `freight` carries the frames of models whose frames can be carried together.
    """

    def __init__(self, crowd: Crowd, first: int, freight: Freight | None) -> None:
        size = len(crowd.numbers)
        self.crowd = crowd
        self.first = first
        self.freight = freight
        self.is_linked = np.zeros(size, bool)
        self._level_pct = np.full(size, _NOT_TOLD, np.int16)
        self._told_s = np.full(size, np.nan)
        self._newest_s: Floats | None = None
        self._newest: dict[str, NDArray[np.object_]] = {}

    def __len__(self) -> int:
        return len(self.crowd.numbers)

    def place(self, slot: int) -> tuple[Profile, int, int]:
        """Return a unit: its model, its number, and its place in the fleet."""
        return self.crowd.profile, self.crowd.numbers[slot], self.first + slot

    def health(self, slot: int) -> tuple[int | None, float] | None:
        """Return the battery level that AURA was told last, and when it last heard of a unit."""
        if np.isnan(self._told_s[slot]):
            return None
        level = int(self._level_pct[slot])
        return None if level == _NOT_TOLD else level, float(self._told_s[slot])

    def hear(self, slot: int, level_pct: int | None, at_s: float) -> None:
        """Take note of the health that AURA was told of a unit."""
        self._told_s[slot] = at_s
        if level_pct is not None:
            self._level_pct[slot] = level_pct

    def healthy(self, cargo: Cargo, answers: Answers) -> None:
        """Take note of what AURA was told of many."""
        is_news = ~(cargo.at_s < self._told_s[cargo.slots])
        slots = cargo.slots[is_news]
        self._told_s[slots] = cargo.at_s[is_news]
        if answers.battery_pct is not None:
            self._level_pct[slots] = np.array(answers.battery_pct)[is_news]

    def located(self, cargo: Cargo, at_s: Floats, values: Held) -> None:
        """Take note of positions that AURA was told."""
        if self._newest_s is None:
            self._newest_s = np.full(len(self), np.nan)
            self._newest = {name: np.full(len(self), None, object) for name in _WHERE}
        is_news = ~(at_s < self._newest_s[cargo.slots])
        slots = cargo.slots[is_news]
        self._newest_s[slots] = at_s[is_news]
        for name, column in self._newest.items():
            if name in values:
                column[slots] = np.array(values[name], object)[is_news]

    def remember(self, slot: int, linked: LinkedDevice) -> None:
        """Let the gateway know the newest position that AURA was told of a unit."""
        if self._newest_s is None or np.isnan(self._newest_s[slot]):
            return
        at_s = float(self._newest_s[slot])
        if linked.newest is None or linked.newest.at_s < at_s:
            where = {name: column[slot] for name, column in self._newest.items()}
            linked.newest = Located(at_s, {**where, "time": None})


@dataclass(slots=True)
class Flight:
    """Frames in the air: a row a copy, with the row of its frame in the batch that it is from."""

    seats: Seats
    batch: Batch
    rows: NDArray[np.intp]
    at_s: Floats

    @classmethod
    def of(cls, seats: Seats, batch: Batch) -> "Flight":
        """Return the frames of a batch that arrive."""
        return cls(seats, batch, batch.passages.frames, batch.passages.arrivals_s)

    def cargo(self) -> Cargo:
        """Return the copies as the gateway takes them."""
        batch, rows = self.batch, self.rows
        slots = batch.slots[rows]
        return Cargo(
            at_s=self.at_s,
            slots=slots,
            names=picked(batch.names, rows),
            sequence=picked(batch.sequence, rows),
            payloads=picked(batch.payloads, rows),
            device_ids=picked(self.seats.crowd.device_ids, slots),
            port=batch.line.port,
            addresses=picked(batch.addresses, rows),
        )

    def split(self, which: NDArray[np.bool_]) -> tuple["Flight", "Flight"]:
        """Return the copies that are so, and the others."""
        return self.take(np.flatnonzero(which)), self.take(np.flatnonzero(~which))

    def take(self, which: NDArray[np.intp]) -> "Flight":
        """Return some of the copies."""
        return Flight(self.seats, self.batch, self.rows[which], self.at_s[which])

    def __len__(self) -> int:
        return len(self.rows)


Copy = tuple[float, int, Flight, int]
"""When a copy lands, its place among copies of the same moment, its flight and its row there."""


def one_by_one(flights: Iterable[Flight]) -> list[Copy]:
    """Return copies in the order of landing."""
    order, copies = 0, []
    for flight in flights:
        for at_s, row in zip(flight.at_s.tolist(), flight.rows.tolist(), strict=True):
            copies.append((at_s, order, flight, row))
            order += 1
    copies.sort(key=lambda copy: copy[:2])
    return copies
