"""MiniFinder Pico and Eview EV07 with the text protocol: records `!X,...;` over TCP.

`!1` logs in, `!5` is the status, `!3` a result; `!D` (live), `!B` (buffered), `!C` (older firmware)
and `!A` (oldest) are positions. The three last values of `!A` and `!C` have no public meaning and
are kept as `extra`.
"""

from typing import ClassVar

from simulator.codec import _terminators as terminators
from simulator.codec._alarm_words import alarm_of, status_column
from simulator.codec._columns import Column, Layout, choice, decimal, integer, plain_texts, word
from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Framer, Values
from simulator.codec._coordinates import signed
from simulator.codec._fields import Fields, shown
from simulator.codec._framing import StreamCutter, terminated
from simulator.codec._native_time import slashed
from simulator.frame import Value

_NAME = "minifinder_v1"
_END = ";"
_LONGEST = 1024

_ALARMS = (
    (1 << 6, "sos"),
    (1 << 8, "fall"),
    (1 << 7, "overspeed"),
    (0b111 << 9, "geofence"),
    (1 << 12, "low_battery"),
    (0b11 << 14, "movement"),
)
_ALARM_BITS = {alarm: mask & -mask for mask, alarm in _ALARMS}
_FIX, _APPROXIMATE, _FAULT, _CHARGING = 0b11, 1 << 1, 1 << 2, 1 << 22
_SIGNAL_SHIFT, _SIGNAL_MOST = 16, 31
_MEANINGS = ("fix_valid", "approximate", "fault", "alarm", "gsm_level", "charging")


def _meaning(flags: int) -> dict[str, Value]:
    values: dict[str, Value] = {
        "fix_valid": bool(flags & _FIX),
        "gsm_level": flags >> _SIGNAL_SHIFT & _SIGNAL_MOST,
        "charging": bool(flags & _CHARGING),
    }
    if flags & _APPROXIMATE:
        values["approximate"] = True
    if flags & _FAULT:
        values["fault"] = True
    alarm = alarm_of(flags, _ALARMS)
    return values | ({"alarm": alarm} if alarm else {})


def _flags(fields: Fields) -> int:
    flags = int(fields.flag("fix_valid", False))
    flags |= _APPROXIMATE if fields.flag("approximate", False) else 0
    flags |= _FAULT if fields.flag("fault", False) else 0
    flags |= _CHARGING if fields.flag("charging", False) else 0
    if "alarm" in fields:
        flags |= fields.choice("alarm", _ALARM_BITS)
    signal = fields.integer("gsm_level", 0, _SIGNAL_MOST) if "gsm_level" in fields else 0
    return flags | signal << _SIGNAL_SHIFT


_PLACE: tuple[Column, ...] = (slashed(), signed("latitude"), signed("longitude"))
_STATE = (
    decimal("speed_kmh", 0),
    decimal("course_deg", 0),
    status_column(("flags_hex", *_MEANINGS), _meaning, _flags, "06x"),
    decimal("altitude_m", 1),
    integer("battery_percent", 0, 100),
)
_SKY = (integer("satellites"), integer("satellites_in_view"), decimal("hdop", 0))
_LAYOUTS = {
    "!1": Layout(
        word("imei", r"\d{10,17}"), word("firmware"), integer("battery_percent", 0, 100), least=1
    ),
    "!3": Layout(word("result"), least=1),
    "!5": Layout(
        integer("gsm_level"),
        choice("fix_valid", {"A": True, "V": False}),
        integer("battery_percent", 0, 100),
    ),
    "!A": Layout(*_PLACE),
    "!B": Layout(*_PLACE, *_STATE, *_SKY),
    "!C": Layout(*_PLACE, *_STATE),
    "!D": Layout(*_PLACE, *_STATE, *_SKY),
}


class MinifinderV1(Codec):
    """Login, status and positions; the server answers none of them."""

    name: ClassVar[str] = _NAME
    is_text: ClassVar[bool] = True

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return the values of one record; both directions are built alike.

        >>> CODEC.decode(b"!5,17,V,50;")
        {'message_type': '!5', 'gsm_level': 17, 'fix_valid': False, 'battery_percent': 50}
        """
        del context
        body, ending = terminators.split(_NAME, frame, _END, _LONGEST)
        kind, comma, rest = body.partition(",")
        if len(kind) != 2 or kind[0] != "!":
            raise FrameError(_NAME, f"a record begins with ! and a letter: {body!r:.40}")
        return {"message_type": kind} | _read(kind, rest if comma else None) | ending

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the record; flags are put together from their meanings where not given."""
        del context
        fields = Fields(_NAME, values)
        kind = fields.text("message_type", most=2).decode()
        if len(kind) != 2 or kind[0] != "!":
            fields.refuse("message_type", f"must be ! and a letter, not {shown(kind)}")
        return terminators.join(fields, ",".join([kind, *_write(fields, kind)]), _END)

    def framer(self) -> Framer:
        """Return a cutter of records from `!` to the semicolon."""
        return StreamCutter(terminated(b";"), limit=_LONGEST, starts=(b"!",))


def _read(kind: str, rest: str | None) -> dict[str, Value]:
    layout = _LAYOUTS.get(kind)
    texts = [] if rest is None else rest.split(",")
    return {"arguments": list(texts)} if layout is None else layout.read(_NAME, texts, 1)


def _write(fields: Fields, kind: str) -> list[str]:
    layout = _LAYOUTS.get(kind)
    if layout is not None:
        return layout.write(fields)
    return plain_texts(fields, "arguments") if "arguments" in fields else []


CODEC = MinifinderV1()
