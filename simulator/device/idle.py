"""What is left of a firmware that only waits for its next report: a few numbers.

An idle unit can be put away as these numbers and be made again from them, and neither its frames
nor anything it does later shows that it was away.
"""

from dataclasses import dataclass

from simulator.device.agenda import Task
from simulator.device.defects import SOUND
from simulator.device.firmware import Firmware
from simulator.device.motion import Wander
from simulator.frame import Kind


@dataclass(slots=True)
class Idle:
    """An idle unit beside its model and number. Mutable: whoever holds it moves it on."""

    reports: list[tuple[float, Kind]]  # when each comes next, in the order of their planning
    drawn: int  # from the stream of its schedule
    noise: int  # drawn from the stream of its receiver
    left_mas: float
    since_s: float  # until when the battery has been reckoned
    sequence: int
    last_s: float  # when it spoke last
    press_count: int
    told_low: bool
    told_last: bool


def idle_of(unit: Firmware) -> Idle | None:
    """Return an idle unit as numbers; None for one that has more on its mind, or a life of its own.

    A life of its own is a fault, weather, a charger, a route, or a receiver that may lose its fix.
    """
    delivery, battery = unit._delivery, unit.battery
    due = sorted(unit._agenda._heap)
    is_busy = (
        unit._emergency
        or delivery._connecting
        or delivery.outbox._waiting
        or delivery.outbox._kept
        or delivery.dropped
        or unit._silenced
        or any(one.task is not Task.REPORT for one in due)
    )
    is_special = (
        unit.trouble
        or unit.receiver
        or battery._celsius
        or battery.charger
        or unit.defects is not SOUND
        or not isinstance(unit.wander, Wander)
    )
    if is_busy or is_special or not unit._is_on or unit._rest or unit.is_dead:
        return None
    return Idle(
        reports=[(one.at_s, one.kind) for one in due],
        drawn=unit._jitter.count,
        noise=unit.noise.count,
        left_mas=battery._left_mas,
        since_s=battery._since_s,
        sequence=delivery.outbox.sequence,
        last_s=delivery.outbox.last_s,
        press_count=unit.press_count,
        told_low=unit._told_low,
        told_last=unit._told_last,
    )


def resume(unit: Firmware, idle: Idle) -> None:
    """Let a unit that was just made go on from where an idle one was."""
    unit._is_on = True
    for at_s, kind in idle.reports:
        unit._agenda.plan(at_s, Task.REPORT, kind)
    unit._jitter.count = idle.drawn
    unit.noise.count = idle.noise
    unit.battery._left_mas, unit.battery._since_s = idle.left_mas, idle.since_s
    unit._delivery.outbox.sequence = idle.sequence
    unit._delivery.outbox.last_s = idle.last_s
    unit.press_count = idle.press_count
    unit._told_low, unit._told_last = idle.told_low, idle.told_last
