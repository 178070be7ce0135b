"""The device event of AURA's IoT guide, as a device (or its maker's cloud) that speaks it says it.

Message type 1 opens a callout at `location`, 2 moves it, 3 cancels it and 4 reports health, with
their values in `body`. The names inside a body follow the position of type 1 and the battery level
in percent: the guide publishes the containers only.
"""

from typing import Annotated, ClassVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Values
from simulator.codec._fields import Fields
from simulator.frame import Value

_NAME = "aura_structured"
_PRESS, _MOVE, _CANCEL, _HEALTH = 1, 2, 3, 4
_FURTHEST_M = 20_000_000  # half way round the Earth


_LAT, _LON = Meta(ge=-90, le=90), Meta(ge=-180, le=180)
_FAR, _FULL = Meta(ge=0, le=_FURTHEST_M), Meta(ge=0, le=100)
# As the number was written: an integer stays one, so that it is written the same again.
_Latitude = Annotated[int, _LAT] | Annotated[float, _LAT]
_Longitude = Annotated[int, _LON] | Annotated[float, _LON]
_Accuracy = Annotated[int, _FAR] | Annotated[float, _FAR]
_Percent = Annotated[int, _FULL] | Annotated[float, _FULL]


class _Place(Struct):
    latitude: _Latitude | UnsetType = UNSET
    longitude: _Longitude | UnsetType = UNSET
    accuracy: _Accuracy | UnsetType = UNSET


class _Body(_Place):
    battery: _Percent | UnsetType = UNSET


class _Event(Struct):
    message_type: Annotated[int, Meta(ge=_PRESS, le=_HEALTH)]
    device_id: int | str
    location: _Place | UnsetType = UNSET
    body: _Body | UnsetType = UNSET


_DECODER = msgspec.json.Decoder(_Event)
_ENCODER = msgspec.json.Encoder()


class AuraStructured(Codec):
    """One JSON object an event; names that the template does not know are ignored."""

    name: ClassVar[str] = _NAME
    is_text: ClassVar[bool] = True

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return message type, device and what the container of the type holds.

        >>> CODEC.decode(b'{"message_type":4,"device_id":"26217939","body":{"battery":87}}')
        {'message_type': 4, 'device_id': '26217939', 'battery_percent': 87}
        """
        del context
        try:
            event = _DECODER.decode(frame)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise FrameError(_NAME, f"this is no device event: {error}") from error
        values: dict[str, Value] = {
            "message_type": event.message_type,
            "device_id": event.device_id,
        }
        _decode_place(event.location if event.message_type == _PRESS else event.body, values)
        if event.message_type == _MOVE and "latitude" not in values:
            raise FrameError(_NAME, "a message of type 2 has latitude and longitude in its body")
        return values

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the event: a press may come without a position, a move may not."""
        del context
        fields = Fields(_NAME, values)
        message_type = fields.integer("message_type", _PRESS, _HEALTH)
        event = {"message_type": message_type, "device_id": _device_id(fields)}
        container = "location" if message_type == _PRESS else "body"
        held = _encode_held(fields, message_type)
        return _ENCODER.encode({**event, container: held} if held is not None else event)


def _decode_place(place: _Place | UnsetType, values: dict[str, Value]) -> None:
    if place is UNSET:
        return
    if (place.latitude is UNSET) != (place.longitude is UNSET):
        raise FrameError(_NAME, "latitude and longitude come together")
    found = {
        "latitude": place.latitude,
        "longitude": place.longitude,
        "accuracy_m": place.accuracy,
        "battery_percent": place.battery if isinstance(place, _Body) else UNSET,
    }
    values.update((name, value) for name, value in found.items() if value is not UNSET)


def _device_id(fields: Fields) -> int | str:
    if isinstance(fields.value("device_id"), str):
        return fields.text("device_id", most=255, encoding="utf-8").decode()
    return fields.integer("device_id", 0, (1 << 63) - 1)


def _encode_held(fields: Fields, message_type: int) -> dict[str, int | float] | None:
    if message_type == _PRESS:
        has_position = "latitude" in fields or "longitude" in fields
        return _position(fields) if has_position else None
    if message_type == _MOVE:
        return _position(fields)
    if message_type == _HEALTH and "battery_percent" in fields:
        return {"battery": fields.measure("battery_percent", 0, 100)}
    return {}


def _position(fields: Fields) -> dict[str, int | float]:
    place = {
        "latitude": fields.measure("latitude", -90, 90),
        "longitude": fields.measure("longitude", -180, 180),
    }
    if "accuracy_m" in fields:
        place["accuracy"] = fields.measure("accuracy_m", 0, _FURTHEST_M)
    return place


CODEC = AuraStructured()
