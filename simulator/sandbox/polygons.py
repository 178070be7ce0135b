"""Where AURA answers, as the sandbox has it: two cities, in the KML that AURA serves."""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

_MEDICAL = 2


@dataclass(frozen=True, slots=True)
class Polygon:
    """A named area; its corners are (longitude, latitude) as KML orders them."""

    name: str
    corners: tuple[tuple[float, float], ...]

    def has(self, latitude: float, longitude: float) -> bool:
        """Return whether a point lies inside, by the even-odd rule."""
        is_inside = False
        for (x1, y1), (x2, y2) in zip(
            self.corners, (*self.corners[1:], self.corners[0]), strict=True
        ):
            if (y1 > latitude) != (y2 > latitude):
                crossing = x1 + (latitude - y1) * (x2 - x1) / (y2 - y1)
                is_inside ^= longitude < crossing
        return is_inside


_JOHANNESBURG = Polygon(
    "Johannesburg and Pretoria", ((27.6, -26.55), (28.6, -26.5), (28.65, -25.5), (27.8, -25.55))
)
_CAPE_TOWN = Polygon(
    "Cape Town", ((18.25, -34.4), (18.95, -34.25), (19.0, -33.7), (18.5, -33.5), (18.3, -33.8))
)
COVERAGE: Mapping[int, tuple[Polygon, ...]] = {
    1: (_JOHANNESBURG, _CAPE_TOWN),
    _MEDICAL: (_JOHANNESBURG,),
}


def is_covered(response_type_id: int, latitude: float, longitude: float) -> bool:
    """Return whether a kind of help comes to a place."""
    return any(polygon.has(latitude, longitude) for polygon in COVERAGE[response_type_id])


def kml(response_type_id: int) -> bytes:
    """Return the coverage of a kind of help as KML, a Placemark a polygon."""
    marks = "".join(_placemark(polygon) for polygon in COVERAGE[response_type_id])
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        f"<name>Coverage {response_type_id}</name>{marks}</Document></kml>\n"
    ).encode()


def _placemark(polygon: Polygon) -> str:
    ring = " ".join(f"{x},{y},0" for x, y in (*polygon.corners, polygon.corners[0]))
    return (
        f"<Placemark><name>{escape(polygon.name)}</name><Polygon><outerBoundaryIs><LinearRing>"
        f"<coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    )
