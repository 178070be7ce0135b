"""Downlinks of Abeeway AT2: a type, the token that the device repeats, and for some a body."""

from collections.abc import Mapping

from simulator.codec._abeeway_at2_messages import PARAMETERS
from simulator.codec._abeeway_at2_positions import NAME
from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields
from simulator.codec._layout import Layout, Part, choice, coded, number, spare
from simulator.codec._shapes import Fixed, Octets, Optional, Rest, Shape, Text
from simulator.frame import Value

MODES = {
    0: "stand_by",
    1: "motion_tracking",
    2: "permanent_tracking",
    3: "motion_start_end_tracking",
    4: "activity_tracking",
    5: "off",
}
_DEBUG_COMMANDS = {
    1: "reset",
    2: "reset_ble_pairing",
    3: "make_tracker_ring",
    4: "read_current_error_and_send_it",
    5: "trigger_heartbeat_message",
    6: "read_tx_power_index",
    7: "write_tx_power_index",
    8: "trigger_ble_bootloader",
    9: "specific_firmware_parameters_request",
    10: "configure_startup_modes",
    11: "start_and_stop_ble_advertisement",
    241: "trigger_an_error",
}


def _layout(*parts: Part) -> Layout:
    return Layout(NAME, *parts)


_NOTHING = Shape(NAME)
_COMMANDS: Mapping[int, tuple[str, Shape]] = {
    0x01: ("pos_on_demand", _NOTHING),
    0x02: ("set_mode", Shape(NAME, Fixed(_layout(choice(NAME, "mode", 8, MODES))))),
    0x03: ("request_config", Shape(NAME, Octets("parameter_ids"))),
    0x04: ("start_sos", _NOTHING),
    0x05: ("stop_sos", _NOTHING),
    0x06: (
        "request_temperature_status",
        Shape(NAME, Optional("action", _layout(number("action", 8)))),
    ),
    0x07: ("proximity", Shape(NAME, Rest())),
    0x08: ("angle_detection", Shape(NAME, Fixed(_layout(number("control", 8))))),
    0x09: ("request_status", Shape(NAME, Optional("status", _layout(number("status", 8))))),
    0x0B: ("set_param", Shape(NAME, PARAMETERS)),
    0x0C: ("clear_motion_percentage", _NOTHING),
    0x0D: ("sms", Shape(NAME, Fixed(_layout(number("sender_id", 24))), Text("text"))),
    0xFF: (
        "debug_command",
        Shape(
            NAME, Fixed(_layout(coded("debug_code", 8, "debug_command", _DEBUG_COMMANDS))), Rest()
        ),
    ),
}
_BY_NAME = {command: (code, shape) for code, (command, shape) in _COMMANDS.items()}
_TOKEN = _layout(spare(4, "token_reserved"), number("ack_token", 4, default=0))


def decode_downlink(frame: bytes) -> dict[str, Value]:
    """Return what a downlink asks for."""
    if not frame or frame[0] not in _COMMANDS:
        raise FrameError(NAME, f"byte 0: there is no downlink '{frame[:1].hex()}'")
    command, shape = _COMMANDS[frame[0]]
    values: dict[str, Value] = {"command": command, **_TOKEN.read(frame, 1)}
    shape.read(frame, 2, values)
    return values


def encode_downlink(fields: Fields) -> bytes:
    """Return the downlink of a command."""
    code, shape = fields.choice("command", _BY_NAME)
    return bytes((code,)) + _TOKEN.write(fields) + shape.write(fields)
