"""A number of a layout: raw steps on the wire, a value with its unit to everybody else."""

from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor, isfinite

from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields
from simulator.codec._generic.tables import FieldTable, LayoutError
from simulator.codec._layout import steps
from simulator.frame import Value

MOST_STEPS = 10**15  # of a number that no bits hold; a float counts so far without a gap


@dataclass(frozen=True, slots=True)
class Quantity:
    """How raw steps become a value: `low` and `high` bound the steps."""

    codec: str
    name: str
    low: int
    high: int
    scale: float
    offset: float
    digits: int | None  # None: whole

    @property
    def is_plain(self) -> bool:
        """Return whether the steps are the value."""
        return self.scale == 1 and self.offset == 0

    def value(self, raw: int) -> int | float:
        """Return the value of steps; refuse those out of bounds."""
        if not self.low <= raw <= self.high:
            reason = f"{self.name} is {raw} on the wire, not within {self.low} to {self.high}"
            raise FrameError(self.codec, reason)
        return raw if self.is_plain else round(raw * self.scale + self.offset, self.digits)

    def steps(self, fields: Fields) -> int:
        """Return the steps of the value that fields give."""
        return steps(fields, self.name, self.low, self.high, step=self.scale, offset=self.offset)

    def bounds(self) -> tuple[Value, Value]:
        """Return the least and the greatest value."""
        ends = sorted((self.value(self.low), self.value(self.high)))
        return ends[0], ends[1]


def quantity(codec: str, key: str, field: FieldTable, low: int, high: int) -> Quantity:
    """Read a number's table; `low` and `high` are the steps that there is room for."""
    name = field.name or ""
    if field.scale == 0 or not isfinite(field.scale) or not isfinite(field.offset):
        raise LayoutError(f"{key}.scale", "must be a finite number other than 0")
    least, most = _narrowed(key, field, low, high)
    digits = field.digits
    if digits is None:
        digits = max(_decimals(field.scale), _decimals(field.offset)) or None
    return Quantity(codec, name, least, most, field.scale, field.offset, digits)


def _narrowed(key: str, field: FieldTable, low: int, high: int) -> tuple[int, int]:
    """Return the steps that minimum and maximum leave of those that there is room for."""
    least, most = low, high
    for name, stated in (("minimum", field.minimum), ("maximum", field.maximum)):
        if stated is None:
            continue
        exact = (stated - field.offset) / field.scale
        is_least = (name == "minimum") == (field.scale > 0)
        raw = ceil(exact - 1e-9) if is_least else floor(exact + 1e-9)
        if not low <= raw <= high:
            reason = f"{stated:g} is {raw} on the wire, there is room for {low} to {high}"
            raise LayoutError(f"{key}.{name}", reason)
        least, most = (raw, most) if is_least else (least, raw)
    if least > most:
        raise LayoutError(f"{key}.minimum", "is above the maximum")
    return least, most


def _decimals(number: float) -> int:
    exponent = Decimal(f"{number:.12g}").normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
