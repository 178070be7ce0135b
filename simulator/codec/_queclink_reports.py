"""The middle of Queclink reports: a few values of the report, position blocks, and the rest.

A position block is found by its shape (longitude, latitude and a fourteen-digit time in a row),
because models put different things before it. What has no name here stands in `head` and `extra`.
"""

import re
from collections.abc import Sequence

from simulator.codec import _queclink_information as information
from simulator.codec._alarm_words import refuse_contradictions
from simulator.codec._columns import Column, Found, Layout, decimal, integer, plain_texts, word
from simulator.codec._contract import Values
from simulator.codec._coordinates import signed
from simulator.codec._fields import Fields
from simulator.codec._native_time import compact
from simulator.codec._queclink_columns import hexadecimal, kilometres, loose, network_code, volts

_NAME = "queclink"
_ALARMS = {
    "GTSOS": "sos",
    "GTBPL": "low_battery",
    "GTSTT": "movement",
    "GTPNA": "power_on",
    "GTPFA": "power_off",
    "GTMPF": "power_cut",
    "GTEPF": "power_cut",
    "GTSPD": "overspeed",
    "GTSWG": "geofence",
    "GTGEO": "geofence",
    "GTTMP": "temperature",
    "GTTEM": "temperature",
}
_COUNTED = {"GTFRI", "GTRTL", "GTNMR", "GTSOS", "GTDOG"}
_PERCENT_LAST = {*_COUNTED, "GTLBC"}
_HEADS: dict[str, tuple[Column, ...]] = {
    **dict.fromkeys(
        _COUNTED, (word("report_id"), word("report_type"), loose(integer("report_positions")))
    ),
    "GTLBC": (word("phone"),),
    "GTBPL": (volts("battery_mv"),),
    "GTSTT": (word("motion_state", r"[0-9A-Fa-f]{2}"),),
}
_COUNTED_NAMES = ("report_id", "report_type", "report_positions")
_BLOCK_SIZE = 12
_BLOCK = Layout(
    loose(integer("gnss_accuracy")),
    loose(decimal("speed_kmh")),
    loose(integer("course_deg", 0, 360)),
    loose(decimal("altitude_m")),
    signed("longitude"),
    signed("latitude"),
    loose(compact("time")),
    network_code("mcc"),
    network_code("mnc"),
    hexadecimal("lac"),
    hexadecimal("cell"),
    kilometres("odometer_m"),
    least=_BLOCK_SIZE,
)
_BLANK_AT = 3  # where a counted report has its block when no shape gives it away
_PLACE = re.compile(r"-?\d{1,3}\.\d{4,8}", re.ASCII)
_TIME = re.compile(r"\d{14}", re.ASCII)
_PERCENT = re.compile(r"\d|[1-9]\d|100", re.ASCII)
_MOST_BLOCKS = 64
_MOST_BEHIND = 4  # vehicle models end in other numbers, behind more texts


def read(kind: str, texts: Sequence[str]) -> Found:
    """Return the values between the device name and the send time."""
    alarm: Found = {"alarm": _ALARMS[kind]} if kind in _ALARMS else {}
    if kind == "GTINF":
        return alarm | information.read(texts)
    at = _block_at(kind, texts)
    if at is None:
        return alarm | ({"arguments": list(texts)} if texts else {})
    blocks = _blocks(texts, at)
    behind = texts[at + _BLOCK_SIZE * len(blocks) :]
    return alarm | _read_head(kind, texts[:at], blocks[0]) | _places(blocks) | _rest(kind, behind)


def _block_at(kind: str, texts: Sequence[str]) -> int | None:
    at = next((i for i in range(len(texts)) if _is_block(texts, i)), None)
    if at is None and kind in _COUNTED and len(texts) >= _BLANK_AT + _BLOCK_SIZE:
        is_blank = not any(texts[_BLANK_AT + 4 : _BLANK_AT + 7])
        return _BLANK_AT if is_blank else None
    return at


def _is_block(texts: Sequence[str], at: int) -> bool:
    place = texts[at + 4 : at + 7]
    is_place = len(place) == 3 and bool(_PLACE.fullmatch(place[0]) and _PLACE.fullmatch(place[1]))
    return is_place and bool(_TIME.fullmatch(place[2]))


def _blocks(texts: Sequence[str], at: int) -> list[Found]:
    blocks = [_BLOCK.read(_NAME, texts[at : at + _BLOCK_SIZE], at + 4)]
    while _is_block(texts, at := at + _BLOCK_SIZE) and len(blocks) < _MOST_BLOCKS:
        blocks.append(_BLOCK.read(_NAME, texts[at : at + _BLOCK_SIZE], at + 4))
    return blocks


def _read_head(kind: str, texts: Sequence[str], block: Found) -> Found:
    columns = _HEADS.get(kind)
    if columns is None or len(columns) != len(texts):
        head: Found = {"head": list(texts)}
    else:
        head = Layout(*columns, least=len(columns)).read(_NAME, texts, 4)
    spelled = [part["spelling"] for part in (head, block) if "spelling" in part]
    spelling: Found = {}
    for part in spelled:
        spelling |= part if isinstance(part, dict) else {}
    return head | block | ({"spelling": spelling} if spelling else {})


def _places(blocks: list[Found]) -> Found:
    first = blocks[0]
    values: Found = {"position_count": sum("latitude" in block for block in blocks)}
    if "gnss_accuracy" in first:
        values["fix_valid"] = first["gnss_accuracy"] != 0
    return values | ({"positions": list(blocks)} if len(blocks) > 1 else {})


def _rest(kind: str, texts: Sequence[str]) -> Found:
    values: Found = {}
    is_short = kind in _PERCENT_LAST and len(texts) <= _MOST_BEHIND
    if is_short and texts and _PERCENT.fullmatch(texts[-1]):
        values["battery_percent"] = int(texts[-1])
        texts = texts[:-1]
    return values | ({"extra": list(texts)} if texts else {})


def write(values: Values, kind: str) -> list[str]:
    """Return the texts between the device name and the send time."""
    fields = Fields(_NAME, values)
    refuse_contradictions(fields, {"alarm": _ALARMS.get(kind)}, ("alarm",), "message_type")
    if "arguments" in fields:
        return plain_texts(fields, "arguments")
    if kind == "GTINF":
        return information.write(fields)
    is_placed = any(name in fields for name in ("latitude", "time", "positions"))
    if not is_placed and kind not in _COUNTED:
        return []
    own = _own_block(values)
    blocks = fields.parts("positions") if "positions" in fields else [Fields(_NAME, own)]
    _refuse_other_count(fields, blocks)
    texts = _write_head(own, kind, len(blocks))
    for block in blocks:
        texts += _BLOCK.write(block)
    texts += plain_texts(fields, "extra") if "extra" in fields else []
    if "battery_percent" in fields and kind in _PERCENT_LAST:
        texts.append(str(fields.integer("battery_percent", 0, 100)))
    return texts


def _own_block(values: Values) -> Values:
    own = {name: value for name, value in values.items() if name != "extra"}
    if own.get("gnss_accuracy") is None and own.get("fix_valid") is not None:
        own["gnss_accuracy"] = int(own["fix_valid"] is True)
    return own


def _refuse_other_count(fields: Fields, blocks: Sequence[Fields]) -> None:
    count = sum("latitude" in block for block in blocks)
    refuse_contradictions(fields, {"position_count": count}, ("position_count",), "positions")
    if "fix_valid" in fields and "gnss_accuracy" in blocks[0]:
        is_valid = blocks[0].integer("gnss_accuracy", 0, 10**9) != 0
        refuse_contradictions(fields, {"fix_valid": is_valid}, ("fix_valid",), "gnss_accuracy")


def _write_head(values: Values, kind: str, count: int) -> list[str]:
    fields = Fields(_NAME, values)
    if "head" in fields:
        return plain_texts(fields, "head")
    columns = _HEADS.get(kind, ())
    own = {name: value for name, value in values.items() if name != "field_count"}
    if kind in _COUNTED and not any(name in fields for name in _COUNTED_NAMES):
        own |= {"report_id": "0", "report_type": "0", "report_positions": count}
    return Layout(*columns, least=len(columns)).write(Fields(_NAME, own))
