"""SIA DC-09: alarm panels over TCP or UDP, with SIA-DCS or Contact ID events, plain or encrypted.

`LF | CRC | 0LLL | "token" sequence [Rreceiver] Lprefix [#account] [ data ] [xdata] [_time] | CR`.
The CRC-16/ARC and the length cover the text from the first quote to the last character before CR.

Published lines often have a wrong length and sometimes a wrong CRC. `CODEC` is tolerant: it reads
them and says `crc_ok` and `length_ok`. `STRICT` refuses them, as a panel's own receiver does.
"""

import re
from datetime import datetime
from typing import ClassVar

from fastcrc import crc16

from simulator.codec import _sia_dc09_events as events
from simulator.codec import _sia_dc09_message as message
from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Framer, Values
from simulator.codec._fields import Fields, shown, utc
from simulator.codec._framing import NEED_MORE, NO_FRAME, StreamCutter
from simulator.frame import Direction, Value

_NAME = events.NAME
_LONGEST = 8192
_HEAD = 8  # CRC and length
_FRAME = re.compile(r'(\n?)([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})("[^\r\n]*)(\r?)')
_HEX = re.compile(r"[0-9A-Fa-f]{4}")
_HEX_DIGITS = b"0123456789ABCDEFabcdef"
_ANSWERS = {"ACK", "NAK", "DUH", "RSP"}
_EARLY_S, _LATE_S = 20, 40


class SiaDc09(Codec):
    """Events and link tests of a panel, and what a receiver answers."""

    name: ClassVar[str] = _NAME
    is_text: ClassVar[bool] = True

    def __init__(self, *, strict: bool = False) -> None:
        self._strict = strict

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return the values of a message; an encrypted one is opened with `context.key`.

        >>> frame = b'\\n96ED0016"SIA-DCS"0001L0#1234[]\\r'
        >>> CODEC.decode(frame)["account"]
        '1234'
        """
        lead, crc, length, text, end = self._parts(frame)
        values = message.read(text, context.key)
        values |= _check("crc", crc, _crc(text)) | _check("length", length, len(text))
        if self._strict and not (values["crc_ok"] and values["length_ok"]):
            told = f"crc {crc} should be {_crc(text):04X}, length {length} {len(text):04X}"
            raise FrameError(_NAME, told)
        values |= {} if lead else {"line_feed": False}
        return values | ({} if end else {"carriage_return": False})

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the message; `crc_ok` or `length_ok` false makes it a broken one on purpose."""
        fields = Fields(_NAME, values)
        text = message.write(values, context.key)
        if len(text) + _HEAD + 2 > _LONGEST:
            fields.refuse("data", f"makes a message of {len(text)} characters")
        head = _head(fields, "crc", _crc(text)) + _head(fields, "length", len(text))
        lead = "\n" if fields.flag("line_feed", True) else ""
        end = "\r" if fields.flag("carriage_return", True) else ""
        return f"{lead}{head}{text}{end}".encode("latin-1")

    def reply(self, frame: bytes, context: Context = UPLINK) -> bytes | None:
        """Return ACK, or NAK with the time, or DUH; nothing to a broken CRC or to an answer.

        Clocks are compared where the context says when the frame was received.
        """
        values = self.decode(frame, context)
        token = str(values["token"]).removeprefix("*")
        if context.direction is Direction.DOWNLINK or token in _ANSWERS or not values["crc_ok"]:
            return None
        if "ciphertext_hex" in values:
            return None  # without its key nobody can answer
        if _is_off(values, context):
            return self.encode(_refusal(context))
        is_known = token in events.KNOWN and events.is_understood(token, values)
        return self.encode(_answer(values, "ACK" if is_known else "DUH", context), context)

    def framer(self) -> Framer:
        """Return a cutter of lines from LF to CR."""
        return StreamCutter(_measure, limit=_LONGEST, starts=(b"\n",))

    def _parts(self, frame: bytes) -> tuple[str, ...]:
        found = _FRAME.fullmatch(frame.decode("latin-1")) if len(frame) <= _LONGEST else None
        if found is None:
            raise FrameError(_NAME, f"no message with CRC, length and a token: {frame[:60]!r}")
        return found.groups()


def _crc(text: str) -> int:
    return int(crc16.arc(text.encode("latin-1")))


def _check(name: str, told: str, true: int) -> dict[str, Value]:
    values: dict[str, Value] = {f"{name}_ok": int(told, 16) == true}
    return values if told == f"{true:04X}" else values | {f"{name}_declared": told}


def _head(fields: Fields, name: str, true: int) -> str:
    is_ok = fields.flag(f"{name}_ok", True)
    if f"{name}_declared" in fields:
        told = fields.text(f"{name}_declared", most=4).decode()
        if not _HEX.fullmatch(told):
            fields.refuse(f"{name}_declared", f"must be four hex digits, not {shown(told)}")
        if (int(told, 16) == true) == is_ok:
            return told
    return f"{true if is_ok else true ^ 1:04X}"


def _is_off(values: dict[str, Value], context: Context) -> bool:
    time = values.get("time")
    if context.received_s is None or not isinstance(time, str):
        return False
    ahead = datetime.fromisoformat(time).timestamp() - context.received_s
    return not -_LATE_S <= ahead <= _EARLY_S


def _refusal(context: Context) -> dict[str, Value]:
    now = int(context.received_s or 0)
    return {
        "token": "NAK",
        "sequence": "0000",
        "receiver": "0",
        "line_prefix": "0",
        "time": utc(now),
    }


def _answer(values: dict[str, Value], token: str, context: Context) -> dict[str, Value]:
    names = ("sequence", "receiver", "line_prefix", "account")
    answer = {name: values[name] for name in names if name in values} | {"data": ""}
    if not values.get("encrypted"):
        return answer | {"token": token}
    received = None if context.received_s is None else utc(int(context.received_s))
    return answer | {"token": f"*{token}", "time": received or values.get("time")}


def _measure(rest: bytes) -> int:
    head = rest[1 : _HEAD + 1]
    if head.strip(_HEX_DIGITS) or rest[_HEAD + 1 : _HEAD + 2] not in (b"", b'"'):
        return NO_FRAME
    end, again = rest.find(b"\r"), rest.find(b"\n", 1)
    if 0 < again < (end if end >= 0 else len(rest)):
        return NO_FRAME
    return end + 1 if end >= 0 else NEED_MORE


CODEC = SiaDc09()
STRICT = SiaDc09(strict=True)
