"""Fixed locations, and callouts raised for them by their external reference."""

from msgspec import Struct

from simulator.sandbox.callout_views import FlatCallout, flat
from simulator.sandbox.decoding import Json
from simulator.sandbox.opening import Emergency, check_types, open_callout
from simulator.sandbox.places import site_position
from simulator.sandbox.refusal import malformed
from simulator.sandbox.routing import DONE, PREFIX, Call, Message, Reply, body_route, route
from simulator.sandbox.rows import FixedLocation
from simulator.sandbox.sites import NewSite, SiteView, add_site, change_site, find_site, view


class SiteCall(Struct, frozen=True, kw_only=True, rename="camel"):
    """The body may be left out; older fields are understood if they come."""

    installer_identifier: str | None = None
    response_type_id: int = 1
    callout_classification_id: int = 1
    internal_test: bool = False


class SiteCallout(Struct, frozen=True, kw_only=True, rename="camel"):
    """The callout, and who installed the alarm."""

    message: str = DONE
    installer_identifier: str | None
    external_reference_id: str
    callout: FlatCallout


def list_fixed_locations(call: Call) -> Reply:
    """List the fixed locations of the customer source."""
    return Reply(200, [view(site) for site in call.tenant.locations])


def create_fixed_location(call: Call, body: NewSite) -> Reply:
    """Register a fixed location."""
    return Reply(200, view(add_site(call.tenant, body)))


def get_fixed_location(call: Call) -> Reply:
    """Return a fixed location."""
    return Reply(200, view(find_site(call.tenant, call.id("locationId"))))


def update_fixed_location(call: Call, body: NewSite) -> Reply:
    """Describe a fixed location anew."""
    site = find_site(call.tenant, call.id("locationId"))
    return Reply(200, view(change_site(call.tenant, site, body)))


def delete_fixed_location(call: Call) -> Reply:
    """Forget a fixed location."""
    call.tenant.locations.drop(find_site(call.tenant, call.id("locationId")))
    return Reply(200, Message())


def create_fixed_location_callout(call: Call, body: SiteCall) -> Reply:
    """Raise a callout for a fixed location; an unknown reference is 400 here, not 404."""
    tenant = call.tenant
    site = tenant.locations_by_name.first(("ref", call.path["externalReferenceId"]))
    if site is None:
        raise malformed("externalReferenceId", "no fixed location has this reference.")
    check_types(body.response_type_id, body.callout_classification_id)
    callout, is_new = open_callout(tenant, _emergency(site, body))
    answer = SiteCallout(
        installer_identifier=callout.installer_identifier,
        external_reference_id=site.external_reference_id,
        callout=flat(tenant, callout),
    )
    return Reply(201 if is_new else 200, answer)


def _emergency(site: FixedLocation, body: SiteCall) -> Emergency:
    return Emergency(
        customer_id=site.customer_id,
        position=site_position(site),
        predefined_location_id=site.id,
        response_type_id=body.response_type_id,
        classification_id=body.callout_classification_id,
        internal_test=body.internal_test,
        installer_identifier=body.installer_identifier,
        address=site.formatted_address,
        is_site=True,
    )


def _older(body: Json) -> Json:
    """Rewrite the site of the first documentation: a name, and numbers for coordinates."""
    if "locationIdentifier" in body:
        return body
    renamed = {"name": "locationIdentifier", "address": "formattedAddress"}
    site = {renamed.get(key, key): value for key, value in body.items()}
    for key in ("latitude", "longitude"):
        if key in site:
            site[key] = str(site[key])
    return site


_ALL = f"{PREFIX}/predefinedLocations"
_ONE = f"{_ALL}/{{locationId}}"
ROUTES = (
    route("GET", _ALL, list_fixed_locations, answers={200: list[SiteView]}),
    body_route(
        "POST",
        _ALL,
        NewSite,
        create_fixed_location,
        answers={200: SiteView},
        refusals=(404, 409),
        older=_older,
    ),
    route("GET", _ONE, get_fixed_location, answers={200: SiteView}, refusals=(404,)),
    body_route(
        "PUT",
        _ONE,
        NewSite,
        update_fixed_location,
        answers={200: SiteView},
        refusals=(404, 409),
        older=_older,
    ),
    route("DELETE", _ONE, delete_fixed_location, answers={200: Message}, refusals=(404,)),
    body_route(
        "POST",
        f"{_ALL}/externalRef/{{externalReferenceId}}/callouts",
        SiteCall,
        create_fixed_location_callout,
        answers={200: SiteCallout, 201: SiteCallout},
        may_be_empty=True,
    ),
)
