"""The contents of GT06 frames, one reader and one writer for each documented type.

Types without a layout here pass through as `content_hex`; what stands behind a layout, as models
append it, passes through as `tail_hex`.
"""

from collections.abc import Callable

from simulator.codec import _gt06_position as position
from simulator.codec import _gt06_status as status
from simulator.codec import _gt06_texts as texts
from simulator.codec._contract import FrameError, Values
from simulator.codec._fields import Fields, shown
from simulator.frame import Value

NAME = "gt06"

_LOGIN, _STATUS, _HEARTBEAT = 0x01, 0x13, 0x23
_GPS, _GPS_CELL, _GPS_CELL_STATE = 0x10, 0x12, 0x22
_ALARM, _ALARM_2, _FENCE_ALARM, _CELL_ALARM = 0x16, 0x26, 0x27, 0x19
_OTHER_POSITIONS = (0x1A, 0x1E, 0x2D, 0x31, 0x37, 0xA3, 0xA4)
_IMEI_SIZE = 8
_STATE_SIZE, _MILEAGE_SIZE = 3, 4

CONFIRMED = {_LOGIN, _STATUS, _HEARTBEAT, _GPS, _GPS_CELL, _GPS_CELL_STATE} | {
    *(_ALARM, _ALARM_2, _FENCE_ALARM, _CELL_ALARM),
    *_OTHER_POSITIONS,
}
"""Types that a server answers; by the document positions need no answer, servers give one."""


def read(kind: int, content: bytes) -> dict[str, Value]:
    """Return the values of a content that is not empty."""
    reader = _READERS.get(kind)
    return reader(content) if reader else {"content_hex": content.hex()}


def write(kind: int, values: Values) -> bytes:
    """Return the content; empty where the values have nothing for it."""
    fields = Fields(NAME, values)
    if "content_hex" in fields:
        return fields.hexadecimal("content_hex")
    names = {name for name in values if name not in ("message_type", "serial_number", "is_long")}
    writer = _WRITERS.get(kind)
    return writer(fields) if writer and names else b""


def _tail(data: bytes) -> dict[str, Value]:
    return {"tail_hex": data.hex()} if data else {}


def _tail_bytes(fields: Fields) -> bytes:
    return fields.hexadecimal("tail_hex") if "tail_hex" in fields else b""


def _need(content: bytes, size: int, what: str) -> None:
    if len(content) < size:
        raise FrameError(
            NAME, f"{what} needs {size} bytes of content, this frame has {len(content)}"
        )


def _read_login(content: bytes) -> dict[str, Value]:
    _need(content, _IMEI_SIZE, "a login")
    digits = content[:_IMEI_SIZE].hex()
    if not digits.isdecimal():
        raise FrameError(NAME, f"the IMEI is not decimal: {digits}")
    values: dict[str, Value] = {"imei": digits[1:]}
    if digits[0] != "0":
        values["imei_digit"] = int(digits[0])
    if len(content) >= 10:
        values["device_model_code"] = content[8:10].hex()
    if len(content) >= 12:
        values["time_zone_code"] = content[10:12].hex()
    return values | _tail(content[8 + len(content[8:12]) // 2 * 2 :])


def _write_login(fields: Fields) -> bytes:
    imei = fields.text("imei", most=15).decode()
    if len(imei) != 15 or not imei.isdecimal():
        fields.refuse("imei", f"must be 15 digits, not {shown(imei)}")
    digit = fields.integer("imei_digit", 0, 9) if "imei_digit" in fields else 0
    content = bytes.fromhex(f"{digit}{imei}")
    for name in ("device_model_code", "time_zone_code"):
        content += fields.hexadecimal(name, 2) if name in fields else b""
    return content + _tail_bytes(fields)


def _read_gps(content: bytes) -> dict[str, Value]:
    _need(content, position.SIZE, "a position")
    return position.read(content) | _tail(content[position.SIZE :])


def _write_gps(fields: Fields) -> bytes:
    return position.write(fields) + _tail_bytes(fields)


def _read_gps_cell(content: bytes) -> dict[str, Value]:
    values, rest = _position_and_cell(content)
    return values | _tail(rest)


def _position_and_cell(content: bytes) -> tuple[dict[str, Value], bytes]:
    _need(content, position.SIZE, "a position")
    cell, size = position.read_cell(content[position.SIZE :])
    return position.read(content) | cell, content[position.SIZE + size :]


def _write_gps_cell(fields: Fields) -> bytes:
    return position.write(fields) + position.write_cell(fields) + _tail_bytes(fields)


def _read_gps_cell_state(content: bytes) -> dict[str, Value]:
    values, rest = _position_and_cell(content)
    if len(rest) < _STATE_SIZE or rest[0] > 1 or rest[2] > 1:
        return values | _tail(rest)
    values |= {"acc_on": rest[0] == 1, "report_reason": rest[1], "buffered": rest[2] == 1}
    rest = rest[_STATE_SIZE:]
    if len(rest) >= _MILEAGE_SIZE:
        values["odometer_m"] = int.from_bytes(rest[:_MILEAGE_SIZE], "big")
        rest = rest[_MILEAGE_SIZE:]
    return values | _tail(rest)


def _write_gps_cell_state(fields: Fields) -> bytes:
    content = position.write(fields) + position.write_cell(fields)
    if "acc_on" in fields or "report_reason" in fields or "buffered" in fields:
        reason = fields.integer("report_reason", 0, 0xFF) if "report_reason" in fields else 0
        content += bytes((fields.flag("acc_on", False), reason, fields.flag("buffered", False)))
    if "odometer_m" in fields:
        content += fields.number("odometer_m", 0, 0xFFFFFFFF).to_bytes(4, "big")
    return content + _tail_bytes(fields)


def _read_alarm(content: bytes, behind: int = 0) -> dict[str, Value]:
    """Read from both ends: models differ in what stands between position and status."""
    end = len(content) - behind
    _need(content, position.SIZE + status.SIZE + behind, "an alarm")
    middle, is_wide = position.read_middle(content[position.SIZE : end - status.SIZE])
    said = status.read(content[end - status.SIZE : end], is_percent=is_wide)
    return position.read(content) | middle | said


def _write_alarm(fields: Fields) -> bytes:
    middle, is_wide = position.write_middle(fields)
    return position.write(fields) + middle + status.write(fields, is_percent=is_wide)


def _read_fence_alarm(content: bytes) -> dict[str, Value]:
    return _read_alarm(content, 1) | {"fence_number": content[-1]}


def _write_fence_alarm(fields: Fields) -> bytes:
    return _write_alarm(fields) + bytes((fields.integer("fence_number", 0, 0xFF),))


def _read_cell_alarm(content: bytes) -> dict[str, Value]:
    _need(content, status.SIZE, "an alarm")
    cell, size = position.read_cell(content[: -status.SIZE])
    if size != len(content) - status.SIZE:
        cell = {"middle_hex": content[: -status.SIZE].hex()}
    return cell | status.read(content[-status.SIZE :])


def _write_cell_alarm(fields: Fields) -> bytes:
    is_raw = "middle_hex" in fields
    middle = fields.hexadecimal("middle_hex") if is_raw else position.write_cell(fields)
    return middle + status.write(fields)


def _read_status(content: bytes) -> dict[str, Value]:
    size = status.SIZE if len(content) >= status.SIZE else status.SHORT_SIZE
    _need(content, size, "a status")
    values = status.read(content[:size]) | _tail(content[size:])
    return values if size == status.SIZE else values | {"is_short": True}


def _write_status(fields: Fields) -> bytes:
    said = status.write(fields)
    is_short = fields.flag("is_short", False)
    return (said[: status.SHORT_SIZE] if is_short else said) + _tail_bytes(fields)


def _read_heartbeat(content: bytes) -> dict[str, Value]:
    _need(content, status.HEARTBEAT_SIZE, "a heartbeat")
    return status.read_heartbeat(content) | _tail(content[status.HEARTBEAT_SIZE :])


def _write_heartbeat(fields: Fields) -> bytes:
    return status.write_heartbeat(fields) + _tail_bytes(fields)


_Reader = Callable[[bytes], dict[str, Value]]
_Writer = Callable[[Fields], bytes]

_READERS: dict[int, _Reader] = {
    _LOGIN: _read_login,
    _STATUS: _read_status,
    _HEARTBEAT: _read_heartbeat,
    _GPS: _read_gps,
    _GPS_CELL: _read_gps_cell,
    _GPS_CELL_STATE: _read_gps_cell_state,
    _ALARM: _read_alarm,
    _ALARM_2: _read_alarm,
    _FENCE_ALARM: _read_fence_alarm,
    _CELL_ALARM: _read_cell_alarm,
    **dict.fromkeys(_OTHER_POSITIONS, _read_gps),
    **texts.READERS,
}
_WRITERS: dict[int, _Writer] = {
    _LOGIN: _write_login,
    _STATUS: _write_status,
    _HEARTBEAT: _write_heartbeat,
    _GPS: _write_gps,
    _GPS_CELL: _write_gps_cell,
    _GPS_CELL_STATE: _write_gps_cell_state,
    _ALARM: _write_alarm,
    _ALARM_2: _write_alarm,
    _FENCE_ALARM: _write_fence_alarm,
    _CELL_ALARM: _write_cell_alarm,
    **dict.fromkeys(_OTHER_POSITIONS, _write_gps),
    **texts.WRITERS,
}
