"""Device payloads inside Sigfox callbacks, as far as callbacks of a published meaning carry them.

Under the key `data`: positions as sign and magnitude, the Oyster, and the Amber. Under `payload`:
an event byte and a list of tags.
"""

from collections.abc import Callable, Mapping
from math import isfinite
from struct import Struct

from simulator.codec import sigfox_oyster
from simulator.codec._contract import FrameError
from simulator.frame import Value

NAME = "sigfox_callback"

_SOS_EVENTS = (0x22, 0x62)
_VALID_SIGNED = 0x1F
_SIGNED_FORM = Struct(">BIIB")
_AMBER_FORM = Struct(">BBBbii")
_FULL_SIZE = 12
_OYSTER_TYPE, _AMBER_TYPE = 0, 1
_LAST_OYSTER_HEAD = 3  # the highest half of byte 0, its flags


def read_data(payload: bytes) -> dict[str, Value]:
    """Return what a payload under the key `data` says; nothing, if its kind is not known."""
    if payload[:1] in (b"\x0f", b"\x1f") and len(payload) >= _SIGNED_FORM.size:
        return _read_signed(payload)
    if len(payload) != _FULL_SIZE or payload[0] >> 4 > _LAST_OYSTER_HEAD:
        return {}
    kind = payload[0] & 0x0F
    if kind == _OYSTER_TYPE:
        return sigfox_oyster.CODEC.decode(payload)
    return _read_amber(payload) if kind == _AMBER_TYPE else {}


def _read_signed(payload: bytes) -> dict[str, Value]:
    head, latitude, longitude, percent = _SIGNED_FORM.unpack_from(payload)
    return {
        "fix_valid": head == _VALID_SIGNED,
        "latitude": _magnitude(latitude),
        "longitude": _magnitude(longitude),
        "battery_percent": percent,
    }


def _magnitude(raw: int) -> float:
    size = (raw & 0x7FFFFFFF) / 1e6
    return -size if raw >> 31 else size


def _read_amber(payload: bytes) -> dict[str, Value]:
    _, flags, battery, temperature, latitude, longitude = _AMBER_FORM.unpack(payload)
    return {
        "motion": bool(flags & 2),
        "battery_mv": battery * 20,
        "temperature_c": temperature,
        "latitude": round(latitude / 60000, 6),
        "longitude": round(longitude / 60000, 6),
    }


def _signed(data: bytes) -> int:
    return int.from_bytes(data, "big", signed=True)


_FLOATS = Struct(">ff")


def _read_floats(data: bytes) -> dict[str, Value]:
    latitude, longitude = _FLOATS.unpack(data)
    if not (isfinite(latitude) and isfinite(longitude)):
        raise FrameError(NAME, "tag 02 of the payload holds no finite position")
    return {"latitude": round(latitude, 6), "longitude": round(longitude, 6)}


_Tag = tuple[int, Callable[[bytes], dict[str, Value]]]
_TAGS: Mapping[int, _Tag] = {
    0x01: (6, lambda d: {"latitude_raw": _signed(d[:3]), "longitude_raw": _signed(d[3:])}),
    0x02: (8, _read_floats),
    0x03: (1, lambda d: {"temperature_c": _signed(d) / 2}),
    0x04: (1, lambda d: {"battery_mv": d[0] * 100}),
    0x05: (1, lambda d: {"battery_percent": d[0]}),
    0x06: (7, lambda d: {"wifi_mac": d[:6].hex(":"), "wifi_value": d[6]}),
    0x07: (10, lambda d: {"wifi_extended_hex": d.hex()}),
    0x08: (6, lambda d: {"acceleration_hex": d.hex()}),
    0x09: (1, lambda d: {"speed_kmh": d[0]}),
}
_FENCE: _Tag = (1, lambda d: {"fence": d[0]})


def read_tags(payload: bytes) -> dict[str, Value]:
    """Return the event and the tags of a payload under the key `payload`."""
    if not payload:
        return {}
    values: dict[str, Value] = {"event": payload[0]}
    if payload[0] in _SOS_EVENTS:
        values["alarm"] = "sos"
    at = 1
    while at < len(payload):
        size, read = _TAGS.get(payload[at], _FENCE)
        data = payload[at + 1 : at + 1 + size]
        if len(data) < size:
            reason = f"tag {payload[at]:02x} at byte {at} of the payload needs {size} bytes"
            raise FrameError(NAME, reason)
        values |= read(data)
        at += 1 + size
    return values
