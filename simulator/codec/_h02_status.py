"""The status word of H02 trackers, whose alarm bits are active low."""

from simulator.codec._alarm_words import alarm_of
from simulator.codec._fields import Fields
from simulator.frame import Value

MEANINGS = ("alarm", "acc_on")

_ALL = 0xFFFFFFFF
_ACC = 1 << 10
_ALARMS = (
    (1 << 1 | 1 << 18, "sos"),
    (1 << 0, "vibration"),
    (1 << 2, "overspeed"),
    (1 << 19, "power_cut"),
)
_ALARM_BITS = {alarm: mask & -mask for mask, alarm in _ALARMS}


def meaning(word: int) -> dict[str, Value]:
    """Return what a status word says."""
    # Overrides the word as a device spelled it: readers compare upper case.
    values: dict[str, Value] = {"status_word": f"{word:08X}", "acc_on": bool(word & _ACC)}
    alarm = alarm_of(~word & _ALL, _ALARMS)
    return values | ({"alarm": alarm} if alarm else {})


def build(fields: Fields) -> int:
    """Return the status word that says alarm and ignition, everything else at rest."""
    word = _ALL if fields.flag("acc_on", False) else _ALL & ~_ACC
    return word & ~fields.choice("alarm", _ALARM_BITS) if "alarm" in fields else word
