"""The two bit words of an Eview record: which alarms are on, and how the device is."""

from simulator.codec._fields import Fields
from simulator.frame import Value

_SOS, _FALL = 12, 2
_ALARMS = {
    _SOS: "sos",
    _FALL: "fall",
    13: "side_button_1",
    14: "side_button_2",
    0: "low_battery",
    1: "overspeed",
    8: "power_off",
    9: "power_on",
    10: "movement",
    31: "bark",
}
_FENCES = range(4, 8)  # geofences 1 to 4
_FENCE_ENTERED = 22  # so far above the bit of a fence is the one that tells enter from exit
_ALARM_BITS = {name: 1 << bit for bit, name in _ALARMS.items()}
_FENCE_ALARMS = {"geofence_enter": True, "geofence_exit": False}

_CHARGING, _STORED, _MOVING = 1 << 4, 1 << 7, 1 << 9
_SIGNAL_SHIFT, _PERCENT_SHIFT = 19, 24


def urgency(alarm: Value) -> int:
    """Return the rank of an alarm: 0 is the most urgent, and what is unknown or none the least."""
    names = list(_ALARM_BITS)
    return names.index(alarm) if isinstance(alarm, str) and alarm in names else len(names)


def read_alarm(bits: int, record: dict[str, Value]) -> None:
    """Name the most urgent alarm, so that an SOS is never hidden behind a low battery."""
    record["alarm_bits"] = bits
    found: list[Value] = [name for bit, name in _ALARMS.items() if bits >> bit & 1]
    for fence in (bit for bit in _FENCES if bits >> bit & 1):
        entered = bits >> fence + _FENCE_ENTERED & 1
        found.append("geofence_enter" if entered else "geofence_exit")
        record.setdefault("geofence", fence - _FENCES.start + 1)
    if found:
        record["alarm"] = found[0]
    if len(found) > 1:
        record["alarms"] = found


def alarm_bits(fields: Fields) -> int:
    """Return the word that `alarm_bits` is, or that says `alarm`."""
    if "alarm_bits" in fields:
        return fields.integer("alarm_bits", 0, 0xFFFFFFFF)
    bits = fields.choice("alarm", _ALARM_BITS | _FENCE_ALARMS)
    if fields.value("alarm") not in _FENCE_ALARMS:
        return bits
    fence = _FENCES[fields.integer("geofence", 1, 4) - 1]
    return 1 << fence | bits << fence + _FENCE_ENTERED


def read_status(word: int, record: dict[str, Value]) -> None:
    """Say what the status word says; a battery report of the same record is more exact."""
    record["status_word"] = word
    record.setdefault("battery_percent", word >> _PERCENT_SHIFT)
    record["charging"] = word & _CHARGING != 0
    record["motion"] = word & _MOVING != 0
    record["signal"] = word >> _SIGNAL_SHIFT & 0x1F
    if word & _STORED:
        record["stored"] = True


def status_word(fields: Fields) -> int:
    """Return the word that `status_word` is, or that the values of the device compose."""
    if "status_word" in fields:
        return fields.integer("status_word", 0, 0xFFFFFFFF)
    word = fields.number("battery_percent", 0, 100) << _PERCENT_SHIFT
    if "signal" in fields:
        word |= fields.integer("signal", 0, 31) << _SIGNAL_SHIFT
    word |= fields.flag("charging", False) * _CHARGING
    word |= fields.flag("stored", False) * _STORED
    return word | fields.flag("motion", False) * _MOVING
