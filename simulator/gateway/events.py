"""Writes a message as AURA's device template asks for it."""

from collections.abc import Mapping

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
        "message_type": _message_type(template, kind),
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


def _message_type(template: AuraTemplate, kind: Kind) -> int:
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


def _health(profile: Profile, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the battery level in percent, worked out from the voltage where only that is said."""
    percent = values.get("battery_percent")
    millivolts = values.get("battery_mv")
    if percent is None and isinstance(millivolts, int | float):
        percent = round(percent_at(profile.battery, millivolts))
    return {} if percent is None else {"battery": percent}
