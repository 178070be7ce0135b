"""Kinds of people: how often they press, when and where, by mistake or as a test, and what then.

A persona is data. Rates are thinned: calls are drawn at the highest rate that the persona ever has,
and each is kept with the chance that its hour and place give it, so that all of it is a function of
the device's own streams.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from typing import Annotated, Protocol

from msgspec import Meta, Struct

from simulator.clock import Duration
from simulator.device.area import Area
from simulator.device.motion import Position
from simulator.device.person import Act, ActKind, Code, by_time
from simulator.profile import CancelSource, Profile
from simulator.rng import Rng, Stream

Share = Annotated[float, Meta(ge=0, le=1)]
Rate = Annotated[float, Meta(ge=0, le=100_000)]
Factor = Annotated[float, Meta(ge=0, le=1000)]
Hours = Annotated[str, Meta(pattern=r"^([01]?\d|2[0-4])-([01]?\d|2[0-4])$")]
Span = tuple[Annotated[float, Meta(ge=0)], Annotated[float, Meta(ge=0)]]
Times = tuple[Annotated[int, Meta(ge=1)], Annotated[int, Meta(ge=1, le=50)]]
_DAY_S = 86400.0
LOCAL_S = 7200.0  # South Africa, all the year


class PlaceRate(Struct, frozen=True, forbid_unknown_fields=True):
    """How much more, or less, a person presses in a place."""

    area: Area  # where it holds
    factor: Factor  # 0: never; 3: three times as often


class Conduct(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people do once they have pressed."""

    again_share: Share = 0.0  # press once more, because nothing seems to happen
    again_times: Times = (1, 1)  # how often: the fewest and the most
    again_after_s: Span = (0.5, 4.0)  # from one press to the next
    cancel_share: Share = 0.0  # take it back
    cancel_after_s: Span = (8.0, 90.0)  # after the last press
    code_share: Share = 0.0  # of those who take it back: in the app, with the safe code
    wrong_code_share: Share = 0.0  # of those: with a wrong one, as under duress

    def __post_init__(self) -> None:
        for span in (self.again_times, self.again_after_s, self.cancel_after_s):
            _check_span(span)


class Persona(Conduct, frozen=True, kw_only=True):
    """One kind of person, and which share of the fleet's people are of it."""

    name: Annotated[str, Meta(min_length=1)]  # the cause of its presses in the journal
    share: Share = 1.0  # of the people of these devices
    devices: tuple[str, ...] = ()  # names, profiles or patterns; none: all
    presses_a_day: Rate = 0.0  # calls for help that are meant
    hours: dict[Hours, Factor] = {}  # local time, such as "18-23" = 3; other hours have 1
    places: tuple[PlaceRate, ...] = ()  # the first that holds; elsewhere 1
    moving: bool = False  # presses on the move only
    accidents_a_day: Rate = 0.0  # presses of a pocket or a bag, that nobody notices
    accident_presses: Times = (1, 4)  # in a row: the fewest and the most
    tests_every: Duration | None = None  # a test, taken back at once, such as every 7d
    tests_at: Hours = "9-17"  # local time

    def __post_init__(self) -> None:
        Conduct.__post_init__(self)
        _check_span(self.accident_presses)
        if self.tests_every is not None and self.tests_every < 60.0:
            message = "nobody tests a device more than once a minute"
            raise ValueError(message)

    def factor_at(self, hour: float) -> float:
        """Return how much more is pressed at an hour of the day."""
        return next((factor for span, factor in self.hours.items() if _is_in(span, hour)), 1.0)

    def factor_in(self, position: Position) -> float:
        """Return how much more is pressed in a place."""
        found = (place.factor for place in self.places if place.area.contains(position))
        return next(found, 1.0)

    @property
    def highest(self) -> float:
        """Return the highest factor that the persona ever has."""
        by_hour = max(self.hours.values(), default=1.0)
        by_place = max((place.factor for place in self.places), default=1.0)
        return max(by_hour, 1.0) * max(by_place, 1.0)


class Whereabouts(Protocol):
    """What is asked of the motion of a unit."""

    def at(self, now: float) -> Position:
        """Return where the unit truly is."""
        ...

    def is_moving(self, now: float) -> bool:
        """Return whether the unit is on the move."""
        ...


@dataclass(frozen=True, slots=True)
class Carrier:
    """The person of one unit; `began_s` is the run time from which acts are counted."""

    profile: Profile
    key: int
    rng: Rng
    wander: Whereabouts
    epoch_s: float = 0.0  # the time of day at run time 0, in seconds since 1970
    began_s: float = 0.0

    def stream(self, purpose: str) -> Stream:
        """Return a stream of the unit."""
        return self.rng.stream(self.key, purpose)

    def hour(self, at_s: float) -> float:
        """Return the local hour of the day at an act time."""
        return (self.epoch_s + self.began_s + at_s + LOCAL_S) % _DAY_S / 3600.0


def persona_acts(persona: Persona, carrier: Carrier, until_s: float) -> Iterator[Act]:
    """Yield what a person of this kind does before `until_s`, in order of time."""
    acts = merge(
        _calls(persona, carrier, until_s),
        _accidents(persona, carrier, until_s),
        _tests(persona, carrier, until_s),
        key=by_time,
    )
    return (act for act in acts if act.at_s < until_s)


def call(conduct: Conduct, carrier: Carrier, at_s: float, cause: str) -> list[Act]:
    """Return one call for help and what follows: more presses, and perhaps the regret."""
    chance = carrier.stream(f"call {cause} {at_s:.6f}")
    gesture = carrier.profile.behaviour.gestures[0]
    acts = [Act(at_s, ActKind.PRESS, gesture, cause)]
    if chance.chance(conduct.again_share):
        for _ in range(_between(chance, conduct.again_times)):
            at_s += chance.uniform(*conduct.again_after_s)
            acts.append(Act(at_s, ActKind.PRESS, gesture, cause))
    if chance.chance(conduct.cancel_share):
        at_s += chance.uniform(*conduct.cancel_after_s)
        acts += _regret(conduct, carrier.profile, chance, at_s, cause)
    return acts


def _calls(persona: Persona, carrier: Carrier, until_s: float) -> Iterator[Act]:
    calls = _thinned(persona, carrier, persona.presses_a_day, until_s)
    return _flat(call(persona, carrier, at_s, persona.name) for at_s in calls)


def _thinned(persona: Persona, carrier: Carrier, a_day: float, until_s: float) -> Iterator[float]:
    """Yield the times of calls, at the rate of each hour and place."""
    if not a_day:
        return
    highest = persona.highest
    mean_gap_s = _DAY_S / (a_day * highest)
    chance = carrier.stream(f"persona {persona.name}")
    at_s = chance.exponential(mean_gap_s)
    while at_s < until_s:
        is_kept = chance.random() < _factor(persona, carrier, at_s) / highest
        if is_kept:
            yield at_s
        at_s += chance.exponential(mean_gap_s)


def _factor(persona: Persona, carrier: Carrier, at_s: float) -> float:
    now = carrier.began_s + at_s
    if persona.moving and not carrier.wander.is_moving(now):
        return 0.0
    factor = persona.factor_at(carrier.hour(at_s))
    return factor * persona.factor_in(carrier.wander.at(now)) if persona.places else factor


def _accidents(persona: Persona, carrier: Carrier, until_s: float) -> Iterator[Act]:
    """Yield presses by mistake: any gesture, a few in a row, and no regret: nobody knows."""
    if not persona.accidents_a_day:
        return
    chance = carrier.stream(f"accident {persona.name}")
    mean_gap_s = _DAY_S / persona.accidents_a_day
    at_s = chance.exponential(mean_gap_s)
    while at_s < until_s:
        moment = carrier.stream(f"pocket {persona.name} {at_s:.6f}")
        again_s = at_s
        for _ in range(_between(moment, persona.accident_presses)):
            gesture = moment.choice(carrier.profile.behaviour.gestures)
            yield Act(again_s, ActKind.PRESS, gesture, f"{persona.name}: by accident")
            again_s += moment.uniform(1.0, 15.0)
        at_s = max(again_s, at_s + chance.exponential(mean_gap_s))


def _tests(persona: Persona, carrier: Carrier, until_s: float) -> Iterator[Act]:
    taken_back = Conduct(cancel_share=1.0, cancel_after_s=(15.0, 60.0))
    times = _test_times(persona, carrier, until_s)
    return _flat(call(taken_back, carrier, at_s, f"{persona.name}: test") for at_s in times)


def _test_times(persona: Persona, carrier: Carrier, until_s: float) -> Iterator[float]:
    """Yield when tests are: each period one, on a day and at an hour of its own."""
    period_s = persona.tests_every
    if not period_s:
        return
    chance = carrier.stream(f"test {persona.name}")
    opens, closes = (float(part) for part in persona.tests_at.split("-"))
    phase_s = chance.random() * period_s
    for number in range(math.ceil(until_s / period_s) + 1):
        at_s = phase_s + number * period_s
        if period_s >= _DAY_S:  # on that day, in working hours
            wanted = opens + ((closes - opens) % 24.0 or 24.0) * chance.random()
            at_s += (wanted - carrier.hour(at_s)) % 24.0 * 3600.0
        yield at_s


def _regret(
    conduct: Conduct, profile: Profile, chance: Stream, at_s: float, cause: str
) -> Iterator[Act]:
    behaviour = profile.behaviour
    by_code, is_wrong = chance.chance(conduct.code_share), chance.chance(conduct.wrong_code_share)
    if by_code:
        code = Code.WRONG if is_wrong else Code.RIGHT
        yield Act(at_s, ActKind.CANCEL, "safe code", cause, code)
    elif behaviour.cancel_source is not CancelSource.NONE:
        yield Act(at_s, ActKind.CANCEL, behaviour.cancel_gesture or "call", cause)


def _check_span(span: tuple[float, float]) -> None:
    if span[0] > span[1]:
        message = f"[{span[0]:g}, {span[1]:g}] is no span: give the smaller one first"
        raise ValueError(message)


def _flat(calls: Iterator[list[Act]]) -> Iterator[Act]:
    """Yield the acts of calls in order of time, although one call may begin before another ends."""
    waiting: list[Act] = []
    for acts in calls:
        ready = [act for act in waiting if act.at_s <= acts[0].at_s]
        yield from ready
        waiting = sorted([*waiting[len(ready) :], *acts], key=by_time)
    yield from waiting


def _between(chance: Stream, span: tuple[int, int]) -> int:
    return span[0] + chance.below(span[1] - span[0] + 1)


def _is_in(span: str, hour: float) -> bool:
    opens, closes = (int(part) for part in span.split("-"))
    return opens <= hour < closes if opens < closes else hour >= opens or hour < closes
