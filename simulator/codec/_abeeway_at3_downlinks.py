"""Downlinks of Abeeway AT3: commands, and requests about the configuration."""

from collections.abc import Mapping

from simulator.codec._abeeway_at3_positions import NAME
from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields
from simulator.codec._layout import Layout, Part, flag, moment, number, spare
from simulator.codec._shapes import Fixed, Rest, Shape
from simulator.frame import Value

_COMMAND, _REQUEST = 1, 2


def _shape(*parts: Part) -> Shape:
    return Shape(NAME, Fixed(Layout(NAME, *parts)))


_NOTHING = Shape(NAME)
_ARGUMENTS = Shape(NAME, Rest())
_BUFFERED = _shape(
    moment("begin_time"),
    number("duration", 16),
    spare(5, "kinds_reserved"),
    flag("telemetry"),
    flag("notification"),
    flag("position"),
)
_SHAPES: Mapping[tuple[int, int], tuple[str, Shape]] = {
    (_COMMAND, 0): ("clear_and_reset", _NOTHING),
    (_COMMAND, 1): ("reset", _NOTHING),
    (_COMMAND, 2): ("start_sos", _NOTHING),
    (_COMMAND, 3): ("stop_sos", _NOTHING),
    (_COMMAND, 4): ("system_status_request", _NOTHING),
    (_COMMAND, 5): ("position_on_demand", _NOTHING),
    (_COMMAND, 6): ("set_gps_almanac", _ARGUMENTS),
    (_COMMAND, 7): ("set_beidou_almanac", _ARGUMENTS),
    (_COMMAND, 8): ("start_ble_connectivity", _NOTHING),
    (_COMMAND, 9): ("stop_ble_connectivity", _NOTHING),
    (_COMMAND, 10): ("system_event", _shape(number("event_class", 8), number("event_type", 8))),
    (_COMMAND, 11): ("clear_motion_percentage", _NOTHING),
    (_COMMAND, 12): ("get_data_buffering_entries", _BUFFERED),
    (_COMMAND, 13): ("clear_all_data_buffering", _NOTHING),
    (_COMMAND, 14): ("clear_ble_bond_data", _NOTHING),
    (_REQUEST, 0): ("generic_configuration_set", _ARGUMENTS),
    (_REQUEST, 1): ("param_class_configuration_set", _ARGUMENTS),
    (_REQUEST, 2): ("generic_configuration_get", _ARGUMENTS),
    (_REQUEST, 3): ("param_class_configuration_get", _ARGUMENTS),
    (_REQUEST, 4): ("ble_status_connectivity", _ARGUMENTS),
    (_REQUEST, 5): ("crc_configuration_request", _ARGUMENTS),
    (_REQUEST, 6): ("sensor_request", _ARGUMENTS),
}
_BY_NAME = {command: key for key, (command, _) in _SHAPES.items()}


def decode_downlink(frame: bytes) -> dict[str, Value]:
    """Return what a downlink asks for."""
    if len(frame) < 2:
        raise FrameError(NAME, f"a downlink has at least 2 bytes, this one {len(frame)}")
    key = (frame[0] >> 3, frame[1])
    if key not in _SHAPES:
        raise FrameError(NAME, f"bytes 0 and 1: there is no downlink {frame[:2].hex()}")
    command, shape = _SHAPES[key]
    values: dict[str, Value] = {"command": command, "ack_token": frame[0] & 0x07}
    shape.read(frame, 2, values)
    return values


def encode_downlink(fields: Fields) -> bytes:
    """Return the downlink of a command."""
    kind, code = fields.choice("command", _BY_NAME)
    token = fields.integer("ack_token", 0, 7) if "ack_token" in fields else 0
    return bytes((kind << 3 | token, code)) + _SHAPES[kind, code][1].write(fields)
