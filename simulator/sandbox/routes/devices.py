"""Devices: linked to a customer under a template, changed, unlinked.

A `defaultLocation` may be given on link and update (our choice): where a press without a position
of its own happens.
"""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from simulator.profile import Profile
from simulator.sandbox.magic import check_serial
from simulator.sandbox.places import Fix
from simulator.sandbox.refusal import RefusedError, malformed, missing
from simulator.sandbox.routes.customers import find_customer
from simulator.sandbox.routing import PREFIX, Call, Message, Reply, body_route, route
from simulator.sandbox.rows import DeviceLink
from simulator.sandbox.tenant import Tenant

Text = Annotated[str, Meta(min_length=1)]


class NewLink(Struct, frozen=True, kw_only=True, rename="camel"):
    """A device and whom it acts for."""

    customer_id: int
    device_serial: Text
    device_supplier: Text
    device_alias: str | None = None
    device_type: int | None = None
    firmware_version: str | None = None
    default_location: Fix | None = None


class LinkChanges(Struct, frozen=True, kw_only=True, rename="camel"):
    """Which device, by id or serial, and what to change; null takes a value away."""

    customer_id: int | UnsetType = UNSET
    device_id: str | UnsetType = UNSET
    device_serial: str | UnsetType = UNSET
    device_supplier: str | UnsetType = UNSET
    device_type: int | UnsetType = UNSET
    device_alias: str | UnsetType | None = UNSET
    firmware_version: str | UnsetType | None = UNSET
    default_location: Fix | UnsetType | None = UNSET


class LinkView(Struct, frozen=True, kw_only=True, rename="camel"):
    """A linked device, flat; `deviceId` is what its events carry."""

    id: int
    customer_id: int
    customer_source_id: int
    device_id: str
    device_serial: str
    alias: str | None
    device_type_id: int
    firmware_version: str | None
    default_location: Fix | None
    health_check_last_received_date: str | None
    battery_level: int | None
    battery_level_last_received_date: str | None
    created_at: str
    updated_at: str


def link_device(call: Call, body: NewLink) -> Reply:
    """Link a device to a customer; linked to the same customer already, it is returned."""
    tenant = call.tenant
    find_customer(tenant, body.customer_id)
    check_serial(body.device_serial)
    template = tenant.house.templates.for_link(
        body.device_serial, body.device_supplier, body.device_type
    )
    type_id = template.aura.device_type_id
    known = tenant.links_by_serial.all(body.device_serial)
    found = next((link for link in known if link.device_type_id == type_id), None)
    if found is None:
        _refuse_taken_id(tenant, template, body.device_serial, None)
        return Reply(201, view_link(_keep_new(tenant, body, template)))
    if found.customer_id != body.customer_id:
        raise RefusedError(409, "deviceSerial: this device is linked to another customer.")
    return Reply(200, view_link(found))


def update_device(call: Call, body: LinkChanges) -> Reply:
    """Change what is known about a linked device."""
    tenant = call.tenant
    link = _chosen(tenant, body)
    serial = link.device_serial if body.device_serial is UNSET else body.device_serial
    supplier = link.device_supplier if body.device_supplier is UNSET else body.device_supplier
    type_id = link.device_type_id if body.device_type is UNSET else body.device_type
    template = tenant.house.templates.for_link(serial, supplier, type_id)
    _refuse_taken_id(tenant, template, serial, link.id)
    changed = replace(
        link,
        device_serial=serial,
        device_supplier=template.aura.supplier,
        device_type_id=type_id,
        device_id=template.identity.device_id.derive(serial),
        alias=link.alias if body.device_alias is UNSET else body.device_alias,
        firmware_version=(
            link.firmware_version if body.firmware_version is UNSET else body.firmware_version
        ),
        updated_at=tenant.stamp(),
    )
    if body.default_location is not UNSET:
        place = body.default_location
        changed = replace(changed, default_location=place.position() if place else None)
    return Reply(200, view_link(tenant.links.put(changed)))


def unlink_device(call: Call) -> Reply:
    """Unlink a device by its derived id."""
    tenant, device_id = call.tenant, call.path["deviceId"]
    link = _by_device_id(tenant, device_id)
    if link is None and call.tenants.settings.accept_older:
        link = _by_serial(tenant, device_id)
    if link is None:
        raise missing("device", device_id)
    tenant.links.drop(link)
    return Reply(200, Message())


def _keep_new(tenant: Tenant, body: NewLink, template: Profile) -> DeviceLink:
    now = tenant.stamp()
    place = body.default_location
    return tenant.links.put(
        DeviceLink(
            id=tenant.next_id("device"),
            customer_id=body.customer_id,
            customer_source_id=tenant.source_id,
            device_id=template.identity.device_id.derive(body.device_serial),
            device_serial=body.device_serial,
            device_supplier=template.aura.supplier,
            alias=body.device_alias,
            device_type_id=template.aura.device_type_id,
            firmware_version=body.firmware_version,
            default_location=place.position() if place else None,
            created_at=now,
            updated_at=now,
        )
    )


def _refuse_taken_id(tenant: Tenant, template: Profile, serial: str, own_id: int | None) -> None:
    """Refuse a serial whose derived id another device has: events could not tell them apart."""
    device_id = template.identity.device_id.derive(serial)
    taken = tenant.linked(template.aura.device_type_id, device_id)
    if taken is not None and taken.id != own_id:
        raise RefusedError(409, f"deviceSerial: device id {device_id} is linked already.")


def _chosen(tenant: Tenant, body: LinkChanges) -> DeviceLink:
    """Return the device that a change speaks of; `customerId`, where given, must be its owner."""
    link: DeviceLink | None
    if body.device_id is not UNSET:
        named, link = body.device_id, _by_device_id(tenant, body.device_id)
    elif body.device_serial is not UNSET:
        named, link = body.device_serial, _by_serial(tenant, body.device_serial)
    else:
        raise malformed("deviceId", "is required, or deviceSerial.")
    if link is None or body.customer_id not in (UNSET, link.customer_id):
        raise missing("device", named)
    return link


def _by_device_id(tenant: Tenant, device_id: str) -> DeviceLink | None:
    return tenant.links_by_device.first(device_id)


def _by_serial(tenant: Tenant, serial: str) -> DeviceLink | None:
    return tenant.links_by_serial.first(serial)


def view_link(link: DeviceLink) -> LinkView:
    """Return a linked device as AURA shows it."""
    return msgspec.convert(link, LinkView, from_attributes=True)


ROUTES = (
    body_route(
        "POST",
        f"{PREFIX}/devices",
        NewLink,
        link_device,
        answers={200: LinkView, 201: LinkView},
        refusals=(404, 409),
    ),
    body_route(
        "PUT",
        f"{PREFIX}/devices",
        LinkChanges,
        update_device,
        answers={200: LinkView},
        refusals=(404, 409),
    ),
    route(
        "DELETE",
        f"{PREFIX}/devices/{{deviceId}}",
        unlink_device,
        answers={200: Message},
        refusals=(404,),
    ),
)
