"""Frames that are carried together come to what the gateway makes of each."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
import simpy

from simulator.aura.types import CustomerId
from simulator.device import Position
from simulator.frame import Frame, Kind
from simulator.gateway import Cargo, Express, Freight, Gateway, Held, LinkedDevice, is_freight
from simulator.gateway.freight import Answers
from simulator.journal import Columns, MemoryJournal, Record, records
from simulator.profile import load, profile_names
from simulator.sandbox import Door, Sandbox

HEALTH = b'{"message_type":4,"device_id":"%d","body":{"battery":%d}}'
PLACE = b'{"message_type":2,"device_id":"%d","body":{"latitude":-26.5,"longitude":28,"accuracy":9}}'


@dataclass
class Books:
    """Takes note of what AURA heard."""

    heard: list[tuple[int, int | None]] = field(default_factory=list)
    places: list[tuple[int, float, object]] = field(default_factory=list)

    def healthy(self, cargo: Cargo, answers: Answers) -> None:
        """Take note of health."""
        levels: Sequence[int | None] = answers.battery_pct or [None] * len(cargo.names)
        self.heard += zip(cargo.slots.tolist(), levels, strict=True)

    def located(self, cargo: Cargo, at_s: np.ndarray, values: Held) -> None:
        """Take note of places."""
        told = cargo.slots.tolist(), at_s.tolist(), values["accuracy_m"]
        self.places += zip(*told, strict=True)


def cargo_of(payloads: list[bytes]) -> Cargo:
    """Return frames of unit 0, 1 and so on."""
    rows = range(len(payloads))
    return Cargo(
        at_s=np.array([10.0625 + row for row in rows]),
        slots=np.array(rows),
        names=[f"aura-structured/{row}" for row in rows],
        sequence=[3 * row for row in rows],
        payloads=payloads,
        device_ids=[str(row) for row in rows],
        port=None,
        addresses=[None] * len(payloads),
    )


def carried(payloads: list[bytes]) -> tuple[list[Record], list[Record], Books, list[int]]:
    """Return the records of frames that go one by one, of those that go together, and what is left.

    A frame that is left goes one by one in both.
    """
    profile = load("aura-structured")
    door = Door(Sandbox(simpy.Environment(), 0.0).tenant("aurasim-demo"))
    alone, together, books = MemoryJournal(), list[Record](), Books()
    gateway = Gateway(simpy.Environment(), alone, None, 1.78e9)  # type: ignore[arg-type]  # says nothing
    express = Express(gateway, alone.write, door.tell)
    cargo = cargo_of(payloads)

    def carry(row: int) -> list[Record]:
        name = cargo.names[row]
        linked = LinkedDevice(name, profile, str(row), CustomerId(1), Position(0.0, 0.0))
        frame = Frame(name, cargo.sequence[row], Kind.BATTERY, payloads[row], 0.0)
        begins = len(alone.records)
        express.carry(float(cargo.at_s[row]), linked, frame, None)
        return alone.records[begins:]

    def write(kind: type[Record], columns: Columns) -> None:
        together.extend(records(kind, columns))

    left = Freight(profile, 1.78e9, write, door.tell_many).carry(cargo, books)
    expected = [record for row in range(len(payloads)) for record in carry(row)]
    found = together + [record for row in left for record in carry(row)]
    return sorted(expected, key=_order), sorted(found, key=_order), books, left


def _order(record: Record) -> tuple[float, str]:
    return record.t, type(record).__name__


def test_health_and_places_are_carried_together() -> None:
    """Readings, events, answers and refusals, and what a later message may need."""
    payloads = [HEALTH % (0, 80), PLACE % 1, HEALTH % (2, 81), PLACE % 3]

    alone, together, books, left = carried(payloads)

    assert together == alone
    assert left == []
    assert books.heard == [(0, 80), (2, 81)]
    assert books.places == [(1, 11.062, 9), (3, 13.062, 9)]


@pytest.mark.parametrize(
    "odd",
    [
        b"no frame",
        b'{"message_type":1,"device_id":"1","location":{"latitude":1,"longitude":2}}',
        b'{"message_type":3,"device_id":"1","body":{}}',
    ],
)
def test_what_is_odd_is_left_to_be_carried_alone(odd: bytes) -> None:
    """No frame at all, or one of a person; the others go together all the same."""
    payloads = [HEALTH % (0, 80), odd, HEALTH % (2, 81)]
    if odd.startswith(b"{"):
        profile = load("aura-structured")
        freight = Freight(profile, 1.78e9, lambda *_: None, lambda *_: None)
        assert freight.carry(cargo_of([odd]), Books()) == [0]
        return

    alone, together, books, left = carried(payloads)

    assert together == alone
    assert left == [1]
    assert [slot for slot, _ in books.heard] == [0, 2]


def test_which_models_are_freight() -> None:
    """None that is answered, looks back, drops repetitions, or is told by the raw frame."""
    freight = {name for name in profile_names() if is_freight(load(name))}

    assert {"aura-structured", "milesight-at101"} <= freight
    assert freight.isdisjoint({"sensit-v3", "eview-ev07b", "gt06"})
