"""Commands, answers and information of GT06 frames: texts with a few bytes before them."""

import re
from collections.abc import Callable

from simulator.codec._fields import Fields, shown
from simulator.frame import Value

_ANSWER, _LONG_ANSWER, _COMMAND, _INFORMATION = 0x15, 0x21, 0x80, 0x94
_ASCII, _UTF_16 = 1, 2
_ENCODINGS = {_ASCII: "ascii", _UTF_16: "utf-16-be"}
_VOLTAGE, _TEXT, _IDENTITY = 0x00, 0x04, 0x0A
_PRINTABLE = re.compile(rb"[\t\n\r -~]*")
_FLAG_SIZE = 4
_IDENTITY_SIZES = {"imei": 15, "imsi": 15, "iccid": 20}
_IDENTITY_DIGITS = re.compile(r"0(\d{15})0(\d{15})(\d{19}(?=f\Z)|\d{20})f?", re.ASCII)
_MOST = 0xF000


def _read_command(content: bytes) -> dict[str, Value]:
    end = content[0] + 1
    text = content[1 + _FLAG_SIZE : end]
    if content[0] < _FLAG_SIZE or end > len(content) or not _PRINTABLE.fullmatch(text):
        return {"content_hex": content.hex()}
    values: dict[str, Value] = {"server_flag": _flag(content[1:]), "text": text.decode("ascii")}
    return values | ({"tail_hex": content[end:].hex()} if content[end:] else {})


def _flag(data: bytes) -> int:
    return int.from_bytes(data[:_FLAG_SIZE], "big")


def _write_command(fields: Fields) -> bytes:
    body = _flag_bytes(fields) + fields.text("text", most=0xFF - _FLAG_SIZE)
    tail = fields.hexadecimal("tail_hex") if "tail_hex" in fields else b""
    return bytes((len(body),)) + body + tail


def _flag_bytes(fields: Fields) -> bytes:
    flag = fields.integer("server_flag", 0, 0xFFFFFFFF) if "server_flag" in fields else 0
    return flag.to_bytes(_FLAG_SIZE, "big")


def _read_long_answer(content: bytes) -> dict[str, Value]:
    encoding = _ENCODINGS.get(content[_FLAG_SIZE]) if len(content) > _FLAG_SIZE else None
    raw = content[_FLAG_SIZE + 1 :]
    text = raw.decode(encoding, "replace") if encoding else ""
    if encoding is None or "\N{REPLACEMENT CHARACTER}" in text:
        return {"content_hex": content.hex()}
    return {
        "server_flag": _flag(content),
        "text_encoding": content[_FLAG_SIZE],
        "text": text,
    }


def _write_long_answer(fields: Fields) -> bytes:
    code = fields.integer("text_encoding", _ASCII, _UTF_16) if "text_encoding" in fields else _ASCII
    text = fields.text("text", most=_MOST, encoding=_ENCODINGS[code])
    return _flag_bytes(fields) + bytes((code,)) + text


def _read_information(content: bytes) -> dict[str, Value]:
    kind, data = content[0], content[1:]
    values: dict[str, Value] = {"information_type": kind}
    if kind == _VOLTAGE and len(data) == 2:
        return values | {"external_mv": int.from_bytes(data, "big") * 10}
    if kind == _TEXT and _PRINTABLE.fullmatch(data):
        return values | {"text": data.decode("ascii")}
    if kind == _IDENTITY and (found := _IDENTITY_DIGITS.fullmatch(data.hex())):
        return values | dict(zip(_IDENTITY_SIZES, found.groups(), strict=True))
    return values | {"data_hex": data.hex()}


def _write_information(fields: Fields) -> bytes:
    kind = fields.integer("information_type", 0, 0xFF)
    if "data_hex" in fields:
        data = fields.hexadecimal("data_hex")
    elif kind == _VOLTAGE:
        data = fields.number("external_mv", 0, 0xFFFF, factor=10).to_bytes(2, "big")
    elif kind == _IDENTITY:
        data = b"".join(_digits(fields, name, size) for name, size in _IDENTITY_SIZES.items())
    else:
        data = fields.text("text", most=_MOST)
    return bytes((kind,)) + data


def _digits(fields: Fields, name: str, most: int) -> bytes:
    text = fields.text(name, most=most).decode()
    if not text.isdecimal() or len(text) < most - (name == "iccid"):
        fields.refuse(name, f"must be {most} digits, not {shown(text)}")
    # An odd number of digits is filled up: in front by 0, an ICCID behind by f.
    return bytes.fromhex(text.ljust(most, "f") if name == "iccid" else f"0{text}")


READERS: dict[int, Callable[[bytes], dict[str, Value]]] = {
    _ANSWER: _read_command,
    _COMMAND: _read_command,
    _LONG_ANSWER: _read_long_answer,
    _INFORMATION: _read_information,
}
WRITERS: dict[int, Callable[[Fields], bytes]] = {
    _ANSWER: _write_command,
    _COMMAND: _write_command,
    _LONG_ANSWER: _write_long_answer,
    _INFORMATION: _write_information,
}
