"""The data of DC-09 messages: SIA events with their modifiers, and Contact ID events.

`Nri1/PA015` is a new panic (PA) of zone 015 in area 1; `1120 01 015` is the same in Contact ID.
Data that a panel wrote in another way than this module would is kept as `data`, and used again as
long as it still says the values beside it.
"""

import re

from simulator.codec import _sia_dc09_codes as codes
from simulator.codec._alarm_words import refuse_contradictions
from simulator.codec._fields import Fields, shown
from simulator.frame import Value

NAME = "sia_dc09"
SIA, CONTACT, NULL = "SIA-DCS", "ADM-CID", "NULL"
KNOWN = (SIA, CONTACT, NULL)

_MODIFIERS = {
    "ri": "partition",
    "id": "user",
    "pi": "peripheral",
    "da": "event_date",
    "ti": "event_clock",
}
_MODIFIER = re.compile(r"([a-z]{2})([0-9:\-]{0,20})/?")
_EVENT = re.compile(r"([A-Z]{2})(\d{0,8})(?:\^([^^]*)\^)?(.*)", re.DOTALL)
_CONTACT = re.compile(r"([0-9])([0-9]{3}) ([0-9A-F]{2}) ([0-9A-F]{3})(.*)", re.DOTALL)
_DIGITS = re.compile(r"[0-9:\-]{1,20}")
_MOST_TEXT = 1024
_SIA_NAMES = ("event_age", *_MODIFIERS.values(), "other_modifiers", "code", "zone", "event_tail")
_CONTACT_NAMES = ("qualifier", "event_code", "partition", "zone", "event_tail")
_NAMES = {SIA: _SIA_NAMES, CONTACT: _CONTACT_NAMES}


def read(token: str, data: str) -> dict[str, Value]:
    """Return the values of the data of a message; only `data` where it is no event."""
    return {"data": data} | _parse(token, data)


def is_understood(token: str, values: dict[str, Value]) -> bool:
    """Tell whether a receiver knows what a message is about."""
    return token == NULL or values.get("data") == "" or "code" in values or "event_code" in values


def _parse(token: str, data: str) -> dict[str, Value]:
    if token == SIA:
        return _parse_sia(data)
    return _parse_contact(data) if token == CONTACT else {}


def _parse_sia(data: str) -> dict[str, Value]:
    values: dict[str, Value] = {}
    at = 0
    if data[:1] in ("N", "O"):
        at = 1
        values |= {"event_age": "old"} if data[0] == "O" else {}
    others: dict[str, Value] = {}
    while found := _MODIFIER.match(data, at):
        at = found.end()
        if found[1] in _MODIFIERS:
            values[_MODIFIERS[found[1]]] = found[2]
        else:
            others[found[1]] = found[2]
    event = _EVENT.fullmatch(data, at)
    if event is None:
        return {}
    values |= {"other_modifiers": others} if others else {}
    return values | _event_values(event)


def _event_values(event: re.Match[str]) -> dict[str, Value]:
    code, zone, text, tail = event.groups()
    values: dict[str, Value] = {"code": code}
    values |= {"zone": zone} if zone else {}
    values |= {"text": text} if text is not None else {}
    values |= {"event_tail": tail} if tail else {}
    return values | codes.sia_meaning(code)


def _parse_contact(data: str) -> dict[str, Value]:
    found = _CONTACT.fullmatch(data)
    if found is None:
        return {}
    values: dict[str, Value] = {
        "qualifier": int(found[1]),
        "event_code": found[2],
        "partition": found[3],
        "zone": found[4],
    }
    values |= {"event_tail": found[5]} if found[5] else {}
    return values | codes.contact_meaning(int(found[1]), found[2])


def write(fields: Fields, token: str) -> tuple[str, bool]:
    """Return the data of a message, and whether it has the `text` of the values in it."""
    kept = _kept(fields, token)
    if kept is not None:
        data = kept
    elif token == SIA and ("code" in fields or "alarm" in fields):
        data = _sia(fields)
    elif token == CONTACT and ("event_code" in fields or "alarm" in fields):
        data = _contact(fields)
    else:
        data = ""
    derived = _parse(token, data)
    refuse_contradictions(fields, derived, ("code", "alarm", "meaning"), f"{token} {data}")
    return data, "text" in derived


def _kept(fields: Fields, token: str) -> str | None:
    if "data" not in fields:
        return None
    data = free_text(fields, "data", "[]")
    if "|" in data and "^" not in data:  # the bar parts blocks, except beside a text of its own
        fields.refuse("data", f"must not have a bar: {shown(data)}")
    parsed = _parse(token, data)
    names = _NAMES.get(token, ())
    is_said = all(parsed.get(n) == (fields.value(n) if n in fields else None) for n in names)
    text = fields.value("text") if "text" in fields else None
    is_text_said = "text" not in parsed or parsed["text"] == text
    return data if is_said and is_text_said else None


def free_text(fields: Fields, name: str, forbidden: str) -> str:
    """Return a text that cannot be taken for a mark of the frame."""
    text = fields.text(name, most=_MOST_TEXT, encoding="latin-1").decode("latin-1")
    if any(mark in text for mark in forbidden + "\r\n"):
        fields.refuse(name, f"must not have one of {forbidden!r}: {shown(text)}")
    return text


def _sia(fields: Fields) -> str:
    code = _pattern(fields, "code", r"[A-Z]{2}") if "code" in fields else None
    code = code or fields.choice("alarm", codes.CODES)
    age = "O" if "event_age" in fields and fields.choice("event_age", {"old": 1, "new": 0}) else "N"
    modifiers = "".join(
        f"{mark}{_pattern(fields, name, _DIGITS.pattern)}"
        for mark, name in _MODIFIERS.items()
        if name in fields
    )
    zone = _pattern(fields, "zone", r"\d{1,8}") if "zone" in fields else ""
    text = f"^{free_text(fields, 'text', '[]|^')}^" if "text" in fields else ""
    return f"{age}{modifiers}{'/' if modifiers else ''}{code}{zone}{text}"


def _contact(fields: Fields) -> str:
    qualifier = fields.integer("qualifier", 0, 9) if "qualifier" in fields else 1
    event = _pattern(fields, "event_code", r"\d{3}") if "event_code" in fields else None
    event = event or fields.choice("alarm", codes.EVENTS)
    group = _pattern(fields, "partition", r"[0-9A-F]{2}") if "partition" in fields else "00"
    zone = _pattern(fields, "zone", r"[0-9A-F]{3}") if "zone" in fields else "000"
    return f"{qualifier}{event} {group} {zone}"


def _pattern(fields: Fields, name: str, pattern: str) -> str:
    text = fields.text(name, most=20).decode()
    if not re.fullmatch(pattern, text, re.ASCII):
        fields.refuse(name, f"cannot be {shown(text)}")
    return text
