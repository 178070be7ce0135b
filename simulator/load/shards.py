"""Which shard does a task: device events by a shape, the model's own schedule, or native frames."""

from typing import Protocol

from simulator.load.shapes import Form
from simulator.load.shard import Shard
from simulator.load.task import Emit, Task


class AnyShard(Protocol):
    """A share of a load test on one event loop."""

    async def prepare(self) -> None:
        """Get ready; raises SimulatorError where that fails."""
        ...

    async def run(self, start_s: float) -> None:
        """Do the task, from a time of the monotonic clock on."""
        ...

    def stop(self) -> None:
        """Begin nothing new and come to the end."""
        ...


def shard_of(task: Task, emit: Emit) -> AnyShard:
    """Return the shard that does a task."""
    if task.native_to:
        from simulator.load.native_shard import NativeShard

        return NativeShard(task, emit)
    if task.shape.form is Form.FLEET:
        from simulator.load.fleet_shard import FleetShard

        return FleetShard(task, emit)
    return Shard(task, emit)
