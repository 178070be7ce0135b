"""Ways and areas in files: GPX and GeoJSON, as phones, planners and map tools write them.

What is read is data from outside: entities and document types in XML are refused, and so is every
place that is not on earth.
"""

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import defusedxml
import msgspec
from defusedxml.ElementTree import ParseError, fromstring

from simulator.clock import ClockError, epoch_s
from simulator.device.area import Corner
from simulator.errors import InputError

_MOST_BYTES = 50_000_000
_MOST_POINTS = 200_000


class WayFileError(InputError):
    """A file of a way cannot be used: `path`, `reason`."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class Way(NamedTuple):
    """Waypoints in degrees, and their times in seconds since the first, where all have one."""

    waypoints: tuple[Corner, ...]
    times_s: tuple[float, ...] = ()


def read_way(path: Path) -> Way:
    """Return the way of a GPX or GeoJSON file; raise `WayFileError`."""
    content = _content(path)
    points = _gpx(path, content) if content.lstrip()[:1] == b"<" else _lines(path, content)
    found = [
        _checked(path, lat, lon, time)
        for lat, lon, time in itertools.islice(points, _MOST_POINTS + 1)
    ]
    if len(found) > _MOST_POINTS:
        raise WayFileError(path, f"has more than {_MOST_POINTS} points; simplify it first.")
    if len(found) < 2:
        raise WayFileError(path, "has no way: two points at least, of a track, route or line.")
    times = [time for _, _, time in found if time is not None]
    is_timed = len(times) == len(found) and all(b > a for a, b in itertools.pairwise(times))
    began_s = times[0] if times else 0.0
    return Way(
        tuple((lat, lon) for lat, lon, _ in found),
        tuple(time - began_s for time in times) if is_timed else (),
    )


def read_area(path: Path) -> tuple[Corner, ...]:
    """Return the outer ring of the first polygon of a GeoJSON file; raise `WayFileError`."""
    for kind, coordinates in _geometries(path, _decoded(path, _content(path))):
        if kind in ("Polygon", "MultiPolygon"):
            rings = coordinates if kind == "Polygon" else _first(path, coordinates)
            points = (_lat_lon(path, point) for point in _first(path, rings))
            corners = [_checked(path, lat, lon, None)[:2] for lat, lon in points]
            is_closed = len(corners) > 1 and corners[0] == corners[-1]
            return tuple(corners[:-1] if is_closed else corners)
    raise WayFileError(path, "has no polygon.")


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise WayFileError(path, f"is larger than {_MOST_BYTES // 1_000_000} MB.")
        return path.read_bytes()
    except OSError as error:
        raise WayFileError(path, f"cannot be read: {error.strerror}.") from error


def _gpx(path: Path, content: bytes) -> Iterator[tuple[float, float, float | None]]:
    """Yield the points of the tracks, or else of the routes, of a GPX file."""
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, defusedxml.DefusedXmlException, ValueError) as error:
        raise WayFileError(path, f"is no GPX that may be read: {error}") from error
    for name in ("trkpt", "rtept"):
        points = root.findall(f".//{{*}}{name}")
        for point in points:
            time = point.findtext("{*}time")
            yield (
                _number(path, point.get("lat")),
                _number(path, point.get("lon")),
                _time(path, time),
            )
        if points:
            return


def _lines(path: Path, content: bytes) -> Iterator[tuple[float, float, None]]:
    """Yield the points of the lines of a GeoJSON file."""
    for kind, coordinates in _geometries(path, _decoded(path, content)):
        if kind in ("LineString", "MultiLineString"):
            for line in [coordinates] if kind == "LineString" else coordinates:
                for point in _list(path, line):
                    yield (*_lat_lon(path, point), None)


def _decoded(path: Path, content: bytes) -> object:
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError) as error:
        raise WayFileError(path, f"is neither GPX nor GeoJSON: {error}") from error


def _geometries(path: Path, value: object) -> Iterator[tuple[str, list]]:  # type: ignore[type-arg]  # JSON
    """Yield the geometries of a GeoJSON object, of whatever it is a collection."""
    if not isinstance(value, dict):
        raise WayFileError(path, "is no GeoJSON: an object with a type.")
    inner = value.get("features") or value.get("geometries")
    if isinstance(inner, list):
        for one in inner:
            yield from _geometries(path, one)
    elif isinstance(value.get("geometry"), dict):
        yield from _geometries(path, value["geometry"])
    elif isinstance(value.get("coordinates"), list):
        yield str(value.get("type")), value["coordinates"]


def _list(path: Path, value: object) -> list:  # type: ignore[type-arg]  # JSON
    if not isinstance(value, list):
        raise WayFileError(path, f"has {value!r} in place of a list of coordinates.")
    return value


def _first(path: Path, value: object) -> list:  # type: ignore[type-arg]  # JSON
    found = _list(path, value)
    if not found:
        raise WayFileError(path, "has a polygon without corners.")
    return _list(path, found[0])


def _lat_lon(path: Path, point: object) -> tuple[float, float]:
    """Return a point of GeoJSON, which puts the longitude first."""
    if not isinstance(point, list) or len(point) < 2:
        raise WayFileError(path, f"has {point!r} in place of [longitude, latitude].")
    return _number(path, point[1]), _number(path, point[0])


def _number(path: Path, value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]  # whatever cannot is answered below
    except (TypeError, ValueError) as error:
        raise WayFileError(path, f"has {value!r} in place of a number of degrees.") from error


def _time(path: Path, text: str | None) -> float | None:
    try:
        return None if text is None else epoch_s(text.strip())
    except ClockError as error:
        raise WayFileError(path, str(error)) from error


def _checked(
    path: Path, lat: float, lon: float, time: float | None
) -> tuple[float, float, float | None]:
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise WayFileError(path, f"leaves the earth at latitude {lat:g}, longitude {lon:g}.")
    return lat, lon, time


_Points = Iterable[tuple[float, float, float | None]]
