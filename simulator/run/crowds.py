"""The idle units of a run in crowds: put away, fetched when somebody acts, and put away again.

In virtual time nobody waits for an idle report. So a window of time is let pass, and is then worked
out for a whole crowd: what was sent, what arrived, what AURA answered, each at its own time. A unit
that is fetched in the middle of a window is brought to that moment first.
"""

from bisect import bisect_right
from collections.abc import Callable, Generator, Iterable
from typing import Protocol

import numpy as np
import simpy
from numpy.typing import NDArray

from simulator.draws import Floats, rounded
from simulator.fleet import Batch, Crowd, Fleet, Unit
from simulator.gateway import Express, Freight, Gateway, LinkedDevice
from simulator.journal import DeviceLinked, Same
from simulator.run.seats import Copy, Flight, Seats, one_by_one
from simulator.run.window import Window
from simulator.sandbox import FIRST_CUSTOMER
from simulator.unbroken import unbroken

WINDOW_S = 900.0
_AT_A_TIME = 1 << 16  # units that are written down


class Clerk(Protocol):
    """Sees to units at AURA: their customers and links, and what AURA knows of their health."""

    def linked(self, crowd: Crowd, slot: int, index: int) -> LinkedDevice:
        """Return what the gateway knows of a unit that AURA has not heard of yet."""
        ...

    def link(self, unit: Unit, linked: LinkedDevice) -> None:
        """Link a unit at AURA as it would have been in the beginning."""
        ...

    def note(self, linked: LinkedDevice, level_pct: int | None, at_s: float) -> None:
        """Write the newest health of a unit, told at a run time, to what AURA knows of it."""
        ...


class Crowds:
    """The crowds of a run. `open` them, `enlist` units, `begin`, and `rest` when time is up."""

    def __init__(
        self,
        env: simpy.Environment,
        fleet: Fleet,
        gateway: Gateway,
        *,
        window: Window,
        express: Express,
        clerk: Clerk,
    ) -> None:
        self._env = env
        self._fleet = fleet
        self._gateway = gateway
        self._window = window
        self._express = express
        self._clerk = clerk
        self._seats: list[Seats] = []
        self._begins: list[int] = []
        self._in_air: list[Flight] = []
        self._out: dict[int, Unit] = {}  # units that have a seat, and are in the fleet
        self.members = 0
        fleet.fetch = self.fetch

    def open(self, crowd: Crowd, first: int, freight: Freight | None) -> None:
        """Make room for units whose places in the fleet begin at `first`; spans come in order."""
        self._seats.append(Seats(crowd, first, freight))
        self._begins.append(first)

    def at(self, index: int) -> Seats | None:
        """Return the seats among which the unit of a place has one, if there are any."""
        at = bisect_right(self._begins, index) - 1
        seats = self._seats[at] if at >= 0 else None
        return None if seats is None or index >= seats.first + len(seats) else seats

    def enlist(self, seats: Seats, on_s: Floats, may_join: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Take new units that are switched on, warm, at a time each; return which are taken."""
        are_taken = seats.crowd.settle(on_s, may_join)
        self.members += int(are_taken.sum())
        return are_taken

    def tell_of(self, seats: Seats, slots: slice, now: float) -> None:
        """Write down that units take part."""
        for first in range(slots.start, slots.stop, _AT_A_TIME):
            self._tell_of(seats, slice(first, min(first + _AT_A_TIME, slots.stop)), now)

    def _tell_of(self, seats: Seats, slots: slice, now: float) -> None:
        crowd, size = seats.crowd, slots.stop - slots.start
        latitude, longitude = crowd.homes(slots)
        first = FIRST_CUSTOMER + seats.first + slots.start
        numbers, serial_of = crowd.numbers[slots], crowd.profile.identity.serial_of
        self._window.write_columns(
            DeviceLinked,
            {
                "t": [now] * size,
                "device": [f"{crowd.profile.name}/{number}" for number in numbers],
                "profile": Same(crowd.profile.name),
                "serial": [serial_of(number) for number in numbers],
                "device_id": crowd.device_ids[slots],
                "customer": range(first, first + size),
                "latitude": rounded(latitude, 6),
                "longitude": rounded(longitude, 6),
            },
        )

    def begin(self) -> None:
        """Let the crowds live from now on."""
        if self._seats:
            self._window.is_open = True
            self._env.process(self._turn())

    @unbroken()
    def fetch(self, index: int) -> Unit:
        """Bring a unit out of its crowd and into the fleet, as it is at this moment."""
        seats, now = self._seats_of(index), self._env.now
        slot = index - seats.first
        for batch in seats.crowd.advance(now, slot):
            self._launch(seats, batch)
        own = self._part(lambda flight: self._is_from(flight, seats, slot))
        landed, coming = (
            zip(*(one.split(one.at_s < now) for one in own), strict=True) if own else ((), ())
        )
        self._land(landed)
        unit = self._out[index] = seats.crowd.leave(slot, index)
        self._see_to_link(seats, slot, unit)
        self._fleet.adopt(unit)
        for at_s, _, flight, row in one_by_one(coming):
            batch = flight.batch
            self._fleet.fly(unit, batch.frame(row), at_s, batch.position(row))
        return unit

    @unbroken()
    def catch_up(self) -> None:
        """Work out all that has happened in the crowds until now."""
        now = self._env.now
        for seats in self._seats:
            for batch in seats.crowd.advance(now):
                self._launch(seats, batch)
        self._land(self._part(lambda flight: flight.at_s < now))
        self._window.let_go(now)

    def rest(self) -> None:
        """Let nobody begin a report any more; what is in the air lands."""
        self.catch_up()
        for seats in self._seats:
            seats.crowd.rest()

    @property
    def is_quiet(self) -> bool:
        """Return whether nothing of the crowds is in the air now."""
        self.catch_up()
        return not self._in_air

    def _turn(self) -> Generator[simpy.Event, object, None]:
        """Window by window: fetch the weak, let time pass, work it out, put the idle away."""
        while True:
            until_s = self._env.now + WINDOW_S
            for seats in self._seats:
                for slot in seats.crowd.endangered(until_s):
                    self.fetch(seats.first + slot)
            yield self._env.timeout(WINDOW_S)
            self.catch_up()
            self._put_away(self._env.now + WINDOW_S)

    @unbroken()
    def _put_away(self, until_s: float) -> None:
        for index, unit in list(self._out.items()):
            seats = self.at(index)
            is_done = self._fleet.is_done_with(unit) and self._gateway.is_done_with(unit.name)
            if seats is None or not is_done:
                continue
            slot = index - seats.first
            if not seats.crowd.join(slot, unit):
                continue
            if seats.crowd.endangered(until_s, slot):
                seats.crowd.forget(slot)
                continue
            self._fleet.put_away(unit)
            del self._out[index]

    def _launch(self, seats: Seats, batch: Batch) -> None:
        """Write down what was sent, and remember what will land."""
        self._fleet.frames_sent += len(batch)
        batch.tell(self._window.write_columns)
        self._in_air.append(Flight.of(seats, batch))

    def _part(self, which: Callable[[Flight], NDArray[np.bool_]]) -> list[Flight]:
        """Take copies out of the air."""
        parts = [flight.split(which(flight)) for flight in self._in_air]
        self._in_air = [staying for _, staying in parts if len(staying)]
        return [taken for taken, _ in parts if len(taken)]

    def _is_from(self, flight: Flight, seats: Seats, slot: int) -> NDArray[np.bool_]:
        is_own: NDArray[np.bool_] = flight.batch.slots[flight.rows] == slot
        return is_own if flight.seats is seats else np.zeros(len(flight), bool)

    def _land(self, flights: Iterable[Flight]) -> None:
        """Carry copies that have landed: together where their model allows it."""
        left: list[Flight] = []
        for flight in flights:
            freight, seats = flight.seats.freight, flight.seats
            if freight is None:
                left.append(flight)
            elif odd := freight.carry(flight.cargo(), seats):
                left.append(flight.take(np.array(odd)))
        for copy in one_by_one(left):
            self._carry(copy)

    def _carry(self, copy: Copy) -> None:
        """Carry one copy."""
        at_s, _, flight, row = copy
        seats, batch = flight.seats, flight.batch
        slot, frame = int(batch.slots[row]), batch.frame(row)
        linked = self._gateway.linked(frame.device)
        is_new = linked is None
        if linked is None:
            linked = self._clerk.linked(seats.crowd, slot, seats.first + slot)
        seats.remember(slot, linked)
        for told in self._express.carry(at_s, linked, frame, batch.position(row)):
            if told.status == 200:
                seats.hear(slot, told.battery_pct, at_s)
        if is_new and linked.newest is not None:
            self._gateway.add(linked)

    def _see_to_link(self, seats: Seats, slot: int, unit: Unit) -> None:
        """Let AURA know of a unit that is fetched."""
        linked = self._gateway.linked(unit.name)
        if linked is None:
            linked = self._clerk.linked(seats.crowd, slot, unit.index)
            self._gateway.add(linked)
        if not seats.is_linked[slot]:
            seats.is_linked[slot] = True
            self._clerk.link(unit, linked)
        seats.remember(slot, linked)
        health = seats.health(slot)
        if health is not None:
            self._clerk.note(linked, *health)

    def _seats_of(self, index: int) -> Seats:
        seats = self.at(index)
        if seats is None:
            message = f"Unit {index} of the fleet has no seat in a crowd."
            raise LookupError(message)
        return seats
