"""What follows the data of a DC-09 message: extended blocks and the time stamp.

`[X006E07.7777777][Y49N06.6666666]_20:45:46,04-22-2021`: degrees, hemisphere, minutes. Blocks of
another order or kind are kept as `xdata`.
"""

import re
from datetime import UTC, datetime

from simulator.codec._coordinates import from_minutes, to_minutes
from simulator.codec._fields import Fields, shown
from simulator.codec._native_time import iso
from simulator.frame import Value

_BLOCK = re.compile(r"\[([^\[\]]*)\]")
_BLOCKS = re.compile(r"((?:\[[^\[\]]*\])*)(?:_([^\[\]\r\n]*))?")
_STAMP = re.compile(r"(\d\d):(\d\d):(\d\d),(\d\d)-(\d\d)-(\d{4})", re.ASCII)
_PLACES = {
    "X": ("longitude", re.compile(r"(\d{3})([EW])(\d\d\.\d{1,10})", re.ASCII)),
    "Y": ("latitude", re.compile(r"(\d\d)([NS])(\d\d\.\d{1,10})", re.ASCII)),
}
_WORDS = {"M": "mac", "V": "video", "K": "xdata_key"}
_NAMES = ("xdata_longitude", "xdata_latitude", "longitude", "latitude", *_WORDS.values())
_MINUTE_STEPS = 10**7
_WORD = re.compile(r"[^\[\]\r\n]*")


def read(text: str) -> dict[str, Value] | None:
    """Return the values of all that follows the data; None if it is nothing of the kind."""
    found = _BLOCKS.fullmatch(text)
    if found is None:
        return None
    blocks = _BLOCK.findall(found[1])
    values = _read_blocks(blocks)
    if blocks and _canonical(Fields("sia_dc09", values)) != blocks:
        values["xdata"] = list(blocks)
    return values | ({} if found[2] is None else _read_stamp(found[2]))


def _read_blocks(blocks: list[str]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for block in blocks:
        mark, text = block[:1], block[1:]
        if mark in _WORDS:
            values[_WORDS[mark]] = text
        elif mark in _PLACES:
            values |= _read_place(*_PLACES[mark], text)
    return values


def _read_place(name: str, shape: re.Pattern[str], text: str) -> dict[str, Value]:
    found = shape.fullmatch(text)
    degrees = from_minutes(int(found[1]), float(found[3])) if found else 181.0
    if found is None or degrees > (180 if name == "longitude" else 90):
        return {}
    return {f"xdata_{name}": text, name: degrees if found[2] in "EN" else -degrees}


def _read_stamp(text: str) -> dict[str, Value]:
    if found := _STAMP.fullmatch(text):
        hour, minute, second, month, day, year = map(int, found.groups())
        time = iso((year, month, day), (hour, minute, second))
        if time is not None:
            return {"time": time}
    return {"timestamp_text": text}


def write(fields: Fields) -> str:
    """Return blocks and time stamp."""
    stamp = ""
    if "time" in fields:
        stamp = f"_{datetime.fromtimestamp(fields.epoch('time'), UTC):%H:%M:%S,%m-%d-%Y}"
    elif "timestamp_text" in fields:
        stamp = f"_{_word(fields, 'timestamp_text')}"
    return "".join(f"[{block}]" for block in _blocks(fields)) + stamp


def _blocks(fields: Fields) -> list[str]:
    if "xdata" in fields:
        blocks = [block for block in fields.words("xdata") if isinstance(block, str)]
        if len(blocks) != len(fields.words("xdata")) or not all(map(_WORD.fullmatch, blocks)):
            fields.refuse("xdata", "must be texts without brackets")
        said = {name: fields.value(name) for name in _NAMES if name in fields}
        if _read_blocks(blocks) == said:
            return blocks
    return _canonical(fields)


def _canonical(fields: Fields) -> list[str]:
    blocks = [
        f"{mark}{_place(fields, *named)}"
        for mark, named in _PLACES.items()
        if named[0] in fields or f"xdata_{named[0]}" in fields
    ]
    return blocks + [f"{mark}{_word(fields, n)}" for mark, n in _WORDS.items() if n in fields]


def _place(fields: Fields, name: str, shape: re.Pattern[str]) -> str:
    raw = f"xdata_{name}"
    if raw in fields:
        text = _word(fields, raw)
        read_ = _read_place(name, shape, text)
        if not read_ or fields.value(name if name in fields else raw) not in read_.values():
            fields.refuse(raw, f"is no coordinate, or not the {name} beside it: {shown(text)}")
        return text
    steps = to_minutes(fields, name, _MINUTE_STEPS)
    whole, part = divmod(abs(steps), 60 * _MINUTE_STEPS)
    letter = ("EW" if name == "longitude" else "NS")[steps < 0]
    return f"{whole:0{3 if name == 'longitude' else 2}d}{letter}{part / _MINUTE_STEPS:010.7f}"


def _word(fields: Fields, name: str) -> str:
    text = fields.text(name, most=512, encoding="latin-1").decode("latin-1")
    if not _WORD.fullmatch(text):
        fields.refuse(name, f"must not have brackets: {shown(text)}")
    return text
