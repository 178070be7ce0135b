"""Device events: one endpoint through which linked devices raise, move and cancel callouts."""

from msgspec import Raw, Struct
from msgspec.structs import replace

from simulator.frame import Kind
from simulator.profile import Profile
from simulator.sandbox.decoding import Json
from simulator.sandbox.device_messages import Said, device_id_of, read_event
from simulator.sandbox.lifecycle import active_callout, relocate, stand_down
from simulator.sandbox.opening import Emergency, open_callout
from simulator.sandbox.refusal import RefusedError, malformed
from simulator.sandbox.routing import PREFIX, Call, Reply, body_route
from simulator.sandbox.rows import Callout, DeviceLink
from simulator.sandbox.tenant import Tenant

PROCESSED = "Event successfully processed..."
EVENT_TYPES = {
    Kind.PRESS: "NEW_CALLOUT",
    Kind.MOVE: "UPDATE_LOCATION",
    Kind.CANCEL: "CANCEL_CALLOUT",
}
_HEALTH = "HEALTH_CHECK"


class DeviceEvent(Struct, frozen=True, kw_only=True):
    """The typical template's fields, and those of a raw Sigfox callback; templates may differ."""

    device_type_id: int
    device_id: int | str | None = None
    message_type: int | None = None
    location: dict[str, object] | None = None
    body: dict[str, object] | None = None
    device: str | None = None
    time: int | str | None = None
    data: str | None = None
    seqNumber: int | str | None = None  # noqa: N815 - Sigfox's spelling
    lat: float | str | None = None
    lng: float | str | None = None
    radius: float | str | None = None


class EventResponse(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What became of the event; `deviceId` has the type it was sent with."""

    callout_id: int | None = None
    device_id: int | str
    battery_level: int | None = None


class ResolvedEvent(Struct, frozen=True, kw_only=True, rename="camel"):
    """The action AURA took."""

    event_types: str
    event_response: EventResponse


class EventProcessed(Struct, frozen=True, kw_only=True, rename="camel"):
    """An accepted event: the message as received, and the action."""

    message: str = PROCESSED
    input: Raw
    resolved_aura_event: ResolvedEvent


def create_device_event(call: Call, event: Json) -> Reply:
    """Take a device's message and do what its template says it means."""
    tenant = call.tenant
    profile = _template(tenant, event)
    sent_id = device_id_of(event, profile.aura)
    link = _link(tenant, profile, sent_id)
    callout = active_callout(tenant, link.customer_id)
    is_open = callout is not None and link.callout_id == callout.id
    said = read_event(event, profile, link, is_open=is_open)
    if call.is_swallowed:
        callout_id = callout.id if callout else _pretended_id(tenant, link, said)
    else:
        callout_id = _act_on(tenant, link, said)
    resolved = ResolvedEvent(
        event_types=EVENT_TYPES.get(said.kinds[0], _HEALTH),
        event_response=EventResponse(
            callout_id=callout_id, device_id=sent_id, battery_level=said.battery_pct
        ),
    )
    return Reply(200, EventProcessed(input=Raw(call.request.body), resolved_aura_event=resolved))


def _template(tenant: Tenant, event: Json) -> Profile:
    type_id = event.get("device_type_id")
    if isinstance(type_id, bool) or not isinstance(type_id, int):
        raise malformed("device_type_id", "is required, an integer.")
    profile = tenant.house.templates.of_type(type_id)
    if profile is None:
        raise malformed("device_type_id", f"no template is registered for type {type_id}.")
    return profile


def _link(tenant: Tenant, profile: Profile, device_id: int | str) -> DeviceLink:
    type_id = profile.aura.device_type_id
    link = tenant.linked(type_id, str(device_id))
    if link is None:
        raise malformed("device_id", f"no device {device_id} of type {type_id} is linked.")
    return link


def _pretended_id(tenant: Tenant, link: DeviceLink, said: Said) -> int | None:
    """Return the id of the callout that a swallowed press would have opened."""
    if Kind.PRESS not in said.kinds:
        return None
    return tenant.callout_id(link.customer_id, is_taken=False)


def _act_on(tenant: Tenant, link: DeviceLink, said: Said) -> int | None:
    """Do all that an event asks for, and return the callout it was done to."""
    if said.values is not None:
        tenant.links.put(replace(link, last_values=said.values))
    outcomes = [_act(tenant, link.id, kind, said) for kind in said.kinds]
    return next((c.id for c in outcomes if c is not None), None)


def _act(tenant: Tenant, link_id: int, kind: Kind, said: Said) -> Callout | None:
    """Do one thing that an event asks for, and return the callout it was done to."""
    link = tenant.links.rows[link_id]
    if kind is Kind.PRESS:
        return _press(tenant, link, said)
    if kind is Kind.MOVE:
        return _move(tenant, link, said)
    if kind is Kind.CANCEL:
        return stand_down(tenant, _own_callout(tenant, link))
    _note_health(tenant, link, said)
    return None


def _press(tenant: Tenant, link: DeviceLink, said: Said) -> Callout:
    position = said.position or link.default_location
    if position is None and active_callout(tenant, link.customer_id) is None:
        raise malformed("location", "is required: the device has no defaultLocation.")
    emergency = Emergency(customer_id=link.customer_id, position=position, device_link_id=link.id)
    callout, _ = open_callout(tenant, emergency)
    if callout.device_link_id is None:
        callout = tenant.callouts.put(replace(callout, device_link_id=link.id))
    if link.callout_id != callout.id:
        tenant.links.put(replace(link, callout_id=callout.id))
    return callout


def _move(tenant: Tenant, link: DeviceLink, said: Said) -> Callout:
    """Move the callout that the device's last press was answered with."""
    callout = active_callout(tenant, link.customer_id)
    if callout is None or link.callout_id != callout.id:
        raise without_callout(link.device_id)
    position = said.position or callout.position
    return callout if position is None else relocate(tenant, callout, position)


def without_callout(device_id: str) -> RefusedError:
    """Return the refusal of a position that belongs to no callout."""
    return RefusedError(400, WITHOUT_CALLOUT.format(device_id))


WITHOUT_CALLOUT = malformed("device_id", "device {} has no active callout.").message


def _own_callout(tenant: Tenant, link: DeviceLink) -> Callout:
    """Return the callout that a device may cancel: its own, not one that another device opened."""
    callout = active_callout(tenant, link.customer_id)
    if callout is None or callout.device_link_id != link.id:
        raise malformed("device_id", f"device {link.device_id} has no active callout of its own.")
    return callout


def _note_health(tenant: Tenant, link: DeviceLink, said: Said) -> None:
    now = tenant.stamp()
    heard = replace(link, health_check_last_received_date=now)
    if said.battery_pct is not None:
        heard = replace(heard, battery_level=said.battery_pct, battery_level_last_received_date=now)
    tenant.links.put(heard)


ROUTES = (
    body_route(
        "POST",
        f"{PREFIX}/deviceEvent",
        dict[str, object],
        create_device_event,
        answers={200: EventProcessed},
        described_as=DeviceEvent,
    ),
)
