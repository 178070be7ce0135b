"""A day of a fleet as a workload of its own: who does what when, without frames and radios.

Every device reports every six hours; every tenth is a tracker that moves every five minutes for
eight hours; all press now and then, and some take it back. It is what the fleet engine is measured
with, and what it is checked with against a plain process a device.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import simpy

from simulator.draws import Floats, Keys, device_keys, draws, stream_keys
from simulator.fleet import Calendar, Rhythm, Rhythms, Shard, Sink, each
from simulator.fleet.calendar import WINDOW_S
from simulator.fleet.population import Beat
from simulator.rng import Rng, Stream, device_key

DAY_S = 86_400.0
MODEL = "day"
TRACKERS = 10  # every so many


class Act(IntEnum):
    """What a device or its person does."""

    REPORT = 0
    MOVE = 1
    PRESS = 2
    CANCEL = 3


@dataclass(frozen=True, slots=True)
class Habits:
    """The periods of the day, in seconds, and the shares."""

    report_s: float = 21_600.0
    move_s: float = 300.0
    jitter: float = 0.1
    active_s: float = 28_800.0
    wakes_s: tuple[float, float] = (21_600.0, 36_000.0)
    press_s: float = DAY_S * 1000  # the mean time between two calls for help of one device
    cancel_share: float = 0.3
    cancel_after_s: tuple[float, float] = (5.0, 30.0)
    talk_s: float = 60.0  # how long a device is in conversation after a press
    lasts_s: float = DAY_S  # nobody presses later

    def streams(self, rng: Rng, device: int) -> dict[str, Stream]:
        """Return the streams of one device by purpose."""
        key = device_key(MODEL, device)
        names = ("report", "move", "wake", "press", "cancel")
        return {name: rng.stream(key, name) for name in names}


Emit = Callable[[float, int, int], object]


class Day:
    """The day of a shard, on the fleet engine: idle devices in arrays, presses as processes."""

    def __init__(
        self,
        env: simpy.Environment,
        shard: Shard,
        emit: Emit,
        *,
        seed: int = 1,
        habits: Habits | None = None,
        cohort: int = 100_000,
        window_s: float = WINDOW_S,
        sink: Sink | None = None,
    ) -> None:
        self._env = env
        self._emit = emit
        self._rng = Rng(seed)
        self._habits = habits or Habits()
        self.promoted = 0
        populations = [
            self._population(first, min(first + cohort, shard.last))
            for first in range(shard.first, shard.last, cohort)
        ]
        self._calendar = Calendar(env, populations, sink or each(emit), window_s=window_s)

    def _population(self, first: int, last: int) -> Rhythms:
        """Make the devices of a cohort; only those that will press become processes, later."""
        devices = device_keys(MODEL, np.arange(first, last, dtype=np.uint64))
        self._plan_presses(first, devices)
        keys = stream_keys(self._rng, devices, "report")
        habits = self._habits
        reports = Rhythm(
            keys,
            draws(keys, 0) * habits.report_s,
            period_s=habits.report_s,
            jitter=habits.jitter,
            first=first,
        )
        return Rhythms(first, last, [reports, self._moves(first, devices)])

    def _moves(self, first: int, devices: Keys) -> Rhythm:
        habits, skip = self._habits, -first % TRACKERS
        trackers = devices[skip::TRACKERS]
        low, high = habits.wakes_s
        wakes_s = low + (high - low) * draws(stream_keys(self._rng, trackers, "wake"), 0)
        keys = stream_keys(self._rng, trackers, "move")
        return Rhythm(
            keys,
            wakes_s + draws(keys, 0) * habits.move_s,
            period_s=habits.move_s,
            jitter=habits.jitter,
            first=first + skip,
            stride=TRACKERS,
            ends_s=wakes_s + habits.active_s,
        )

    def _plan_presses(self, first: int, devices: Keys) -> None:
        keys = stream_keys(self._rng, devices, "press")
        # numpy's logarithm may differ from math's in the last bit: it only finds who is near
        near: Floats = -np.log1p(-draws(keys, 0)) * self._habits.press_s
        for index in np.flatnonzero(near < self._habits.lasts_s * (1 + 1e-9)).tolist():
            self._env.process(self._person(first + index))

    def _person(self, device: int) -> Generator[simpy.Event, object, None]:
        """Press now and then; the device is awake for as long as a conversation lasts."""
        habits, env = self._habits, self._env
        streams = habits.streams(self._rng, device)
        at_s = streams["press"].exponential(habits.press_s)
        while at_s < habits.lasts_s:
            yield env.timeout(max(0.0, at_s - env.now))
            beats = self._calendar.promote(device)
            self.promoted += 1
            self._emit(at_s, device, Act.PRESS)
            cancels_s = cancel_after(habits, streams["cancel"], at_s)
            yield from self._talk(device, beats, cancels_s, at_s + habits.talk_s)
            self._calendar.demote(device, beats)
            at_s = max(at_s + streams["press"].exponential(habits.press_s), at_s + habits.talk_s)

    def _talk(
        self, device: int, beats: list[Beat], cancels_s: float, until_s: float
    ) -> Generator[simpy.Event, object, None]:
        """Live as one process, event by event, until the conversation is over."""
        env, habits = self._env, self._habits
        streams = habits.streams(self._rng, device)
        ends_s = streams["wake"].uniform(*habits.wakes_s) + habits.active_s
        periods = ("report", habits.report_s, np.inf), ("move", habits.move_s, ends_s)
        while True:
            kind = Act.REPORT if beats[0].next_s <= beats[1].next_s else Act.MOVE
            at_s = min(beats[kind].next_s, cancels_s, until_s)
            yield env.timeout(max(0.0, at_s - env.now))
            if at_s == until_s:
                return
            if at_s == cancels_s:
                self._emit(at_s, device, Act.CANCEL)
                cancels_s = np.inf
                continue
            self._emit(at_s, device, kind)
            name, period_s, last_s = periods[kind]
            beat, stream = beats[kind], Stream(streams[name].key, beats[kind].count)
            beat.next_s += stream.jittered(period_s, habits.jitter)
            beat.next_s = beat.next_s if beat.next_s < last_s else np.inf
            beat.count += 1


def cancel_after(habits: Habits, stream: Stream, at_s: float) -> float:
    """Return when a press is taken back; infinity when it is not."""
    takes_back, after_s = stream.chance(habits.cancel_share), stream.uniform(*habits.cancel_after_s)
    return at_s + after_s if takes_back else np.inf
