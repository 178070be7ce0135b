"""A small map of a fleet in characters: where devices are, and which of them have a callout."""

from collections.abc import Collection

from simulator.run.observer import Spot

_MANY = 5
_MARKS = (" ", ".", "o", "O")  # none, one, some, many


def map_of(spots: Collection[Spot], width: int, height: int) -> list[str]:
    """Return the map as lines, north at the top: `!` has a callout open, `x` is dead.

    A device alone is in the middle.
    """
    if not spots:
        return []
    south, north = _span([spot.latitude for spot in spots])
    west, east = _span([spot.longitude for spot in spots])
    cells: dict[tuple[int, int], list[Spot]] = {}
    for spot in spots:
        row = _cell(north - spot.latitude, north - south, height)
        column = _cell(spot.longitude - west, east - west, width)
        cells.setdefault((row, column), []).append(spot)
    return [
        "".join(_mark(cells.get((row, column), [])) for column in range(width))
        for row in range(height)
    ]


def _span(degrees: list[float]) -> tuple[float, float]:
    """Return the extent of all but the few who are far away; they are drawn at the edge."""
    ordered = sorted(degrees)
    few = len(ordered) // 50
    return ordered[few], ordered[-1 - few]


def _cell(offset: float, extent: float, count: int) -> int:
    if extent <= 0:
        return count // 2
    return max(0, min(count - 1, int(offset / extent * count)))


def _mark(spots: list[Spot]) -> str:
    if any(spot.has_callout for spot in spots):
        return "!"
    if spots and all(spot.is_dead for spot in spots):
        return "x"
    return _MARKS[min(len(spots), 2)] if len(spots) < _MANY else _MARKS[3]
