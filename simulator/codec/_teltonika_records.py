"""AVL records of Teltonika codecs 8, 8 Extended and 16: time, position, and values by AVL id.

The three differ in how wide ids and counts are; codec 16 adds a generation type, 8 Extended a group
of values of any length. Records are the bulk of the traffic, so their structs are compiled once.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from struct import Struct, error
from typing import Literal

from simulator.codec import _teltonika_io as io
from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields, utc
from simulator.frame import Value

NAME = "teltonika"
CODEC_8, CODEC_8E, CODEC_16 = 0x08, 0x8E, 0x10

_Width = Literal["B", "H"]
_FIX = Struct(
    ">QBiihHBH"
)  # time ms, priority, longitude, latitude, altitude, angle, satellites, speed
_SIZE_LETTERS = dict(zip(io.SIZES, "BHIQ", strict=True))
_MOST_MS = 253_402_300_799_999  # the last of the year 9999
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DEGREE = 1e-7
_ALARMS = {236: "sos", 242: "fall"}  # alarm button and man-down, by the AVL id that made the record
_PANIC = 2
_SUMMED = {"67": "battery_mv", "113": "battery_percent"}
_ID_NAMES = [str(id_) for id_ in range(0x10000)]


@dataclass(frozen=True, slots=True)
class _Shape:
    """How one codec writes ids and counts."""

    id_width: _Width
    count_width: _Width
    head: Struct  # event id, (generation type,) number of values
    count: Struct
    pairs: tuple[Struct, ...]  # id and value, for each size
    has_generation: bool = False
    has_variable: bool = False


def _shape(id_width: _Width, count_width: _Width, **flags: bool) -> _Shape:
    middle = "B" if flags.get("has_generation") else ""
    pairs = tuple(Struct(f">{id_width}{letter}") for letter in _SIZE_LETTERS.values())
    head = Struct(f">{id_width}{middle}{count_width}")
    return _Shape(id_width, count_width, head, Struct(f">{count_width}"), pairs, **flags)


_SHAPES = {
    CODEC_8: _shape("B", "B"),
    CODEC_8E: _shape("H", "H", has_variable=True),
    CODEC_16: _shape("H", "B", has_generation=True),
}
_VARIABLE_HEAD = Struct(">HH")


def is_avl(codec: int) -> bool:
    """Tell whether a codec id is one of records."""
    return codec in _SHAPES


def read(body: bytes) -> list[Value]:
    """Return the records between codec id and the second record count."""
    shape = _SHAPES[body[0]]
    end = len(body) - 1
    records: list[Value] = []
    at = 2
    for number in range(body[1]):
        try:
            record, at = _read_record(shape, body, at)
        except (error, IndexError):
            raise FrameError(NAME, f"record {number} goes beyond byte {end}") from None
        records.append(record)
    if at != end:
        raise FrameError(NAME, f"{body[1]} records end at byte {at} of the data, not at {end}")
    return records


def _read_record(shape: _Shape, body: bytes, at: int) -> tuple[dict[str, Value], int]:
    ms, priority, longitude, latitude, altitude, angle, satellites, speed = _FIX.unpack_from(
        body, at
    )
    if ms > _MOST_MS:
        raise FrameError(NAME, f"byte {at} of the data: time {ms} ms is beyond the year 9999")
    at += _FIX.size
    event, *generation, total = shape.head.unpack_from(body, at)
    found, at = _read_groups(shape, body, at + shape.head.size)
    record: dict[str, Value] = {
        "time_ms": ms,
        "time": _iso(ms),
        "priority": priority,
        "longitude": longitude / 1e7,
        "latitude": latitude / 1e7,
        "altitude_m": altitude,
        "course_deg": angle,
        "satellites": satellites,
        "speed_kmh": speed,
        "event_io": event,
        "io": {_ID_NAMES[id_]: value for id_, (_, value) in found.items()},
    }
    if generation:
        record["generation"] = generation[0]
    if straying := io.sizes_that_stray(found):
        record["io_sizes"] = straying
    if total != len(found):
        record["io_total"] = total
    return record, at


def _read_groups(shape: _Shape, body: bytes, at: int) -> tuple[dict[int, tuple[int, Value]], int]:
    found: dict[int, tuple[int, Value]] = {}
    for size, pair in zip(io.SIZES, shape.pairs, strict=True):
        (count,) = shape.count.unpack_from(body, at)
        at += shape.count.size
        end = at + count * pair.size
        for id_, value in pair.iter_unpack(body[at:end]):
            found[id_] = (size, value)
        at = end
    return _read_variable(found, body, at) if shape.has_variable else (found, at)


def _read_variable(
    found: dict[int, tuple[int, Value]], body: bytes, at: int
) -> tuple[dict[int, tuple[int, Value]], int]:
    count = int.from_bytes(body[at : at + 2], "big")
    at += 2
    for _ in range(count):
        id_, size = _VARIABLE_HEAD.unpack_from(body, at)
        at += _VARIABLE_HEAD.size
        found[id_] = (io.VARIABLE, body[at : at + size].hex())
        at += size
    return found, at


def write(codec: int, records: list[Fields]) -> bytes:
    """Return codec id, count, records, count."""
    shape = _SHAPES[codec]
    frame = bytes((codec, len(records)))
    return frame + b"".join(_write_record(shape, r) for r in records) + frame[1:]


def _write_record(shape: _Shape, fields: Fields) -> bytes:
    fix = _FIX.pack(
        _time_ms(fields),
        _optional(fields, "priority", 0, 0xFF),
        fields.number("longitude", -(2**31), 2**31 - 1, factor=_DEGREE),
        fields.number("latitude", -(2**31), 2**31 - 1, factor=_DEGREE),
        _optional(fields, "altitude_m", -(2**15), 2**15 - 1),
        _optional(fields, "course_deg", 0, 0xFFFF),
        _optional(fields, "satellites", 0, 0xFF),
        _optional(fields, "speed_kmh", 0, 0xFFFF),
    )
    groups, count = _write_groups(shape, fields)
    generation = [_optional(fields, "generation", 0, 0xFF)] if shape.has_generation else []
    total = (
        fields.integer("io_total", 0, _most(shape.count_width)) if "io_total" in fields else count
    )
    event = _optional(fields, "event_io", 0, _most(shape.id_width))
    return fix + shape.head.pack(event, *generation, total) + groups


def _optional(fields: Fields, name: str, low: int, high: int) -> int:
    return fields.number(name, low, high) if name in fields else 0


def _most(width: _Width) -> int:
    return 0xFF if width == "B" else 0xFFFF


def _iso(ms: int) -> str:
    return f"{utc(ms // 1000)[:-1]}.{ms % 1000:03d}Z"


def _time_ms(fields: Fields) -> int:
    if "time_ms" not in fields:
        return _said_ms(fields)
    ms = fields.integer("time_ms", 0, _MOST_MS)
    if "time" in fields and fields.value("time") != _iso(ms) and _said_ms(fields) != ms:
        fields.refuse("time", f"is not what 'time_ms' says: {ms}")
    return ms


def _said_ms(fields: Fields) -> int:
    fields.epoch("time")  # refuses what is no time
    text = fields.text("time", most=40).decode()
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)


def _write_groups(shape: _Shape, fields: Fields) -> tuple[bytes, int]:
    values = fields.value("io")
    sizes = fields.value("io_sizes") if "io_sizes" in fields else {}
    if not isinstance(values, dict) or not isinstance(sizes, dict):
        fields.refuse("io", "and 'io_sizes' must be objects")
    stated = Fields(NAME, sizes, "io_sizes.")
    found = Fields(NAME, values, "io.")
    groups: dict[int, list[bytes]] = {size: [] for size in (*io.SIZES, io.VARIABLE)}
    for name in values:
        size, pair = _write_pair(shape, found, name, stated)
        groups[size].append(pair)
    if groups[io.VARIABLE] and not shape.has_variable:
        fields.refuse("io", "has a value of any length, for which codec 8 and 16 have no group")
    if not shape.has_variable:
        del groups[io.VARIABLE]
    return _joined(shape, fields, groups), len(values)


def _joined(shape: _Shape, fields: Fields, groups: dict[int, list[bytes]]) -> bytes:
    if sum(map(len, groups.values())) > _most(shape.count_width):
        fields.refuse("io", "has more values than its counts can say")
    return b"".join(shape.count.pack(len(pairs)) + b"".join(pairs) for pairs in groups.values())


def _write_pair(shape: _Shape, found: Fields, name: str, stated: Fields) -> tuple[int, bytes]:
    if not name.isdecimal() or not name.isascii() or int(name[:6]) > _most(shape.id_width):
        found.refuse(name, "is no AVL id of this codec")
    value = found.value(name)
    if isinstance(value, str):
        data = found.hexadecimal(name)
        if len(data) > 0xFFFF:
            found.refuse(name, f"has {len(data)} bytes, the most is 65535")
        return io.VARIABLE, _VARIABLE_HEAD.pack(int(name), len(data)) + data
    size = io.stated_size(stated, name, value)
    number = found.integer(name, 0, 256**size - 1)
    return size, shape.pairs[io.SIZES.index(size)].pack(int(name), number)


def summary(records: list[Value]) -> dict[str, Value]:
    """Return what the records say together: the first alarm, the last battery, charger and fix."""
    values: dict[str, Value] = {}
    for record in records:
        if not isinstance(record, dict) or not isinstance(found := record["io"], dict):
            continue
        if alarm := _alarm(record):
            values.setdefault("alarm", alarm)
        values |= {name: found[id_] for id_, name in _SUMMED.items() if id_ in found}
        if "116" in found:
            values["charging"] = found["116"] != 0
        if record["satellites"]:  # without any, the position is one of old
            values |= {name: record[name] for name in ("latitude", "longitude")}
    return values


def _alarm(record: dict[str, Value]) -> str | None:
    event, priority = record["event_io"], record["priority"]
    if isinstance(event, int) and event in _ALARMS:
        return _ALARMS[event]
    return "panic" if priority == _PANIC else None
