"""Codecs 12, 13 and 14: commands of the server and answers of the device, as text or bytes.

Codec 13 adds a time stamp (of 4 bytes, or of 8 in milliseconds that count as text), codec 14 the
IMEI of the unit that is meant.
"""

import re

from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields
from simulator.frame import Value

CODEC_12, CODEC_13, CODEC_14 = 0x0C, 0x0D, 0x0E

_NAME = "teltonika"
_HEAD_SIZE = 7  # codec, quantity, type, size of the text
_STAMP_SIZE = 4
_IMEI_SIZE = 8
_TEXT = re.compile(rb"[\t\n\r -~]*")
_MOST = 0xFF00


def is_command(codec: int) -> bool:
    """Tell whether a codec id is one of commands."""
    return codec in (CODEC_12, CODEC_13, CODEC_14)


def read(body: bytes) -> dict[str, Value]:
    """Return type and text (or `data_hex`) of the one command that a packet carries."""
    codec = body[0]
    if len(body) <= _HEAD_SIZE or body[1] != 1:
        raise FrameError(_NAME, f"a packet carries one command: {body[:8].hex()}")
    data = body[_HEAD_SIZE:-1]
    size = int.from_bytes(body[3:_HEAD_SIZE], "big")
    values: dict[str, Value] = {"codec": codec, "command_type": body[2]}
    if codec == CODEC_13 and len(data) == size + _STAMP_SIZE:
        values["time_s"] = int.from_bytes(data[:_STAMP_SIZE], "big")
        data = data[_STAMP_SIZE:]
    if len(data) != size:
        raise FrameError(_NAME, f"the command says {size} bytes of text and has {len(data)}")
    if codec == CODEC_14:
        digits, data = data[:_IMEI_SIZE].hex(), data[_IMEI_SIZE:]
        if len(digits) != 2 * _IMEI_SIZE or digits[0] != "0" or not digits.isdigit():
            raise FrameError(_NAME, f"a command of codec 14 begins with the IMEI: {digits}")
        values["imei"] = digits[1:]
    if _TEXT.fullmatch(data):
        return values | {"text": data.decode("ascii")}
    return values | {"data_hex": data.hex()}


def write(fields: Fields) -> bytes:
    """Return the data of a packet with one command."""
    codec = fields.integer("codec", CODEC_12, CODEC_14)
    kind = fields.integer("command_type", 0, 0xFF)
    text = b""
    if codec == CODEC_14:
        text = _imei(fields)
    if "data_hex" in fields:
        text += fields.hexadecimal("data_hex")
    else:
        text += fields.text("text", most=_MOST)
    if len(text) > _MOST:
        fields.refuse("data_hex", f"has {len(text)} bytes, the most is {_MOST}")
    size = len(text).to_bytes(4, "big")
    if codec == CODEC_13 and "time_s" in fields:
        text = fields.integer("time_s", 0, 0xFFFFFFFF).to_bytes(_STAMP_SIZE, "big") + text
    return bytes((codec, 1, kind)) + size + text + b"\x01"


def _imei(fields: Fields) -> bytes:
    digits = fields.text("imei", most=15).decode()
    if len(digits) != 15 or not digits.isdigit():
        fields.refuse("imei", "must be 15 digits")
    return bytes.fromhex(f"0{digits}")
