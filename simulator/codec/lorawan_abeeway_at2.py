"""Abeeway Micro, Compact and Smart Badge with AT2 firmware, over LoRaWAN, big-endian.

All uplinks but two share a header. On port 17 its battery is a voltage, else percent.
"""

from typing import ClassVar

from simulator.codec._abeeway_at2_downlinks import MODES, decode_downlink, encode_downlink
from simulator.codec._abeeway_at2_kinds import KINDS
from simulator.codec._abeeway_at2_messages import celsius
from simulator.codec._abeeway_at2_positions import NAME
from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Values
from simulator.codec._fields import Fields
from simulator.codec._layout import Layout, Part, coded, flag, number, spare, steps
from simulator.codec._shapes import Fixed, Shape, Text
from simulator.frame import Direction, Value

_VOLTAGE_PORT = 17
_CHARGING, _UNKNOWN = 0, 255
_VOLTAGE_STEP_MV, _VOLTAGE_OFFSET_MV = 1400 / 253, 2800 - 1400 / 253
_FRAME_PENDING, _TEXT_TYPE = 0x00, 0x0D


def _read_voltage(raw: int, values: dict[str, Value]) -> None:
    if raw == _CHARGING:
        values["charging"] = True
    elif raw != _UNKNOWN:
        values["battery_mv"] = round(_VOLTAGE_OFFSET_MV + raw * _VOLTAGE_STEP_MV)
        values["battery_byte"] = raw


def _write_voltage(fields: Fields) -> int:
    if fields.flag("charging", False):
        return _CHARGING
    if "battery_mv" not in fields:
        return _UNKNOWN
    raw = steps(fields, "battery_mv", 1, 254, step=_VOLTAGE_STEP_MV, offset=_VOLTAGE_OFFSET_MV)
    # A voltage rounded to 10 mV may mean either of two bytes: the byte itself then decides.
    sent = fields.integer("battery_byte", 1, 254) if "battery_byte" in fields else raw
    return sent if abs(sent - raw) <= 1 else raw


def _read_percent(raw: int, values: dict[str, Value]) -> None:
    if raw == _CHARGING:
        values["charging"] = True
    elif raw != _UNKNOWN:
        values["battery_percent"] = raw


def _write_percent(fields: Fields) -> int:
    if fields.flag("charging", False):
        return _CHARGING
    return fields.number("battery_percent", 1, 254) if "battery_percent" in fields else _UNKNOWN


def _header(battery: Part) -> Layout:
    return Layout(
        NAME,
        number("message_type", 8),
        coded("tracking_mode", 3, "tracking_mode_name", MODES),
        flag("sos"),
        number("app_state", 1, default=0),
        flag("motion"),
        flag("periodic"),
        flag("on_demand"),
        battery,
        celsius("temperature_c"),
        number("ack_token", 4, default=0),
        number("sub_type", 4, default=0),
    )


_VOLTAGE_HEADER = _header(Part(8, _read_voltage, _write_voltage))
_PERCENT_HEADER = _header(Part(8, _read_percent, _write_percent))
_PENDING = Layout(NAME, number("message_type", 8), number("ack_token", 8, default=0))
_TEXT = Shape(
    NAME,
    Fixed(
        Layout(
            NAME,
            number("message_type", 8),
            number("ack_token", 4, default=0),
            spare(4, "text_reserved"),
            number("destination_id", 24),
        )
    ),
    Text("text"),
)


class AbeewayAt2(Codec):
    """Positions, events and states of the tracker, and the commands to it."""

    name: ClassVar[str] = NAME

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return what a message says; the port tells which form the battery has.

        >>> CODEC.decode(bytes.fromhex("0a00f9860007"), Context(port=17))["event"]
        'sos_mode_start'
        """
        if context.direction is Direction.DOWNLINK:
            return decode_downlink(frame)
        if not frame:
            raise FrameError(NAME, "the frame is empty")
        if frame[0] == _FRAME_PENDING:
            return _PENDING.read_whole(frame)
        values: dict[str, Value] = {}
        if frame[0] == _TEXT_TYPE:
            _TEXT.read(frame, 0, values)
            return values
        kind = KINDS.get(frame[0])
        if kind is None:
            raise FrameError(NAME, f"byte 0: there is no message type {frame[0]}")
        header = _VOLTAGE_HEADER if context.port == _VOLTAGE_PORT else _PERCENT_HEADER
        values = header.read(frame)
        kind.read(frame, values)
        return values

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return a command where the values name one, else the message of `message_type`.

        Without a port, a battery in millivolts asks for the form of port 17.
        """
        fields = Fields(NAME, values)
        if "command" in fields:
            return encode_downlink(fields)
        message_type = fields.integer("message_type", 0, 0xFF)
        if message_type == _FRAME_PENDING:
            return _PENDING.write(fields)
        if message_type == _TEXT_TYPE:
            return _TEXT.write(fields)
        if message_type not in KINDS:
            fields.refuse("message_type", f"{message_type} is no message type")
        sub_type, body = KINDS[message_type].write(fields)
        has_voltage = context.port == _VOLTAGE_PORT
        if context.port is None:
            has_voltage = "battery_mv" in fields
        header = _VOLTAGE_HEADER if has_voltage else _PERCENT_HEADER
        return header.write(Fields(NAME, {**values, "sub_type": sub_type})) + body


CODEC = AbeewayAt2()
