"""How many messages a second are due, over the time of a test: shapes as straight pieces."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import cos, pi

import numpy as np

from simulator.draws import Floats
from simulator.errors import InputError

DAY_S = 86400.0
_FINE = 33  # points at which a second is cut to place messages in it


class Form(StrEnum):
    """What a load test follows."""

    FLEET = "fleet"  # the model's own schedule: firmware, people, radio
    CONSTANT = "constant"
    RAMP = "ramp"  # from `base` to `rate`, evenly
    STEP = "step"  # the same in `steps` equal steps
    SPIKE = "spike"  # `base`, and in the middle a tenth of the time at `rate`
    DIURNAL = "diurnal"  # a day, as long as the test: `base` at night, `rate` at noon
    REPLAY = "replay"  # the device events of a journal, when they were
    SATURATE = "saturate"  # the next as soon as a connection is free: finds the limit


class ShapeError(InputError):
    """A shape cannot be: a rate or a time makes no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A form with its numbers. `rate` and `base` are messages a second of the whole test.

    `at` and `width` place a spike, as shares of the time; a spike rises and falls in a tenth of its
    width.
    """

    form: Form = Form.CONSTANT
    rate: float = 0.0
    base: float | None = None
    steps: int = 5
    at: float = 0.5
    width: float = 0.1

    def __post_init__(self) -> None:
        for name, value in (("rate", self.rate), ("base", self.base or 0.0)):
            if not 0 <= value <= 10_000_000:
                message = f"A {name} of {value:g} messages a second cannot be kept. Lower it."
                raise ShapeError(message)
        if self.has_rate and self.rate <= 0:
            message = f"The shape {self.form} needs a rate. Say for example --rate 500."
            raise ShapeError(message)
        if not (self.steps >= 1 and 0 <= self.at <= 1 and 0 < self.width <= 1):
            message = "A shape has one step or more, and `at` and `width` are shares of the time."
            raise ShapeError(message)

    @property
    def has_rate(self) -> bool:
        """Return whether the rate makes the schedule, not a model or a journal."""
        return self.form not in (Form.FLEET, Form.REPLAY, Form.SATURATE)

    @property
    def low(self) -> float:
        """Return the rate outside the height: nothing for a ramp, a tenth for the others."""
        if self.base is not None:
            return self.base
        return 0.0 if self.form in (Form.RAMP, Form.STEP) else self.rate / 10

    def curve(self, for_s: float) -> "Curve":
        """Return the rate over the time of a test."""
        points = _POINTS[self.form](self)
        return Curve([(share * for_s, rate) for share, rate in points])


class Curve:
    """A rate over time as straight pieces between (second, messages a second), in order."""

    def __init__(self, points: list[tuple[float, float]]) -> None:
        self._times = np.array([at for at, _ in points])
        self._rates = np.array([rate for _, rate in points])
        pieces = np.diff(self._times) * (self._rates[1:] + self._rates[:-1]) / 2
        self._sums = np.concatenate(([0.0], np.cumsum(pieces)))

    def count(self, until_s: float) -> int:
        """Return how many messages are due before a time."""
        return int(self._count(np.array([until_s]))[0] + 1e-5)

    def rate(self, at_s: float) -> float:
        """Return the messages a second at a time."""
        return float(np.interp(at_s, self._times, self._rates))

    def times(self, from_s: float, to_s: float, draws: Floats) -> Floats:
        """Return due times in a short span, in order: where chance puts them, by the rate."""
        fine = np.linspace(from_s, to_s, _FINE)
        sums = self._count(fine)
        if sums[-1] <= sums[0]:
            return np.sort(from_s + draws * (to_s - from_s))
        placed: Floats = np.interp(sums[0] + np.sort(draws) * (sums[-1] - sums[0]), sums, fine)
        return placed

    def _count(self, at_s: Floats) -> Floats:
        """Return the messages due before each time, with fractions."""
        at_s = np.clip(at_s, self._times[0], self._times[-1])
        piece = np.clip(np.searchsorted(self._times, at_s, "right") - 1, 0, len(self._times) - 2)
        into = at_s - self._times[piece]
        rates = np.interp(at_s, self._times, self._rates)
        before = np.where(into > 0, rates, self._rates[piece])
        counted: Floats = self._sums[piece] + into * (self._rates[piece] + before) / 2
        return counted


def _constant(shape: Shape) -> list[tuple[float, float]]:
    return [(0.0, shape.rate), (1.0, shape.rate)]


def _ramp(shape: Shape) -> list[tuple[float, float]]:
    return [(0.0, shape.low), (1.0, shape.rate)]


def _step(shape: Shape) -> list[tuple[float, float]]:
    points: list[tuple[float, float]] = []
    for step in range(shape.steps):
        rate = shape.low + (shape.rate - shape.low) * (step + 1) / shape.steps
        begins, ends = step / shape.steps, (step + 1) / shape.steps
        points += [(begins + (1e-9 if step else 0.0), rate), (ends, rate)]
    return points


def _spike(shape: Shape) -> list[tuple[float, float]]:
    edge = shape.width / 10
    begins = max(edge, shape.at - shape.width / 2)
    ends = min(1.0 - edge, shape.at + shape.width / 2)
    ends = max(begins + 1e-9, ends)
    return [
        (0.0, shape.low),
        (begins - edge, shape.low),
        (begins, shape.rate),
        (ends, shape.rate),
        (min(1.0, ends + edge), shape.low),
        (1.0 + 1e-9, shape.low),
    ]


def _diurnal(shape: Shape) -> list[tuple[float, float]]:
    half = (shape.rate - shape.low) / 2
    return [(i / 96, shape.low + half * (1 - cos(2 * pi * i / 96))) for i in range(97)]


_POINTS: dict[Form, Callable[[Shape], list[tuple[float, float]]]] = {
    Form.CONSTANT: _constant,
    Form.RAMP: _ramp,
    Form.STEP: _step,
    Form.SPIKE: _spike,
    Form.DIURNAL: _diurnal,
}
