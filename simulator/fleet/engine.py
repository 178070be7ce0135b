"""The SimPy engine: wakes devices when they are due and carries their frames to the gateway.

Idle devices cost nothing: one calendar (a heap of who is due when) holds them all, and one SimPy
timeout is armed for its earliest entry. What happens at the same moment happens in the order of the
units, so a run can be repeated byte for byte.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush
from itertools import count
from typing import Protocol

import simpy

from simulator.device import (
    NEVER,
    Act,
    ActKind,
    CancelGesture,
    Code,
    PowerOn,
    Press,
    Reply,
    Stimulus,
)
from simulator.faults import Tampering
from simulator.fleet.moments import at
from simulator.fleet.telling import frame_sent, on_air
from simulator.fleet.unit import Unit
from simulator.frame import Frame
from simulator.journal import (
    Journal,
    PowerChanged,
    Pressed,
    Regretted,
    Replied,
    Silent,
)
from simulator.link import CoarsePosition
from simulator.profile import CancelSource


class Outside(Protocol):
    """What lies beyond the radio: the gateway, and the operator people call."""

    def receive(self, device: str, frame: Frame, position: CoarsePosition | None) -> bytes | None:
        """Take a frame that arrived; return the server's reply to the device, if it gives one."""
        ...

    def cancel(self, device: str, press: str, code: Code | None = None) -> None:
        """Take the call of a person who no longer needs help, or the safe code of their app."""
        ...


class Fleet:
    """Units on one environment. Switch units on, let people act, and turn the environment."""

    def __init__(self, env: simpy.Environment, journal: Journal, outside: Outside) -> None:
        self._env = env
        self._journal = journal
        self._outside = outside
        self._calendar: list[tuple[float, int, int, Act | None]] = []
        self._begun: Counter[int] = Counter()  # frames and replies on their way, by unit
        self.fetch: Callable[[int], Unit] | None = None  # brings a unit that was put away
        self._order = count()
        self._armed_s = NEVER
        self._flying: dict[int, Frame] = {}
        self._speaking: set[int] = set()
        self._resting = False
        self.tampering: Tampering | None = None
        self._by_index: dict[int, Unit] = {}
        self.frames_sent = 0
        self.presses = 0

    def add(self, unit: Unit) -> None:
        """Take a unit into the fleet; it does nothing until it is switched on."""
        self._by_index[unit.index] = unit

    @property
    def units(self) -> list[Unit]:
        """Return the units that are in the fleet now, those that came first first."""
        return list(self._by_index.values())

    def __len__(self) -> int:
        return len(self._by_index)

    def is_done_with(self, unit: Unit) -> bool:
        """Return whether nothing of a unit is on its way."""
        return not self._begun[unit.index] and unit.index not in self._speaking

    def put_away(self, unit: Unit) -> None:
        """Let go of a unit; an act of its person fetches it again."""
        del self._by_index[unit.index]
        del self._begun[unit.index]

    def adopt(self, unit: Unit) -> None:
        """Take a unit into the fleet that is switched on, and goes on from where it is."""
        self.add(unit)
        if unit.next_wake < NEVER:
            self._enter(unit.next_wake, unit.index)

    def switch_on(self, unit: Unit, delay_s: float = 0.0, *, cold: bool = True) -> None:
        """Switch a unit on after a delay; one that is not `cold` has logged in long ago."""
        self._after(delay_s, lambda: self.stimulate(unit, PowerOn(cold)))

    def plan(self, unit: Unit, act: Act) -> None:
        """Let the person of a unit do something at a time to come."""
        self.plan_for(unit.index, act)

    def plan_for(self, index: int, act: Act) -> None:
        """Let the person of a unit that may be put away do something at a time to come."""
        self._enter(act.at_s, index, act)

    def press(self, unit: Unit, gesture: str, cause: str | None = None) -> str:
        """Press now; return the name under which the press is accounted for."""
        unit.presses += 1
        self.presses += 1
        name, now = unit.press_name(), self._env.now
        record = Pressed(t=now, press=name, device=unit.name, gesture=gesture, cause=cause)
        self._journal.write(record)
        self.stimulate(unit, Press(name, gesture))
        return name

    def regret(self, unit: Unit, code: Code | None = None) -> None:
        """Let the person take the latest press back, in the way that this device offers.

        A device may end an emergency by a gesture and tell nobody: then the operator is told too.
        With a safe code it is done in AURA's app, and the device knows nothing of it.
        """
        source = unit.firmware.profile.behaviour.cancel_source
        if not unit.presses or (source is CancelSource.NONE and code is None):
            return
        name = unit.press_name()
        if code is not None:
            by = f"{code} safe code"
            self._journal.write(Regretted(t=self._env.now, press=name, device=unit.name, by=by))
            self._outside.cancel(unit.name, name, code)
            return
        record = Regretted(t=self._env.now, press=name, device=unit.name, by=source.value)
        self._journal.write(record)
        self.stimulate(unit, CancelGesture(name))
        if source is not CancelSource.NATIVE:
            self._outside.cancel(unit.name, name)

    def stimulate(self, unit: Unit, *stimuli: Stimulus) -> None:
        """Wake a unit now with something in its inbox."""
        self._wake(unit, stimuli)

    def transmit(self, unit: Unit, frame: Frame) -> None:
        """Let a unit's radio send a frame that its firmware did not make."""
        self._launch(unit, frame)

    def hear(self, unit: Unit, sequence: int, reply: bytes) -> None:
        """Let the server's reply to a frame travel back to a unit, unless the radio loses it."""
        at_s = unit.link.reply(self._env.now)
        self._journal.write(
            Replied(
                t=self._env.now,
                device=unit.name,
                seq=sequence,
                hex=reply.hex(),
                lost=at_s is None,
            )
        )
        if at_s is not None:
            heard = Reply(sequence, reply)
            self._begin(unit, at_s, lambda: self.stimulate(unit, heard))

    def rest(self) -> None:
        """Begin nothing new: people stop acting, devices stop reporting; finish what is begun."""
        self._resting = True
        for unit in self._by_index.values():
            unit.firmware.rest()

    @property
    def is_quiet(self) -> bool:
        """Return whether no press is on its way and no frame is in the air."""
        return not self._flying and not self._speaking

    def unfinished(self) -> Iterator[tuple[str, str, str]]:
        """Yield what is on its way: (press, device, where)."""
        for frame in self._flying.values():
            if frame.press:
                yield frame.press, frame.device, "air"
        for index in sorted(self._speaking):
            unit = self._by_index[index]
            for press in unit.firmware.unsaid:
                yield press, unit.name, "device"

    def _enter(self, at_s: float, index: int, act: Act | None = None) -> None:
        heappush(self._calendar, (at_s, index, next(self._order), act))
        if at_s < self._armed_s:
            self._arm(at_s)

    def _arm(self, at_s: float) -> None:
        self._armed_s = at_s
        at(self._env, at_s, lambda: self._turn(at_s))

    def _turn(self, armed_s: float) -> None:
        """Do all that is due. An alarm that was overtaken by an earlier one does nothing."""
        if armed_s != self._armed_s:
            return
        now = self._env.now
        while self._calendar and self._calendar[0][0] <= now:
            at_s, index, _, act = heappop(self._calendar)
            unit = self._by_index.get(index)
            if act is not None:
                self._act(unit or self._fetched(index), act)
            elif unit and at_s == unit.next_wake:  # else it has been woken since, and plans anew
                self._wake(unit, ())
        self._armed_s = NEVER
        if self._calendar:
            self._arm(self._calendar[0][0])

    def _fetched(self, index: int) -> Unit | None:
        return self.fetch(index) if self.fetch and not self._resting else None

    def _act(self, unit: Unit | None, act: Act) -> None:
        if self._resting or unit is None:
            return
        if act.kind is ActKind.PRESS:
            self.press(unit, act.gesture, act.cause)
        else:
            self.regret(unit, act.code)

    def _wake(self, unit: Unit, inbox: Sequence[Stimulus]) -> None:
        firmware = unit.firmware
        woken = firmware.wake(self._env.now, inbox)
        if woken.power:
            now = self._env.now
            self._journal.write(PowerChanged(t=now, device=unit.name, what=woken.power))
        for press, reason in woken.silenced:
            silent = Silent(t=self._env.now, device=unit.name, press=press, reason=reason)
            self._journal.write(silent)
        for frame in woken.frames:
            self._send(unit, frame)
        unit.next_wake = woken.next_wake
        if woken.next_wake < NEVER:
            self._enter(woken.next_wake, unit.index)
        if firmware.unsaid:
            self._speaking.add(unit.index)
        else:
            self._speaking.discard(unit.index)

    def _send(self, unit: Unit, frame: Frame) -> None:
        """Send what the firmware says, or what tampering makes of it."""
        mutant = self.tampering.mutant(unit.firmware, frame) if self.tampering else None
        if mutant is None or mutant.after_s:
            self._launch(unit, frame)
        if mutant is None:
            return
        made, what = mutant.frame, f"{mutant.mutation}: {mutant.note}"
        if mutant.after_s:
            self._after(mutant.after_s, lambda: self._replay(unit, made, what))
        else:
            self._launch(unit, made, what)

    def _replay(self, unit: Unit, frame: Frame, what: str) -> None:
        if not unit.firmware.is_dead:  # a dead device that is heard would be a fault of the run
            self._launch(unit, frame, what)

    def _launch(self, unit: Unit, frame: Frame, mutation: str | None = None) -> None:
        """Hand a frame to the radio, and plan the arrival of each copy."""
        now = self._env.now
        self.frames_sent += 1
        where = unit.firmware.position(now)
        level_pct = unit.firmware.battery.level_pct
        self._journal.write(frame_sent(now, frame, where, level_pct, mutation))
        passage = unit.link.send(now, frame, where)
        unit.firmware.battery.spend_air(passage.air_s)
        self._journal.write(on_air(now, frame, passage))
        for at_s in passage.arrivals_s:
            self.fly(unit, frame, at_s, passage.position)

    def fly(self, unit: Unit, frame: Frame, at_s: float, position: CoarsePosition | None) -> None:
        """Let a frame of a unit arrive at a time."""
        flight = next(self._order)
        self._flying[flight] = frame

        def land() -> None:
            del self._flying[flight]
            self._arrive(unit, frame, position)

        self._begin(unit, at_s, land)

    def _arrive(self, unit: Unit, frame: Frame, position: CoarsePosition | None) -> None:
        reply = self._outside.receive(unit.name, frame, position)
        if reply is None and unit.firmware.is_network_acked:
            reply = b""
        if reply is not None:
            self.hear(unit, frame.sequence, reply)

    def _begin(self, unit: Unit, at_s: float, ends: Callable[[], None]) -> None:
        """Let something of a unit end at a time; until then nothing is done with it."""
        self._begun[unit.index] += 1

        def end() -> None:
            self._begun[unit.index] -= 1
            ends()

        at(self._env, at_s, end)

    def _after(self, delay_s: float, happening: Callable[[], None]) -> None:
        at(self._env, self._env.now + max(0.0, delay_s), happening)
