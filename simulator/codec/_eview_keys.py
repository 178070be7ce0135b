"""The keys of an Eview record that have one layout each: identity, status, position, counters.

Integers are little-endian. A key that says a position which is not of its own receiver goes
through `place_anchor`, since a record has one position.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from struct import Struct
from typing import TypeAlias

from simulator.codec._eview_alarms import alarm_bits, read_alarm, read_status, status_word
from simulator.codec._fields import Fields, utc
from simulator.frame import Value

Record: TypeAlias = dict[str, Value]
DEGREE = 1e-7
_LAT_STEPS, _LON_STEPS = 900_000_000, 1_800_000_000


@dataclass(frozen=True, slots=True)
class Key:
    """One key: `read` raises `ValueError` for a value that has not its layout.

    `write` returns the value for the n-th occurrence of the key in a record. `names` are the
    values that no other key carries, save those of the same kind: where one is given, the key
    belongs in the frame, as often as `count` says. Newer firmware may send more than `size` bytes:
    what is beyond is kept, and the known part still counts.
    """

    id: int
    names: tuple[str, ...]
    read: Callable[[bytes, Record], None]
    write: Callable[[Fields, int], bytes]
    count: Callable[[Fields], int] | None = None
    size: int | None = None

    def occurrences(self, fields: Fields) -> int:
        """Return how often the key stands in a record of these values."""
        if self.count is not None:
            return self.count(fields)
        return int(any(name in fields for name in self.names))


Keys: TypeAlias = Mapping[int, Key]

_ALARM = Struct("<II")
_BATTERY = Struct("<BH")
_GPS = Struct("<iiHHhHIB")
_PAIR = Struct("<II")
_STATUS_SIZE = 12
_SAMPLE = Struct("<IB")
_INTERVALS = Struct("<III")
POSITION = Struct("<ii")


def unpack(layout: Struct, data: bytes) -> tuple[int, ...]:
    """Return the integers of a value that has exactly this layout."""
    if len(data) != layout.size:
        raise ValueError(f"{layout.size} bytes expected, {len(data)} there")
    return layout.unpack(data)


def position(fields: Fields, prefix: str = "") -> bytes:
    """Return the eight bytes of latitude and longitude."""
    lat = fields.number(f"{prefix}latitude", -_LAT_STEPS, _LAT_STEPS, factor=DEGREE)
    lon = fields.number(f"{prefix}longitude", -_LON_STEPS, _LON_STEPS, factor=DEGREE)
    return POSITION.pack(lat, lon)


def degrees(steps: int) -> float:
    """Return the degrees of a coordinate in steps of 1e-7."""
    return steps / 10_000_000


def place_anchor(record: Record, lat: float, lon: float) -> bool:
    """Give the record the position of a known sender, unless it has one of its receiver.

    What a receiver without a fix claims moves to `gps_latitude` and `gps_longitude`.
    """
    if "latitude" in record:
        if record.get("fix_valid") is not False:
            return False
        record["gps_latitude"], record["gps_longitude"] = record["latitude"], record["longitude"]
        record["fix_valid"] = True
    record["latitude"], record["longitude"] = lat, lon
    return True


def _read_imei(data: bytes, record: Record) -> None:
    if len(data) != 15 or not data.isascii():
        raise ValueError("an IMEI has 15 digits")
    record["imei"] = data.decode("ascii")


def _write_imei(fields: Fields, _: int) -> bytes:
    imei = fields.text("imei", most=15)
    if len(imei) != 15:
        fields.refuse("imei", f"must have 15 digits, not {len(imei)}")
    return imei


def _read_alarm(data: bytes, record: Record) -> None:
    if len(data) == 4:  # old firmware sends no time
        return read_alarm(int.from_bytes(data, "little"), record)
    bits, time = unpack(_ALARM, data)
    read_alarm(bits, record)
    record["alarm_time"] = utc(time)
    return None


def _write_alarm(fields: Fields, _: int) -> bytes:
    bits = alarm_bits(fields).to_bytes(4, "little")
    return bits + (_epoch(fields, "alarm_time") if "alarm_time" in fields else b"")


def _epoch(fields: Fields, name: str) -> bytes:
    return fields.epoch(name).to_bytes(4, "little")


def _read_battery(data: bytes, record: Record) -> None:
    record["battery_percent"], record["battery_mv"] = unpack(_BATTERY, data)


def _write_battery(fields: Fields, _: int) -> bytes:
    percent = fields.number("battery_percent", 0, 100)
    return _BATTERY.pack(percent, fields.number("battery_mv", 0, 0xFFFF))


def _read_gps(data: bytes, record: Record) -> None:
    lat, lon, speed, course, altitude, hdop, odometer, satellites = unpack(_GPS, data)
    if "latitude" in record and not hdop:
        record |= {"gps_latitude": degrees(lat), "gps_longitude": degrees(lon)}
    else:
        record |= {"latitude": degrees(lat), "longitude": degrees(lon), "fix_valid": hdop > 0}
    record |= {
        "speed_kmh": speed,
        "course_deg": course,
        "altitude_m": altitude,
        "hdop": hdop / 10,
        "odometer_m": odometer,
        "satellites": satellites,
    }


def _write_gps(fields: Fields, _: int) -> bytes:
    has_no_fix = "hdop" not in fields and not fields.flag("fix_valid", True)
    rest = _GPS.pack(
        0,
        0,
        fields.number("speed_kmh", 0, 0xFFFF),
        fields.number("course_deg", 0, 0xFFFF),
        fields.number("altitude_m", -0x8000, 0x7FFF),
        0 if has_no_fix else fields.number("hdop", 0, 0xFFFF, factor=0.1),
        fields.number("odometer_m", 0, 0xFFFFFFFF),
        fields.integer("satellites", 0, 0xFF),
    )
    return position(fields, "gps_" if "gps_latitude" in fields else "") + rest[8:]


def _read_status(data: bytes, record: Record) -> None:
    time, word = unpack(_PAIR, data[: _PAIR.size])
    record["time"] = utc(time)
    read_status(word, record)
    if len(data) == _STATUS_SIZE:  # newer firmware adds a word that is not documented
        record["status_word_2"] = int.from_bytes(data[_PAIR.size :], "little")
    elif len(data) > _PAIR.size:
        raise ValueError(f"8 or {_STATUS_SIZE} bytes expected, {len(data)} there")


def _write_status(fields: Fields, _: int) -> bytes:
    data = _epoch(fields, "time") + status_word(fields).to_bytes(4, "little")
    if "status_word_2" in fields:
        data += fields.integer("status_word_2", 0, 0xFFFFFFFF).to_bytes(4, "little")
    return data


def _sample(key: int, name: str, time_name: str, layout: Struct, most: int) -> Key:
    """Return a key that carries a time and one number."""

    def read(data: bytes, record: Record) -> None:
        time, record[name] = unpack(layout, data)
        record[time_name] = utc(time)

    def write(fields: Fields, _: int) -> bytes:
        return layout.pack(fields.epoch(time_name), fields.integer(name, 0, most))

    return Key(key, (name,), read, write, size=layout.size)


def _read_activity(data: bytes, record: Record) -> None:
    if len(data) % _PAIR.size:
        raise ValueError(f"pairs of {_PAIR.size} bytes expected, {len(data)} bytes there")
    pairs = _PAIR.iter_unpack(data)
    record["activities"] = [{"time": utc(time), "value": value} for time, value in pairs]


def _write_activity(fields: Fields, _: int) -> bytes:
    parts = fields.parts("activities")
    pairs = [_PAIR.pack(p.epoch("time"), p.integer("value", 0, 0xFFFFFFFF)) for p in parts]
    return b"".join(pairs)


def _read_barking(data: bytes, record: Record) -> None:
    time, word = unpack(_PAIR, data)
    record["bark_time"] = utc(time)
    record["bark_count"] = word & 0x7FFFFFFF
    record["bark_stopped"] = word >> 31 == 1


def _write_barking(fields: Fields, _: int) -> bytes:
    count = fields.integer("bark_count", 0, 0x7FFFFFFF)
    word = fields.flag("bark_stopped", False) << 31 | count
    return _PAIR.pack(fields.epoch("bark_time"), word)


def _read_intervals(data: bytes, record: Record) -> None:
    heartbeat, upload, lazy = unpack(_INTERVALS, data)
    record["heartbeat_interval_s"] = heartbeat & 0x7FFFFFFF
    record["heartbeat_enabled"] = heartbeat >> 31 == 1
    record["upload_interval_s"] = upload
    record["lazy_interval_s"] = lazy


def _write_intervals(fields: Fields, _: int) -> bytes:
    heartbeat = fields.integer("heartbeat_interval_s", 0, 0x7FFFFFFF)
    upload = fields.integer("upload_interval_s", 0, 0xFFFFFFFF)
    lazy = fields.integer("lazy_interval_s", 0, 0xFFFFFFFF)
    enabled = fields.flag("heartbeat_enabled", False) << 31
    return _INTERVALS.pack(enabled | heartbeat, upload, lazy)


IMEI = Key(0x01, ("imei",), _read_imei, _write_imei)
FIXED_KEYS = (
    IMEI,
    Key(0x24, ("time", "status_word"), _read_status, _write_status, size=_STATUS_SIZE),
    Key(0x02, ("alarm", "alarm_bits"), _read_alarm, _write_alarm, size=_ALARM.size),
    Key(0x14, ("battery_mv",), _read_battery, _write_battery, size=_BATTERY.size),
    Key(0x20, ("satellites", "hdop"), _read_gps, _write_gps, size=_GPS.size),
    _sample(0x30, "steps", "steps_time", _PAIR, 0xFFFFFFFF),
    Key(0x31, ("activities",), _read_activity, _write_activity),
    Key(0x37, ("bark_count",), _read_barking, _write_barking, size=_PAIR.size),
    _sample(0x40, "heart_rate_bpm", "heart_rate_time", _SAMPLE, 0xFF),
    _sample(0x41, "spo2_percent", "spo2_time", _SAMPLE, 0xFF),
)
CONFIGURATION_KEYS = (
    Key(0x03, ("imei",), _read_imei, _write_imei),
    Key(0x44, ("upload_interval_s",), _read_intervals, _write_intervals, size=_INTERVALS.size),
)
