"""The idle units of a run in crowds: put away, fetched when somebody acts, and put away again.

In virtual time nobody waits for an idle report. So a window of time is let pass, and is then worked
out for a whole crowd: what was sent, what arrived, what AURA answered, each at its own time. A unit
that is fetched in the middle of a window is brought to that moment first.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Generator
from itertools import count
from typing import NamedTuple, Protocol

import numpy as np
import simpy

from simulator.device import PowerOn
from simulator.fleet import Crowd, Fleet, Sent, Unit
from simulator.gateway import Express, Gateway, LinkedDevice
from simulator.run.window import Window

WINDOW_S = 900.0
_NOT_TOLD = -1


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


class _Seats:
    """A crowd, where its first unit stands in the fleet, and what AURA was told of each."""

    def __init__(self, crowd: Crowd, first: int) -> None:
        size = len(crowd.numbers)
        self.crowd = crowd
        self.first = first
        self.level_pct = np.full(size, _NOT_TOLD, np.int16)
        self.told_s = np.full(size, np.nan)
        self.is_linked = np.zeros(size, bool)


class _Landing(NamedTuple):
    """A frame in the air: when it lands; `order` keeps equal times in the order of sending."""

    at_s: float
    order: int
    place: int  # of the unit in the fleet
    seats: _Seats
    sent: Sent


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
        self._seats: list[_Seats] = []
        self._begins: list[int] = []
        self._in_air: list[_Landing] = []
        self._order = count()
        self._out: dict[int, Unit] = {}  # units that have a seat, and are in the fleet
        self.members = 0
        fleet.fetch = self.fetch

    def open(self, crowd: Crowd, first: int) -> None:
        """Make room for units whose places in the fleet begin at `first`; spans come in order."""
        self._seats.append(_Seats(crowd, first))
        self._begins.append(first)

    def has_room(self, index: int) -> bool:
        """Return whether the unit of a place has a seat in a crowd."""
        return self._find(index) is not None

    def enlist(self, unit: Unit, delay_s: float) -> bool:
        """Take a new unit that is switched on after a delay, warm; false where it has more to do.

        A unit that is not taken has been switched on all the same: make it anew.
        """
        seats = self._find(unit.index)
        if seats is None:
            return False
        woken = unit.firmware.wake(self._env.now + delay_s, (PowerOn(cold=False),))
        if woken.frames or woken.silenced or woken.power:
            return False
        is_taken = seats.crowd.join(unit.index - seats.first, unit)
        self.members += is_taken
        return is_taken

    def begin(self) -> None:
        """Let the crowds live from now on."""
        if self._seats:
            self._window.is_open = True
            self._env.process(self._turn())

    def fetch(self, index: int) -> Unit:
        """Bring a unit out of its crowd and into the fleet, as it is at this moment."""
        seats, now = self._seats_of(index), self._env.now
        slot = index - seats.first
        self._launch(seats, seats.crowd.advance(now, slot))
        own = sorted(landing for landing in self._in_air if landing.place == index)
        self._in_air = [landing for landing in self._in_air if landing.place != index]
        self._land([landing for landing in own if landing.at_s < now])
        unit = self._out[index] = seats.crowd.leave(slot, index)
        self._see_to_link(seats, slot, unit)
        self._fleet.adopt(unit)
        for landing in own:
            if landing.at_s >= now:
                sent = landing.sent
                self._fleet.fly(unit, sent.frame, landing.at_s, sent.passage.position)
        return unit

    def catch_up(self) -> None:
        """Work out all that has happened in the crowds until now."""
        now = self._env.now
        for seats in self._seats:
            self._launch(seats, seats.crowd.advance(now))
        self._in_air.sort()
        landed = bisect_left(self._in_air, now, key=_time)
        due, self._in_air = self._in_air[:landed], self._in_air[landed:]
        self._land(due)  # nothing lands twice, even if Ctrl-C comes in between
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

    def _put_away(self, until_s: float) -> None:
        for index, unit in list(self._out.items()):
            seats = self._find(index)
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

    def _launch(self, seats: _Seats, sent: list[Sent]) -> None:
        """Write down what was sent, and remember what will land."""
        self._fleet.frames_sent += len(sent)
        write, in_air, order = self._window.write, self._in_air, self._order
        for one in sent:
            for record in one.records():
                write(record)
            for at_s in one.passage.arrivals_s:
                in_air.append(_Landing(at_s, next(order), seats.first + one.slot, seats, one))

    def _land(self, landed: list[_Landing]) -> None:
        """Carry frames that have landed, in the order of time."""
        for at_s, _, index, seats, sent in landed:
            slot = index - seats.first
            linked = self._gateway.linked(sent.frame.device)
            is_new = linked is None
            if linked is None:
                linked = self._clerk.linked(seats.crowd, slot, index)
            for told in self._express.carry(at_s, linked, sent.frame, sent.passage.position):
                self._hear(seats, slot, told.battery_pct, told.status, at_s)
            if is_new and linked.newest is not None:
                self._gateway.add(linked)

    def _hear(
        self, seats: _Seats, slot: int, level_pct: int | None, status: int, at_s: float
    ) -> None:
        """Remember the health that AURA was told, for when it makes a row of the unit."""
        if status != 200:
            return
        seats.told_s[slot] = at_s
        if level_pct is not None:
            seats.level_pct[slot] = level_pct

    def _see_to_link(self, seats: _Seats, slot: int, unit: Unit) -> None:
        """Let AURA know of a unit that is fetched."""
        linked = self._gateway.linked(unit.name)
        if linked is None:
            linked = self._clerk.linked(seats.crowd, slot, unit.index)
            self._gateway.add(linked)
        if not seats.is_linked[slot]:
            seats.is_linked[slot] = True
            self._clerk.link(unit, linked)
        if not np.isnan(seats.told_s[slot]):
            level = int(seats.level_pct[slot])
            told = None if level == _NOT_TOLD else level
            self._clerk.note(linked, told, float(seats.told_s[slot]))

    def _seats_of(self, index: int) -> _Seats:
        seats = self._find(index)
        if seats is None:
            message = f"Unit {index} of the fleet has no seat in a crowd."
            raise LookupError(message)
        return seats

    def _find(self, index: int) -> _Seats | None:
        at = bisect_right(self._begins, index) - 1
        seats = self._seats[at] if at >= 0 else None
        if seats is None or index >= seats.first + len(seats.crowd.numbers):
            return None
        return seats


def _time(landing: _Landing) -> float:
    return landing.at_s
