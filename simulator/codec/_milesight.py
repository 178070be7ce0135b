"""The form that all Milesight LoRaWAN payloads share: a list of channel, type and value.

Every product has its own table of channels; those of its identity are the same for all and live
here, with the cutting of a frame by a table and the writing of one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields
from simulator.frame import Value

Read: TypeAlias = Callable[[bytes, dict[str, Value]], None]
Write: TypeAlias = Callable[[Fields], list[bytes]]


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel and type: the length of its value, and how the value is read and written.

    `read` raises `ValueError` for a value that has no meaning. `write` returns the value as often
    as the frame carries it, and nothing when the values do not speak of it.
    """

    tag: bytes
    size: int
    read: Read
    write: Write


Table: TypeAlias = Mapping[bytes, Channel]


def table(channels: Sequence[Channel]) -> Table:
    """Return the table of a product; its order is that in which the device sends channels."""
    return {channel.tag: channel for channel in channels}


def decode_channels(codec: str, channels: Table, frame: bytes) -> dict[str, Value]:
    """Return the values of a frame; `channels` lists an order that is not that of the table."""
    values: dict[str, Value] = {}
    tags: list[bytes] = []
    at = 0
    while at < len(frame):
        channel = channels.get(frame[at : at + 2])
        if channel is None:
            raise FrameError(codec, f"byte {at}: there is no channel {frame[at : at + 2].hex()}")
        _read_channel(codec, channel, frame, at, values)
        tags.append(channel.tag)
        at += 2 + channel.size
    if not tags:
        raise FrameError(codec, "the frame is empty")
    if len(tags) > 1 and tags != [tag for tag in channels for seen in tags if seen == tag]:
        values["channels"] = [tag.hex() for tag in tags]
    return values


def _read_channel(
    codec: str, channel: Channel, frame: bytes, at: int, values: dict[str, Value]
) -> None:
    data = frame[at + 2 : at + 2 + channel.size]
    where = f"channel {channel.tag.hex()} at byte {at}"
    if len(data) < channel.size:
        raise FrameError(codec, f"{where}: {channel.size} bytes expected, {len(data)} left")
    try:
        channel.read(data, values)
    except ValueError as error:
        raise FrameError(codec, f"{where}: {error}") from error


def encode_channels(codec: str, channels: Table, fields: Fields) -> bytes:
    """Return the frame of the values, in the order of the table or that of `channels`."""
    parts = {tag: [tag + data for data in channels[tag].write(fields)] for tag in channels}
    if "channels" in fields:
        frame = b"".join(_arranged(fields, parts))
    else:
        frame = b"".join(part for several in parts.values() for part in several)
    if not frame:
        raise FrameError(codec, "none of the values can be said by this device")
    return frame


def _arranged(fields: Fields, parts: Mapping[bytes, list[bytes]]) -> list[bytes]:
    arranged = []
    for word in fields.words("channels"):
        tag = word if isinstance(word, str) else ""
        waiting = next((several for key, several in parts.items() if key.hex() == tag), [])
        if not waiting:
            fields.refuse("channels", f"names '{tag}', of which the values say nothing")
        # A channel that stands twice in a frame says the same value twice.
        arranged.append(waiting.pop(0) if len(waiting) > 1 else waiting[0])
    return arranged


def byte_channel(tag: str, name: str, most: int = 0xFF) -> Channel:
    """Return a channel that carries one number."""

    def read(data: bytes, values: dict[str, Value]) -> None:
        values[name] = data[0]

    def write(fields: Fields) -> list[bytes]:
        return [bytes((fields.number(name, 0, most),))] if name in fields else []

    return Channel(bytes.fromhex(tag), 1, read, write)


def choice_channel(tag: str, name: str, words: Mapping[int, str]) -> Channel:
    """Return a channel that carries one of a few words."""
    codes = {word: code for code, word in words.items()}

    def read(data: bytes, values: dict[str, Value]) -> None:
        if data[0] not in words:
            raise ValueError(f"there is no {name} {data[0]}")
        values[name] = words[data[0]]

    def write(fields: Fields) -> list[bytes]:
        return [bytes((fields.choice(name, codes),))] if name in fields else []

    return Channel(bytes.fromhex(tag), 1, read, write)


def _serial_channel(tag: str, size: int) -> Channel:
    def read(data: bytes, values: dict[str, Value]) -> None:
        values["serial"] = data.hex()

    def write(fields: Fields) -> list[bytes]:
        serial = fields.hexadecimal("serial") if "serial" in fields else b""
        if serial and len(serial) not in (6, 8):
            fields.refuse("serial", f"must be 6 or 8 bytes in hex, not {len(serial)}")
        return [serial] if len(serial) == size else []

    return Channel(bytes.fromhex(tag), size, read, write)


@dataclass(frozen=True, slots=True)
class _VersionForm:
    """How two numbers of a version lie in the bytes: with which base, and how far shifted."""

    size: int
    base: int = 10
    minor_base: int = 10
    shift: int = 8  # of the major number
    minor_shift: int = 0

    def text(self, data: bytes) -> str:
        word = int.from_bytes(data, "big")
        mask = (1 << self.shift) - 1
        major, minor = word >> self.shift, (word & mask) >> self.minor_shift
        return f"v{_digits(major, self.base)}.{_digits(minor, self.minor_base)}"

    def data(self, text: str) -> bytes:
        """Return the bytes of a version; raise `ValueError` if it does not fit."""
        major, minor = text.removeprefix("v").split(".")
        word = int(major, self.base) << self.shift | int(minor, self.minor_base) << self.minor_shift
        data = word.to_bytes(self.size, "big") if 0 <= word < 1 << 8 * self.size else b""
        if self.text(data) != text:
            raise ValueError(text)
        return data


def _digits(number: int, base: int) -> str:
    return f"{number:x}" if base == 16 else str(number)


def _version_channel(tag: str, name: str, form: _VersionForm) -> Channel:
    def read(data: bytes, values: dict[str, Value]) -> None:
        values[name] = form.text(data)

    def write(fields: Fields) -> list[bytes]:
        if name not in fields:
            return []
        text = fields.text(name, most=8).decode()
        try:
            return [form.data(text)]
        except ValueError:
            fields.refuse(name, f"must be a version such as v1.2 that fits, not '{text}'")

    return Channel(bytes.fromhex(tag), form.size, read, write)


def _read_power_on(data: bytes, values: dict[str, Value]) -> None:
    if data != b"\xff":
        raise ValueError(f"power-on is ff, not {data.hex()}")
    values["event"] = "power_on"


def _is_power_on(fields: Fields) -> bool:
    if "event" not in fields:
        return False
    return fields.choice("event", {"power_on": True, "reset": False})


def _write_power_on(fields: Fields) -> list[bytes]:
    return [b"\xff"] if _is_power_on(fields) else []


def _read_reset(data: bytes, values: dict[str, Value]) -> None:
    values["reset_event"] = data[0]
    values.setdefault("event", "reset")


def _write_reset(fields: Fields) -> list[bytes]:
    if "reset_event" in fields:
        return [bytes((fields.integer("reset_event", 0, 0xFF),))]
    return [b"\xff"] if "event" in fields and not _is_power_on(fields) else []


_PROTOCOL = _version_channel("ff01", "protocol_version", _VersionForm(1, shift=4))


def _write_protocol(fields: Fields) -> list[bytes]:
    # Every published power-on frame announces v0.1, so a power-on without a word of it does too.
    return _PROTOCOL.write(fields) or ([b"\x01"] if _is_power_on(fields) else [])


IDENTITY: Sequence[Channel] = (
    Channel(b"\xff\x0b", 1, _read_power_on, _write_power_on),
    Channel(_PROTOCOL.tag, 1, _PROTOCOL.read, _write_protocol),
    _serial_channel("ff08", 6),
    _serial_channel("ff16", 8),
    _version_channel("ff09", "hardware_version", _VersionForm(2, base=16, minor_shift=4)),
    _version_channel("ff0a", "firmware_version", _VersionForm(2, base=16, minor_base=16)),
    _version_channel("ffff", "tsl_version", _VersionForm(2)),
    byte_channel("ff0f", "lorawan_class"),
    Channel(b"\xff\xfe", 1, _read_reset, _write_reset),
)
BATTERY = byte_channel("0175", "battery_percent", most=100)
