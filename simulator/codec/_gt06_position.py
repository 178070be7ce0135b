"""Position and cell of GT06 frames.

A position is time, satellites, latitude and longitude in 1/1800000 degree, speed, and a word of
course and flags. A cell comes bare, behind its length, or with an identifier of four bytes.
"""

from math import copysign
from struct import Struct

from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields
from simulator.codec._native_time import CENTURY, iso, moment
from simulator.frame import Value

_NAME = "gt06"
_GPS = Struct(">6BBIIBH")
SIZE = _GPS.size

_STEPS = 1_800_000  # of a degree
_USUAL_LENGTH = 12
_COURSE, _NORTH, _WEST, _VALID, _UPPER = 0x03FF, 1 << 10, 1 << 11, 1 << 12, 13
_WIDE_NETWORK = 1 << 15  # in the country code: the network code has two bytes
_CELL_LENGTH = 9  # of mcc to cell id, with the length byte itself


def read(content: bytes) -> dict[str, Value]:
    """Return the values of the position at the start of a content."""
    *time, packed, latitude, longitude, speed, word = _GPS.unpack_from(content)
    if latitude > 90 * _STEPS or longitude > 180 * _STEPS:
        told = f"no coordinates at byte 7 of the content: {content[7:15].hex()}"
        raise FrameError(_NAME, told)
    values: dict[str, Value] = {
        "satellites": packed & 0x0F,
        # The sign of a zero carries the hemisphere, so that a frame is written back as it was.
        "latitude": round((latitude if word & _NORTH else -1.0 * latitude) / _STEPS, 7),
        "longitude": round((-1.0 * longitude if word & _WEST else longitude) / _STEPS, 7),
        "speed_kmh": speed,
        "course_deg": word & _COURSE,
        "fix_valid": bool(word & _VALID),
    }
    if packed >> 4 != _USUAL_LENGTH:
        values["gps_length"] = packed >> 4
    if word >> _UPPER:
        values["course_flags"] = word >> _UPPER
    return values | _time(time)


def _time(parts: list[int]) -> dict[str, Value]:
    year, month, day, hour, minute, second = parts
    time = iso((CENTURY + year, month, day), (hour, minute, second))
    return {"time": time} if time else {"time_hex": bytes(parts).hex()}


def write(fields: Fields) -> bytes:
    """Return the 18 bytes of a position."""
    length = fields.integer("gps_length", 0, 15) if "gps_length" in fields else _USUAL_LENGTH
    satellites = fields.integer("satellites", 0, 15) if "satellites" in fields else 0
    latitude = fields.number("latitude", -90 * _STEPS, 90 * _STEPS, factor=1 / _STEPS)
    longitude = fields.number("longitude", -180 * _STEPS, 180 * _STEPS, factor=1 / _STEPS)
    speed = fields.number("speed_kmh", 0, 0xFF) if "speed_kmh" in fields else 0
    packed = length << 4 | satellites
    time, word = _time_bytes(fields), _word(fields)
    return _GPS.pack(*time, packed, abs(latitude), abs(longitude), speed, word)


def _time_bytes(fields: Fields) -> bytes:
    if "time" not in fields:
        return fields.hexadecimal("time_hex", 6)
    at = moment(fields, "time")
    return bytes((at.year % 100, at.month, at.day, at.hour, at.minute, at.second))


def _word(fields: Fields) -> int:
    word = fields.number("course_deg", 0, _COURSE) if "course_deg" in fields else 0
    word |= _VALID if fields.flag("fix_valid") else 0
    word |= 0 if _is_negative(fields, "latitude") else _NORTH
    word |= _WEST if _is_negative(fields, "longitude") else 0
    upper = fields.integer("course_flags", 0, 7) if "course_flags" in fields else 0
    return word | upper << _UPPER


def _is_negative(fields: Fields, name: str) -> bool:
    value = fields.value(name)
    return isinstance(value, int | float) and copysign(1, value) < 0


def read_cell(data: bytes) -> tuple[dict[str, Value], int]:
    """Return the cell at the start of these bytes and its size; nothing if they are too few."""
    size = 9 if data[:1] >= b"\x80" else 8
    if len(data) < size:
        return {}, 0
    mcc = int.from_bytes(data[:2], "big")
    cell: dict[str, Value] = {
        "mcc": mcc & ~_WIDE_NETWORK,
        "mnc": int.from_bytes(data[2 : size - 5], "big"),
        "lac": int.from_bytes(data[size - 5 : size - 3], "big"),
        "cid": int.from_bytes(data[size - 3 : size], "big"),
    }
    if mcc & _WIDE_NETWORK:
        cell["mnc_size"] = 2
    return {"cell": cell}, size


def write_cell(fields: Fields, cid_size: int = 3) -> bytes:
    """Return the bytes of a cell; none where the values have no cell."""
    if "cell" not in fields:
        return b""
    cell = fields.part("cell")
    mnc_size = cell.integer("mnc_size", 1, 2) if "mnc_size" in cell else 1
    mcc = cell.integer("mcc", 0, 0x7FFF) | (_WIDE_NETWORK if mnc_size == 2 else 0)
    mnc = cell.integer("mnc", 0, 256**mnc_size - 1).to_bytes(mnc_size, "big")
    lac, cid = cell.integer("lac", 0, 0xFFFF), cell.integer("cid", 0, 256**cid_size - 1)
    return mcc.to_bytes(2, "big") + mnc + lac.to_bytes(2, "big") + cid.to_bytes(cid_size, "big")


def read_middle(data: bytes) -> tuple[dict[str, Value], bool]:
    """Return what stands between position and status, and whether the cell id has four bytes."""
    if not data:
        return {}, False
    bare, size = read_cell(data)
    if size == len(data):
        return bare | {"cell_layout": "bare"}, False
    behind, size = read_cell(data[1:])
    if size and size == len(data) - 1 == data[0] - 1:
        return behind, False
    if data[0] == _CELL_LENGTH and size == len(data) - 2 == 8:
        cid = int.from_bytes(data[-4:], "big")
        cell = behind["cell"]
        wide: dict[str, Value] = {**cell, "cid": cid} if isinstance(cell, dict) else {}
        return {"cell": wide, "cell_layout": "wide"}, True
    return {"middle_hex": data.hex()}, False


def write_middle(fields: Fields) -> tuple[bytes, bool]:
    """Return the bytes between position and status, and whether the cell id has four bytes."""
    if "middle_hex" in fields:
        return fields.hexadecimal("middle_hex"), False
    layouts = {"bare": "bare", "prefixed": "prefixed", "wide": "wide"}
    layout = fields.choice("cell_layout", layouts) if "cell_layout" in fields else "prefixed"
    is_wide = layout == "wide"
    cell = write_cell(fields, 4 if is_wide else 3)
    if layout == "bare" or not cell:
        return cell, False
    length = _CELL_LENGTH if is_wide else len(cell) + 1
    return bytes((length,)) + cell, is_wide
