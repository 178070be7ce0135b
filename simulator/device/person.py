"""The people of a fleet: when somebody presses, and whether they take it back."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from simulator.errors import InputError
from simulator.profile import CancelSource, Profile
from simulator.rng import Rng


class ActKind(StrEnum):
    """What a person does."""

    PRESS = "press"
    CANCEL = "cancel"


class Code(StrEnum):
    """The safe code with which a person takes a call back in AURA's app."""

    RIGHT = "right"
    WRONG = "wrong"  # the person is not free to speak: help must still come


@dataclass(frozen=True, slots=True)
class Act:
    """One act of the person who carries a device; a cancel takes back the press before it."""

    at_s: float
    kind: ActKind
    gesture: str
    cause: str | None = None  # the persona or the incident behind it, where one is named
    code: Code | None = None  # of a cancel in AURA's app, and not at the device


def by_time(act: Act) -> float:
    """Return what acts are sorted by."""
    return act.at_s


@dataclass(frozen=True, slots=True)
class People:
    """How people use their devices.

    `presses` is the mean number of calls for help of each device over the whole run; `cancel_share`
    of them are taken back after a while drawn from `cancel_after_s`; `impatient_share` of them are
    pressed once more after a few seconds, because nothing seems to happen.
    """

    presses: float = 1.0
    cancel_share: float = 0.3
    cancel_after_s: tuple[float, float] = (8.0, 90.0)
    impatient_share: float = 0.1
    impatient_after_s: tuple[float, float] = (6.0, 20.0)

    def __post_init__(self) -> None:
        shares = self.cancel_share, self.impatient_share
        if self.presses < 0 or not all(0 <= share <= 1 for share in shares):
            message = f"People cannot behave like this: {self}. Shares go from 0 to 1."
            raise InputError(message)
        for low, high in (self.cancel_after_s, self.impatient_after_s):
            if not 0 <= low <= high:
                message = f"[{low}, {high}] is no span of seconds: give the shorter one first."
                raise InputError(message)


def acts(people: People, profile: Profile, rng: Rng, device: int, until_s: float) -> Iterator[Act]:
    """Yield what the person of one device does before `until_s`, in order of time."""
    if not people.presses:
        return
    chance = rng.stream(device, "person")
    mean_gap_s = until_s / people.presses
    now = chance.exponential(mean_gap_s)
    while now < until_s:
        happened = list(_incident(people, profile, rng, device, now))
        yield from (act for act in happened if act.at_s < until_s)
        now = happened[-1].at_s + chance.exponential(mean_gap_s)


def _incident(people: People, profile: Profile, rng: Rng, device: int, now: float) -> Iterator[Act]:
    """Yield one call for help: the press, perhaps another, perhaps the regret."""
    # keyed by the moment: an incident keeps its course when another one appears before it
    chance = rng.stream(device, f"incident {now:.6f}")
    behaviour = profile.behaviour
    gesture = behaviour.gestures[0]
    if chance.chance(0.2):
        gesture = chance.choice(behaviour.gestures)
    yield Act(now, ActKind.PRESS, gesture)
    if chance.chance(people.impatient_share):
        now += chance.uniform(*people.impatient_after_s)
        yield Act(now, ActKind.PRESS, gesture)
    if chance.chance(people.cancel_share) and behaviour.cancel_source is not CancelSource.NONE:
        now += chance.uniform(*people.cancel_after_s)
        yield Act(now, ActKind.CANCEL, behaviour.cancel_gesture or "call")
