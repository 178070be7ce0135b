"""The device event of AURA's IoT guide, as a device (or its maker's cloud) that speaks it says it.

Message type 1 opens a callout at `location`, 2 moves it, 3 cancels it and 4 reports health, with
their values in `body`. The names inside a body follow the position of type 1 and the battery level
in percent: the guide publishes the containers only.
"""

from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Annotated, ClassVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Values
from simulator.codec._fields import Fields, are_within
from simulator.frame import Value

_NAME = "aura_structured"
_PRESS, _MOVE, _CANCEL, _HEALTH = 1, 2, 3, 4
_FURTHEST_M = 20_000_000  # half way round the Earth
_SHORT = 63  # characters: they fit whatever they are
_HELD = {_MOVE: ("latitude", "longitude", "accuracy_m"), _HEALTH: ("battery_percent",)}
_SAID = {"accuracy": "accuracy_m", "battery": "battery_percent"}
_BOUNDS = {
    "latitude": (-90, 90),
    "longitude": (-180, 180),
    "accuracy_m": (0, _FURTHEST_M),
    "battery_percent": (0, 100),
}


_LAT, _LON = Meta(ge=-90, le=90), Meta(ge=-180, le=180)
_FAR, _FULL = Meta(ge=0, le=_FURTHEST_M), Meta(ge=0, le=100)
# As the number was written: an integer stays one, so that it is written the same again.
_Latitude = Annotated[int, _LAT] | Annotated[float, _LAT]
_Longitude = Annotated[int, _LON] | Annotated[float, _LON]
_Accuracy = Annotated[int, _FAR] | Annotated[float, _FAR]
_Percent = Annotated[int, _FULL] | Annotated[float, _FULL]


class _Place(Struct, gc=False):
    latitude: _Latitude | UnsetType = UNSET
    longitude: _Longitude | UnsetType = UNSET
    accuracy: _Accuracy | UnsetType = UNSET


class _Body(_Place, gc=False):
    battery: _Percent | UnsetType = UNSET


class _Event(Struct, gc=False):
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
        return _values(event)

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the event: a press may come without a position, a move may not."""
        del context
        fields = Fields(_NAME, values)
        message_type = fields.integer("message_type", _PRESS, _HEALTH)
        event = {"message_type": message_type, "device_id": _device_id(fields)}
        container = "location" if message_type == _PRESS else "body"
        held = _encode_held(fields, message_type)
        return _ENCODER.encode({**event, container: held} if held is not None else event)

    def encode_many(
        self, values: Mapping[str, Sequence[Value]], contexts: Sequence[Context]
    ) -> list[bytes]:
        """Encode events of one type together where nothing about them is odd."""
        events = _alike(values)
        if events is None:
            return super().encode_many(values, contexts)
        try:
            return _ENCODER.encode_lines(events).splitlines()
        except UnicodeEncodeError:
            return super().encode_many(values, contexts)  # which says whose name it is

    def decode_alike(self, frames: Sequence[bytes]) -> dict[str, Sequence[Value]] | None:
        """Read positions, or health, together, where each is one line and says the same things."""
        lines = b"\n".join(frames)
        try:
            events = _DECODER.decode_lines(lines)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        kinds = [event.message_type for event in events]
        bodies = [event.body for event in events]
        is_whole = len(events) == len(frames) == lines.count(b"\n") + 1
        if not is_whole or _only(kinds) not in _HELD or UNSET in bodies:
            return None
        held: dict[str, Sequence[Value]] = {}
        for name in _Body.__struct_fields__:
            column = [getattr(body, name) for body in bodies]
            if UNSET not in column:
                held[_SAID.get(name, name)] = column
            elif set(column) != {UNSET}:
                return None
        if ("latitude" in held) != ("longitude" in held):
            return None
        is_placed = "latitude" in held or kinds[0] != _MOVE
        ids = [event.device_id for event in events]
        return {"message_type": kinds, "device_id": ids, **held} if is_placed else None


def _values(event: _Event) -> dict[str, Value]:
    """Return what an event says; raise `FrameError` where it lacks something."""
    kind = event.message_type
    values: dict[str, Value] = {"message_type": kind, "device_id": event.device_id}
    place = event.location if kind == _PRESS else event.body
    if place is not UNSET:
        if (place.latitude is UNSET) != (place.longitude is UNSET):
            raise FrameError(_NAME, "latitude and longitude come together")
        if place.latitude is not UNSET:
            values["latitude"], values["longitude"] = place.latitude, place.longitude  # type: ignore[assignment]  # both
        if place.accuracy is not UNSET:
            values["accuracy_m"] = place.accuracy
        if isinstance(place, _Body) and place.battery is not UNSET:
            values["battery_percent"] = place.battery
    if kind == _MOVE and "latitude" not in values:
        raise FrameError(_NAME, "a message of type 2 has latitude and longitude in its body")
    return values


def _alike(values: Mapping[str, Sequence[Value]]) -> list[_Event] | None:
    """Return positions, or health, as they are written; None where one must be looked at."""
    kind, ids = _only(values.get("message_type", ())), values.get("device_id", ())
    if kind not in _HELD or not all(isinstance(one, str) and len(one) <= _SHORT for one in ids):
        return None
    held = {name: values[name] for name in _HELD[kind] if name in values}
    is_whole = kind == _HEALTH or {"latitude", "longitude"} <= held.keys()
    if not is_whole or not all(are_within(held[name], *_BOUNDS[name]) for name in held):
        return None
    parts = (held.get(_SAID.get(name, name), repeat(UNSET)) for name in _Body.__struct_fields__)
    bodies = map(_Body, *parts)
    # a list, because `encode_lines` never lets go of an iterator (seen with msgspec 0.22)
    return list(map(_Event, repeat(kind), ids, repeat(UNSET), bodies))  # type: ignore[arg-type]


def _only(kinds: Sequence[Value]) -> object:
    """Return the message type that all events have."""
    if {type(kind) for kind in kinds} != {int}:
        return None
    first, *others = set(kinds)
    return None if others else first


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
