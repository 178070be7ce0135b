"""All faults of a run: who is concerned, from the beginning or from a moment on."""

from collections.abc import Callable, Iterable

import msgspec

from simulator.clock import Duration
from simulator.device import Firmware
from simulator.device.written import written
from simulator.errors import InputError
from simulator.faults.fault import Fault, HalfOpen
from simulator.faults.scope import FaultError, clash, concerns
from simulator.faults.telling import Teller
from simulator.faults.trouble import DeviceTrouble
from simulator.faults.way import FaultyLink
from simulator.journal import FaultPlanned, Record
from simulator.link import Link
from simulator.profile import CellularLink, DirectLink
from simulator.rng import Rng, Stream


class NoSuchFaultError(InputError):
    """A fault that is to end is not there."""


class FaultPlan:
    """The faults of a run. Mutable: faults come and go while it runs.

    `equip` a unit when it is made; `begin` when the fleet is switched on. What a fault does is
    written by `write`, as records of the journal.
    """

    def __init__(self, rng: Rng, write: Callable[[Record], None]) -> None:
        self._rng = rng
        self._write = write
        self._teller = Teller(write)
        self._faults: dict[str, Fault] = {}
        self._ways: dict[str, FaultyLink] = {}  # by device; something else may be around them

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Return the faults that are planned or there, in the order of their coming."""
        return tuple(self._faults.values())

    def begin(self, faults: Iterable[Fault], now: float) -> None:
        """Take the faults of a run, whose times count from now."""
        self._teller.began_s = now
        for fault in faults:
            self._take(fault, now, "run file")

    def add(self, fault: Fault, now: float, by: str = "control") -> Fault:
        """Take one more fault, whose times count from now; return it as it is then known.

        Raises `FaultError` where it contradicts one that is there. Equip the units again.
        """
        began_s = self._teller.began_s if self._teller.began_s <= now else now
        self._teller.began_s = began_s
        shifted = shift(fault, now - began_s)
        for other in self._faults.values():
            if other.changes_after(now - began_s) < float("inf") or other.is_on(now - began_s):
                clash(other, shifted)
        if shifted.title in self._faults:
            message = f"a fault called '{shifted.title}' is there; give this one another name"
            raise FaultError(message, key="name")
        self._take(shifted, now, by)
        return shifted

    def remove(self, title: str, now: float, by: str = "control") -> Fault:
        """Let a fault end now; raise `NoSuchFaultError`. Equip the units again."""
        fault = self._faults.pop(title, None)
        if fault is None:
            there = ", ".join(self._faults) or "none"
            message = f"There is no fault '{title}'. There are: {there}."
            raise NoSuchFaultError(message)
        self._write(FaultPlanned(t=now, fault=title, kind=fault.kind, by=by, ends=True))
        return fault

    def concerned(self, unit: Firmware) -> tuple[Fault, ...]:
        """Return the faults that may at some time and place concern a unit."""
        return tuple(
            fault
            for fault in self._faults.values()
            if _is_possible(fault, unit) and concerns(fault, unit, self._rng)
        )

    def equip(self, unit: Firmware, link: Link, now: float) -> Link:
        """Let the faults that there are concern a unit; return the link that it has then."""
        mine = self.concerned(unit)
        of_device = [fault for fault in mine if not fault.is_of_link]
        of_link = [fault for fault in mine if fault.is_of_link]
        if unit.trouble is None and of_device:
            unit.trouble = DeviceTrouble(unit, self._rng, self._teller)
        if isinstance(unit.trouble, DeviceTrouble):
            unit.trouble.concern(of_device, now)
        way = self._ways.get(unit.name)
        if way is None and of_link:
            way = FaultyLink(link, unit.name, self._strikes(unit), self._teller)
            way.resends = unit.profile.behaviour.resends
            self._ways[unit.name] = link = way
        if way is not None:
            way.concern(of_link)
        return link

    def _take(self, fault: Fault, now: float, by: str) -> None:
        self._faults[fault.title] = fault
        table = written(fault, float)
        self._write(FaultPlanned(t=now, fault=fault.title, kind=fault.kind, by=by, table=table))

    def _strikes(self, unit: Firmware) -> Callable[[str], Stream]:
        return lambda title: self._rng.stream(unit.key, f"fault {title} strikes")


def shift(fault: Fault, by_s: float) -> Fault:
    """Return a fault that is so much later."""
    to_s = None if fault.to_s is None else Duration(fault.to_s + by_s)
    return msgspec.structs.replace(fault, from_s=Duration(fault.from_s + by_s), to_s=to_s)


def _is_possible(fault: Fault, unit: Firmware) -> bool:
    """Return whether a unit can have a fault: only what keeps a connection can have a dead one."""
    is_connected = isinstance(unit.profile.link, CellularLink | DirectLink)
    return is_connected or not isinstance(fault, HalfOpen)
