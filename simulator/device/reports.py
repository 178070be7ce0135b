"""When a device speaks of its own accord: reports, heartbeats and positions, each by its period."""

from collections.abc import Iterator

from simulator.device.motion import Mover, cycle_s
from simulator.device.stimuli import NEVER
from simulator.frame import Kind
from simulator.profile import Behaviour, Profile
from simulator.rng import Stream

_DAY_S = 86_400.0
NOTICE_S = 1.0  # the accelerometer needs so long to see that a walk begins or ends


def reports_a_day(profile: Profile) -> float:
    """Return about how many reports a unit makes of its own accord in a day."""
    behaviour, motion = profile.behaviour, profile.motion
    periods = (behaviour.report_s, behaviour.heartbeat_s, behaviour.position_s)
    reports = sum(_DAY_S / period for period in periods if period)
    if behaviour.position_moving_s and motion.speed_kmh and motion.roam_m:
        walk_s = motion.roam_m / (motion.speed_kmh / 3.6)  # the usual way, and both its ends
        reports += _DAY_S / cycle_s(motion) * (2.0 + walk_s / behaviour.position_moving_s)
    return reports


def first_reports(
    behaviour: Behaviour, wander: Mover, now: float, chance: Stream
) -> Iterator[tuple[float, Kind]]:
    """Yield when each periodic report comes first: a fleet is out of step."""
    if behaviour.report_s:
        yield now + behaviour.report_s * chance.random(), Kind.BATTERY
    if behaviour.heartbeat_s:
        yield now + behaviour.heartbeat_s * chance.random(), Kind.HEARTBEAT
    if behaviour.position_s:
        yield now + behaviour.position_s * chance.random(), Kind.MOVE
    elif behaviour.position_moving_s:
        yield _edge(wander, now), Kind.MOVE


def next_report_s(
    behaviour: Behaviour, wander: Mover, now: float, kind: Kind, chance: Stream
) -> float:
    """Return when a report that is due now comes again."""
    if kind is Kind.BATTERY:
        return now + chance.jittered(behaviour.report_s or NEVER, behaviour.report_jitter)
    if kind is Kind.HEARTBEAT:
        return now + chance.jittered(behaviour.heartbeat_s or NEVER, behaviour.report_jitter)
    still_s = chance.jittered(behaviour.position_s or NEVER, behaviour.report_jitter)
    if not behaviour.position_moving_s:
        return now + still_s
    moving_s = behaviour.position_moving_s
    period = moving_s if wander.is_moving(now) else still_s
    return min(now + period, _edge(wander, now))


def notices_s(behaviour: Behaviour, wander: Mover, now: float) -> float:
    """Return when a unit that is carried another way from now on tells of it."""
    if wander.is_moving(now):
        return now + NOTICE_S
    return min(now + (behaviour.position_s or NEVER), _edge(wander, now))


def _edge(wander: Mover, now: float) -> float:
    """Return when the device next notices that it starts or stops moving."""
    return wander.changes_after(now) + NOTICE_S
