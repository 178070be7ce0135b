"""The keys of Eview services and responses: what the device asks of the server, and the answers.

A key without a value asks; with one it answers. Services also carry the IMEI.
"""

from simulator.codec._eview_keys import IMEI, POSITION, Key, Record, degrees, position
from simulator.codec._eview_pieces import Reader, has_text, put_text, take_text
from simulator.codec._fields import Fields, utc

POSITION_KEY, TIME_KEY = 0x11, 0x12


def _read_position(data: bytes, record: Record) -> None:
    if not data:
        record["position_requested"] = True
        return
    value = Reader(data)
    lat, lon = POSITION.unpack(value.take(POSITION.size))
    record["latitude"], record["longitude"] = degrees(lat), degrees(lon)
    put_text(record, "address", value.rest())


def _write_position(fields: Fields, _: int) -> bytes:
    if fields.flag("position_requested", False):
        return b""
    return position(fields) + (take_text(fields, "address") if has_text(fields, "address") else b"")


def _read_time(data: bytes, record: Record) -> None:
    if not data:
        record["time_requested"] = True
    elif len(data) == 4:
        record["time"] = utc(int.from_bytes(data, "little"))
    else:
        raise ValueError(f"4 bytes expected, {len(data)} there")


def _write_time(fields: Fields, _: int) -> bytes:
    if fields.flag("time_requested", False):
        return b""
    return fields.epoch("time").to_bytes(4, "little")


def _result(code: int) -> Key:
    """Return the key of one result: it is its own value."""

    def read(data: bytes, record: Record) -> None:
        if data:
            raise ValueError(f"a result has no value, this one {data.hex()}")
        record["result"] = code

    def count(fields: Fields) -> int:
        return int("result" in fields and fields.integer("result", 0, 0xFF) == code)

    return Key(code, ("result",), read, lambda _fields, _occurrence: b"", count)


SERVICE_KEYS = (
    IMEI,
    Key(POSITION_KEY, ("position_requested", "latitude"), _read_position, _write_position),
    Key(TIME_KEY, ("time_requested", "time"), _read_time, _write_time),
)
RESPONSE_KEYS = tuple(map(_result, range(256)))
