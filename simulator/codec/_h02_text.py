"""The text records of H02 trackers: `*HQ,ID,TYPE,...#`.

Positions (V1, V2, V5, V6, V8, V19, VI1, VP1 and the answer V4) differ in what stands around the
same columns, so their parts are found by shape. Time of day and date stand apart: together they
are `time`; what is no time stays as `clock` and `date`.
"""

import re
from collections.abc import Sequence
from functools import cache

from simulator.codec import _h02_status as status
from simulator.codec import _terminators as terminators
from simulator.codec._alarm_words import status_column
from simulator.codec._columns import Column, Found, Layout, decimal, integer, plain_texts, word
from simulator.codec._contract import FrameError, Values
from simulator.codec._coordinates import minutes
from simulator.codec._fields import Fields, shown
from simulator.codec._native_time import CENTURY, iso, moment
from simulator.frame import Value

_NAME = "h02"
_END = "#"
_LONGEST = 2048
_KNOT_KMH = 1.852
_MOST_ID = 2**32
_MOST_CELLS = 64
_HEAD = re.compile(r"\*([0-9A-Za-z]{2}),(\d{0,20}),([0-9A-Z]{1,8})(,.*)?", re.DOTALL | re.ASCII)
_SIX = re.compile(r"\d{6}", re.ASCII)
_STATUS = re.compile(r"[0-9A-Fa-f]{8}", re.ASCII)
_FIX = re.compile(r"\d{1,3}", re.ASCII)
_CELL_NUMBER = re.compile(r"-?\d{1,10}", re.ASCII)
_CLOCKLESS = "VP1"  # the one position that tells the date only
_PLACE_SIZE = 7  # fix, latitude and longitude with their letters, speed, course


def decode(frame: bytes) -> dict[str, Value]:
    """Return the values of one record."""
    body, ending = terminators.split(_NAME, frame, _END, _LONGEST)
    found = _HEAD.fullmatch(body)
    if found is None:
        raise FrameError(_NAME, f"no record *HQ,ID,TYPE: {body!r:.60}")
    values: dict[str, Value] = {"device_id": found[2], "message_type": found[3]}
    if found[1] != "HQ":
        values["manufacturer"] = found[1]
    if found[4] is not None:
        values |= _read(found[3], found[4][1:].split(","))
    return values | ending


def _read(kind: str, texts: list[str]) -> Found:
    if kind in _LAYOUTS:
        return _joined(_LAYOUTS[kind].read(_NAME, texts, 3))
    if kind == "NBR":
        return _joined(_neighbours(_cell_count(texts)).read(_NAME, texts, 3))
    at = _place(texts) if kind[0] == "V" else None
    if at is None or (at == 0 and kind != _CLOCKLESS):
        return {"arguments": list(texts)}
    return _read_position(kind, texts, at)


def encode(values: Values) -> bytes:
    """Return the record that says these values."""
    fields = Fields(_NAME, _parted(values))
    kind = fields.text("message_type", most=8).decode()
    maker = fields.text("manufacturer", most=2).decode() if "manufacturer" in fields else "HQ"
    head = f"*{maker},{fields.text('device_id', most=20).decode()},{kind}"
    if not _HEAD.fullmatch(head):
        fields.refuse("message_type", f"makes no record: {shown(head)}")
    return terminators.join(fields, ",".join([head, *_write(fields, kind)]), _END)


def _write(fields: Fields, kind: str) -> list[str]:
    if "arguments" in fields:
        return plain_texts(fields, "arguments")
    if kind in _LAYOUTS:
        return _LAYOUTS[kind].write(fields)
    if kind == "NBR":
        return _neighbours(len(fields.words("cells"))).write(fields)
    return _write_position(fields, kind) if "latitude" in fields or "fix_valid" in fields else []


def _place(texts: Sequence[str]) -> int | None:
    for at in range(len(texts) - _PLACE_SIZE + 1):
        fix, south, west = texts[at], texts[at + 2], texts[at + 4]
        is_fix = fix in {"", "A", "B", "V"} or _FIX.fullmatch(fix)
        if is_fix and south in {"N", "S"} and west in {"E", "W"}:
            return at
    return None


def _read_position(kind: str, texts: list[str], at: int) -> Found:
    first = at if kind == _CLOCKLESS else at - 1
    behind = texts[at + _PLACE_SIZE :]
    has_battery = (
        len(behind) > 1 and not _SIX.fullmatch(behind[0]) and bool(_SIX.fullmatch(behind[1]))
    )
    date = int(has_battery)
    has_sim = len(behind) > date + 4 and bool(_STATUS.fullmatch(behind[date + 4]))
    has_sim = has_sim and not _STATUS.fullmatch(behind[date + 1])
    layout = _position(at > first, has_battery, has_sim)
    values = _joined(layout.read(_NAME, texts[first:], 3 + first))
    return values | ({"response": list(texts[:first])} if first else {})


def _write_position(fields: Fields, kind: str) -> list[str]:
    response = plain_texts(fields, "response") if "response" in fields else []
    layout = _position(kind != _CLOCKLESS, "battery_level" in fields, "sim_info" in fields)
    return response + layout.write(fields)


def _joined(values: Found) -> Found:
    clock, date = values.get("clock"), values.get("date")
    if isinstance(clock, str) and isinstance(date, str):
        day, month, year = (int(date[i : i + 2]) for i in range(0, 6, 2))
        time = iso((CENTURY + year, month, day), (int(clock[:2]), int(clock[2:4]), int(clock[4:])))
        if time is not None:
            return {"time": time} | {k: v for k, v in values.items() if k not in ("clock", "date")}
    return values


def _parted(values: Values) -> Values:
    fields = Fields(_NAME, values)
    if "time" not in fields:
        return values
    if "clock" in fields or "date" in fields:
        fields.refuse("time", "is said twice: leave 'clock' and 'date' out")
    at = moment(fields, "time")
    return dict(values) | {"clock": f"{at:%H%M%S}", "date": f"{at:%d%m%y}"}


def _fix() -> Column:
    def read(text: str) -> Found | None:
        return {"fix_valid": text == "A" or bool(_FIX.fullmatch(text))}

    def write(fields: Fields) -> str:
        return "A" if fields.flag("fix_valid", False) else "V"

    return Column(("fix_valid",), read, write)


def _sim_info() -> Column:
    def read(text: str) -> Found | None:
        texts: list[Value] = list(text.split(","))
        return {"sim_info": texts}

    def write(fields: Fields) -> str:
        return ",".join(plain_texts(fields, "sim_info")) if "sim_info" in fields else ""

    return Column(("sim_info",), read, write, 3)


def _cells(count: int) -> Column:
    def read(text: str) -> Found | None:
        number, *texts = text.split(",")
        if number != str(count) or len(texts) != 3 * count:
            return None
        if not all(map(_CELL_NUMBER.fullmatch, texts)):
            return None
        lac, cid, rssi = ([int(text) for text in texts[i::3]] for i in range(3))
        cells = zip(lac, cid, rssi, strict=True)
        return {"cells": [{"lac": area, "cid": cell, "rssi": power} for area, cell, power in cells]}

    def write(fields: Fields) -> str:
        names = ("lac", "cid", "rssi")
        cells = fields.parts("cells")
        texts = [str(cell.integer(n, -_MOST_ID, _MOST_ID)) for cell in cells for n in names]
        return ",".join([str(count), *texts])

    return Column(("cells",), read, write, 1 + 3 * count)


def _cell_count(texts: Sequence[str]) -> int:
    text = texts[4] if len(texts) > 4 else ""
    count = int(text) if _FIX.fullmatch(text) else _MOST_CELLS + 1
    if count > _MOST_CELLS:
        raise FrameError(_NAME, f"field 8: the number of cells cannot be {text!r:.20}")
    return count


_STATUS_WORD = status_column(("status_word", *status.MEANINGS), status.meaning, status.build, "08X")
_CLOCK, _DATE = word("clock", r"\d{6}"), word("date", r"\d{6}")
_LAYOUTS = {
    "HTBT": Layout(integer("battery_percent", 0, 100)),
    "LINK": Layout(
        _CLOCK,
        integer("gsm_level"),
        integer("satellites"),
        integer("battery_percent", 0, 100),
        integer("steps"),
        integer("turnovers"),
        _DATE,
        _STATUS_WORD,
    ),
}


@cache
def _position(has_clock: bool, has_battery: bool, has_sim: bool) -> Layout:
    return Layout(
        *([_CLOCK] if has_clock else []),
        _fix(),
        minutes("latitude"),
        minutes("longitude"),
        decimal("speed_kmh", 2, factor=_KNOT_KMH),
        decimal("course_deg", 0),
        *([integer("battery_level")] if has_battery else []),
        _DATE,
        *([_sim_info()] if has_sim else []),
        _STATUS_WORD,
    )


def _neighbours(count: int) -> Layout:
    head = (integer("mcc"), integer("mnc"), integer("timing_advance"))
    return Layout(_CLOCK, *head, _cells(count), _DATE, _STATUS_WORD)
