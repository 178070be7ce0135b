"""A crowd: idle units of one model as columns of numbers, woken many at a time.

It is the same model as the firmware, not another one: the two are compared frame by frame. What a
crowd saves is everything that an idle unit does not need: objects of its own, an agenda, a place in
a calendar. Who has more on its mind than the next report is taken out, and is a unit of the fleet
until it is idle again.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.device import Firmware, Place, Position, Speech
from simulator.device.idle import idle_of, resume
from simulator.device.reckoning import is_low, level_pct
from simulator.device.reports import NOTICE_S
from simulator.device.walks import Walks, homes, spots
from simulator.draws import Floats, draws
from simulator.fleet.batch import Batch
from simulator.fleet.state import KINDS, Slots, State
from simulator.fleet.unit import Unit
from simulator.fleet.voices import Voices
from simulator.frame import Kind
from simulator.link import link_of
from simulator.link.idle import resting, rouse
from simulator.profile import Profile
from simulator.rng import Rng

_HEARTBEAT, _MOVE = KINDS.index(Kind.HEARTBEAT), KINDS.index(Kind.MOVE)
_LONGEST_AIR_S = 10.0  # of one frame, repetitions included


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
        self.profile: Profile = speech.profile
        self.numbers = numbers
        self._speech = speech
        self._rng = rng
        self._place = place
        self._epoch_s = epoch_s
        self._state = State(self.profile, numbers, rng)
        self._presses: dict[int, int] = {}  # of their people, by slot, where there were any
        some = self._unit(0)
        self._battery = some.firmware.battery
        self._voices = Voices(self._state, some, speech, epoch_s)
        behaviour = self.profile.behaviour
        still = behaviour.report_s, behaviour.heartbeat_s, behaviour.position_s
        self._still = np.array([period or np.inf for period in still])
        self._periods = self._still.copy()
        self._periods[_MOVE] = min(self._still[_MOVE], behaviour.position_moving_s or np.inf)

    def settle(self, on_s: Floats, may_join: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Let units join that are switched on, warm, at a time each.

        Returns which have joined: those that may, and do nothing but wait for their first report.
        """
        state, model = self._state, self.profile.battery
        everyone = np.arange(len(self.numbers))
        state.homes[:] = spots(*homes(self._place, state.streams(everyone, "home")))
        low, high = model.initial_percent
        percent = low + (high - low) * draws(state.streams(everyone, "battery"), 0)
        full_mas, idle_ma = self._battery.full_mas, self._battery.idle_ma
        made_mas = full_mas * percent / 100.0
        left_mas = made_mas - on_s * idle_ma
        told, warns = (
            np.array([is_low(model, level), level < model.last_percent])
            for level in (level_pct(full_mas, made_mas), level_pct(full_mas, left_mas))
        )
        next_s, drawn = self._first_reports(on_s)
        is_idle: NDArray[np.bool_] = (left_mas > 0.0) & ~(warns & ~told).any(axis=0)
        is_idle &= (next_s.min(axis=0) > on_s) & may_join
        state.next_s[:] = np.where(is_idle, next_s, np.inf)
        state.drawn[:], state.left_mas[:], state.since_s[:] = drawn, left_mas, on_s
        state.told[:], state.is_here[:] = told, is_idle
        return is_idle

    def join(self, slot: int, unit: Unit) -> bool:
        """Take a unit in, if it is idle; whoever gives it up may forget it."""
        idle, radio = idle_of(unit.firmware), resting(unit.link)
        if idle is None or radio is None:
            return False
        home = unit.firmware.home
        self._state.put(slot, idle, radio, (home.latitude, home.longitude))
        if unit.presses:
            self._presses[slot] = unit.presses
        return True

    def leave(self, slot: int, index: int) -> Unit:
        """Take a unit out: the full device, as it would be had it never been here."""
        unit = self._unit(slot)
        unit.index = index
        rouse(unit.link, self._state.resting(slot))  # type: ignore[arg-type]  # only plain radios join
        idle = self._state.take(slot)
        resume(unit.firmware, idle)
        unit.presses = self._presses.pop(slot, 0)
        unit.next_wake = min((at_s for at_s, _ in idle.reports), default=np.inf)
        return unit

    def forget(self, slot: int) -> None:
        """Let go of a unit that is better where it was."""
        self._state.drop(slot)
        self._presses.pop(slot, None)

    def rest(self) -> None:
        """Let nobody report any more."""
        self._state.next_s[:] = np.inf

    def advance(self, until_s: float, slot: int | None = None) -> list[Batch]:
        """Let all units, or one, live up to a time; return what they sent."""
        state = self._state
        among = slice(None) if slot is None else slice(slot, slot + 1)
        due: Slots = np.flatnonzero(state.earliest_s(among) < until_s) + (slot or 0)
        sent: list[Batch] = []
        while due.size:
            times = state.next_s[:, due]
            kinds, at_s = times.argmin(axis=0), times.min(axis=0)
            walks = self._voices.walks(due, at_s)
            speaks = self._plan(due, kinds, at_s, walks)
            sent += self._voices.wake(due, np.where(speaks, kinds, -1), at_s, walks)
            due = due[state.earliest_s(due) < until_s]
        return sent

    def endangered(self, until_s: float, slot: int | None = None) -> list[int]:
        """Return the slots whose battery may come to a warning, or to its end, before a time.

        All of them are looked at, or one.
        """
        state, model = self._state, self.profile.battery
        among = slice(None) if slot is None else slice(slot, slot + 1)
        full_mas, air_mas = self._battery.full_mas, model.air_ma * _LONGEST_AIR_S
        shortest = self._periods[self._periods < np.inf]
        lasts_s = until_s - state.since_s[among]
        frames = 2 * len(KINDS) + sum(lasts_s / (period * 0.5) for period in shortest.tolist())
        once_mas = model.frame_mas + model.fix_mas + air_mas
        costs = lasts_s * self._battery.idle_ma + frames * once_mas
        warns = np.zeros(len(costs))
        for told, percent in zip(
            state.told[:, among], (model.low_percent, model.last_percent), strict=True
        ):
            np.maximum(warns, np.where(told, 0.0, percent / 100.0 * full_mas), out=warns)
        is_near = state.is_here[among] & (state.left_mas[among] - costs <= warns * (1.0 + 1e-9))
        return [int(near) + (slot or 0) for near in np.flatnonzero(is_near)]

    def home(self, slot: int) -> Position:
        """Return where a unit is at home."""
        latitude, longitude, _ = self._state.homes[:, slot].tolist()
        return Position(latitude, longitude)

    @property
    def device_ids(self) -> Sequence[str]:
        """Return what AURA calls the units."""
        return self._state.device_ids

    def homes(self, slots: slice) -> tuple[Floats, Floats]:
        """Return the latitudes and longitudes of the homes of units."""
        return self._state.homes[0, slots], self._state.homes[1, slots]

    def draw(self, purpose: str, count: int = 0) -> Floats:
        """Return a draw of each unit for a purpose, from [0, 1)."""
        return draws(self._state.streams(np.arange(len(self.numbers)), purpose), count)

    def is_here(self, slot: int) -> bool:
        """Return whether a unit is in the crowd."""
        return bool(self._state.is_here[slot])

    def name(self, slot: int) -> str:
        """Return the name of a unit."""
        return f"{self.profile.name}/{self.numbers[slot]}"

    def _unit(self, slot: int) -> Unit:
        firmware = Firmware(
            self._speech,
            self.numbers[slot],
            self._rng,
            place=self._place,
            epoch_s=self._epoch_s,
        )
        return Unit(slot, firmware, link_of(self.profile, firmware.key, self._rng))

    def _first_reports(self, now: Floats) -> tuple[Floats, int]:
        """Return when each report comes first, as `first_reports` does, and its draws."""
        behaviour, keys = self.profile.behaviour, self._state.schedule
        next_s, drawn = np.full((len(KINDS), len(now)), np.inf), 0
        for kind, period in enumerate(self._still.tolist()):
            if period < np.inf:
                next_s[kind] = now + period * draws(keys, drawn)
                drawn += 1
        if not behaviour.position_s and behaviour.position_moving_s:
            walks = self._voices.walks(np.arange(len(now)), now)
            next_s[_MOVE] = walks.changes_after() + NOTICE_S
        return next_s, drawn

    def _plan(
        self, due: Slots, kinds: NDArray[np.intp], at_s: Floats, walks: Walks
    ) -> NDArray[np.bool_]:
        """Plan what follows the reports that are due; return which of them are said at all."""
        state, behaviour = self._state, self.profile.behaviour
        speaks = np.ones(len(due), bool)
        if behaviour.heartbeat_when_idle:
            quiet_s = state.last_s[due] + (behaviour.heartbeat_s or 0.0)
            is_early = (kinds == _HEARTBEAT) & (at_s < quiet_s)
            state.next_s[_HEARTBEAT, due[is_early]] = quiet_s[is_early]
            speaks &= ~is_early
        after_s = self._after(due, kinds, at_s, speaks)
        if behaviour.position_moving_s:
            soon_s = np.where(walks.is_moving, at_s + behaviour.position_moving_s, after_s)
            soon_s = np.minimum(soon_s, walks.changes_after() + NOTICE_S)
            after_s = np.where(kinds == _MOVE, soon_s, after_s)
        state.next_s[kinds[speaks], due[speaks]] = after_s[speaks]
        return speaks

    def _after(
        self, due: Slots, kinds: NDArray[np.intp], at_s: Floats, speaks: NDArray[np.bool_]
    ) -> Floats:
        """Return when reports come again to a unit at rest, as `reports.next_report_s` says it."""
        state, jitter = self._state, self.profile.behaviour.report_jitter
        periods = self._still[kinds]
        if jitter:
            drawn = state.drawn[due]
            low, high = 1.0 - jitter, 1.0 + jitter
            periods = periods * (low + (high - low) * draws(state.schedule[due], drawn))
            state.drawn[due] = drawn + speaks.astype(np.uint32)
        after_s: Floats = at_s + periods
        return after_s
