"""The status of GT06 trackers: five bytes in alarms and status frames, four in newer heartbeats.

An SOS may stand in the status byte or in the alarm byte, by model; it counts from either. Voltage
is a level of 0 to 6, or a percentage in frames with a wide cell identifier.
"""

from simulator.codec._alarm_words import refuse_contradictions
from simulator.codec._fields import Fields
from simulator.frame import Value

SIZE, SHORT_SIZE, HEARTBEAT_SIZE = 5, 3, 4

_FLAGS = {"armed": 0, "acc_on": 1, "charging": 2, "gps_on": 6, "oil_cut": 7}
_MEANINGS = (*_FLAGS, "alarm", "battery_percent")
_STATUS_ALARMS = {
    1: "vibration",
    2: "power_cut",
    3: "low_battery",
    4: "sos",
    6: "geofence",
    7: "removed",
}
_ALARMS = {
    0x01: "sos",
    0x02: "power_cut",
    0x03: "vibration",
    0x04: "geofence_enter",
    0x05: "geofence_exit",
    0x06: "overspeed",
    0x09: "movement",
    0x0C: "power_on",
    0x0E: "low_battery",
    0x0F: "low_battery",
    0x11: "power_off",
    0x13: "tamper",
    0x15: "low_battery",
    0x19: "low_battery",
    0x23: "fall",
}
_ALARM_BYTES = {alarm: byte for byte, alarm in reversed(_ALARMS.items())}
_STATUS_ONLY = {alarm: code for code, alarm in _STATUS_ALARMS.items() if alarm not in _ALARM_BYTES}
_TOP_LEVEL = 6
_ENGLISH = 2


def read(data: bytes, *, is_percent: bool = False) -> dict[str, Value]:
    """Return the values of five status bytes, or of the three that older heartbeats have."""
    values: dict[str, Value] = {
        "status_byte": data[0],
        "voltage_level": data[1],
        "gsm_level": data[2],
    }
    if len(data) == SIZE:
        values |= {"alarm_byte": data[3], "language_byte": data[4]}
    return values | _meaning(data[0], data[3] if len(data) == SIZE else 0, data[1], is_percent)


def _meaning(status: int, alarm_byte: int, level: int, is_percent: bool) -> dict[str, Value]:
    values = _flags(status)
    alarm = _alarm(status, alarm_byte)
    percent = _percent(level, is_percent)
    values |= {"alarm": alarm} if alarm else {}
    return values | ({} if percent is None else {"battery_percent": percent})


def _flags(status: int) -> dict[str, Value]:
    return {name: bool(status >> bit & 1) for name, bit in _FLAGS.items()}


def _alarm(status: int, alarm_byte: int) -> str | None:
    from_status = _STATUS_ALARMS.get(status >> 3 & 7)
    return "sos" if from_status == "sos" else _ALARMS.get(alarm_byte, from_status)


def _percent(level: int, is_percent: bool) -> int | None:
    if level <= _TOP_LEVEL and not is_percent:
        return level * 100 // _TOP_LEVEL
    return level if level <= 100 else None


def write(fields: Fields, *, is_percent: bool = False) -> bytes:
    """Return the status bytes: raw ones as given, others from their meaning."""
    status = _status_byte(fields)
    level = _level(fields, is_percent)
    signal = fields.integer("gsm_level", 0, 0xFF) if "gsm_level" in fields else 0
    alarm = _alarm_byte(fields)
    derived = _meaning(status, alarm, level, is_percent)
    names = _MEANINGS if "voltage_level" in fields else _MEANINGS[:-1]
    refuse_contradictions(fields, derived, names, "status_byte' or 'alarm_byte' or 'voltage_level")
    language = fields.integer("language_byte", 0, 0xFF) if "language_byte" in fields else _ENGLISH
    return bytes((status, level, signal, alarm, language))


def _status_byte(fields: Fields) -> int:
    if "status_byte" in fields:
        return fields.integer("status_byte", 0, 0xFF)
    status = sum(1 << bit for name, bit in _FLAGS.items() if fields.flag(name, False))
    alarm = fields.value("alarm") if "alarm" in fields else None
    return status | _STATUS_ONLY.get(alarm, 0) << 3 if isinstance(alarm, str) else status


def _alarm_byte(fields: Fields) -> int:
    if "alarm_byte" in fields:
        return fields.integer("alarm_byte", 0, 0xFF)
    if "alarm" not in fields or "status_byte" in fields:
        return 0
    return fields.choice("alarm", _ALARM_BYTES | dict.fromkeys(_STATUS_ONLY, 0))


def _level(fields: Fields, is_percent: bool) -> int:
    if "voltage_level" in fields:
        return fields.integer("voltage_level", 0, 0xFF)
    if is_percent:
        return fields.number("battery_percent", 0, 100)
    return fields.number("battery_percent", 0, _TOP_LEVEL, factor=100 / _TOP_LEVEL)


def read_heartbeat(data: bytes) -> dict[str, Value]:
    """Return the values of the heartbeat that says its voltage in hundredths of a volt."""
    values: dict[str, Value] = {
        "status_byte": data[0],
        "battery_mv": (data[1] << 8 | data[2]) * 10,
        "gsm_level": data[3],
    }
    return values | _flags(data[0])


def write_heartbeat(fields: Fields) -> bytes:
    """Return the four bytes of that heartbeat."""
    status = _status_byte(fields)
    refuse_contradictions(fields, _flags(status), tuple(_FLAGS), "status_byte")
    voltage = fields.number("battery_mv", 0, 0xFFFF, factor=10)
    signal = fields.integer("gsm_level", 0, 0xFF) if "gsm_level" in fields else 0
    return bytes((status, voltage >> 8, voltage & 0xFF, signal))
