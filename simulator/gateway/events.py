"""Writes a message as AURA's device template asks for it."""

from collections.abc import Mapping, Sequence

from simulator.frame import Frame, Kind, Value
from simulator.link import CoarsePosition
from simulator.profile import AuraTemplate, Profile, percent_at

_SEQUENCE_BITS = 0xFFF  # Sigfox counts to 4095


def device_event(
    profile: Profile, device_id: str, kind: Kind, values: Mapping[str, Value]
) -> dict[str, Value]:
    """Return the structured device event of a message.

    The position of a new callout lives where `press_in` says, the payload of the others where
    `others_in` says. Without a position AURA falls back on the device's fixed one.
    """
    template = profile.aura
    event: dict[str, Value] = {
        "device_id": device_id,
        "device_type_id": template.device_type_id,
        "message_type": message_type(template, kind),
    }
    if kind is Kind.PRESS:
        if position := _position(values):
            event[template.press_in] = position
    elif kind is Kind.MOVE:
        event[template.others_in] = _position(values)
    elif kind is Kind.CANCEL:
        event[template.others_in] = {}
    else:
        event[template.others_in] = _health(profile, values)
    return event


def sigfox_event(
    profile: Profile, device_id: str, frame: Frame, received_s: float, seen: CoarsePosition | None
) -> dict[str, Value]:
    """Return the raw device event of a Sigfox uplink: the callback, with the template's number."""
    event: dict[str, Value] = {
        "device_type_id": profile.aura.device_type_id,
        "device": device_id,
        "time": int(received_s),
        "data": frame.payload.hex(),
        "seqNumber": frame.sequence & _SEQUENCE_BITS,
    }
    if seen:
        event |= {"lat": seen.latitude, "lng": seen.longitude, "radius": seen.radius_m}
    return event


def message_type(template: AuraTemplate, kind: Kind) -> int:
    """Return the number under which a template has a kind of message."""
    numbers = {
        Kind.PRESS: template.press,
        Kind.MOVE: template.move,
        Kind.CANCEL: template.cancel,
    }
    return numbers.get(kind, template.battery)


def _position(values: Mapping[str, Value]) -> dict[str, Value]:
    if values.get("latitude") is None or values.get("longitude") is None:
        return {}
    position: dict[str, Value] = {
        "latitude": values["latitude"],
        "longitude": values["longitude"],
    }
    if values.get("accuracy_m") is not None:
        position["accuracy"] = values["accuracy_m"]
    return position


def health_percent(profile: Profile, held: Mapping[str, Sequence[Value]]) -> list[Value] | None:
    """Return the battery levels of many messages, a column a value; None where none is said."""
    if not {"battery_percent", "battery_mv"} & held.keys():
        return None
    rows = len(next(iter(held.values())))
    nothing: Sequence[Value] = (None,) * rows
    told = zip(held.get("battery_percent", nothing), held.get("battery_mv", nothing), strict=True)
    levels = [_percent(profile, percent, millivolts) for percent, millivolts in told]
    return None if None in levels else levels


def _health(profile: Profile, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the battery level, if one is said."""
    percent = _percent(profile, values.get("battery_percent"), values.get("battery_mv"))
    return {} if percent is None else {"battery": percent}


def _percent(profile: Profile, percent: Value, millivolts: Value) -> Value:
    """Return the battery level in percent, worked out from the voltage where only that is said."""
    if percent is None and isinstance(millivolts, int | float):
        return round(percent_at(profile.battery, millivolts))
    return percent
