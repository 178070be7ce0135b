"""What a shard of a load test is told, and how what it measures leaves it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from msgspec import Struct

from simulator.aura import Target
from simulator.load.schedule import ReplaySchedule, Round, Saturation, Schedule, ShapeSchedule
from simulator.load.shapes import Form, Shape

ROWS, LINES, PULSE = b"R", b"L", b"P"
"""Frames: packed rows, lines of the journal, a `Pulse`."""
Emit = Callable[[bytes, bytes], None]
PULSE_S = 1.0


class Task(Struct, frozen=True, kw_only=True):
    """All that a shard has to know. The secret travels through a pipe, never on a command line."""

    base_url: str
    client_id: str
    client_secret: str
    allowed: tuple[str, ...] = ()
    rate_s: float | None = None  # requests a second at most, where the target has a ceiling
    proxy_url: str | None = None
    mix: dict[str, int]
    device_ids: list[str]  # of the whole fleet, in the order of the mix
    shape: Shape
    life: Round = Round()
    for_s: float
    drain_s: float
    seed: int = 1
    shard: tuple[int, int] = (0, 1)
    transport: str = "wire"
    connections: int = 256
    timeout_s: float = 20.0
    connect_timeout_s: float = 5.0
    most_waiting: int = 100_000
    trust: str | None = None
    precise: bool = True  # keep the pace with a timerfd where there is one
    place: tuple[float, float] = (0.0, 0.0)
    replay: str | None = None
    speed: float = 1.0
    native_to: dict[str, str] = {}  # profile or "" -> endpoint; any makes the test native
    native_envelopes: dict[str, str] = {}
    native_segments: str = "whole"
    customers: list[int] = []  # of the devices, where the model's own schedule is run
    run: str | None = None  # the run file of that schedule

    @property
    def devices(self) -> int:
        """Return how many devices the whole test has."""
        return sum(self.mix.values())

    @property
    def target(self) -> Target:
        """Return where the shard may send, and how fast; raises RefusedTargetError."""
        found = Target.parse(self.base_url, allowed=self.allowed)
        return replace(found, rate_s=self.rate_s, proxy_url=self.proxy_url, trust=self.trust)


def schedule_of(task: Task) -> Schedule:
    """Return when which device of a shard says what."""
    if task.replay is not None:
        return ReplaySchedule(Path(task.replay), speed=task.speed, shard=task.shard)
    shape = task.shape
    flat = Shape(form=Form.CONSTANT, rate=1.0) if shape.form is Form.SATURATE else shape
    made = ShapeSchedule(
        flat.curve(task.for_s),
        task.for_s,
        devices=len(task.device_ids),
        life=task.life,
        seed=task.seed,
        shard=task.shard,
    )
    return Saturation(made) if shape.form is Form.SATURATE else made
