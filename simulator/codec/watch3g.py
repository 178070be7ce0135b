"""GPS watches of the 3G, SG, ZJ and CS dialects: bracketed text frames over TCP.

`[MF*ID*LLLL*TYPE,...]`, or `[MF*ID*NNNN*LLLL*TYPE,...]` with a message index. Published frames
carry wrong lengths, so a length is told (`length_matches`) and not enforced. Voice and pictures
are bytes inside the text, with the marks of the frame escaped.
"""

import re
from typing import ClassVar

from simulator.codec import _watch3g_messages as messages
from simulator.codec._columns import plain_texts
from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Framer, Values
from simulator.codec._fields import Fields, shown
from simulator.codec._framing import StreamCutter, terminated
from simulator.frame import Value

_NAME = "watch3g"
_LONGEST = 0x10000 + 64
_FRAME = re.compile(
    r"\[(?P<manufacturer>[0-9A-Za-z]{2})\*(?P<device_id>\d{1,20})\*"
    r"(?:(?P<index>[0-9A-Fa-f]{4})\*(?=[0-9A-Fa-f]{4}\*))?(?P<length>[0-9A-Fa-f]{4})\*"
    r"(?P<content>.*)\]",
    re.ASCII | re.DOTALL,
)
_ESCAPED = {0x7D: b"}\x01", 0x5B: b"}\x02", 0x5D: b"}\x03", 0x2C: b"}\x04", 0x2A: b"}\x05"}
_PLAIN = {escape[1:]: bytes([byte]) for byte, escape in _ESCAPED.items()}
_ESCAPE = re.compile(rb"[\[\]},*]")
_UNESCAPE = re.compile(rb"\}([\x01-\x05])")
_REPLIES = {"LK": "LK", "TKQ": "TKQ", "TKQ2": "TKQ2", "INIT": "INIT,1", "JXTK": "JXTKR,1"}


class Watch3g(Codec):
    """Keep-alive, positions, alarms, health, voice, and the commands of the server."""

    name: ClassVar[str] = _NAME
    is_text: ClassVar[bool] = True

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return the values of one bracketed frame; both directions are built alike.

        >>> CODEC.decode(b"[CS*8800000015*0008*PULSE,72]")["heart_rate_bpm"]
        72
        """
        del context
        parts = _parts(frame)
        content = parts["content"]
        declared = int(parts["length"], 16)
        values: dict[str, Value] = {
            "device_id": parts["device_id"],
            "manufacturer": parts["manufacturer"],
            "length_declared": declared,
            "length_matches": declared == len(content),
        }
        if parts["length"] != f"{declared:04X}":
            values["length_text"] = parts["length"]
        if parts["index"] is not None:
            values["message_index"] = parts["index"]
        return values | _read_content(content)

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the frame; `length_declared` is used where `length_matches` is false."""
        del context
        fields = Fields(_NAME, values)
        content = _write_content(fields)
        index = [_hex_word(fields, "message_index")] if "message_index" in fields else []
        head = [
            _word(fields, "manufacturer", r"[0-9A-Za-z]{2}"),
            _word(fields, "device_id", r"\d+"),
        ]
        parts = [*head, *index, _length(fields, len(content))]
        return f"[{'*'.join(parts)}*".encode() + content + b"]"

    def reply(self, frame: bytes, context: Context = UPLINK) -> bytes | None:
        """Return the answer of the server: to keep-alive, alarms, voice requests and start-up."""
        del context
        parts = _parts(frame)
        kind = parts["content"].split(",", 1)[0]
        text = "AL" if kind.startswith("AL") else _REPLIES.get(kind)
        if text is None:
            return None
        index = "" if parts["index"] is None else f"{parts['index']}*"
        head = f"[{parts['manufacturer']}*{parts['device_id']}*{index}"
        return f"{head}{len(text):04X}*{text}]".encode()

    def framer(self) -> Framer:
        """Return a cutter of bracketed frames; escaping keeps brackets out of their content."""
        return StreamCutter(terminated(b"]"), limit=_LONGEST, starts=(b"[",))


def _parts(frame: bytes) -> re.Match[str]:
    found = _FRAME.fullmatch(frame.decode("latin-1")) if len(frame) <= _LONGEST else None
    if found is None:
        raise FrameError(_NAME, f"no frame [MF*ID*LLLL*CONTENT]: {frame[:60]!r}")
    return found


def _read_content(content: str) -> dict[str, Value]:
    kind, comma, rest = content.partition(",")
    if not re.fullmatch(r"[0-9A-Za-z_]{1,20}", kind, re.ASCII):
        raise FrameError(_NAME, f"content does not begin with a type: {content!r:.40}")
    values: dict[str, Value] = {"message_type": kind}
    if not comma:
        return values
    if kind in messages.BINARY:
        return values | _read_binary(kind, rest)
    if "[" in rest or "]" in rest:
        raise FrameError(_NAME, f"a bracket stands inside the content: {content!r:.60}")
    return values | messages.read(_NAME, kind, rest.split(","))


def _read_binary(kind: str, rest: str) -> dict[str, Value]:
    count = messages.BINARY[kind]
    *arguments, media = rest.split(",", count)
    if len(arguments) < count:
        return {"arguments": [*arguments, media]}
    raw = media.encode("latin-1")
    plain = _UNESCAPE.sub(lambda m: _PLAIN[m[1]], raw)
    values: dict[str, Value] = {"data_hex": plain.hex()}
    if _escaped(plain) != raw:
        values["escaped_hex"] = raw.hex()
    return values | ({"arguments": list(arguments)} if arguments else {})


def _escaped(data: bytes) -> bytes:
    return _ESCAPE.sub(lambda m: _ESCAPED[m[0][0]], data)


def _write_content(fields: Fields) -> bytes:
    kind = _word(fields, "message_type", r"[0-9A-Za-z_]{1,20}")
    if "data_hex" in fields:
        texts = plain_texts(fields, "arguments") if "arguments" in fields else []
        return _latin(fields, [kind, *texts]) + b"," + _media(fields)
    content = _latin(fields, [kind, *messages.write(fields, kind)])
    if b"[" in content or b"]" in content:
        fields.refuse("message_type", "has values with a bracket, which would end the frame")
    return content


def _media(fields: Fields) -> bytes:
    plain = fields.hexadecimal("data_hex")
    if "escaped_hex" in fields:
        raw = fields.hexadecimal("escaped_hex")
        if _UNESCAPE.sub(lambda m: _PLAIN[m[1]], raw) == plain:
            return raw
    return _escaped(plain)


def _latin(fields: Fields, texts: list[str]) -> bytes:
    try:
        return ",".join(texts).encode("latin-1")
    except UnicodeError:
        fields.refuse("message_type", "has values that are not latin-1")


def _length(fields: Fields, size: int) -> str:
    declared = size
    if not fields.flag("length_matches", True):
        declared = fields.integer("length_declared", 0, 0xFFFF)
    if declared > 0xFFFF:
        fields.refuse("message_type", f"has a content of {declared} bytes, the most is 65535")
    if "length_text" in fields and int(spelled := _hex_word(fields, "length_text"), 16) == declared:
        return spelled
    return f"{declared:04X}"


def _hex_word(fields: Fields, name: str) -> str:
    return _word(fields, name, r"[0-9A-Fa-f]{4}")


def _word(fields: Fields, name: str, pattern: str) -> str:
    text = fields.text(name, most=20).decode()
    if not re.fullmatch(pattern, text, re.ASCII):
        fields.refuse(name, f"cannot be {shown(text)}")
    return text


CODEC = Watch3g()
