"""Devices that act for a customer: their links, and the messages they send.

AURA: people-protect/iot-devices.
"""

from collections.abc import Mapping

from simulator.aura.call import Call, Json, Repeat, encode
from simulator.aura.http import Response
from simulator.aura.paths import segment
from simulator.aura.reading import (
    Fields,
    ShapeError,
    id_of,
    message_of,
    object_of,
    one,
    one_if_told,
)
from simulator.aura.types import CalloutId, CustomerId, DeviceEventAnswer, DeviceLink


def link(
    customer_id: CustomerId,
    serial: str,
    supplier: str,
    *,
    alias: str | None = None,
    device_type_id: int | None = None,
    firmware_version: str | None = None,
) -> Call[DeviceLink]:
    """Let a device act for a customer; the answer's `device_id` is what its events carry.

    Without a type AURA takes the supplier's. Errors: 400 (also for a serial or template that is not
    provisioned), 401. AURA: api-reference/iot-devices/link-device-to-customer.
    """
    body = _stated(
        customerId=customer_id,
        deviceSerial=serial,
        deviceSupplier=supplier,
        deviceAlias=alias,
        deviceType=device_type_id,
        firmwareVersion=firmware_version,
    )
    return Call("POST", "/devices", _link, encode(body))


def update(
    linked: DeviceLink,
    *,
    supplier: str | None = None,
    alias: str | None = None,
    device_type_id: int | None = None,
    firmware_version: str | None = None,
) -> Call[DeviceLink | None]:
    """Change the alias, type or firmware version of a linked device. Errors: 400, 401, 404.

    The device is named by all ids we hold, because AURA has not published which one it reads.
    None where AURA answers without the link. AURA: api-reference/iot-devices/update-device.
    """
    body = _stated(
        customerId=linked.customer_id,
        deviceId=linked.device_id,
        deviceSerial=linked.device_serial,
        deviceSupplier=supplier,
        deviceAlias=alias,
        deviceType=device_type_id,
        firmwareVersion=firmware_version,
    )
    return Call("PUT", "/devices", _updated, encode(body), Repeat.SAFE)


def unlink(device_id: str) -> Call[str]:
    """End what a device does for its customer; returns AURA's message. Errors: 401, 404.

    Takes the derived id of the link answer. AURA: api-reference/iot-devices/unlink-device.
    """
    return Call("DELETE", f"/devices/{segment(device_id)}", message_of)


def event(
    message: Mapping[str, Json] | bytes, *, fresh_until_s: float | None = None
) -> Call[DeviceEventAnswer]:
    """Send what a device says, as its template writes it: an object, or its JSON already encoded.

    AURA has no idempotency key, and a press that arrives after the callout was closed opens a new
    one. So a message is sent, and sent again, only until `fresh_until_s` (seconds since 1970);
    without it once. Errors: 400 (also for an unknown device), 401, 500.
    AURA: api-reference/iot-devices/create-device-event.
    """
    body = message if isinstance(message, bytes) else encode(message)
    return Call("POST", "/deviceEvent", read_event_answer, body, Repeat.WHILE_FRESH, fresh_until_s)


def read_event_answer(response: Response) -> DeviceEventAnswer:
    """Read what AURA made of a message."""
    fields = object_of(response)
    resolved = fields.part("resolvedAuraEvent")
    if not resolved.raw:
        message = "'resolvedAuraEvent' is not there"
        raise ShapeError(message)
    outcome = resolved.part("eventResponse")
    return DeviceEventAnswer(
        message=fields.text("message") or "",
        event_types=_names(resolved.value("eventTypes", "eventType")),
        callout_id=id_of(CalloutId, outcome.whole("calloutId")),
        device_id=outcome.text("deviceId"),
        battery_percent=outcome.number("batteryLevel", "battery"),
        raw=fields.raw,
    )


def read_link(fields: Fields) -> DeviceLink:
    """Read a link, whose ids may be numbers or texts."""
    device_id = fields.text("deviceId")
    if not device_id:
        message = "'deviceId' is not there"
        raise ShapeError(message)
    return DeviceLink(
        id=fields.identity("id"),
        customer_id=id_of(CustomerId, fields.whole("customerId")),
        device_id=device_id,
        device_serial=fields.text("deviceSerial"),
        alias=fields.text("alias", "deviceAlias"),
        device_type_id=fields.whole("deviceTypeId", "deviceType"),
        firmware_version=fields.text("firmwareVersion"),
        battery_percent=fields.number("batteryLevel"),
        battery_received_s=fields.moment("batteryLevelLastReceivedDate"),
        health_received_s=fields.moment("healthCheckLastReceivedDate"),
        customer_source_id=fields.whole("customerSourceId"),
        raw=fields.raw,
    )


_link = one(read_link, "device")
_updated = one_if_told(read_link, "device")


def _names(found: Json) -> list[str]:
    """Return event names from a text or a list of texts."""
    if isinstance(found, list):
        return [name for name in found if isinstance(name, str)]
    return [found] if isinstance(found, str) else []


def _stated(**fields: Json) -> dict[str, Json]:
    return {name: value for name, value in fields.items() if value is not None}
