"""GTINF: what a Queclink tracker says about itself - state, SIM, signal, battery, last fix.

Models differ in how many flags stand before the time of the last fix, so the time is looked for;
only the layout of the GL family has the battery percentage behind it.
"""

import re
from collections.abc import Sequence
from functools import cache

from simulator.codec._columns import Column, Found, Layout, choice, integer, plain_texts, word
from simulator.codec._fields import Fields
from simulator.codec._native_time import compact
from simulator.codec._queclink_columns import loose, volts

_TIME = re.compile(r"\d{14}", re.ASCII)
_FLAGS_AT = 9
_GL_FLAGS = 4


def read(texts: Sequence[str]) -> Found:
    """Return the values of the report; one of another shape keeps its texts as `arguments`."""
    places = range(_FLAGS_AT, min(len(texts), 32))
    at = next((i for i in places if _TIME.fullmatch(texts[i])), None)
    if at is None:
        return {"arguments": list(texts)}
    values = _layout(at - _FLAGS_AT).read("queclink", texts, 4)
    return values if at > _FLAGS_AT else values | {"flags": []}


def write(fields: Fields) -> list[str]:
    """Return the texts of the report."""
    count = len(fields.words("flags")) if "flags" in fields else _GL_FLAGS
    return _layout(count).write(fields)


@cache
def _layout(flags: int) -> Layout:
    percent = [loose(integer("battery_percent", 0, 100))] if flags == _GL_FLAGS else []
    return Layout(
        word("motion_state", r"[0-9A-Fa-f]{2}"),
        word("iccid"),
        loose(integer("gsm_level")),
        loose(integer("bit_error_rate")),
        loose(integer("external_power")),
        word("external_voltage"),
        word("reserved"),
        volts("battery_mv"),
        loose(choice("charging", {"1": True, "0": False})),
        *([_flags(flags)] if flags else []),
        compact("last_fix_time"),
        *percent,
        least=_FLAGS_AT + flags + 1,
        trailing=0,
    )


def _flags(count: int) -> Column:
    def read(text: str) -> Found | None:
        texts = text.split(",")
        return {"flags": list(texts)}

    def write(fields: Fields) -> str:
        return ",".join(plain_texts(fields, "flags")) if "flags" in fields else ""

    return Column(("flags",), read, write, count)
