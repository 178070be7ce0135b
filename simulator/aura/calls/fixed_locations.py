"""Fixed locations: sites that call for help without a phone.

AURA: property-protect/fixed-locations. Its coordinates are texts here, both ways.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.aura.call import Call, Json, Repeat, encode
from simulator.aura.calls.callout_view import callout_of
from simulator.aura.http import Response
from simulator.aura.paths import segment
from simulator.aura.reading import Fields, id_of, many, message_of, object_of, one
from simulator.aura.types import CustomerId, FixedLocation, FixedLocationCallout, LocationId
from simulator.errors import InputError

_BOUNDARY = "aurasim-4d5f2c8e9b7a"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A fixed location as you describe it; `identifier` is a text of yours, unique among sites."""

    external_reference_id: str
    identifier: str
    latitude: float
    longitude: float
    type_id: int | None = None
    customer_id: CustomerId | None = None
    description: str | None = None
    additional_information: str | None = None
    address: str | None = None
    what3words: str | None = None

    def json(self) -> dict[str, Json]:
        """Return it as AURA wants it."""
        body: dict[str, Json] = {
            "externalReferenceId": self.external_reference_id,
            "locationIdentifier": self.identifier,
            "latitude": str(self.latitude),
            "longitude": str(self.longitude),
            "calloutLocationTypeId": self.type_id,
            "customerId": self.customer_id,
            "locationDescription": self.description,
            "locationAdditionalInformation": self.additional_information,
            "formattedAddress": self.address,
            "w3w": self.what3words,
        }
        return {name: value for name, value in body.items() if value is not None}


def list_all() -> Call[list[FixedLocation]]:
    """List the sites of the customer source. Errors: 401.

    AURA: api-reference/fixed-locations; the path is the setting `Paths.fixed_locations`.
    """
    read = many(read_location, "predefinedLocations", "fixedLocations")
    return Call("GET", lambda paths: paths.fixed_locations, read, repeat=Repeat.SAFE)


def create(site: Site) -> Call[FixedLocation]:
    """Register a site. Errors: 400, 401.

    AURA: api-reference/fixed-locations/create-fixed-location.
    """
    return Call("POST", lambda paths: paths.fixed_locations, _location, encode(site.json()))


def get(location_id: LocationId) -> Call[FixedLocation]:
    """Read a site. Errors: 401, 404. AURA: api-reference/fixed-locations."""
    end = f"/{segment(location_id)}"
    return Call("GET", lambda paths: paths.fixed_locations + end, _location, repeat=Repeat.SAFE)


def update(location_id: LocationId, site: Site) -> Call[FixedLocation]:
    """Describe a site anew. Errors: 400, 401, 404.

    AURA: api-reference/fixed-locations/update-fixed-location.
    """
    end = f"/{segment(location_id)}"
    body = encode(site.json())
    return Call("PUT", lambda paths: paths.fixed_locations + end, _location, body, Repeat.SAFE)


def delete(location_id: LocationId) -> Call[str]:
    """Forget a site; returns AURA's message. Errors: 401, 404.

    AURA: api-reference/fixed-locations.
    """
    end = f"/{segment(location_id)}"
    return Call("DELETE", lambda paths: paths.fixed_locations + end, message_of)


def create_callout(
    external_reference_id: str,
    *,
    installer_identifier: str | None = None,
    fresh_until_s: float | None = None,
) -> Call[FixedLocationCallout]:
    """Call for help for a site, named by your own reference.

    Tried again until `fresh_until_s` (seconds since 1970), without it never. Errors: 400 (also for
    an unknown reference, which is not 404), 401. AURA: property-protect/quickstart.
    """
    body: dict[str, Json] = {}
    if installer_identifier is not None:
        body["installerIdentifier"] = installer_identifier
    return Call(
        "POST",
        f"/predefinedLocations/externalRef/{segment(external_reference_id)}/callouts",
        _site_callout,
        encode(body),
        Repeat.WHILE_FRESH,
        fresh_until_s,
    )


def upload(
    csv: bytes,
    callback_url: str,
    *,
    user_email: str | None = None,
    delimiter: str | None = None,
    source: str | None = None,
) -> Call[str]:
    """Register many sites by a CSV file; AURA calls `callback_url` (https) with the outcome.

    Returns AURA's message. Errors: 400, 401, 500. The path lacks the prefix of the others; it is
    the setting `Paths.bulk_locations`.
    AURA: api-reference/fixed-locations/bulk-upload-fixed-locations.
    """
    if _BOUNDARY.encode() in csv:
        message = "The CSV file contains the separator of the upload. Take that line out."
        raise InputError(message)
    given = {
        "callbackUrl": callback_url,
        "userEmail": user_email,
        "delimiter": delimiter,
        "source": source,
    }
    return Call(
        "POST",
        lambda paths: paths.bulk_locations,
        message_of,
        _multipart({name: value for name, value in given.items() if value is not None}, csv),
        content_type=f"multipart/form-data; boundary={_BOUNDARY}",
        has_prefix=False,
    )


def read_location(fields: Fields) -> FixedLocation:
    """Read a site in either spelling."""
    return FixedLocation(
        id=LocationId(fields.identity("id")),
        external_reference_id=fields.text("externalReferenceId"),
        identifier=fields.text("locationIdentifier", "name"),
        latitude=fields.number("latitude"),
        longitude=fields.number("longitude"),
        customer_id=id_of(CustomerId, fields.whole("customerId")),
        description=fields.text("locationDescription"),
        address=fields.text("formattedAddress", "address"),
        type_id=fields.whole("calloutLocationTypeId", "calloutLocationType.id"),
        has_medical_coverage=fields.flag("medicalCoverage"),
        has_security_coverage=fields.flag("securityCoverage"),
        raw=fields.raw,
    )


_location = one(read_location, "predefinedLocation", "fixedLocation")


def _site_callout(response: Response) -> FixedLocationCallout:
    fields = object_of(response)
    return FixedLocationCallout(
        callout=callout_of(response),
        external_reference_id=fields.text("externalReferenceId"),
        installer_identifier=fields.text("installerIdentifier"),
    )


def _multipart(given: Mapping[str, str], csv: bytes) -> bytes:
    """Write a form with texts and the file; a constant boundary keeps a run repeatable."""
    head = "".join(
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in given.items()
    )
    head += (
        f"--{_BOUNDARY}\r\nContent-Disposition: form-data; "
        'name="locations"; filename="locations.csv"\r\nContent-Type: text/csv\r\n\r\n'
    )
    return head.encode() + csv + f"\r\n--{_BOUNDARY}--\r\n".encode()
