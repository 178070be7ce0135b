"""Milesight WS101 (SOS) button and its siblings WS136 and WS156 with several buttons.

A downlink has the form of an uplink; the device answers one by sending it back, on channel FE or
FF, so that commands are values in both directions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Values
from simulator.codec._fields import Fields
from simulator.codec._milesight import (
    BATTERY,
    IDENTITY,
    Channel,
    choice_channel,
    decode_channels,
    encode_channels,
    table,
)
from simulator.frame import Direction, Value

_NAME = "lorawan_milesight_ws101"
_DOWNLINK, _ANSWER = 0xFF, 0xFE


@dataclass(frozen=True, slots=True)
class _Command:
    """A command: `value` names what it sets; without one its single byte is always FF."""

    code: int
    name: str
    value: str | None = None

    @property
    def size(self) -> int:
        return 2 if self.value == "interval_s" else 1

    def decode(self, data: bytes) -> dict[str, Value]:
        if self.value == "interval_s":
            return {"command": self.name, "interval_s": int.from_bytes(data, "little")}
        if self.value is None:
            return {"command": self.name} if data == b"\xff" else _no_meaning(self, data)
        if data[0] > 1:
            return _no_meaning(self, data)
        return {"command": self.name, self.value: data == b"\x01"}

    def encode(self, fields: Fields) -> bytes:
        if self.value == "interval_s":
            return fields.integer("interval_s", 0, 0xFFFF).to_bytes(2, "little")
        if self.value is None:
            return b"\xff"
        return bytes((fields.flag(self.value),))


def _no_meaning(command: _Command, data: bytes) -> dict[str, Value]:
    raise ValueError(f"{command.name} cannot be {data.hex()}")


_COMMANDS = {
    command.name: command
    for command in (
        _Command(0x03, "set_reporting_interval", "interval_s"),
        _Command(0x10, "reboot"),
        _Command(0x28, "query_device_status"),
        _Command(0x2F, "set_led_indicator", "enabled"),
        _Command(0x3E, "set_buzzer", "enabled"),
        _Command(0x74, "set_double_press", "enabled"),
    )
}


def _listed(values: dict[str, Value], name: str) -> list[Value]:
    found = values.setdefault(name, [])
    return found if isinstance(found, list) else []


def _read_button(data: bytes, values: dict[str, Value]) -> None:
    _listed(values, "buttons").append({"id": data[0], "value": data[1] | data[2] << 8})


def _write_buttons(fields: Fields) -> list[bytes]:
    buttons = fields.parts("buttons") if "buttons" in fields else []
    return [
        bytes((b.integer("id", 0, 0xFF),)) + b.integer("value", 0, 0xFFFF).to_bytes(2, "little")
        for b in buttons
    ]


def _command_channel(command: _Command, channel: int, list_name: str) -> Channel:
    """Return a command as a channel of a frame whose values list commands under a name."""

    def read(data: bytes, values: dict[str, Value]) -> None:
        entry = command.decode(data)
        if (channel, list_name) == (_DOWNLINK, "answers"):
            entry["channel"] = channel
        _listed(values, list_name).append(entry)

    def write(fields: Fields) -> list[bytes]:
        if list_name not in fields:
            return []
        return [command.encode(part) for part in fields.parts(list_name) if is_meant(part)]

    def is_meant(part: Fields) -> bool:
        known = part.choice("command", _COMMANDS)
        default = _ANSWER if list_name == "answers" else _DOWNLINK
        on = part.integer("channel", _ANSWER, _DOWNLINK) if "channel" in part else default
        return known is command and on == channel

    return Channel(bytes((channel, command.code)), command.size, read, write)


_UPLINKS = table(
    (
        *IDENTITY,
        BATTERY,
        choice_channel("ff2e", "press", {1: "short", 2: "long", 3: "double"}),
        Channel(b"\xff\x34", 3, _read_button, _write_buttons),
        *(_command_channel(c, _ANSWER, "answers") for c in _COMMANDS.values()),
        *(_command_channel(c, _DOWNLINK, "answers") for c in _COMMANDS.values()),
    )
)
_DOWNLINKS = table([_command_channel(c, _DOWNLINK, "commands") for c in _COMMANDS.values()])


class MilesightButton(Codec):
    """Power-on, battery and press frames, commands and the answers to them."""

    name: ClassVar[str] = _NAME

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return the values of all channels; a downlink of several commands lists `commands`.

        >>> CODEC.decode(bytes.fromhex("017510ff2e01"))
        {'battery_percent': 16, 'press': 'short'}
        """
        if context.direction is Direction.UPLINK:
            return decode_channels(_NAME, _UPLINKS, frame)
        values = decode_channels(_NAME, _DOWNLINKS, frame)
        commands = _listed(values, "commands")
        only = commands[0] if len(commands) == 1 else None
        return only if isinstance(only, dict) else values

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the frame of these values, in the device's own order or that of `channels`."""
        if context.direction is Direction.UPLINK:
            return encode_channels(_NAME, _UPLINKS, Fields(_NAME, values))
        listed: Mapping[str, Value] = (
            values if values.get("commands") is not None else {"commands": [dict(values)]}
        )
        if listed.get("commands") == []:
            raise FrameError(_NAME, "field 'commands' is empty")
        return encode_channels(_NAME, _DOWNLINKS, Fields(_NAME, listed))


CODEC = MilesightButton()
