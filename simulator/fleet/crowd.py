"""A crowd: idle units of one model as columns of numbers, woken many at a time.

It is the same model as the firmware, not another one: battery, facts, frames and radio are those of
the full device, lent to each unit for as long as it speaks. What a crowd saves is everything that
an idle unit does not need: objects of its own, an agenda, a place in a calendar. Who has more on
its mind than the next report is taken out, and is a unit of the fleet until it is idle again.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.device import Firmware, Line, Place, Position, Speech, Wander
from simulator.device.facts import counted, facts_of
from simulator.device.idle import Idle, idle_of, resume
from simulator.device.motion import Walk
from simulator.device.reports import next_report_s
from simulator.draws import device_keys, draws, stream_keys
from simulator.fleet.telling import frame_sent, on_air
from simulator.fleet.unit import Unit
from simulator.frame import Frame, Kind
from simulator.journal import FrameSent, OnAir
from simulator.link import Passage, link_of
from simulator.link.idle import Resting, resting, rouse
from simulator.profile import POSITION, Profile
from simulator.rng import Rng, Stream, mix

KINDS = (Kind.BATTERY, Kind.HEARTBEAT, Kind.MOVE)
_HEARTBEAT, _MOVE = KINDS.index(Kind.HEARTBEAT), KINDS.index(Kind.MOVE)
_SILENT = len(KINDS)  # the line of a unit that wakes and says nothing
_IDENTITY = frozenset({"serial", "device_id"})
_LONGEST_AIR_S = 10.0  # of one frame, repetitions included
_Slots = NDArray[np.intp]


class Sent(NamedTuple):
    """A frame that a unit of a crowd sent, what its radio made of it, and how the unit was."""

    at_s: float
    slot: int
    frame: Frame
    passage: Passage
    level_pct: float
    where: Position

    def records(self) -> tuple[FrameSent, OnAir]:
        """Return what the journal says of it."""
        sent = frame_sent(self.at_s, self.frame, self.where, self.level_pct)
        return sent, on_air(self.at_s, self.frame, self.passage)


class Crowd:
    """Room for some units of one model, by their numbers; all are away until they join.

    A unit's slot is its place in `numbers`.
    """

    def __init__(
        self,
        speech: Speech,
        numbers: Sequence[int],
        rng: Rng,
        *,
        place: Place,
        epoch_s: float,
    ) -> None:
        size = len(numbers)
        self.profile: Profile = speech.profile
        self.numbers = numbers
        self._speech = speech
        self._rng = rng
        self._place = place
        self._epoch_s = epoch_s
        keys = device_keys(self.profile.name, np.array(numbers, np.uint64))
        self._keys = keys
        self._schedule = stream_keys(rng, keys, "schedule")
        self._next_s = np.full((len(KINDS), size), np.inf)
        self._drawn = np.zeros(size, np.uint32)
        self._noise = np.zeros(size, np.uint32)
        self._air = np.zeros(size, np.uint32)
        self._left_mas = np.zeros(size)
        self._since_s = np.zeros(size)
        self._last_s = np.full(size, -np.inf)
        self._sequence = np.zeros(size, np.uint32)
        self._radio_s = np.zeros((2, size))
        self._quota = np.zeros((3, size), np.uint16)
        self._told = np.zeros((2, size), bool)
        self._homes = np.zeros((2, size))
        self._is_here = np.zeros(size, bool)
        self._presses: dict[int, int] = {}  # by slot, where there were any
        self._lent = self._unit(0)
        self._periods = np.array([self._period(kind) for kind in KINDS])
        self._way = Wander(self.profile.motion, self.home(0), Stream(0))
        self._way_of = -1
        self._walks: dict[int, tuple[int, Walk]] = {}  # the latest, of units that tell of walks
        self._lines = [*(speech.line(kind) for kind in KINDS), None]
        radio = self._lent.firmware.radio
        self._is_named = radio.address is not None or radio.key is not None
        self._walk_key, self._gps_key, self._air_key = (
            rng.purpose_key(purpose) for purpose in ("walk", "gps", "air")
        )

    def join(self, slot: int, unit: Unit) -> bool:
        """Take a unit in, if it is idle; whoever gives it up may forget it."""
        idle, radio = idle_of(unit.firmware), resting(unit.link)
        if idle is None or radio is None:
            return False
        self._next_s[:, slot] = np.inf
        for at_s, kind in idle.reports:
            self._next_s[KINDS.index(kind), slot] = at_s
        self._drawn[slot], self._noise[slot], self._air[slot] = idle.drawn, idle.noise, radio.drawn
        self._left_mas[slot], self._since_s[slot] = idle.left_mas, idle.since_s
        self._last_s[slot], self._sequence[slot] = idle.last_s, idle.sequence
        self._radio_s[:, slot] = radio.first_s, radio.second_s
        self._quota[:, slot] = radio.day, radio.sent, radio.heard
        self._told[:, slot] = idle.told_low, idle.told_last
        self._way_of = -1
        self._homes[:, slot] = unit.firmware.home.latitude, unit.firmware.home.longitude
        if idle.press_count or unit.presses:
            self._presses[slot] = idle.press_count << 32 | unit.presses
        self._is_here[slot] = True
        return True

    def leave(self, slot: int, index: int) -> Unit:
        """Take a unit out: the full device, as it would be had it never been here."""
        unit = self._unit(slot)
        unit.index = index
        times = self._next_s[:, slot].tolist()
        reports = [(at_s, kind) for at_s, kind in zip(times, KINDS, strict=True) if at_s < np.inf]
        counted_presses = self._presses.pop(slot, 0)
        idle = Idle(
            reports=sorted(reports),
            drawn=int(self._drawn[slot]),
            noise=int(self._noise[slot]),
            left_mas=float(self._left_mas[slot]),
            since_s=float(self._since_s[slot]),
            sequence=int(self._sequence[slot]),
            last_s=float(self._last_s[slot]),
            press_count=counted_presses >> 32,
            told_low=bool(self._told[0, slot]),
            told_last=bool(self._told[1, slot]),
        )
        resume(unit.firmware, idle)
        rouse(unit.link, self._resting(slot))  # type: ignore[arg-type]  # only plain radios join
        unit.presses = counted_presses & 0xFFFFFFFF
        unit.next_wake = min(times)
        self._next_s[:, slot] = np.inf
        self._is_here[slot] = False
        return unit

    def advance(self, until_s: float, slot: int | None = None) -> list[Sent]:
        """Let all units, or one, live up to a time; return what they sent, in order of time."""
        among = slice(None) if slot is None else slice(slot, slot + 1)
        due: _Slots = np.flatnonzero(self._next_s[:, among].min(axis=0) < until_s) + (slot or 0)
        sent: list[Sent] = []
        while due.size:
            times = self._next_s[:, due]
            kinds, at_s = times.argmin(axis=0), times.min(axis=0)
            speaks = self._plan(due, kinds, at_s)
            woken = (part.tolist() for part in (due, np.where(speaks, kinds, _SILENT), at_s))
            for unit, kind, moment in zip(*woken, strict=True):
                one = self._wake(unit, kind, moment)
                if one is not None:
                    sent.append(one)
            due = due[self._next_s[:, due].min(axis=0) < until_s]
        sent.sort(key=_time)
        return sent

    def forget(self, slot: int) -> None:
        """Let go of a unit that is better where it was."""
        self._next_s[:, slot] = np.inf
        self._is_here[slot] = False
        self._presses.pop(slot, None)

    def endangered(self, until_s: float, slot: int | None = None) -> list[int]:
        """Return the slots whose battery may come to a warning, or to its end, before a time.

        All of them are looked at, or one.
        """
        among = slice(None) if slot is None else slice(slot, slot + 1)
        battery = self._lent.firmware.battery
        model, full_mas = self.profile.battery, battery._full_mas
        air_mas = model.air_ma * _LONGEST_AIR_S
        shortest = self._periods[self._periods < np.inf]
        lasts_s = until_s - self._since_s[among]
        frames = 2 * len(KINDS) + sum(lasts_s / (period * 0.5) for period in shortest.tolist())
        costs = lasts_s * battery._idle_ma + frames * (model.frame_mas + model.fix_mas + air_mas)
        warns = np.zeros(len(costs))
        for told, percent in zip(
            self._told[:, among], (model.low_percent, model.last_percent), strict=True
        ):
            np.maximum(warns, np.where(told, 0.0, percent / 100.0 * full_mas), out=warns)
        is_near = self._is_here[among] & (self._left_mas[among] - costs <= warns * (1.0 + 1e-9))
        return [int(near) + (slot or 0) for near in np.flatnonzero(is_near)]

    def home(self, slot: int) -> Position:
        """Return where a unit is at home."""
        return Position(float(self._homes[0, slot]), float(self._homes[1, slot]))

    def is_here(self, slot: int) -> bool:
        """Return whether a unit is in the crowd."""
        return bool(self._is_here[slot])

    def name(self, slot: int) -> str:
        """Return the name of a unit."""
        return f"{self.profile.name}/{self.numbers[slot]}"

    def rest(self) -> None:
        """Let nobody report any more."""
        self._next_s[:] = np.inf

    def _unit(self, slot: int) -> Unit:
        firmware = Firmware(
            self._speech,
            self.numbers[slot],
            self._rng,
            place=self._place,
            epoch_s=self._epoch_s,
        )
        return Unit(slot, firmware, link_of(self.profile, firmware.key, self._rng))

    def _period(self, kind: Kind) -> float:
        behaviour = self.profile.behaviour
        moving = behaviour.position_moving_s or np.inf
        period = {
            Kind.BATTERY: behaviour.report_s,
            Kind.HEARTBEAT: behaviour.heartbeat_s,
            Kind.MOVE: min(behaviour.position_s or np.inf, moving),
        }[kind]
        return period or np.inf

    def _plan(self, due: _Slots, kinds: NDArray[np.intp], at_s: NDArray[np.float64]) -> _Slots:
        """Plan what follows the reports that are due; return which of them are said at all."""
        behaviour = self.profile.behaviour
        speaks = np.ones(len(due), np.intp)
        if behaviour.heartbeat_when_idle:
            quiet_s = self._last_s[due] + (behaviour.heartbeat_s or 0.0)
            is_early = (kinds == _HEARTBEAT) & (at_s < quiet_s)
            self._next_s[_HEARTBEAT, due[is_early]] = quiet_s[is_early]
            speaks[is_early] = 0
        is_walker = (kinds == _MOVE) & bool(behaviour.position_moving_s)
        plain = np.flatnonzero((speaks == 1) & ~is_walker)
        self._next_s[kinds[plain], due[plain]] = self._after(due[plain], kinds[plain], at_s[plain])
        for one in np.flatnonzero(is_walker).tolist():
            self._plan_walk(int(due[one]), float(at_s[one]))
        return speaks

    def _after(
        self, due: _Slots, kinds: NDArray[np.intp], at_s: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return when reports that are due come again, as `reports.next_report_s` says it."""
        periods, jitter = self._periods[kinds], self.profile.behaviour.report_jitter
        if jitter:
            drawn = self._drawn[due]
            low, high = 1.0 - jitter, 1.0 + jitter
            periods = periods * (low + (high - low) * draws(self._schedule[due], drawn))
            self._drawn[due] = drawn + np.uint32(1)
        after: NDArray[np.float64] = at_s + periods
        return after

    def _plan_walk(self, slot: int, at_s: float) -> None:
        stream = Stream(int(self._schedule[slot]), int(self._drawn[slot]))
        wander = self._wander(slot)
        behaviour = self.profile.behaviour
        self._next_s[_MOVE, slot] = next_report_s(behaviour, wander, at_s, Kind.MOVE, stream)
        if wander._known is not None:
            self._walks[slot] = wander._known
        self._drawn[slot] = stream.count

    def _wander(self, slot: int) -> Wander:
        """Let the one way of the crowd be that of this unit; nothing else of it is remembered."""
        wander = self._way
        if self._way_of != slot:
            self._way_of = slot
            wander._home = self.home(slot)
            wander._chance = Stream(mix(self._walk_key + int(self._keys[slot])))
            wander._known = self._walks.get(slot)
        return wander

    def _resting(self, slot: int) -> Resting:
        first_s, second_s = self._radio_s[:, slot].tolist()
        return Resting(int(self._air[slot]), first_s, second_s, *self._quota[:, slot].tolist())

    def _wake(self, slot: int, kind: int, at_s: float) -> Sent | None:
        """Wake one unit for a report: the device that is lent to it does what a device does."""
        line = self._lines[kind]
        unit = self._lend(slot, line)
        firmware, battery = unit.firmware, unit.firmware.battery
        battery.rest_until(at_s)
        sent = None
        if line is not None:
            facts = facts_of(firmware, at_s, line.facts, "") if line.facts else {}
            sequence = int(self._sequence[slot])
            if line.counts:
                facts |= counted(sequence, self._epoch_s + at_s, line.counts)
            payload = line.payload(facts, firmware.radio)
            battery.spend_frame()
            radio = firmware.radio
            frame = Frame(
                firmware.name, sequence, line.kind, payload, at_s, None, line.port, 1, radio.address
            )
            where, level = firmware.position(at_s), battery.level_pct
            passage = unit.link.send(at_s, frame, where)
            battery.spend_air(passage.air_s)
            self._sequence[slot] = sequence + 1
            self._last_s[slot] = at_s
            self._take_back(slot, unit)
            if line.facts & POSITION:
                self._noise[slot] = firmware.noise.count
            sent = Sent(at_s, slot, frame, passage, level, where)
        self._left_mas[slot], self._since_s[slot] = battery._left_mas, at_s
        return sent

    def _lend(self, slot: int, line: Line | None) -> Unit:
        """Let the one device of the crowd be this unit for a moment, to say a line."""
        unit, key, number = self._lent, int(self._keys[slot]), self.numbers[slot]
        firmware = unit.firmware
        battery = firmware.battery
        battery._left_mas = float(self._left_mas[slot])
        battery._since_s = float(self._since_s[slot])
        if line is None:
            return unit
        firmware.number, firmware.key = number, key
        firmware.name = f"{self.profile.name}/{number}"
        if self._is_named or line.facts & _IDENTITY:
            identity = self.profile.identity
            firmware.serial = identity.serial_of(number)
            firmware.device_id = identity.device_id.derive(firmware.serial)
            firmware.radio = self._speech.radio(firmware.serial, number)
        firmware.wander = self._wander(slot)
        if line.facts & POSITION:
            firmware.noise = Stream(mix(self._gps_key + key), int(self._noise[slot]))
        firmware.press_count = self._presses[slot] >> 32 if slot in self._presses else 0
        unit.link._air = Stream(mix(self._air_key + key))  # type: ignore[attr-defined]  # plain
        rouse(unit.link, self._resting(slot))  # type: ignore[arg-type]  # a plain radio
        return unit

    def _take_back(self, slot: int, unit: Unit) -> None:
        radio = resting(unit.link)
        assert radio is not None  # noqa: S101 - no frame of a crowd asks for an answer
        self._air[slot] = radio.drawn
        self._radio_s[:, slot] = radio.first_s, radio.second_s
        self._quota[:, slot] = radio.day, radio.sent, radio.heard


def _time(sent: Sent) -> float:
    return sent.at_s
