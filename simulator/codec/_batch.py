"""Decodes and encodes frames that come as JSON lines, in the form of published test vectors.

A line names its `protocol`, holds `frame_hex` or `frame_text` (to decode) or `values` (to encode;
`expected` serves too) and may say what travels beside the bytes: `fport`, `direction`, `address`,
`bindkey`, `key_hex` or `key_text`, `recv_time`. One line in, one answer out, whatever the line.
"""

from datetime import datetime
from typing import TypedDict

import msgspec

from simulator.codec import Codec, Context, FrameError, codec
from simulator.codec._fields import Fields
from simulator.errors import InputError
from simulator.frame import Direction, Value

_NAME = "line"
_LONGEST = 1 << 20
_DIRECTIONS = {str(direction): direction for direction in Direction}


class Decoded(TypedDict, total=False):
    """The answer to a line to decode: one of the two."""

    values: dict[str, Value]
    error: str


class Encoded(TypedDict, total=False):
    """The answer to a line to encode: one of the three."""

    frame_hex: str
    frame_text: str
    error: str


def decode_line(line: str | bytes) -> Decoded:
    """Return the values of the frame of a line, or why there are none.

    >>> decode_line('{"protocol": "sigfox_simplepack", "frame_hex": "0132"}')
    {'values': {'mode': 'press_me', 'event': 'long_press', 'press': 'long'}}
    """
    try:
        fields = _fields(line)
        return {"values": _codec(fields).decode(_frame(fields), context_of(fields))}
    except InputError as error:
        return {"error": str(error)}


def encode_line(line: str | bytes) -> Encoded:
    """Return the frame that says the values of a line, as text where the protocol is text."""
    try:
        fields = _fields(line)
        found = _codec(fields)
        is_vector = "expected" in fields and "values" not in fields
        values = fields.value("expected" if is_vector else "values")
        if not isinstance(values, dict):
            fields.refuse("values", "must be an object")
        return _answer(found, found.encode(values, context_of(fields)))
    except InputError as error:
        return {"error": str(error)}


def context_of(fields: Fields) -> Context:
    """Return what a line says beside the bytes."""
    direction = Direction.UPLINK
    if "direction" in fields:
        direction = fields.choice("direction", _DIRECTIONS)
    return Context(
        direction=direction,
        port=fields.integer("fport", 0, 255) if "fport" in fields else None,
        received_s=_received(fields) if "recv_time" in fields else None,
        address=fields.text("address", most=64).decode() if "address" in fields else None,
        key=_key(fields),
    )


def _fields(line: str | bytes) -> Fields:
    try:
        found = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise FrameError(_NAME, f"it is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise FrameError(_NAME, "it is no JSON object")
    return Fields(_NAME, found)


def _codec(fields: Fields) -> Codec:
    return codec(fields.text("protocol", most=64, encoding="utf-8").decode())


def _frame(fields: Fields) -> bytes:
    if "frame_hex" in fields:
        return fields.hexadecimal("frame_hex")
    if "frame_text" not in fields:
        fields.refuse("frame_hex", "is missing, and so is 'frame_text'")
    return fields.text("frame_text", most=_LONGEST, encoding="utf-8")


def _key(fields: Fields) -> bytes | None:
    for name in ("bindkey", "key_hex"):
        if name in fields:
            return fields.hexadecimal(name)
    return fields.text("key_text", most=64) if "key_text" in fields else None


def _received(fields: Fields) -> float:
    found = fields.value("recv_time")
    try:
        moment = datetime.fromisoformat(found) if isinstance(found, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        fields.refuse("recv_time", "must be an ISO 8601 time with its zone")
    return moment.timestamp()


def _answer(found: Codec, frame: bytes) -> Encoded:
    text = _text(frame) if found.is_text else None
    return {"frame_hex": frame.hex()} if text is None else {"frame_text": text}


def _text(frame: bytes) -> str | None:
    """Return a frame as text; None for a binary one of a protocol that knows both."""
    try:
        text = frame.decode()
    except UnicodeDecodeError:
        return None
    is_text = all(letter.isprintable() or letter in "\r\n\t" for letter in text)
    return text if is_text else None
