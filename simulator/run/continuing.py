"""A run in real time that goes on where a killed process left it.

Nothing is done twice: acts that happened are not acted again, and presses that were on their way
are given up. What the killed process left open at AURA is ended first, as it is for every command,
so the devices are linked anew. The time between does not pass in the run. Firmware begins anew, and
numbers its frames on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import msgspec
import simpy

from simulator.clock import Duration, wall_s
from simulator.device import Act, ActKind
from simulator.faults import AnyFault
from simulator.fleet import Unit
from simulator.journal import Journal, Record, RunResumed, RunStarted, Unfinished
from simulator.run.runner import Progress, Run
from simulator.run.script import Script
from simulator.run.settings import RunSettings
from simulator.run.world import World

KILLED = "the run was killed"
_LEAST_S = 0.001


@dataclass(frozen=True, slots=True)
class Past:
    """What a killed run has done. Times are run time; counts and names are by device.

    `began_s` is when the fleet was switched on, None if it was still being linked.
    """

    at_s: float
    began_s: float | None
    presses: Mapping[str, int] = field(default_factory=dict)
    regrets: Mapping[str, int] = field(default_factory=dict)
    sequences: Mapping[str, int] = field(default_factory=dict)  # the latest that was used
    unfinished: tuple[tuple[str, str], ...] = ()  # press, device


class ContinuedRun(Run):
    """A run that begins with what was."""

    def __init__(
        self,
        settings: RunSettings,
        journal: Journal,
        past: Past,
        on_progress: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        super().__init__(settings, _Continued(journal, past), on_progress)
        self._env = simpy.Environment(initial_time=past.at_s)
        if settings.start_s is None:
            self._epoch_s = wall_s() - past.at_s
        self._script_type = partial(_ContinuedScript, past=past)


class _Continued:
    """A journal that says that the run goes on, in place of its beginning."""

    def __init__(self, inner: Journal, past: Past) -> None:
        self._inner = inner
        self._past = past

    def write(self, record: Record) -> None:
        """Append one record."""
        if isinstance(record, RunStarted):
            self._begin(record)
        else:
            self._inner.write(record)

    def flush(self) -> None:
        """Hand on what is buffered."""
        self._inner.flush()

    def _begin(self, record: RunStarted) -> None:
        past = self._past
        self._inner.write(RunResumed(t=past.at_s, started=record.started))
        for press, device in past.unfinished:
            left = Unfinished(t=past.at_s, press=press, device=device, where=KILLED)
            self._inner.write(left)


class _ContinuedScript(Script):
    """The course of a run from the middle on."""

    def __init__(self, world: World, settings: RunSettings, *rest: object, past: Past) -> None:
        self._past = past
        self._whole = settings
        passed_s = past.at_s - past.began_s if past.began_s is not None else 0.0
        left_s = max(_LEAST_S, settings.for_s - passed_s)
        faults = tuple(_later(settings.life.faults, passed_s, left_s))
        short = replace(
            settings,
            for_s=left_s,
            cold_start=False,
            life=replace(settings.life, faults=faults, incidents=()),
        )
        super().__init__(world, short, *rest)  # type: ignore[arg-type] # as the run gives them

    def _begin(self) -> None:
        """Switch the fleet on; its units count on from where they were."""
        for unit in self._linked:
            unit.presses = self._past.presses.get(unit.name, 0)
            if unit.name in self._past.sequences:
                unit.firmware.count_on(self._past.sequences[unit.name] + 1)
        super()._begin()

    def acts_of(self, unit: Unit) -> Iterable[Act]:
        """Return what is left to be done, from now on."""
        past, now_s = self._past, self.world.env.now
        began_s = now_s if past.began_s is None else past.began_s
        short, self._settings, self._began_s = self._settings, self._whole, began_s
        acts = list(super().acts_of(unit))
        self._settings, self._began_s = short, now_s
        done = {
            ActKind.PRESS: past.presses.get(unit.name, 0),
            ActKind.CANCEL: past.regrets.get(unit.name, 0),
        }
        left = []
        for act in acts:
            if done[act.kind] > 0:
                done[act.kind] -= 1
            else:
                left.append(replace(act, at_s=max(0.0, act.at_s + began_s - now_s)))
        return left


def _later(faults: Iterable[AnyFault], passed_s: float, left_s: float) -> Iterator[AnyFault]:
    """Yield the faults that are still to come or to go on, in the time that is left."""
    for fault in faults:
        repeat_s = fault.repeat_s
        from_s = fault.from_s - passed_s
        to_s = None if fault.to_s is None else fault.to_s - passed_s
        while repeat_s is not None and to_s is not None and to_s <= 0:
            from_s, to_s = from_s + repeat_s, to_s + repeat_s
        if (to_s is None or to_s > 0) and from_s < left_s:
            yield msgspec.structs.replace(
                fault,
                from_s=Duration(max(0.0, from_s)),
                to_s=None if to_s is None else Duration(to_s),
            )
