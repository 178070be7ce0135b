"""The binary frame of H02 trackers: BCD, half bytes, a status word, and more on some models.

`24 | id 5 (8 in frames of 42 bytes) | time 3 | date 3 | latitude 4 | battery | longitude 4.5 |
flags 0.5 | speed 1.5 | course 1.5 | status 4 | rest`.
"""

from simulator.codec import _h02_status as status
from simulator.codec._alarm_words import refuse_contradictions
from simulator.codec._contract import FrameError, Values
from simulator.codec._coordinates import from_minutes, to_minutes
from simulator.codec._fields import Fields, shown
from simulator.codec._framing import NEED_MORE
from simulator.codec._native_time import CENTURY, iso, moment
from simulator.frame import Value

MARK = b"$"

_NAME = "h02"
_SHORTEST, _LONGEST = 29, 64
_SHORT, _LONG_ID, _LONG = 32, 42, 45
_KNOT_KMH = 1.852
_EAST, _NORTH, _VALID, _SPARE = 8, 4, 2, 1
_LEVELS = {1: 0, 2: 10, 3: 20, 4: 60, 5: 80, 6: 100}
_LEVEL_BYTES = {percent: level for level, percent in _LEVELS.items()}
_MINUTE_STEPS = 10**4


def decode(frame: bytes) -> dict[str, Value]:
    """Return the values of a binary frame."""
    if not _SHORTEST <= len(frame) <= _LONGEST:
        raise FrameError(_NAME, f"a binary frame has 29 to 64 bytes, this one {len(frame)}")
    shift = 3 if len(frame) == _LONG_ID else 0
    at = 6 + shift
    digits = frame[at : at + 19].hex()
    device_id = frame[1:at].hex()[: 15 if shift else 10]
    bcd = device_id + digits[:20] + digits[22:31] + digits[32:]
    if not bcd.isdigit():
        raise FrameError(_NAME, f"bytes 1 to {at + 18} are not decimal digits: {frame.hex()[:60]}")
    values: dict[str, Value] = {"device_id": device_id}
    values |= _time(digits[:12]) | _position(digits) | _battery(frame[at + 10])
    values |= status.meaning(int.from_bytes(frame[at + 19 : at + 23], "big"))
    if shift and frame[8] & 0x0F:
        values["id_filler"] = frame[8] & 0x0F
    if rest := frame[at + 23 :]:
        values["tail_hex"] = rest.hex()
    return values


def _time(digits: str) -> dict[str, Value]:
    hour, minute, second, day, month, year = (int(digits[i : i + 2]) for i in range(0, 12, 2))
    time = iso((CENTURY + year, month, day), (hour, minute, second))
    return {"time": time} if time else {"time_digits": digits}


def _position(digits: str) -> dict[str, Value]:
    flags = int(digits[31], 16)
    latitude = from_minutes(int(digits[12:14]), int(digits[14:20]) / _MINUTE_STEPS)
    longitude = from_minutes(int(digits[22:25]), int(digits[25:31]) / _MINUTE_STEPS)
    if latitude > 90 or longitude > 180 or max(int(digits[14:16]), int(digits[25:27])) >= 60:
        raise FrameError(_NAME, f"no coordinates: {digits[12:20]} and {digits[22:31]}")
    values: dict[str, Value] = {
        "latitude": latitude if flags & _NORTH else -latitude,
        "longitude": longitude if flags & _EAST else -longitude,
        "fix_valid": bool(flags & _VALID),
        "speed_kmh": round(int(digits[32:35]) * _KNOT_KMH, 3),
        "course_deg": int(digits[35:38]),
    }
    return values | ({"spare_flag": True} if flags & _SPARE else {})


def _battery(level: int) -> dict[str, Value]:
    percent = _LEVELS.get(level, level if 0 < level <= 100 else None)
    values: dict[str, Value] = {"battery_byte": level}
    return values if percent is None else values | {"battery_percent": percent}


def encode(values: Values) -> bytes:
    """Return the binary frame of these values."""
    fields = Fields(_NAME, values)
    digits = _time_digits(fields) + _position_digits(fields)
    if "status_word" in fields:
        word = int.from_bytes(fields.hexadecimal("status_word", 4), "big")
        refuse_contradictions(fields, status.meaning(word), status.MEANINGS, "status_word")
    else:
        word = status.build(fields)
    tail = fields.hexadecimal("tail_hex") if "tail_hex" in fields else b""
    frame = MARK + _id(fields) + bytes.fromhex(digits) + word.to_bytes(4, "big") + tail
    if len(frame) > _LONGEST or (len(frame) == _LONG_ID) != (frame[1:9] == _long_id(fields)):
        fields.refuse("tail_hex", f"makes a frame of {len(frame)} bytes, which this id cannot have")
    return frame


def _id(fields: Fields) -> bytes:
    text = fields.text("device_id", most=15).decode()
    if len(text) not in (10, 15) or not text.isdigit():
        fields.refuse("device_id", f"must be 10 or 15 digits, not {shown(text)}")
    return bytes.fromhex(text) if len(text) == 10 else _long_id(fields)


def _long_id(fields: Fields) -> bytes:
    text = fields.text("device_id", most=15).decode()
    filler = fields.integer("id_filler", 0, 15) if "id_filler" in fields else 0
    return bytes.fromhex(f"{text}{filler:x}") if len(text) == 15 else b""


def _time_digits(fields: Fields) -> str:
    if "time" in fields:
        return moment(fields, "time").strftime("%H%M%S%d%m%y")
    digits = fields.text("time_digits", most=12).decode()
    if len(digits) != 12 or not digits.isdigit():
        fields.refuse("time_digits", f"must be 12 digits, not {shown(digits)}")
    return digits


def _position_digits(fields: Fields) -> str:
    latitude = to_minutes(fields, "latitude", _MINUTE_STEPS)
    longitude = to_minutes(fields, "longitude", _MINUTE_STEPS)
    knots = fields.number("speed_kmh", 0, 999, factor=_KNOT_KMH)
    course = fields.number("course_deg", 0, 999)
    place = (
        f"{_degree_digits(latitude, 2)}{_battery_byte(fields):02x}{_degree_digits(longitude, 3)}"
    )
    return f"{place}{_flags(fields, latitude, longitude):x}{knots:03d}{course:03d}"


def _degree_digits(steps: int, width: int) -> str:
    whole, part = divmod(abs(steps), 60 * _MINUTE_STEPS)
    return f"{whole:0{width}d}{part:06d}"


def _flags(fields: Fields, latitude: int, longitude: int) -> int:
    flags = _VALID if fields.flag("fix_valid") else 0
    flags |= _SPARE if fields.flag("spare_flag", False) else 0
    return flags | (_NORTH if latitude >= 0 else 0) | (_EAST if longitude >= 0 else 0)


def _battery_byte(fields: Fields) -> int:
    if "battery_byte" in fields:
        level = fields.integer("battery_byte", 0, 0xFF)
        refuse_contradictions(fields, _battery(level), ("battery_percent",), "battery_byte")
        return level
    if "battery_percent" not in fields:
        return 0
    percent = fields.integer("battery_percent", 0, 100)
    level = _LEVEL_BYTES.get(percent, percent)
    if _battery(level).get("battery_percent") != percent:
        fields.refuse("battery_percent", f"cannot be said: {percent} stands for another level")
    return level


def measure(rest: bytes) -> int:
    """Return the size of the binary frame at the start of these bytes.

    No byte tells the size. Short frames end in FF 00 and a record number, where long ones have the
    signal (0 to 31) and go on; where that leaves a doubt, the mark of the next frame decides.
    """
    if len(rest) < _SHORT:
        return NEED_MORE
    if rest[29:31] == b"\xff\x00" and (rest[31] == 0 or rest[31] > 31):
        return _SHORT
    if len(rest) == _SHORT:
        return NEED_MORE
    return _SHORT if rest[_SHORT] in b"$*" else _LONG
