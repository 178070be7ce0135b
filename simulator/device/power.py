"""What a battery goes through beside its device: weather, and nights on a charger."""

import math
from typing import Annotated

from msgspec import Meta, Struct

from simulator.rng import Stream

_DAY_S = 86400.0
_LOCAL_S = 7200.0  # South Africa, all the year
Celsius = Annotated[float, Meta(ge=-60, le=80)]
Hours = Annotated[str, Meta(pattern=r"^([01]?\d|2[0-4])-([01]?\d|2[0-4])$")]


class Climate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The temperature of the devices: a day's wave around a mean."""

    mean_c: Celsius = 20.0  # of a day
    swing_c: Annotated[float, Meta(ge=0, le=40)] = 6.0  # above and below, in a day
    coldest_hour: Annotated[float, Meta(ge=0, lt=24)] = 5.0  # local time

    def celsius(self, epoch_s: float) -> float:
        """Return the temperature at a time of day, in seconds since 1970."""
        hour = (epoch_s + _LOCAL_S) % _DAY_S / 3600.0
        return self.mean_c - self.swing_c * math.cos((hour - self.coldest_hour) * math.pi / 12.0)


class Charging(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How people charge what can be charged: every night, unless they forget."""

    hours: Hours = "22-6"  # local time, on the charger
    forgets_share: Annotated[float, Meta(ge=0, le=1)] = 0.1  # of the nights


class Charger:
    """The charger of one unit: on it in the hours of every night that is not forgotten."""

    __slots__ = ("_chance", "_charging", "_epoch_s", "_lasts_s", "_opens_s")

    def __init__(self, charging: Charging, chance: Stream, epoch_s: float) -> None:
        opens, closes = (float(part) for part in charging.hours.split("-"))
        self._charging = charging
        self._chance = chance
        self._epoch_s = epoch_s + _LOCAL_S  # local time of day at run time 0
        self._opens_s = opens * 3600.0
        self._lasts_s = ((closes - opens) % 24.0 or 24.0) * 3600.0

    def seconds(self, since_s: float, until_s: float) -> float:
        """Return how long the unit was on the charger between two times of the run."""
        total = 0.0
        for night in range(self._night(since_s), self._night(until_s) + 1):
            if not self._is_forgotten(night):
                begins_s = self._begins_s(night)
                ends_s = begins_s + self._lasts_s
                total += max(0.0, min(until_s, ends_s) - max(since_s, begins_s))
        return total

    def is_on(self, now: float) -> bool:
        """Return whether the unit is on the charger."""
        night = self._night(now)
        is_night = now < self._begins_s(night) + self._lasts_s
        return is_night and not self._is_forgotten(night)

    def next_on_s(self, now: float) -> float:
        """Return when the unit is next put on the charger; now, when it is on it."""
        if self.is_on(now):
            return now
        night = self._night(now) + 1
        nights = (n for n in range(night, night + 366) if not self._is_forgotten(n))
        return next((self._begins_s(n) for n in nights), math.inf)

    def _night(self, now: float) -> int:
        """Return the number of the night that began last."""
        return math.floor((self._epoch_s + now - self._opens_s) / _DAY_S)

    def _begins_s(self, night: int) -> float:
        return night * _DAY_S + self._opens_s - self._epoch_s

    def _is_forgotten(self, night: int) -> bool:
        return self._chance.at(night) < self._charging.forgets_share
