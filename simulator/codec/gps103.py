"""Coban TK102, TK103 and their kin: comma-separated text over TCP, ended by a semicolon.

`##,imei:N,A;` logs in (`imei:N,L,*` on other firmware), the bare IMEI is the heartbeat, and every
report is `imei:N,keyword,local time,phone,F|L,...`. `F` has a fix, `L` only the cell. The date is
local while the time of day is UTC: `time` puts both together.
"""

import re
from typing import ClassVar

from simulator.codec import _gps103_reports as reports
from simulator.codec import _terminators as terminators
from simulator.codec._columns import plain_texts
from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Framer, Values
from simulator.codec._fields import Fields, shown
from simulator.codec._framing import (
    NEED_MORE,
    NO_FRAME,
    Measure,
    StreamCutter,
    by_start,
    terminated,
)
from simulator.frame import Direction, Value

_NAME = "gps103"
_END = ";"
_LONGEST = 4096
_SHORTEST_IMEI, _LONGEST_IMEI = 10, 17
_IMEI = rf"\d{{{_SHORTEST_IMEI},{_LONGEST_IMEI}}}"
_HEARTBEAT = re.compile(_IMEI, re.ASCII)
_LOGIN = re.compile(rf"(?:(##),imei:({_IMEI}),A|imei:({_IMEI}),L,\*)", re.ASCII)
_REPORT = re.compile(rf"({_IMEI})?imei:({_IMEI}),(.+)", re.ASCII)
_COMMAND = re.compile(rf"\*\*,imei:({_IMEI}),([A-Z0-9]+)((?:,[^,]*)*)", re.ASCII)
_ANSWERS = {"LOAD": "load", "ON": "on"}
_ANSWER_TEXTS = {meaning: text for text, meaning in _ANSWERS.items()}


class Gps103(Codec):
    """Logins, heartbeats and reports of the tracker; answers and commands of the server."""

    name: ClassVar[str] = _NAME
    is_text: ClassVar[bool] = True

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return the values of one record.

        >>> CODEC.decode(b"imei:123451234512345,L,*")
        {'message_type': 'login', 'imei': '123451234512345'}
        """
        body, ending = terminators.split(_NAME, frame, _END, _LONGEST)
        if context.direction is Direction.DOWNLINK:
            return _read_downlink(body) | _ending(ending, _END if body not in _ANSWERS else "")
        if login := _LOGIN.fullmatch(body):
            return _read_login(login) | _ending(ending, _END if login[1] else "")
        if _HEARTBEAT.fullmatch(body):
            return {"message_type": "heartbeat", "imei": body} | ending
        found = _REPORT.fullmatch(body)
        if found is None:
            raise FrameError(_NAME, f"no login, heartbeat or report: {body!r:.60}")
        values: dict[str, Value] = {"imei": found[2]}
        if found[1]:
            values["heartbeat_imei"] = found[1]
        return values | reports.read(found[3].split(",")) | ending

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the record; without `message_type` it is a report."""
        fields = Fields(_NAME, values)
        if context.direction is Direction.DOWNLINK:
            return _write_downlink(fields)
        kind = fields.value("message_type") if "message_type" in fields else None
        if kind == "login":
            return _write_login(fields)
        if kind not in (None, "heartbeat"):
            fields.refuse("message_type", f"must be login or heartbeat, not {shown(kind)}")
        if kind == "heartbeat":
            body = _imei(fields, "imei")
        else:
            before = _imei(fields, "heartbeat_imei") if "heartbeat_imei" in fields else ""
            texts = ",".join(reports.write(values))
            body = f"{before}imei:{_imei(fields, 'imei')},{texts}"
        return terminators.join(fields, body, _END)

    def reply(self, frame: bytes, context: Context = UPLINK) -> bytes | None:
        """Return `LOAD` to a login, `ON` to a heartbeat, and the E that stops an SOS."""
        if context.direction is Direction.DOWNLINK:
            return None
        values = self.decode(frame)
        match values.get("message_type"), values.get("alarm"):
            case "login", _:
                return b"LOAD"
            case "heartbeat", _:
                return b"ON"
            case _, "sos":
                return f"**,imei:{values['imei']},E;".encode()
        return None

    def framer(self) -> Framer:
        """Return a cutter of records; the short answers of a server have no end mark at all."""
        return StreamCutter(by_start(_SHAPES), limit=_LONGEST, starts=tuple(_SHAPES))


_RECORD = terminated(b";", b"\n", b",L,*")


def _measure_heartbeat(rest: bytes) -> int:
    digits = len(rest) - len(rest.lstrip(b"0123456789"))
    behind = rest[digits : digits + 5]
    if digits > _LONGEST_IMEI:
        return NO_FRAME
    if b"imei:".startswith(behind):
        return _RECORD(rest) if behind == b"imei:" else NEED_MORE
    return digits + 1 if digits >= _SHORTEST_IMEI and behind[:1] in (b";", b"\n") else NO_FRAME


_SHAPES: dict[bytes, Measure] = {
    b"##": _RECORD,
    b"**": _RECORD,
    b"imei:": _RECORD,
    b"LOAD": terminated(b"LOAD"),
    b"ON": terminated(b"ON"),
} | {b"%d" % digit: _measure_heartbeat for digit in range(10)}


def _ending(found: dict[str, Value], usual: str) -> dict[str, Value]:
    """Tell an end from the usual one of this record, which is not that of all."""
    end = found.get("terminator", _END)
    return {} if end == usual else {"terminator": end}


def _read_login(found: re.Match[str]) -> dict[str, Value]:
    values: dict[str, Value] = {"message_type": "login", "imei": found[2] or found[3]}
    if found[1]:
        values["login_mark"] = found[1]
    return values


def _write_login(fields: Fields) -> bytes:
    imei = _imei(fields, "imei")
    if "login_mark" not in fields:
        return terminators.join(fields, f"imei:{imei},L,*", "")
    if fields.value("login_mark") != "##":
        fields.refuse("login_mark", "must be ## or absent")
    return terminators.join(fields, f"##,imei:{imei},A", _END)


def _read_downlink(body: str) -> dict[str, Value]:
    if body in _ANSWERS:
        return {"message_type": _ANSWERS[body]}
    found = _COMMAND.fullmatch(body)
    if found is None:
        raise FrameError(_NAME, f"no answer or command of a server: {body!r:.60}")
    return {
        "message_type": "command",
        "imei": found[1],
        "command": found[2],
        "arguments": list(found[3].split(",")[1:]),
    }


def _write_downlink(fields: Fields) -> bytes:
    kind = fields.value("message_type") if "message_type" in fields else "command"
    if isinstance(kind, str) and kind in _ANSWER_TEXTS:
        return terminators.join(fields, _ANSWER_TEXTS[kind], "")
    command = fields.text("command", most=8).decode()
    texts = plain_texts(fields, "arguments") if "arguments" in fields else []
    body = f"**,imei:{_imei(fields, 'imei')},{','.join([command, *texts])}"
    if not _COMMAND.fullmatch(body):
        fields.refuse("command", f"cannot be {shown(command)}")
    return terminators.join(fields, body, _END)


def _imei(fields: Fields, name: str) -> str:
    text = fields.text(name, most=_LONGEST_IMEI).decode()
    if not _HEARTBEAT.fullmatch(text):
        fields.refuse(
            name, f"must be {_SHORTEST_IMEI} to {_LONGEST_IMEI} digits, not {shown(text)}"
        )
    return text


CODEC = Gps103()
