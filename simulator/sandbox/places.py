"""Coordinates in bodies: where a callout is, by degrees or by a fixed location."""

from typing import Annotated

from msgspec import Meta, Struct

from simulator.sandbox.refusal import malformed, missing
from simulator.sandbox.rows import FixedLocation, Position
from simulator.sandbox.tenant import Tenant

Latitude = Annotated[float, Meta(ge=-90, le=90, description="degrees")]
Longitude = Annotated[float, Meta(ge=-180, le=180, description="degrees")]
Accuracy = Annotated[float, Meta(ge=0, description="metres")]


class Place(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where a new callout is: degrees, or instead of them a fixed location."""

    latitude: Latitude | None = None
    longitude: Longitude | None = None
    accuracy: Accuracy | None = None
    predefined_location_id: int | None = None


class Fix(Struct, frozen=True, kw_only=True):
    """A position in degrees."""

    latitude: Latitude
    longitude: Longitude
    accuracy: Accuracy | None = None

    def position(self) -> Position:
        """Return it as it is kept."""
        return Position(latitude=self.latitude, longitude=self.longitude, accuracy=self.accuracy)


def resolve(
    tenant: Tenant, place: Place | None, location_id: int | None
) -> tuple[Position, int | None]:
    """Return where a callout is, and the fixed location if it is one; refuse both and neither."""
    inner = place.predefined_location_id if place else None
    location_id = location_id if location_id is not None else inner
    has_any = place is not None and (place.latitude is not None or place.longitude is not None)
    if location_id is not None:
        if has_any:
            raise malformed("location", "give coordinates or predefinedLocationId, not both.")
        return _of_location(tenant, location_id), location_id
    if place is None or not has_any:
        raise malformed("location", "is required, or predefinedLocationId instead of it.")
    if place.latitude is None or place.longitude is None:
        lacking = "latitude" if place.latitude is None else "longitude"
        raise malformed(f"location.{lacking}", "is required.")
    return (
        Position(latitude=place.latitude, longitude=place.longitude, accuracy=place.accuracy),
        None,
    )


def _of_location(tenant: Tenant, location_id: int) -> Position:
    location = tenant.locations.get(location_id)
    if location is None:
        raise missing("fixed location", location_id)
    return site_position(location)


def site_position(site: FixedLocation) -> Position:
    """Return where a fixed location is; it keeps its degrees as texts."""
    return Position(latitude=float(site.latitude), longitude=float(site.longitude))
