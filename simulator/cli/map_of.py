"""A small map of a fleet in characters: where devices are, and which of them have a callout."""

from collections.abc import Collection

from simulator.run.observer import Spot

_MANY = 5
_MARKS = (" ", ".", "o", "O")  # none, one, some, many


def map_of(spots: Collection[Spot], width: int, height: int) -> list[str]:
    """Return the map as lines, north at the top: `!` has a callout open, `x` is dead.

    The frame is that of all devices; a device alone is in the middle.
    """
    if not spots:
        return []
    lats = [spot.latitude for spot in spots]
    lons = [spot.longitude for spot in spots]
    cells: dict[tuple[int, int], list[Spot]] = {}
    for spot in spots:
        row = _cell(max(lats) - spot.latitude, max(lats) - min(lats), height)
        column = _cell(spot.longitude - min(lons), max(lons) - min(lons), width)
        cells.setdefault((row, column), []).append(spot)
    return [
        "".join(_mark(cells.get((row, column), [])) for column in range(width))
        for row in range(height)
    ]


def _cell(offset: float, extent: float, count: int) -> int:
    return count // 2 if extent <= 0 else min(count - 1, int(offset / extent * count))


def _mark(spots: list[Spot]) -> str:
    if any(spot.has_callout for spot in spots):
        return "!"
    if spots and all(spot.is_dead for spot in spots):
        return "x"
    return _MARKS[min(len(spots), 2)] if len(spots) < _MANY else _MARKS[3]
