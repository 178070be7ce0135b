"""What a device event says, read by the template of its type: structured or raw Sigfox.

The raw form is our choice, AURA publishes none: `{"device_type_id", "device": hex, "time", "data":
hex, "seqNumber", "lat"?, "lng"?, "radius"?}`, numbers may be texts. It is what a Sigfox callback
carries, decoded by the profile's codec and understood by the profile's rules.
"""

from dataclasses import dataclass

import msgspec

from simulator.codec import FrameError
from simulator.frame import Kind, Value
from simulator.profile import AuraTemplate, Profile, codec_of, meanings
from simulator.sandbox.decoding import Json, refusal_of
from simulator.sandbox.places import Fix
from simulator.sandbox.refusal import malformed
from simulator.sandbox.rows import DeviceLink, Position

_HEALTH = (Kind.BATTERY, Kind.HEARTBEAT, Kind.LOGIN, Kind.OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one event says: its kinds in the order of the template, and what came with them."""

    kinds: tuple[Kind, ...]
    position: Position | None = None
    battery_pct: int | None = None
    values: dict[str, Value] | None = None


def device_id_of(event: Json, template: AuraTemplate) -> int | str:
    """Return the identifier that an event carries, as it was written."""
    field = "device" if template.payload == "sigfox" else "device_id"
    found = event.get(field)
    if isinstance(found, bool) or not isinstance(found, int | str):
        raise malformed(field, "is required, a text or an integer.")
    return found


def read_event(event: Json, profile: Profile, link: DeviceLink, *, is_open: bool) -> Said:
    """Return what an event of a linked device says."""
    if profile.aura.payload == "sigfox":
        return _read_sigfox(event, profile, link, is_open)
    return _read_structured(event, profile.aura)


def _read_structured(event: Json, template: AuraTemplate) -> Said:
    kinds = {
        template.press: Kind.PRESS,
        template.move: Kind.MOVE,
        template.cancel: Kind.CANCEL,
        template.battery: Kind.BATTERY,
    }
    number = event.get("message_type")
    if isinstance(number, bool) or not isinstance(number, int) or number not in kinds:
        known = ", ".join(map(str, sorted(kinds)))
        raise malformed("message_type", f"must be one of {known} by the template.")
    kind = kinds[number]
    if kind is Kind.PRESS:
        return Said(kinds=(kind,), position=_position(event, (template.press_in,)))
    others = template.others_in
    if kind is Kind.MOVE:
        position = _position(event, (others, f"{others}.location", template.press_in))
        if position is None:
            raise malformed(others, "latitude and longitude are required.")
        return Said(kinds=(kind,), position=position)
    if kind is Kind.BATTERY:
        return Said(kinds=(kind,), battery_pct=_battery(event, others))
    return Said(kinds=(kind,))


def _position(event: Json, places: tuple[str, ...]) -> Position | None:
    """Return the position in the first of the places that has one."""
    for place in places:
        holder = _inside(event, place)
        if isinstance(holder, dict) and ("latitude" in holder or "longitude" in holder):
            try:
                return msgspec.convert(holder, Fix).position()
            except msgspec.ValidationError as error:
                raise refusal_of(error, place) from error
        if holder is not None and not isinstance(holder, dict):
            raise malformed(place, "must be an object.")
    return None


def _inside(event: Json, place: str) -> object:
    outer, _, inner = place.partition(".")
    found = event.get(outer)
    return found.get(inner) if inner and isinstance(found, dict) else found if not inner else None


def _battery(event: Json, others: str) -> int | None:
    """Return the battery level that an event reports; None if it is a sign of life only."""
    body = event.get(others)
    if body is None:
        return None
    if not isinstance(body, dict):
        raise malformed(others, "must be an object.")
    for name in ("batteryLevel", "battery", "battery_level"):
        if name in body:
            return _percent(f"{others}.{name}", body[name])
    return None


def _percent(field: str, level: object) -> int:
    is_number = isinstance(level, int | float) and not isinstance(level, bool)
    if not is_number or not 0 <= level <= 100:  # type: ignore[operator]
        raise malformed(field, "must be a number from 0 to 100.")
    return round(level)  # type: ignore[call-overload, no-any-return]


def _read_sigfox(event: Json, profile: Profile, link: DeviceLink, is_open: bool) -> Said:
    values = _decoded(event, profile)
    kinds = meanings(profile, values, link.last_values, is_open)
    level = values.get("battery_percent")
    return Said(
        kinds=tuple(kinds) or (Kind.OTHER,),
        position=_sigfox_position(event),
        battery_pct=round(level) if isinstance(level, int | float) else None,
        values=values,
    )


def _decoded(event: Json, profile: Profile) -> dict[str, Value]:
    data = event.get("data")
    if not isinstance(data, str):
        raise malformed("data", "is required: the frame in hex.")
    try:
        return codec_of(profile).decode(bytes.fromhex(data))
    except FrameError as error:
        raise malformed("data", f"is no frame of this device: {error.reason}") from error
    except ValueError as error:
        raise malformed("data", "must be hex digits, two a byte.") from error


def _sigfox_position(event: Json) -> Position | None:
    """Return where the network or the sender places the event; Sigfox writes numbers as texts."""
    if "lat" not in event and "lng" not in event:
        return None
    said = {"latitude": event.get("lat"), "longitude": event.get("lng")}
    if event.get("radius") is not None:
        said["accuracy"] = event["radius"]
    try:
        return msgspec.convert(said, Fix, strict=False).position()
    except msgspec.ValidationError as error:
        raise refusal_of(error, "lat, lng, radius") from error
