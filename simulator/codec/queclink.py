"""Queclink @Track trackers (GL200, GL300 and relatives): text reports over TCP, UDP or SMS.

`+RESP:GTxxx,version,IMEI,name,...,send time,count$`; `+BUFF:` is a stored report, `+ACK:` answers a
command or is the heartbeat. What stands in the middle is in `_queclink_reports`; what the server
says (`+SACK:...$`, `AT+GTxxx=...$`) is read in the downlink direction.
"""

import re
from typing import ClassVar

from simulator.codec import _queclink_reports as reports
from simulator.codec import _terminators as terminators
from simulator.codec._columns import plain_texts
from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Framer, Values
from simulator.codec._fields import Fields, shown
from simulator.codec._framing import StreamCutter, terminated
from simulator.codec._native_time import compact
from simulator.frame import Direction, Value

_NAME = "queclink"
_END = "$"
_LONGEST = 8192
_PREFIXES = {"+RESP": False, "+BUFF": True, "+ACK": None}
_HEARTBEAT = "GTHBD"
_KIND = r"GT[A-Z0-9]{3}"
_REPORT = re.compile(
    rf"(\+RESP|\+BUFF|\+ACK):({_KIND}),"
    r"(?:([0-9A-Fa-f]{10}|[0-9A-Fa-f]{6}),)?([0-9A-Za-z]{10,17}),(.*),([^,]*),([0-9A-Fa-f]{4})",
    re.ASCII,
)
_SACK = re.compile(r"\+SACK:(?:(GT[A-Z0-9]{3}),([0-9A-Fa-f]*),)?([0-9A-Fa-f]{4})", re.ASCII)
_COMMAND = re.compile(rf"AT\+({_KIND})=(.*)", re.ASCII)
_SEND_TIME = compact("send_time")
_WORDS = {
    "message_type": re.compile(_KIND, re.ASCII),
    "protocol_version": re.compile(r"[0-9A-Fa-f]{6}|[0-9A-Fa-f]{10}", re.ASCII),
    "imei": re.compile(r"[0-9A-Za-z]{10,17}", re.ASCII),
    "count_number": re.compile(r"[0-9A-Fa-f]{4}", re.ASCII),
    "send_time_text": re.compile(r"\d{14}", re.ASCII),
    "device_name": re.compile(r"[ -+\--~]{0,40}", re.ASCII),
}


class Queclink(Codec):
    """Reports, answers and heartbeats of the tracker; receipts and commands of the server."""

    name: ClassVar[str] = _NAME
    is_text: ClassVar[bool] = True

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return the values of one report.

        >>> frame = b"+RESP:GTPNA,F50201,866425030235982,,20190208124909,0BD5$"
        >>> CODEC.decode(frame)["alarm"]
        'power_on'
        """
        body, ending = _body(frame)
        if context.direction is Direction.DOWNLINK:
            return _read_downlink(body) | ending
        found = _match(body)
        prefix, kind, version, imei, middle, sent, count = found.groups()
        name, *texts = middle.split(",")
        values: dict[str, Value] = {"message_type": kind, "imei": imei, "count_number": count}
        if (buffered := _PREFIXES[prefix]) is None:
            values["is_answer"] = True
        else:
            values["buffered"] = buffered
        values |= {"protocol_version": version} if version else {}
        values |= {"device_name": name} if name else {}
        return values | _sent(sent) | reports.read(kind, texts) | ending

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the report that says these values."""
        fields = Fields(_NAME, values)
        if context.direction is Direction.DOWNLINK:
            body = _write_downlink(fields)
        else:
            body = _write_report(values)
        return terminators.join(fields, body, _END)

    def reply(self, frame: bytes, context: Context = UPLINK) -> bytes | None:
        """Return the receipt of a report or heartbeat; answers to commands get none."""
        if context.direction is Direction.DOWNLINK:
            return None
        prefix, kind, version, _, _, _, count = _match(_body(frame)[0]).groups()
        if prefix != "+ACK":
            return f"+SACK:{count}$".encode()
        return f"+SACK:{kind},{version or ''},{count}$".encode() if kind == _HEARTBEAT else None

    def framer(self) -> Framer:
        """Return a cutter of everything from a prefix to the dollar sign."""
        starts = (*(f"{prefix}:".encode() for prefix in _PREFIXES), b"+SACK:", b"AT+")
        return StreamCutter(terminated(b"$"), limit=_LONGEST, starts=starts)


def _body(frame: bytes) -> tuple[str, dict[str, Value]]:
    return terminators.split(_NAME, frame, _END, _LONGEST)


def _match(body: str) -> re.Match[str]:
    found = _REPORT.fullmatch(body)
    if found is None:
        raise FrameError(_NAME, f"no report +RESP:GTxxx,version,IMEI,...,time,count: {body!r:.80}")
    return found


def _sent(text: str) -> dict[str, Value]:
    found = _SEND_TIME.read(text)
    if found is None:
        raise FrameError(_NAME, f"the field before the count is no send time: {text!r:.40}")
    return found or ({"send_time_text": text} if text else {})


def _write_report(values: Values) -> str:
    fields = Fields(_NAME, values)
    prefix = "+RESP"
    if fields.flag("is_answer", False):
        prefix = "+ACK"
    elif fields.flag("buffered", False):
        prefix = "+BUFF"
    kind = _word(fields, "message_type")
    version = [_word(fields, "protocol_version")] if "protocol_version" in fields else []
    name = _word(fields, "device_name") if "device_name" in fields else ""
    sent = _SEND_TIME.write(fields)
    if not sent and "send_time_text" in fields:
        sent = _word(fields, "send_time_text")
    texts = [*version, _word(fields, "imei"), name, *reports.write(values, kind), sent]
    return f"{prefix}:{','.join([kind, *texts, _word(fields, 'count_number')])}"


def _read_downlink(body: str) -> dict[str, Value]:
    if found := _SACK.fullmatch(body):
        values: dict[str, Value] = {"message_type": "SACK", "count_number": found[3]}
        if found[1]:
            values |= {"acknowledged": found[1], "protocol_version": found[2]}
        return values
    if found := _COMMAND.fullmatch(body):
        return {"message_type": found[1], "arguments": list(found[2].split(","))}
    raise FrameError(_NAME, f"no receipt +SACK: and no command AT+GTxxx=: {body!r:.60}")


def _write_downlink(fields: Fields) -> str:
    if fields.value("message_type") != "SACK":
        texts = plain_texts(fields, "arguments")
        return f"AT+{_word(fields, 'message_type')}={','.join(texts)}"
    count = _word(fields, "count_number")
    if "acknowledged" not in fields:
        return f"+SACK:{count}"
    body = f"+SACK:{fields.text('acknowledged', most=5).decode()},"
    body += f"{fields.text('protocol_version', most=10).decode()},{count}"
    if not _SACK.fullmatch(body):
        fields.refuse("acknowledged", f"makes no receipt: {body}")
    return body


def _word(fields: Fields, name: str) -> str:
    text = fields.text(name, most=40).decode()
    if not _WORDS[name].fullmatch(text):
        fields.refuse(name, f"cannot be {shown(text)}")
    return text


CODEC = Queclink()
