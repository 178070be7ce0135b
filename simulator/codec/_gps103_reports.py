"""The reports of GPS103 trackers: keyword, local time, position or cell."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from simulator.codec._alarm_words import refuse_contradictions
from simulator.codec._columns import (
    Column,
    Found,
    Layout,
    choice,
    decimal,
    integer,
    plain_texts,
    word,
)
from simulator.codec._contract import Values
from simulator.codec._coordinates import minutes
from simulator.codec._fields import Fields
from simulator.codec._native_time import CENTURY, iso, moment
from simulator.frame import Value

_NAME = "gps103"
_KNOT_KMH = 1.852
_ALARMS = {
    "help me": "sos",
    "low battery": "low_battery",
    "stockade": "geofence",
    "move": "movement",
    "speed": "overspeed",
    "ac alarm": "power_cut",
    "sensor alarm": "vibration",
    "door alarm": "tamper",
}
_KEYWORDS = {alarm: keyword for keyword, alarm in _ALARMS.items()}
_MEANINGS = ("alarm", "acc_on", "temperature_c")
_TEMPERATURE = re.compile(r"T:([-+]?\d{1,4}(?:\.\d{1,4})?)", re.ASCII)
_CELL = re.compile(r",,([0-9a-fA-F]{1,8}),,([0-9a-fA-F]{1,8})", re.ASCII)
_CLOCK = re.compile(r"(\d{6})(?:\.\d{1,4})?", re.ASCII)
_OTHER_CLOCK = re.compile(r"[\d.]*", re.ASCII)
_FLAG = 3
_MOST_ID = 0xFFFFFFFF


def _clock() -> Column:
    name = "utc_time_of_day"

    def read(text: str) -> Found | None:
        if found := _CLOCK.fullmatch(text):
            return {name: found[1]}
        return {} if _OTHER_CLOCK.fullmatch(text) else None

    def write(fields: Fields) -> str:
        text = fields.text(name, most=6).decode() if name in fields else ""
        if text and not _CLOCK.fullmatch(text):
            fields.refuse(name, "must be six digits hhmmss")
        return f"{text}.000" if text else ""

    return Column((name,), read, write)


def _cell() -> Column:
    def read(text: str) -> Found | None:
        if found := _CELL.fullmatch(text):
            return {"lac": int(found[1], 16), "cid": int(found[2], 16)}
        return {}

    def write(fields: Fields) -> str:
        if "lac" not in fields and "cid" not in fields:
            return ""
        lac, cid = (fields.integer(name, 0, _MOST_ID) for name in ("lac", "cid"))
        return f",,{lac:x},,{cid:x}"

    return Column(("lac", "cid"), read, write, 5)


_HEAD = (
    word("keyword"),
    word("local_time", r"[-\d/: ]{0,20}"),
    word("phone"),
    word("gps_flag", "[FL]"),
)
_LAYOUTS = {
    "F": Layout(
        *_HEAD,
        _clock(),
        choice("fix_valid", {"A": True, "V": False}),
        minutes("latitude"),
        minutes("longitude"),
        decimal("speed_kmh", 2, factor=_KNOT_KMH),
        decimal("course_deg", 2),
        decimal("altitude_m"),
        integer("acc_input"),
        integer("door_input"),
        trailing=1,
    ),
    "L": Layout(*_HEAD, _cell(), trailing=1),
}


def read(texts: Sequence[str]) -> dict[str, Value]:
    """Return the values of a report; keywords with another body keep it as `arguments`."""
    layout = _LAYOUTS.get(texts[_FLAG]) if len(texts) > _FLAG else None
    if layout is None:
        values: Found = {"keyword": texts[0], "arguments": list(texts[1:])}
    else:
        values = layout.read(_NAME, texts, 1)
        if time := _time(values):
            values["time"] = time
    return values | _meaning(texts[0])


def write(values: Values) -> list[str]:
    """Return the texts of a report, the keyword taken from the alarm where it is not given."""
    fields = Fields(_NAME, _completed(values))
    keyword = _HEAD[0].write(fields)
    refuse_contradictions(fields, _meaning(keyword), _MEANINGS, "keyword")
    if "arguments" in fields:
        return [keyword, *plain_texts(fields, "arguments")]
    flag = fields.choice("gps_flag", {"F": "F", "L": "L"})
    if flag == "F" and "time" in fields:
        _refuse_other_time(fields)
    return _LAYOUTS[flag].write(fields)


def _completed(values: Values) -> dict[str, Value]:
    fields = Fields(_NAME, values)
    said = dict(values)
    if "keyword" not in fields:
        said["keyword"] = fields.choice("alarm", _KEYWORDS) if "alarm" in fields else "tracker"
    if "gps_flag" not in fields:
        said["gps_flag"] = "F" if "latitude" in fields else "L"
    if "time" in fields and "local_time" not in fields and "utc_time_of_day" not in fields:
        at = moment(fields, "time")
        said |= {"local_time": at.strftime("%y%m%d%H%M"), "utc_time_of_day": f"{at:%H%M%S}"}
    return said


def _refuse_other_time(fields: Fields) -> None:
    names = ("local_time", "utc_time_of_day")
    said = _time({name: fields.value(name) for name in names if name in fields})
    if said is None or fields.epoch("time") != Fields(_NAME, {"time": said}).epoch("time"):
        fields.refuse("time", "is not what 'local_time' and 'utc_time_of_day' say")


def _meaning(keyword: str) -> dict[str, Value]:
    if keyword in _ALARMS:
        return {"alarm": _ALARMS[keyword]}
    if keyword in ("acc on", "acc off"):
        return {"acc_on": keyword == "acc on"}
    if found := _TEMPERATURE.fullmatch(keyword):
        return {"alarm": "temperature", "temperature_c": float(found[1])}
    return {}


def _time(values: Found) -> str | None:
    """Join the local date with the UTC time of day: the UTC moment nearest the local one."""
    local, clock = values.get("local_time"), values.get("utc_time_of_day")
    digits = re.sub(r"[^0-9]", "", local) if isinstance(local, str) else ""
    if len(digits) < 10 or not isinstance(clock, str) or not _CLOCK.fullmatch(clock):
        return None
    year, month, day, hour, minute = (int(digits[i : i + 2]) for i in range(0, 10, 2))
    date = (CENTURY + year, month, day)
    here = iso(date, (hour, minute, 0))
    there = iso(date, (int(clock[:2]), int(clock[2:4]), int(clock[4:6])))
    if here is None or there is None:
        return None
    moments = [datetime.fromisoformat(there) + timedelta(days=n) for n in (-1, 0, 1)]
    nearest = min(moments, key=lambda at: abs(at - datetime.fromisoformat(here)))
    return f"{nearest.astimezone(UTC).isoformat()[:19]}Z"
