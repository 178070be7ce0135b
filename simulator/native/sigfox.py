"""Sigfox callbacks in the spellings that customers and middleware use, and the answer to one.

A callback is a template that the customer wrote and the network filled in; the codec
`sigfox_callback` fills and reads them. A spelling is the template, the method and the encoding.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus, urlencode

from simulator.clock import epoch_s, iso
from simulator.codec import Context, FrameError, codec
from simulator.frame import Direction, Value
from simulator.link import CoarsePosition
from simulator.native.uplink import (
    USUAL_RSSI_DBM,
    USUAL_SNR_DB,
    EnvelopeError,
    Posted,
    Uplink,
)

_CODEC = "sigfox_callback"
_SEQUENCE_BITS = 0xFFF  # Sigfox counts to 4095
_BARE_VARIABLE = re.compile(r"(:\s*)(\{\w+\})")
_LOCATIONS = ("computedLocation", "location")
_PAYLOADS = ("data", "payload")
_OPAQUE = "receivedPayload"
_DOWNLINK = Context(direction=Direction.DOWNLINK)

_DATA = (
    '"device": "{device_id}"',
    '"time": {time}',
    '"data": "{payload_hex}"',
    '"seqNumber": {sequence}',
)
_COMPUTED = (
    '"computedLocation": {"lat": {latitude}, "lng": {longitude}, "radius": {accuracy_m}, '
    '"source": 2, "status": 1}'
)
_ASKS = '"ack": {ack}'


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way of writing a callback: JSON members, or a query or form made of them."""

    members: tuple[str, ...]
    is_get: bool = False
    is_form_key: bool = False  # one known sender posts its JSON as the key of a form

    def template(self, uplink: Uplink, *, has_texts: bool) -> str:
        """Return the JSON with its variables; `has_texts` puts numbers into quotes."""
        members = [*self.members]
        if uplink.position:
            members.append(_COMPUTED)
        if uplink.asks_reply:
            members.append(_ASKS)
        text = "{ " + ", ".join(members) + " }"
        return _BARE_VARIABLE.sub(r'\1"\2"', text) if has_texts else text


SPELLINGS: Mapping[str, Spelling] = {
    "sigfox": Spelling(_DATA),
    "sigfox-legacy": Spelling(
        (
            '"device" : "{device_id}"',
            '"data" : "{payload_hex}"',
            '"time" : "{time}"',
            '"snr" : "{snr_db}"',
            '"station" : "140A"',
            '"avgSnr" : "{snr_db}"',
            '"rssi" : "{rssi_dbm}"',
            '"seqNumber" : "{sequence}"',
        )
    ),
    "sigfox-payload": Spelling(
        (
            '"device": "{device_id}"',
            '"payload": "{payload_hex}"',
            '"time": {time}',
            '"seqNumber": {sequence}',
        )
    ),
    "sigfox-renamed": Spelling(
        (
            '"deviceId": "{device_id}"',
            '"timestamp": {time}',
            '"seqNo": {sequence}',
            '"payload": "{payload_hex}"',
        )
    ),
    "sigfox-enriched": Spelling(
        (
            '"deviceId":"{device_id}"',
            '"snr":"{snr_db}"',
            '"rssi":"{rssi_dbm}"',
            '"seqNum":"{sequence}"',
            '"newPosition":false',
            '"battery":"null"',
            '"batteryPercentage":"null"',
            '"positionTime":"{time}"',
            '"fwVersion":"null"',
            '"recievedPayload":"{payload_hex}"',
        )
    ),
    "sigfox-get": Spelling(_DATA, is_get=True),
    "sigfox-form": Spelling(_DATA, is_form_key=True),
}


class SigfoxEnvelope:
    """Callbacks in one spelling; reads all of them, because middleware must."""

    def __init__(self, spelling: str = "sigfox", *, has_texts: bool = False) -> None:
        self.name = spelling
        self._spelling = SPELLINGS[spelling]
        self._has_texts = has_texts

    def write(self, uplink: Uplink) -> Posted:
        """Return the callback of a message."""
        spelling = self._spelling
        template = spelling.template(uplink, has_texts=self._has_texts)
        values = _values(uplink) | {"template": template, "form_encoded": spelling.is_form_key}
        body = codec(_CODEC).encode(values)
        if spelling.is_get:
            return Posted(method="GET", query=_query(json.loads(body)), content_type="")
        if spelling.is_form_key:
            return Posted(body, content_type="application/x-www-form-urlencoded")
        return Posted(body)

    def read(self, posted: Posted) -> Uplink:
        """Return the message of a callback; raise `EnvelopeError` if it carries none."""
        try:
            body = _object(posted)
            values = codec(_CODEC).decode(json.dumps(_opaque(body)).encode())
        except FrameError as error:
            raise EnvelopeError("sigfox", error.reason) from error
        except EnvelopeError:
            raise
        except (ValueError, RecursionError) as error:
            raise EnvelopeError("sigfox", f"no callback: {error}"[:200]) from error
        payload = values.get("payload_hex")
        if not isinstance(payload, str):
            raise EnvelopeError("sigfox", "carries no payload")
        return Uplink(
            address=str(values["device_id"]),
            payload=bytes.fromhex(payload),
            sequence=int(_number(values.get("sequence"), 0)),
            received_s=epoch_s(str(values.get("time", "1970-01-01"))),
            position=_position(body),
            rssi_dbm=_number(values.get("rssi_dbm"), USUAL_RSSI_DBM),
            snr_db=_number(values.get("snr_db"), USUAL_SNR_DB),
            asks_reply=values.get("ack") is True,
        )


def write_answer(address: str, downlink: bytes | None) -> bytes:
    """Return the body that answers a two-way callback; empty (HTTP 204) without a downlink."""
    if downlink is None:
        return b""
    return codec(_CODEC).encode({"device_id": address, "downlink_hex": downlink.hex()}, _DOWNLINK)


def read_answer(body: bytes) -> bytes | None:
    """Return the downlink that the answer to a callback carries, if it carries one."""
    try:
        values = codec(_CODEC).decode(body, _DOWNLINK)
    except FrameError:
        return None
    return bytes.fromhex(str(values["downlink_hex"]))


def _values(uplink: Uplink) -> dict[str, Value]:
    values: dict[str, Value] = {
        "device_id": uplink.address,
        "time": iso(int(uplink.received_s)),
        "sequence": uplink.sequence & _SEQUENCE_BITS,
        "payload_hex": uplink.payload.hex(),
        "rssi_dbm": uplink.rssi_dbm,
        "snr_db": uplink.snr_db,
        "ack": uplink.asks_reply,
    }
    if uplink.position:
        place = uplink.position
        values |= {"latitude": place.latitude, "longitude": place.longitude}
        values["accuracy_m"] = place.radius_m
    return values


def _query(members: Mapping[str, object]) -> str:
    """Return members as a query: texts as they are, all else as the JSON it is."""
    flat = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in members.items()
    }
    return urlencode(flat)


def _object(posted: Posted) -> dict[str, object]:
    if posted.method == "GET":
        members: dict[str, object] = dict(parse_qsl(posted.query))
        for key in _LOCATIONS:
            if isinstance(text := members.get(key), str):
                members[key] = json.loads(text)
        return members
    text = posted.body.decode()
    if text.startswith("%7B"):
        text = unquote_plus(text.partition("=")[0])
    body = json.loads(text)
    if not isinstance(body, dict):
        raise EnvelopeError("sigfox", "the body is no JSON object")
    return body


def _opaque(body: Mapping[str, object]) -> dict[str, object]:
    """Return a body whose payload the codec leaves alone: its meaning is the profile's matter."""
    return {_OPAQUE if key in _PAYLOADS else key: value for key, value in body.items()}


def _position(body: Mapping[str, object]) -> CoarsePosition | None:
    """Return the position that the network computed; a fix of the device is in its payload."""
    found = next((body[key] for key in _LOCATIONS if isinstance(body.get(key), dict)), None)
    if not isinstance(found, dict):
        return None
    try:
        return CoarsePosition(float(found["lat"]), float(found["lng"]), float(found["radius"]))
    except (KeyError, TypeError, ValueError):
        return None


def _number(value: Value, otherwise: float) -> float:
    return value if isinstance(value, int | float) else otherwise
