"""A GNSS receiver: errors that drift, cold starts, and spells without a fix.

Everything is a function of the time alone, so that what a unit tells of a place does not depend on
how often it was asked before.
"""

import math
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

from simulator.device.motion import Mover, Position, moved
from simulator.rng import Stream

Wait = tuple[Annotated[float, Meta(ge=0)], Annotated[float, Meta(ge=0)]]
_KNOT_S = 120.0  # errors are drawn so far apart, and change evenly in between
_LOOKS_BACK = 200  # spells: an older fix is no fix
_DRAWS = 4  # chances of each spell
_WORSE = 4.0  # the error of a fix right after a cold start
_SETTLES_S = 60.0  # until it is as good as it gets


class Gnss(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How well the receivers of a fleet hear: indoors, in streets, after being switched on."""

    error_m: Annotated[float, Meta(gt=0, le=10_000)] | None = None  # that of the profile, if not
    lost_share: Annotated[float, Meta(ge=0, lt=1)] = 0.0  # of the time without a fix
    lost_s: Annotated[float, Meta(ge=10, le=86_400)] = 900.0  # how long a spell without one is
    cold_start_s: Wait = (20.0, 60.0)  # until the first fix: the shortest and the longest

    def __post_init__(self) -> None:
        if self.cold_start_s[0] > self.cold_start_s[1]:
            message = "cold_start_s is no span: give the shorter one first"
            raise ValueError(message)


class Fix(NamedTuple):
    """What a receiver tells: a place, how far it may be off, and how old it is."""

    position: Position
    accuracy_m: float
    age_s: float = 0.0


class Receiver:
    """The receiver of one unit. One that was never started has been on for long."""

    __slots__ = ("_chance", "_error_m", "_gnss", "_mover", "_noise", "_on_s")

    def __init__(
        self, gnss: Gnss, error_m: float, mover: Mover, chance: Stream, noise: Stream
    ) -> None:
        self._gnss = gnss
        self._error_m = gnss.error_m or error_m
        self._mover = mover
        self._chance = chance
        self._noise = noise
        self._on_s = -math.inf

    def start(self, now: float) -> None:
        """Be switched on: nothing is known, and the first fix takes its time."""
        self._on_s = now

    def follow(self, mover: Mover) -> None:
        """Be carried another way from now on."""
        self._mover = mover

    def fix(self, now: float) -> Fix | None:
        """Return the latest fix at a time; None when there has been none yet."""
        at_s = self._heard_s(now)
        if at_s is None:
            return None
        error_m = self._error_at(at_s)
        north, east = self._drift(at_s, 0) * error_m, self._drift(at_s, 1) * error_m
        return Fix(moved(self._mover.at(at_s), north, east), error_m, now - at_s)

    def _heard_s(self, now: float) -> float | None:
        """Return the latest moment, up to now, at which there was a fix."""
        for spell in range(self._spell(now), self._spell(now) - _LOOKS_BACK, -1):
            begins_s, opens_s = spell * self._gnss.lost_s, self._opens_s(spell)
            if opens_s is not None and now >= opens_s:
                return now
            if begins_s <= self._on_s:
                return None
            now = math.nextafter(begins_s, -math.inf)
        return None

    def _opens_s(self, spell: int) -> float | None:
        """Return when a spell has its first fix; None for one without any."""
        begins_s = spell * self._gnss.lost_s
        if self._is_lost(spell):
            return None
        is_first = begins_s <= self._on_s
        if not is_first and not self._is_lost(spell - 1):
            return begins_s
        low, high = self._gnss.cold_start_s
        takes_s = low + (high - low) * self._chance.at(_DRAWS * spell + 1)
        opens_s = max(begins_s, self._on_s) + takes_s
        return opens_s if opens_s < begins_s + self._gnss.lost_s else None

    def _is_lost(self, spell: int) -> bool:
        return self._chance.at(_DRAWS * spell) < self._gnss.lost_share

    def _spell(self, now: float) -> int:
        return int(now // self._gnss.lost_s)

    def _error_at(self, now: float) -> float:
        """Return the deviation of a fix: worse for a while after a cold start."""
        spell = self._spell(now)
        opens_s = self._opens_s(spell)
        is_fresh = opens_s is not None and opens_s > spell * self._gnss.lost_s
        if not is_fresh or opens_s is None:
            return self._error_m
        left = max(0.0, 1.0 - (now - opens_s) / _SETTLES_S)
        return self._error_m * (1.0 + (_WORSE - 1.0) * left)

    def _drift(self, now: float, axis: int) -> float:
        """Return the error in deviations: it changes slowly, as that of a true receiver."""
        knot = int(now // _KNOT_S)
        share = now / _KNOT_S - knot
        one, other = self._normal(knot, axis), self._normal(knot + 1, axis)
        norm = math.hypot(1.0 - share, share)  # keeps the deviation the same between knots
        return ((1.0 - share) * one + share * other) / norm

    def _normal(self, knot: int, axis: int) -> float:
        """Return a draw of a normal distribution (Box-Muller), by its place."""
        count = 2 * (2 * knot + axis)
        radius = math.sqrt(-2.0 * math.log1p(-self._noise.at(count)))
        return radius * math.cos(2.0 * math.pi * self._noise.at(count + 1))
