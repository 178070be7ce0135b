"""Fixed locations as the sandbox keeps them: checked, unique, and shown with their dotted keys."""

from typing import Annotated

from msgspec import Meta, Struct, field
from msgspec.structs import asdict, replace

from simulator.sandbox.catalogue import LOCATION_TYPES
from simulator.sandbox.polygons import is_covered
from simulator.sandbox.refusal import RefusedError, malformed, missing
from simulator.sandbox.rows import FixedLocation
from simulator.sandbox.tenant import Tenant

Text = Annotated[str, Meta(min_length=1)]
Degrees = Annotated[str, Meta(pattern=r"^-?[0-9]{1,3}(\.[0-9]+)?$", description="degrees, as text")]


class NewSite(Struct, frozen=True, kw_only=True, rename="camel"):
    """A site; both its names are yours and unique."""

    external_reference_id: Text
    location_identifier: Text
    latitude: Degrees
    longitude: Degrees
    callout_location_type_id: int | None = None
    customer_id: int | None = None
    location_description: str | None = None
    location_additional_information: str | None = None
    formatted_address: str | None = None
    w3w: str | None = None
    duress_code: str | None = None


class SiteView(Struct, frozen=True, kw_only=True, rename="camel"):
    """A site as AURA shows it, flat, with literal dotted keys for its type."""

    id: int
    customer_source_id: int
    external_reference_id: str
    location_identifier: str
    latitude: str
    longitude: str
    callout_location_type_id: int | None
    customer_id: int | None
    location_description: str | None
    location_additional_information: str | None
    formatted_address: str | None
    w3w: str | None
    duress_code: str | None
    callout_location_type_value: str | None
    callout_location_type_description: str | None
    medical_coverage: bool | None
    security_coverage: bool | None
    in_coverage_last_checked_at: str | None
    created_at: str
    updated_at: str
    type_id: int | None = field(name="calloutLocationType.id")
    type_value: str | None = field(name="calloutLocationType.value")
    type_description: str | None = field(name="calloutLocationType.description")
    type_address: str | None = field(name="calloutLocationType.addressType")
    type_created_at: str | None = field(name="calloutLocationType.createdAt")
    type_updated_at: str | None = field(name="calloutLocationType.updatedAt")


def find_site(tenant: Tenant, location_id: int) -> FixedLocation:
    """Return a site; refuse with 404 if there is none of this id here."""
    site = tenant.locations.get(location_id)
    if site is None:
        raise missing("fixed location", location_id)
    return site


def add_site(tenant: Tenant, body: NewSite) -> FixedLocation:
    """Return a new site, checked."""
    _check(tenant, body, None)
    now = tenant.stamp()
    return tenant.locations.put(
        FixedLocation(
            **asdict(body),
            id=tenant.next_id("location"),
            customer_source_id=tenant.source_id,
            created_at=now,
            updated_at=now,
        )
    )


def change_site(tenant: Tenant, site: FixedLocation, body: NewSite) -> FixedLocation:
    """Describe a site anew."""
    _check(tenant, body, site.id)
    return tenant.locations.put(replace(site, **asdict(body), updated_at=tenant.stamp()))


def view(site: FixedLocation) -> SiteView:
    """Return a site as AURA shows it."""
    kind = LOCATION_TYPES.get(site.callout_location_type_id or 0)
    latitude, longitude = float(site.latitude), float(site.longitude)
    return SiteView(
        **asdict(site),
        callout_location_type_value=kind.value if kind else None,
        callout_location_type_description=kind.description if kind else None,
        medical_coverage=is_covered(2, latitude, longitude),
        security_coverage=is_covered(1, latitude, longitude),
        in_coverage_last_checked_at=site.updated_at,
        type_id=kind.id if kind else None,
        type_value=kind.value if kind else None,
        type_description=kind.description if kind else None,
        type_address=kind.address_type if kind else None,
        type_created_at=site.created_at if kind else None,
        type_updated_at=site.created_at if kind else None,
    )


def _check(tenant: Tenant, body: NewSite, own_id: int | None) -> None:
    if abs(float(body.latitude)) > 90:
        raise malformed("latitude", "must lie between -90 and 90.")
    if abs(float(body.longitude)) > 180:
        raise malformed("longitude", "must lie between -180 and 180.")
    if body.callout_location_type_id not in (None, *LOCATION_TYPES):
        known = ", ".join(map(str, LOCATION_TYPES))
        raise malformed("calloutLocationTypeId", f"must be one of {known}.")
    if body.customer_id is not None and tenant.customers.get(body.customer_id) is None:
        raise missing("customer", body.customer_id)
    names = {
        "externalReferenceId": ("ref", body.external_reference_id),
        "locationIdentifier": ("name", body.location_identifier),
    }
    for said, key in names.items():
        taken = tenant.locations_by_name.first(key)
        if taken is not None and taken.id != own_id:
            raise RefusedError(409, f"{said}: another fixed location has this already.")
