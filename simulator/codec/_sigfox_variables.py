"""What a Sigfox callback may carry, and under which keys customers and middleware put it.

A body is a template that the customer wrote and the network filled in. A variable is known by the
name of its value or by the name the network gives it, and is written the way the network does.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from simulator.codec._fields import Fields, utc
from simulator.frame import Value

Read = Callable[[Value], Value]
Write = Callable[[Fields, str], str]
_LATEST_S = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Variable:
    """One value: the keys it is found under (the first is the network's own), and its text."""

    name: str
    keys: Sequence[str]
    read: Read
    write: Write


def _text(value: Value) -> Value:
    if not isinstance(value, str):
        return str(_number(value))
    return value


def _number(value: Value) -> int | float:
    if isinstance(value, str) and len(value) <= 40:
        with suppress(ValueError):
            value = json.loads(value)
    # The comparison is false for NaN as well.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= 1e15:
        raise ValueError("a number is needed")
    return value


def _whole(value: Value) -> Value:
    number = _number(value)
    if number != int(number):
        raise ValueError("a whole number is needed")
    return int(number)


def _time(value: Value) -> Value:
    seconds = _whole(value)
    if not isinstance(seconds, int) or not 0 <= seconds <= _LATEST_S:
        raise ValueError("seconds since 1970 are needed")
    return utc(seconds)


def _flag(value: Value) -> Value:
    if value not in ("true", "false", True, False):
        raise ValueError("true or false is needed")
    return value in ("true", True)


def _millivolts(value: Value) -> Value:
    return round(_number(value) * 1000)


def _hexadecimal(value: Value) -> Value:
    return bytes.fromhex(str(_text(value))).hex()


def _write_text(fields: Fields, name: str) -> str:
    text = fields.text(name, most=4096, encoding="utf-8").decode()
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _write_number(fields: Fields, name: str) -> str:
    return repr(fields.measure(name, -1e15, 1e15))


def _write_hundredths(fields: Fields, name: str) -> str:
    return f"{fields.measure(name, -1e6, 1e6):.2f}"


def _write_whole(fields: Fields, name: str) -> str:
    return str(fields.integer(name, -(10**15), 10**15))


def _write_time(fields: Fields, name: str) -> str:
    return str(fields.epoch(name))


def _write_flag(fields: Fields, name: str) -> str:
    return "true" if fields.flag(name) else "false"


def _write_volts(fields: Fields, name: str) -> str:
    return f"{fields.measure(name, 0, 1e6) / 1000:g}"


def _write_hexadecimal(fields: Fields, name: str) -> str:
    return fields.hexadecimal(name).hex()


def _texts(*names: tuple[str, ...]) -> list[Variable]:
    return [Variable(name, keys, _text, _write_text) for name, *keys in names]


def _numbers(*names: tuple[str, ...]) -> list[Variable]:
    return [Variable(name, keys, _number, _write_number) for name, *keys in names]


def _flags(*names: tuple[str, ...]) -> list[Variable]:
    return [Variable(name, keys, _flag, _write_flag) for name, *keys in names]


BODY: Sequence[Variable] = (
    *_texts(
        ("device_id", "device", "deviceId"),
        ("device_type_id", "deviceTypeId"),
        ("station", "station"),
        ("link_quality", "linkQuality", "lqi"),
        ("operator", "operatorName", "operator"),
        ("country", "countryCode", "country"),
        ("callback_type", "messageType"),
        ("firmware", "fwVersion"),
    ),
    Variable("time", ("time", "timestamp", "positionTime"), _time, _write_time),
    Variable("device_time", ("lastSeen",), _time, _write_time),
    Variable("sequence", ("seqNumber", "seqNum", "seqNo"), _whole, _write_whole),
    Variable(
        "payload_hex",
        ("data", "payload", "recievedPayload", "receivedPayload"),
        _hexadecimal,
        _write_hexadecimal,
    ),
    Variable("downlink_config_hex", ("dlConfig",), _hexadecimal, _write_hexadecimal),
    Variable("rssi_dbm", ("rssi",), _number, _write_hundredths),
    Variable("snr_db", ("snr",), _number, _write_hundredths),
    Variable("average_snr_db", ("avgSnr",), _number, _write_hundredths),
    Variable("battery_mv", ("batt", "battery"), _millivolts, _write_volts),
    *_numbers(
        ("temperature_c", "temp", "temperature"),
        ("battery_percent", "batteryPercentage"),
        ("latitude", "latitude"),
        ("longitude", "longitude"),
    ),
    *_flags(
        ("ack", "ack"),
        ("long_polling", "longPolling"),
        ("duplicate", "duplicate"),
        ("motion", "moving"),
        ("new_position", "newPosition"),
        ("magnet_changed", "magChange"),
        ("magnet", "magStatus"),
    ),
)
STATION: Sequence[Variable] = tuple(
    _numbers(("station_latitude", "lat"), ("station_longitude", "lng"))
)
"""Whole degrees of the base station, which older groups of devices report."""
LOCATION: Sequence[Variable] = tuple(
    _numbers(
        ("latitude", "lat"),
        ("longitude", "lng"),
        ("accuracy_m", "radius"),
        ("location_source", "source"),
        ("location_status", "status"),
    )
)
"""The position that the network computed."""

BY_NAME: Mapping[str, Variable] = {
    variable.name: variable for variable in (*STATION, *LOCATION, *BODY)
}
ALIASES: Mapping[str, str] = {
    key: variable.name for variable in reversed(BODY) for key in variable.keys
} | {"lat": "station_latitude", "lng": "station_longitude"}
"""The value that a variable of the network's own name stands for."""
