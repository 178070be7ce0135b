"""What goes wrong with one device: stands between the engine and its firmware.

It draws from streams keyed by the fault, the device and a count of its own, so that a fault does
not change what the device would have done without it, nor what another fault does.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from heapq import heappop, heappush
from typing import TypeVar

from simulator.device import NEVER, Firmware, Position, Press, Stimulus, Woken, moved
from simulator.device.defects import SOUND, Defects
from simulator.faults.fault import (
    Bounce,
    ClockError,
    Counting,
    Duplicate,
    Fault,
    FrozenFix,
    Miscount,
    NoFix,
    RebootLoop,
    Reorder,
    StuckButton,
    Teleport,
    WrongBattery,
)
from simulator.faults.scope import is_there
from simulator.faults.telling import Teller
from simulator.frame import Frame
from simulator.rng import Rng, Stream

_LASTING = (ClockError, WrongBattery, Miscount, NoFix, FrozenFix)
_F = TypeVar("_F", bound=Fault)


class DeviceTrouble:
    """The faults of one unit's own. Mutable: it remembers what is due and what is held back."""

    def __init__(self, unit: Firmware, rng: Rng, teller: Teller) -> None:
        self._unit = unit
        self._rng = rng
        self._teller = teller
        self._faults: tuple[Fault, ...] = ()
        self._due: list[tuple[float, int, Fault]] = []  # when a fault next does something
        self._held: list[tuple[float, int, Frame]] = []  # frames that are sent later
        self._bounces: list[tuple[float, int, Press]] = []
        self._told: set[str] = set()  # lasting faults that the journal knows to be on
        self._streams: dict[str, Stream] = {}
        self._order = 0
        self._stuck = 0

    def concern(self, faults: Sequence[Fault], now: float) -> None:
        """Let these faults, and no others, concern the unit from now on."""
        self._faults = tuple(faults)
        self._due.clear()
        for fault in self._faults:
            self._plan(fault, now)

    @property
    def unsaid(self) -> list[str]:
        """Return the presses of frames that are held back, and of a contact that bounces."""
        held = [frame.press for _, _, frame in self._held if frame.press]
        return held + [press.press for _, _, press in self._bounces]

    def wake(
        self,
        now: float,
        inbox: Sequence[Stimulus],
        firmware_wakes: Callable[[float, Sequence[Stimulus]], Woken],
    ) -> Woken:
        """Wake the firmware with what the faults make of its inbox; change what it sends."""
        for press in inbox:
            if isinstance(press, Press):
                self._bounce(now, press)
        self._unit.defects = self._defects(now)
        woken = firmware_wakes(now, [*inbox, *self._bounced(now), *self._happen(now)])
        if self._unit.is_dead:
            return self._die(woken)
        frames = [*self._overdue(now), *self._changed(now, woken.frames)]
        next_wake = min(woken.next_wake, self._next_s)
        return Woken(frames, next_wake, woken.silenced, woken.power)

    @property
    def _next_s(self) -> float:
        heaps = (self._due, self._held, self._bounces)
        return min((heap[0][0] for heap in heaps if heap), default=NEVER)

    def _plan(self, fault: Fault, now: float) -> None:
        """Plan when a fault next does something of its own accord."""
        at_s = self._teller.since_began_s(now)
        match fault:
            case StuckButton() | RebootLoop():
                next_s = at_s + fault.every_s if fault.is_on(at_s) else fault.changes_after(at_s)
                if fault.is_on(at_s) and not fault.is_on(next_s):
                    next_s = fault.changes_after(at_s)
            case _ if isinstance(fault, _LASTING):
                next_s = fault.changes_after(at_s)
            case _:
                return
        if next_s < NEVER:
            heappush(self._due, (now + next_s - at_s, self._number(), fault))

    def _happen(self, now: float) -> Iterator[Stimulus]:
        """Do what faults do of their own accord; yield what the firmware sees of it."""
        while self._due and self._due[0][0] <= now:
            _, _, fault = heappop(self._due)
            is_able = not (self._unit.is_resting or self._unit.is_dead)
            if is_able and self._is_hit(fault, now):
                if isinstance(fault, StuckButton):
                    yield self._stick(fault, now)
                elif isinstance(fault, RebootLoop):
                    self._teller.tell(fault, self._unit.name, now, "the device restarts")
                    self._unit.restart(now, keeps_count=fault.keeps_count)
            self._plan(fault, now)

    def _stick(self, fault: StuckButton, now: float) -> Press:
        self._stuck += 1
        press = f"{self._unit.name}#stuck-{self._stuck}"
        gesture = fault.gesture or self._unit.profile.behaviour.gestures[0]
        self._teller.pressed(self._unit.name, press, gesture, now, fault.title)
        self._teller.tell(fault, self._unit.name, now, "pressed by nobody", press=press)
        return Press(press, gesture)

    def _bounce(self, now: float, press: Press) -> None:
        for fault in self._of(Bounce, now):
            chance = self._stream(fault)
            if not chance.chance(fault.strength):
                continue
            what = f"{fault.times} more contacts"
            self._teller.tell(fault, self._unit.name, now, what, press=press.press)
            for _ in range(fault.times):
                at_s = now + chance.uniform(0.0, fault.within_s)
                heappush(self._bounces, (at_s, self._number(), press))

    def _bounced(self, now: float) -> Iterator[Press]:
        while self._bounces and self._bounces[0][0] <= now:
            yield heappop(self._bounces)[2]

    def _changed(self, now: float, frames: Sequence[Frame]) -> Iterator[Frame]:
        """Yield the frames that are sent now; hold others back, and plan to send some again."""
        for frame in frames:
            for twice in self._of(Duplicate, now):
                self._duplicate(twice, now, frame)
            late = self._of(Reorder, now)
            held_s = max((self._hold_s(one, now, frame) for one in late), default=0.0)
            if held_s > 0:
                heappush(self._held, (now + held_s, self._number(), frame))
            else:
                yield frame

    def _duplicate(self, fault: Duplicate, now: float, frame: Frame) -> None:
        chance = self._stream(fault)
        if not chance.chance(fault.strength):
            return
        self._tell_of(fault, now, frame, f"sent {fault.times + 1} times")
        for again in range(1, fault.times + 1):
            at_s = now + chance.uniform(*fault.after_s)
            copy = replace(frame, attempt=frame.attempt + again)
            heappush(self._held, (at_s, self._number(), copy))

    def _hold_s(self, fault: Reorder, now: float, frame: Frame) -> float:
        chance = self._stream(fault)
        if not chance.chance(fault.strength):
            return 0.0
        held_s = chance.uniform(0.0, fault.within_s)
        self._tell_of(fault, now, frame, f"held back for {held_s:.1f} s")
        return held_s

    def _overdue(self, now: float) -> Iterator[Frame]:
        while self._held and self._held[0][0] <= now:
            yield replace(heappop(self._held)[2], at_s=now)

    def _die(self, woken: Woken) -> Woken:
        """Send nothing any more: what was held back is lost with the battery."""
        self._held.clear()
        self._bounces.clear()
        self._due.clear()
        return woken

    def _defects(self, now: float) -> Defects:
        """Return what is wrong with the unit now; the journal is told of every change."""
        defects, at_s = SOUND, self._teller.since_began_s(now)
        for fault in self._faults:
            if not isinstance(fault, (*_LASTING, Teleport)):
                continue
            is_hit = self._is_hit(fault, now)
            if isinstance(fault, _LASTING):
                self._tell_change(fault, now, is_hit=is_hit)
            if is_hit:
                defects = self._with(defects, fault, at_s)
        return defects

    def _with(self, defects: Defects, fault: Fault, at_s: float) -> Defects:
        match fault:
            case ClockError():
                return replace(defects, clock_error_s=defects.clock_error_s + fault.error_s(at_s))
            case WrongBattery():
                return replace(defects, level_pct=_gauge(fault))
            case Miscount():
                return replace(defects, number=_counter(fault))
            case NoFix() | FrozenFix():
                began_s = self._teller.began_s + (fault.began_s(at_s) or 0.0)
                there = self._unit.wander.at(began_s)
                is_new = isinstance(fault, NoFix) and began_s <= self._teller.began_s
                return replace(defects, fix=lambda _now, _found: None if is_new else there)
            case Teleport():
                return replace(defects, fix=lambda now, found: self._jump(fault, now, found))
        return defects

    def _jump(self, fault: Teleport, now: float, found: Position) -> Position:
        chance = self._stream(fault)
        if not chance.chance(fault.strength):
            return found
        angle = 2.0 * math.pi * chance.random()
        self._teller.tell(fault, self._unit.name, now, f"a fix {fault.metres:.0f} m away")
        return moved(found, fault.metres * math.cos(angle), fault.metres * math.sin(angle))

    def _tell_change(self, fault: Fault, now: float, *, is_hit: bool) -> None:
        if is_hit == (fault.title in self._told):
            return
        if is_hit:
            self._told.add(fault.title)
        else:
            self._told.discard(fault.title)
        self._teller.tell(fault, self._unit.name, now, "begins" if is_hit else "is over")

    def _tell_of(self, fault: Fault, now: float, frame: Frame, what: str) -> None:
        self._teller.tell(fault, self._unit.name, now, what, press=frame.press, seq=frame.sequence)

    def _of(self, kind: type[_F], now: float) -> Iterator[_F]:
        return (f for f in self._faults if isinstance(f, kind) and self._is_hit(f, now))

    def _is_hit(self, fault: Fault, now: float) -> bool:
        if not fault.is_on(self._teller.since_began_s(now)):
            return False
        return fault.area is None or is_there(fault, self._unit.position(now))

    def _stream(self, fault: Fault) -> Stream:
        stream = self._streams.get(fault.title)
        if stream is None:
            stream = self._rng.stream(self._unit.key, f"fault {fault.title} strikes")
            self._streams[fault.title] = stream
        return stream

    def _number(self) -> int:
        self._order += 1
        return self._order


def _gauge(fault: WrongBattery) -> Callable[[float], float]:
    if fault.percent is not None:
        always = fault.percent
        return lambda _true: always
    return lambda true: true + fault.off_by


def _counter(fault: Miscount) -> Callable[[int], int]:
    """Return how a firmware that miscounts numbers its frames."""
    by = fault.by
    match fault.counts:
        case Counting.STUCK:
            return lambda _true: 1
        case Counting.SKIPS:
            return lambda true: true * by
        case Counting.WRAPS:
            return lambda true: true % by
