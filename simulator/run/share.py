"""The share of a run that one process takes, and how the processes agree that it is over."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from simulator.device.reports import reports_a_day
from simulator.fleet import Shard
from simulator.profile import load
from simulator.run.settings import RunSettings

_STARTING = 2.0  # what it takes to begin with a unit, in reports


@dataclass(frozen=True, slots=True)
class Share:
    """The units of a shard, and a way to ask the other shards.

    When the time of a run is up each share looks in equal steps whether nothing of it is on its way
    any more; `may_end` is told what it sees, and says whether all see the same. All end at the same
    look, or none: what a device still says does not depend on who shares its process.
    """

    shard: Shard
    may_end: Callable[[bool], bool]


def shards_of(settings: RunSettings, shards: int) -> tuple[Shard, ...]:
    """Cut a fleet into so many shards of the same work, as far as its models tell it.

    Fewer where there are not units enough: no shard is empty.
    """
    work = [
        np.full(len(settings.numbers(model)), _STARTING + reports_a_day(load(model)))
        for model in settings.mix
    ]
    done = np.cumsum(np.concatenate(work))
    cuts = np.searchsorted(done, done[-1] * np.arange(1, shards) / shards).tolist()
    ends = [0, *cuts, settings.devices]
    return tuple(Shard(first, last) for first, last in pairwise(ends) if first < last)


def alone(devices: int) -> Share:
    """Return the share of a process that takes the whole run."""
    return Share(Shard(0, devices), lambda is_quiet: is_quiet)
