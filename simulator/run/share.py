"""The share of a run that one process takes, and how the processes agree that it is over."""

from collections.abc import Callable
from dataclasses import dataclass

from simulator.fleet import Shard


@dataclass(frozen=True, slots=True)
class Share:
    """The units of a shard, and a way to ask the other shards.

    When the time of a run is up each share looks in equal steps whether nothing of it is on its way
    any more; `may_end` is told what it sees, and says whether all see the same. All end at the same
    look, or none: what a device still says does not depend on who shares its process.
    """

    shard: Shard
    may_end: Callable[[bool], bool]


def alone(devices: int) -> Share:
    """Return the share of a process that takes the whole run."""
    return Share(Shard(0, devices), lambda is_quiet: is_quiet)
