"""The calendar of populations: one SimPy process that plays their events in the order of time.

Window by window it lets the populations work out what is due, sorts it, and hands it to a sink in
slices that end where anything else of the environment happens, so that a device in conversation (a
process of its own) and the idle crowd take turns as they would if each device were a process.

A device that begins a conversation is promoted: what was worked out ahead for it is withdrawn, and
where it stood at this moment is handed over. When it is done it is demoted and falls in again, in
the same window if need be.
"""

from collections.abc import Callable, Generator, Sequence
from typing import TypeAlias

import numpy as np
import simpy

from simulator.draws import Floats
from simulator.fleet.population import KIND_BITS, Beat, Codes, Population

Sink: TypeAlias = Callable[[Floats, Codes], None]
"""Takes events in the order of time: when, and which device did what (see `Codes`).

A sink does not promote or demote: who leaves the crowd is decided by processes.
"""

WINDOW_S = 240.0
_CHUNK = 8192  # events that are Python objects at the same time
_NO_TIMES: Floats = np.empty(0)
_NO_CODES: Codes = np.empty(0, np.uint32)
_KIND_MASK = np.uint32((1 << KIND_BITS) - 1)


def each(emit: Callable[[float, int, int], object]) -> Sink:
    """Return a sink that calls a function for each event: time, device, kind."""

    def call(at_s: Floats, codes: Codes) -> None:
        for begins in range(0, len(codes), _CHUNK):
            few = codes[begins : begins + _CHUNK]
            times = at_s[begins : begins + _CHUNK].tolist()
            devices = (few >> np.uint32(KIND_BITS)).tolist()
            kinds = (few & _KIND_MASK).tolist()
            for time_s, device, kind in zip(times, devices, kinds, strict=True):
                emit(time_s, device, kind)

    return call


class Calendar:
    """Plays populations on an environment, from its present time on."""

    def __init__(
        self,
        env: simpy.Environment,
        populations: Sequence[Population],
        sink: Sink,
        *,
        window_s: float = WINDOW_S,
    ) -> None:
        self._env = env
        self._populations = populations
        self._sink = sink
        self._window_s = window_s
        self._ends_s = env.now
        self._keep(_NO_TIMES, _NO_CODES)
        env.process(self._turn())

    def promote(self, device: int) -> list[Beat]:
        """Take a device out of its population now; return where it stands, kind by kind."""
        self._play_before(self._env.now)
        beats = self._home(device).leave(device)
        rest = slice(self._played, None)
        codes, times = self._codes[rest], self._times[rest]
        own = np.flatnonzero(codes >> np.uint32(KIND_BITS) == device)
        for index in own[::-1]:
            beat = beats[int(codes[index] & _KIND_MASK)]
            beat.next_s = float(times[index])
            beat.count -= 1
        if own.size:
            self._keep(np.delete(times, own), np.delete(codes, own))
        return beats

    def demote(self, device: int, beats: Sequence[Beat]) -> None:
        """Let a device fall in with its population again, from where it stands now."""
        self._play_before(self._env.now)
        events = self._home(device).join(device, beats, self._ends_s)
        if not events:
            return
        codes = [device << KIND_BITS | kind for _, kind in events]
        times = np.concatenate([self._times[self._played :], [at_s for at_s, _ in events]])
        merged = np.concatenate([self._codes[self._played :], np.array(codes, np.uint32)])
        order = times.argsort(kind="stable")
        self._keep(times[order], merged[order])

    def _turn(self) -> Generator[simpy.Event, object, None]:
        """Play to whatever comes next, again and again."""
        env = self._env
        while True:
            if env.now >= self._ends_s:
                self._play(len(self._times))
                self._fill(self._ends_s + self._window_s)
            until_s = min(env.peek(), self._ends_s)
            self._play_before(until_s)
            yield env.timeout(max(0.0, until_s - env.now))

    def _fill(self, ends_s: float) -> None:
        """Let all populations work out the next window."""
        self._ends_s = ends_s
        self._keep(_NO_TIMES, _NO_CODES)  # what is played makes room before more is worked out
        due = [events for population in self._populations for events in population.take(ends_s)]
        if not due:
            return
        times = np.concatenate([at_s for at_s, _ in due])
        codes = np.concatenate([codes for _, codes in due])
        del due
        order = times.argsort()
        self._keep(times[order], codes[order])

    def _keep(self, times: Floats, codes: Codes) -> None:
        self._times: Floats = times
        self._codes: Codes = codes
        self._played = 0

    def _play_before(self, until_s: float) -> None:
        """Hand the events before a time to the sink."""
        self._play(self._played + int(self._times[self._played :].searchsorted(until_s)))

    def _play(self, until: int) -> None:
        """Hand the events up to one of this window to the sink."""
        begins, self._played = self._played, until
        if begins < until:
            self._sink(self._times[begins:until], self._codes[begins:until])

    def _home(self, device: int) -> Population:
        for population in self._populations:
            if population.first <= device < population.last:
                return population
        message = f"Device {device} is in no population of this calendar."
        raise LookupError(message)
