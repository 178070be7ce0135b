"""Milesight AT101 tracker over LoRaWAN: the channel list of its maker, with positions and Wi-Fi.

A command travels as a channel of its own; the device answers by sending it back on channel FE or
FF, so that commands are values in both directions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from simulator.codec._at101_commands import COMMANDS, Command
from simulator.codec._contract import UPLINK, Codec, Context, Values
from simulator.codec._fields import Fields
from simulator.codec._layout import Layout, Part, choice, moment, number, octets, spare
from simulator.codec._milesight import (
    BATTERY,
    IDENTITY,
    Channel,
    decode_channels,
    encode_channels,
    table,
)
from simulator.frame import Direction, Value

_NAME = "lorawan_milesight_at101"
_DOWNLINK, _ANSWER = 0xFF, 0xFE


def _layout(*parts: Part) -> Layout:
    return Layout(_NAME, *parts, order="little")


def _degrees(name: str) -> Part:
    return number(name, 32, step=1e-6, digits=6, signed=True)


_TEMPERATURE = number("temperature_c", 16, step=0.1, digits=1, signed=True)
_MOTION = number("motion_status", 4, default=0)
_LOCATION = _layout(
    _degrees("latitude"),
    _degrees("longitude"),
    _MOTION,
    number("geofence_status", 4, default=0),
)
_HISTORY = _layout(moment(), _degrees("longitude"), _degrees("latitude"))
_WIFI = _layout(
    number("group", 8, default=0),
    octets("mac", 6, separator=":", order="little"),
    number("rssi_dbm", 8, signed=True),
    _MOTION,
    spare(4, "geofence_status"),
)
_ANGLES = _layout(
    *(
        number(f"{kind}_{axis}_deg", 8, signed=True)
        for kind in ("initial", "inclination")
        for axis in "xyz"
    )
)


@dataclass(frozen=True, slots=True)
class _Alarming:
    """A channel that exists plain and, when `flag` is raised, as an alarm."""

    flag: str
    alarm: str

    def channel(self, tag: str, layout: Layout, mark: str, *, raised: bool) -> Channel:
        def read(data: bytes, values: dict[str, Value]) -> None:
            values.update(layout.read(data))
            if raised:
                values.setdefault(self.flag, True)
                if values[self.flag]:
                    values.setdefault("alarm", self.alarm)

        def write(fields: Fields) -> list[bytes]:
            is_meant = mark in fields and (self.flag in fields) == raised
            return [layout.write(fields)] if is_meant else []

        return Channel(bytes.fromhex(tag), layout.size, read, write)


_FENCE = _Alarming("geofence_alarm", "geofence")
_HEAT = _Alarming("temperature_alarm", "temperature")


def _plain(tag: str, layout: Layout, mark: str) -> Channel:
    return _Alarming("", "").channel(tag, layout, mark, raised=False)


def _read_tamper(data: bytes, values: dict[str, Value]) -> None:
    if data[0] > 1:
        raise ValueError(f"there is no tamper status {data[0]}")
    values["tamper"] = data == b"\x01"
    if values["tamper"]:
        values.setdefault("alarm", "tamper")


def _write_tamper(fields: Fields) -> list[bytes]:
    return [bytes((fields.flag("tamper"),))] if "tamper" in fields else []


def _listed(values: dict[str, Value], name: str) -> list[Value]:
    found = values.setdefault(name, [])
    return found if isinstance(found, list) else []


def _list_channel(tag: str, name: str, layout: Layout) -> Channel:
    def read(data: bytes, values: dict[str, Value]) -> None:
        _listed(values, name).append(layout.read(data))

    def write(fields: Fields) -> list[bytes]:
        return [layout.write(part) for part in fields.parts(name)] if name in fields else []

    return Channel(bytes.fromhex(tag), layout.size, read, write)


def _command_channel(code: int, forms: tuple[Command, ...], on: int, name: str) -> Channel:
    """Return a command code as a channel whose values are listed under a name."""

    def read(data: bytes, values: dict[str, Value]) -> None:
        form = next((form for form in forms if data.startswith(form.start)), None)
        if form is None:
            raise ValueError(f"there is no form {data[:1].hex()} of this command")
        entry: dict[str, Value] = {"command": form.name, **form.layout.read(data, len(form.start))}
        if (on, name) == (_DOWNLINK, "answers"):
            entry["channel"] = on
        _listed(values, name).append(entry)

    def write(fields: Fields) -> list[bytes]:
        parts = fields.parts(name) if name in fields else []
        meant = ((part, part.choice("command", COMMANDS)) for part in parts if is_here(part))
        return [form.start + form.layout.write(part) for part, form in meant if form in forms]

    def is_here(part: Fields) -> bool:
        default = _ANSWER if name == "answers" else _DOWNLINK
        where = part.integer("channel", _ANSWER, _DOWNLINK) if "channel" in part else default
        return where == on

    return Channel(bytes((on, code)), forms[0].size, read, write)


def _command_channels(on: int, name: str) -> list[Channel]:
    codes = sorted({command.code for command in COMMANDS.values()})
    forms = {c: tuple(form for form in COMMANDS.values() if form.code == c) for c in codes}
    return [_command_channel(code, forms[code], on, name) for code in codes]


_POSITIONS = {0: "normal", 1: "tilt"}
_MEASURED: Sequence[Channel] = (
    *IDENTITY,
    BATTERY,
    _HEAT.channel("0367", _layout(_TEMPERATURE), "temperature_c", raised=False),
    _HEAT.channel(
        "8367",
        _layout(_TEMPERATURE, number("temperature_alarm", 8)),
        "temperature_c",
        raised=True,
    ),
    _FENCE.channel("0488", _LOCATION, "latitude", raised=False),
    _FENCE.channel("8488", _LOCATION, "latitude", raised=True),
    _plain("0500", _layout(choice(_NAME, "position", 8, _POSITIONS)), "position"),
    _list_channel("06d9", "wifi", _WIFI),
    Channel(b"\x07\x00", 1, _read_tamper, _write_tamper),
    _plain("089b", _ANGLES, "initial_x_deg"),
    _list_channel("20ce", "history", _HISTORY),
)
_REPORTS = table(_MEASURED)
_UPLINKS = table(
    (
        *_MEASURED,
        *_command_channels(_ANSWER, "answers"),
        *_command_channels(_DOWNLINK, "answers"),
    )
)
_DOWNLINKS = table(_command_channels(_DOWNLINK, "commands"))


class MilesightTracker(Codec):
    """Power-on, position, Wi-Fi, tamper and history frames, commands and the answers to them."""

    name: ClassVar[str] = _NAME

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return the values of all channels; a downlink of several commands lists `commands`.

        >>> CODEC.decode(bytes.fromhex("01755003670aff"))
        {'battery_percent': 80, 'temperature_c': -24.6}
        """
        if context.direction is Direction.UPLINK:
            return decode_channels(_NAME, _UPLINKS, frame)
        values = decode_channels(_NAME, _DOWNLINKS, frame)
        commands = _listed(values, "commands")
        only = commands[0] if len(commands) == 1 else None
        return only if isinstance(only, dict) else values

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the frame of these values, in the device's own order or that of `channels`."""
        if "command" in values:
            values = {"commands": [dict(values)]}
        channels = _UPLINKS if "answers" in values else _REPORTS
        if context.direction is Direction.DOWNLINK or "commands" in values:
            channels = _DOWNLINKS
        return encode_channels(_NAME, channels, Fields(_NAME, values))


CODEC = MilesightTracker()
