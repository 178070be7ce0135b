"""Parts of the world: circles and polygons, as run files, faults and coverage name them.

Like all of motion this is a flat earth: an area is a town or a country, not a hemisphere, and none
crosses the date line.
"""

import math
from itertools import pairwise
from typing import Annotated

from msgspec import Meta, Struct

from simulator.device.motion import Position, distance_m

Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Corner = tuple[Latitude, Longitude]
_METRES_PER_DEGREE = 111_320.0


class Area(Struct, frozen=True, forbid_unknown_fields=True):
    """A circle (`latitude`, `longitude`, `radius_m`) or a `polygon` of corners, in degrees."""

    latitude: Latitude | None = None  # of the middle of a circle
    longitude: Longitude | None = None  # of the middle of a circle
    radius_m: Annotated[float, Meta(gt=0, le=5_000_000)] | None = None  # of a circle
    polygon: Annotated[tuple[Corner, ...], Meta(min_length=3)] | None = None  # closes itself

    def __post_init__(self) -> None:
        circle = self.latitude, self.longitude, self.radius_m
        is_circle, has_none = None not in circle, circle == (None, None, None)
        if not (is_circle if self.polygon is None else has_none):
            message = (
                "An area is a circle (latitude, longitude and radius_m) or a polygon "
                "(corners, each [latitude, longitude]); write all of the one and none of the other."
            )
            raise ValueError(message)

    def contains(self, position: Position) -> bool:
        """Return whether a position lies in the area."""
        if self.polygon is None:
            return distance_m(self.centre, position) <= (self.radius_m or 0.0)
        return _is_within(self.polygon, position)

    @property
    def centre(self) -> Position:
        """Return the middle of a circle, or the mean of the corners."""
        if self.polygon is None:
            return Position(self.latitude or 0.0, self.longitude or 0.0)
        lats, lons = zip(*self.polygon, strict=True)
        return Position(math.fsum(lats) / len(lats), math.fsum(lons) / len(lons))

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Return the southernmost, westernmost, northernmost and easternmost degree."""
        if self.polygon is not None:
            lats, lons = zip(*self.polygon, strict=True)
            return min(lats), min(lons), max(lats), max(lons)
        centre = self.centre
        tall = (self.radius_m or 0.0) / _METRES_PER_DEGREE
        wide = tall / max(0.01, math.cos(math.radians(centre.latitude)))
        lat, lon = centre.latitude, centre.longitude
        return lat - tall, lon - wide, lat + tall, lon + wide


def are_apart(one: Area, other: Area) -> bool:
    """Return whether two areas certainly share no point; polygons are taken by their extent."""
    south, west, north, east = one.extent
    south2, west2, north2, east2 = other.extent
    if north < south2 or north2 < south or east < west2 or east2 < west:
        return True
    if one.radius_m is None or other.radius_m is None:
        return False
    return distance_m(one.centre, other.centre) > one.radius_m + other.radius_m


def _is_within(ring: tuple[Corner, ...], position: Position) -> bool:
    """Return whether a ray from the position to the east crosses the ring an odd number."""
    crossings = 0
    lat, lon = position.latitude, position.longitude
    for (lat1, lon1), (lat2, lon2) in pairwise((*ring, ring[0])):
        if (lat1 > lat) != (lat2 > lat):
            crossings += lon < lon1 + (lat - lat1) * (lon2 - lon1) / (lat2 - lat1)
    return crossings % 2 == 1
