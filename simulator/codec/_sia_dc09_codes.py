"""Event codes of alarm panels: SIA (DC-03) letters and Contact ID (DC-05) numbers.

The wording is that of the code tables in lower case. A Contact ID event has the SIA code that says
the same where both tables agree on one.
"""

from simulator.frame import Value

MEANINGS = {
    "AR": "ac restoral",
    "AT": "ac trouble",
    "BA": "burglary alarm",
    "BB": "burglary bypass",
    "BH": "burglary alarm restore",
    "BR": "burglary restoral",
    "BT": "burglary trouble",
    "BU": "burglary unbypass",
    "BV": "burglary verified",
    "CA": "automatic closing",
    "CF": "forced closing",
    "CG": "close area",
    "CL": "closing",
    "CP": "automatic closing",
    "ER": "expansion restoral",
    "ET": "expansion trouble",
    "FA": "fire alarm",
    "FB": "fire bypass",
    "FH": "fire alarm restore",
    "FJ": "fire trouble restore",
    "FR": "fire restoral",
    "FT": "fire trouble",
    "GA": "gas alarm",
    "GH": "gas alarm restore",
    "GR": "gas restoral",
    "HA": "holdup alarm",
    "HH": "holdup alarm restore",
    "HR": "holdup restoral",
    "JA": "user code tamper",
    "JC": "code changed",
    "JT": "time changed",
    "KA": "heat alarm",
    "KH": "heat alarm restore",
    "KR": "heat restoral",
    "LR": "phone line restoral",
    "LT": "phone line trouble",
    "MA": "medical alarm",
    "MH": "medical alarm restore",
    "MR": "medical restoral",
    "NL": "perimeter armed",
    "OA": "automatic opening",
    "OG": "open area",
    "OP": "opening",
    "OR": "disarm from alarm",
    "PA": "panic alarm",
    "PB": "panic bypass",
    "PH": "panic alarm restore",
    "PJ": "panic trouble restore",
    "PR": "panic restoral",
    "PT": "panic trouble",
    "PU": "panic unbypass",
    "QA": "emergency alarm",
    "QH": "emergency alarm restore",
    "QR": "emergency restoral",
    "QT": "emergency trouble",
    "RP": "automatic test",
    "RR": "power up",
    "RX": "manual test",
    "SA": "sprinkler alarm",
    "TA": "tamper alarm",
    "TB": "tamper bypass",
    "TE": "test end",
    "TR": "tamper restoral",
    "TS": "test start",
    "UA": "untyped zone alarm",
    "UR": "untyped zone restoral",
    "UT": "untyped zone trouble",
    "WA": "water alarm",
    "WR": "water restoral",
    "XR": "transmitter battery restoral",
    "XT": "transmitter battery trouble",
    "YC": "communications fail",
    "YK": "communications restoral",
    "YR": "system battery restoral",
    "YT": "system battery trouble",
    "ZA": "freeze alarm",
}
_ALARMS = {
    "PA": "panic",
    "QA": "panic",
    "HA": "panic",
    "MA": "panic",
    "FA": "fire",
    "TA": "tamper",
    "AT": "power_cut",
    "YT": "low_battery",
    "XT": "low_battery",
}
CODES = {alarm: code for code, alarm in reversed(_ALARMS.items())}
"""The SIA code that says an alarm."""

_NEW, _RESTORE = 1, 3
# Contact ID event: what it is called, the alarm it means, and the SIA codes of event and restore.
_CONTACTS = {
    "100": ("medical", "panic", "MA", "MH"),
    "101": ("personal emergency", "panic", "QA", "QH"),
    "102": ("fail to report in", None, None, None),
    "110": ("fire", "fire", "FA", "FH"),
    "111": ("smoke", "fire", "FA", "FH"),
    "114": ("heat", "fire", "KA", "KH"),
    "115": ("fire pull station", "fire", "FA", "FH"),
    "120": ("panic", "panic", "PA", "PH"),
    "121": ("duress", "panic", "HA", "HH"),
    "122": ("silent panic", "panic", "HA", "HH"),
    "123": ("audible panic", "panic", "PA", "PH"),
    "130": ("burglary", None, "BA", "BH"),
    "137": ("tamper", "tamper", "TA", "TR"),
    "144": ("sensor tamper", "tamper", "TA", "TR"),
    "145": ("expansion module tamper", "tamper", "TA", "TR"),
    "151": ("gas", None, "GA", "GH"),
    "154": ("water leakage", None, "WA", "WR"),
    "301": ("ac loss", "power_cut", "AT", "AR"),
    "302": ("low system battery", "low_battery", "YT", "YR"),
    "309": ("battery test failure", "low_battery", "YT", "YR"),
    "350": ("communication trouble", None, "YC", "YK"),
    "351": ("telephone line fault", None, "LT", "LR"),
    "383": ("sensor tamper", "tamper", "TA", "TR"),
    "384": ("sensor low battery", "low_battery", "XT", "XR"),
    "401": ("open/close by user", None, "OP", "CL"),
    "407": ("remote arm/disarm", None, "OP", "CL"),
    "601": ("manual test", None, "RX", None),
    "602": ("periodic test", None, "RP", None),
}
EVENTS = {
    alarm: event for event, (_, alarm, _, _) in reversed(_CONTACTS.items()) if alarm is not None
} | {"panic": "120"}
"""The Contact ID event that says an alarm."""

_SPOKEN = {
    ("401", _NEW): "opening (open/close by user)",
    ("401", _RESTORE): "closing (restore of open/close by user)",
}


def sia_meaning(code: str) -> dict[str, Value]:
    """Return what an SIA code means; nothing for one that the tables do not have."""
    values: dict[str, Value] = {}
    if code in MEANINGS:
        values["meaning"] = MEANINGS[code]
    if code in _ALARMS:
        values["alarm"] = _ALARMS[code]
    return values


def contact_meaning(qualifier: int, event: str) -> dict[str, Value]:
    """Return what a Contact ID event means when it is new or restored."""
    if event not in _CONTACTS or qualifier not in (_NEW, _RESTORE):
        return {}
    name, alarm, new, restore = _CONTACTS[event]
    is_new = qualifier == _NEW
    meaning = _SPOKEN.get((event, qualifier), name if is_new else f"{name} restore")
    values: dict[str, Value] = {"meaning": meaning}
    if code := new if is_new else restore:
        values["code"] = code
    return values | ({"alarm": alarm} if alarm and is_new else {})
