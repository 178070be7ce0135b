"""A map without tiles: positions on a graticule, drawn as plain SVG coordinates."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from simulator.sandbox.rows import Position

WIDTH, HEIGHT = 1000.0, 520.0
_MARGIN = 56.0
_LEAST_DEG = 0.01  # about a kilometre: one lonely mark is not drawn at a metre's scale
_LINES = 6
_STEEPEST_DEG = 85.0


@dataclass(frozen=True, slots=True)
class Line:
    """A meridian or a parallel; `at` is its place across, in the drawing's units."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A view of a piece of the earth, equally scaled both ways at its middle."""

    lat_deg: float
    lon_deg: float
    scale: float  # units of the drawing a degree of latitude
    squeeze: float

    def x(self, lon_deg: float) -> float:
        """Return how far right a longitude is."""
        return round(WIDTH / 2 + (lon_deg - self.lon_deg) * self.squeeze * self.scale, 1)

    def y(self, lat_deg: float) -> float:
        """Return how far down a latitude is."""
        return round(HEIGHT / 2 - (lat_deg - self.lat_deg) * self.scale, 1)

    @property
    def meridians(self) -> Sequence[Line]:
        """Return the lines of longitude to draw."""
        half_deg = WIDTH / 2 / (self.squeeze * self.scale)
        values = _round_values(self.lon_deg - half_deg, self.lon_deg + half_deg)
        return [Line(self.x(v), _degrees(v, "EW", d)) for v, d in values if abs(v) <= 180]

    @property
    def parallels(self) -> Sequence[Line]:
        """Return the lines of latitude to draw."""
        half_deg = HEIGHT / 2 / self.scale
        values = _round_values(self.lat_deg - half_deg, self.lat_deg + half_deg)
        return [Line(self.y(v), _degrees(v, "NS", d)) for v, d in values if abs(v) <= 90]


def chart_of(positions: Iterable[Position]) -> Chart | None:
    """Return a chart that shows all positions, None where there are none."""
    shown = list(positions)
    if not shown:
        return None
    south, north = _span([p.latitude for p in shown])
    west, east = _span([p.longitude for p in shown])
    middle = (south + north) / 2
    squeeze = math.cos(math.radians(min(abs(middle), _STEEPEST_DEG)))
    tall = max(north - south, _LEAST_DEG)
    wide = max(east - west, _LEAST_DEG) * squeeze
    scale = min((WIDTH - 2 * _MARGIN) / wide, (HEIGHT - 2 * _MARGIN) / tall)
    return Chart(middle, (west + east) / 2, scale, squeeze)


def _span(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)


def _round_values(low: float, high: float) -> Iterator[tuple[float, int]]:
    """Yield some round numbers of an interval, with the decimals they need."""
    raw = (high - low) / _LINES
    power = math.floor(math.log10(raw))
    step = next(m * 10**power for m in (1, 2, 5, 10) if m * 10**power >= raw)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    for number in range(math.ceil(low / step), math.floor(high / step) + 1):
        yield number * step, digits


def _degrees(value: float, sides: str, digits: int) -> str:
    side = "" if value == 0 else sides[0] if value > 0 else sides[1]
    return f"{abs(value):.{digits}f}°{side}"
