"""SimpleHw SimplePack Plus, API 6: a Sigfox button that says its mode and what happened.

Byte 0 is the mode, byte 1 the event. Events from 0x80 on have data of their own; what firmware
appends to the others (register 0x0D) has no public layout and passes through as `data_hex`.
"""

from typing import ClassVar

from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Values
from simulator.codec._fields import Fields
from simulator.frame import Direction, Value

_NAME = "sigfox_simplepack"
_LONGEST = 12  # of any Sigfox uplink
_DOWNLINK_SIZE = 8

_MODES = {
    0x01: "press_me",
    0x02: "guard_me",
    0x14: "press_me_wifi",
    0x23: "press_me_wifi_atlas",
    0x50: "press_me_wifi_superlocal",
}
_EVENTS = {
    0x10: "arming_started",
    0x11: "armed",
    0x14: "disarmed",
    0x15: "downlink_accepted",
    0x16: "downlink_accepted_send_next",
    0x30: "short_press",
    0x31: "double_click",
    0x32: "long_press",
    0x7E: "queue_full",
    0x7F: "battery_low",
    0x81: "extra_long_press",
    0x86: "device_reset",
    0x88: "radio_zone_changed",
    0x9C: "short_press_wifi_1",
    0x9D: "short_press_wifi_2",
    0x9E: "double_click_wifi_1",
    0x9F: "double_click_wifi_2",
    0xA0: "long_press_wifi_1",
    0xA1: "long_press_wifi_2",
    0xFC: "address_readout",
    0xFE: "register_readout",
}
# Both halves of a Wi-Fi press name it: one of them may be lost on the air.
_PRESSES = {
    0x30: "short",
    0x31: "double",
    0x32: "long",
    0x81: "extra_long",
    0x9C: "short",
    0x9D: "short",
    0x9E: "double",
    0x9F: "double",
    0xA0: "long",
    0xA1: "long",
}
_BATTERY_LOW, _EXTRA_LONG, _RESET = 0x7F, 0x81, 0x86
_MODE_REGISTER = 0x01

_MODE_CODES = {name: code for code, name in _MODES.items()}
_EVENT_CODES = {name: code for code, name in _EVENTS.items()} | {"other": -1}
_PRESS_CODES = {name: code for code, name in reversed(_PRESSES.items())}  # the first event wins


def _meaning(mode: int, event: int) -> dict[str, Value]:
    values: dict[str, Value] = {"mode": _MODES[mode]}
    if event in _EVENTS:
        values["event"] = _EVENTS[event]
    else:
        values |= {"event": "other", "event_code": event}
    if event in _PRESSES:
        values["press"] = _PRESSES[event]
    if event == _BATTERY_LOW:
        values["low_battery"] = True
    return values


_PLAIN = {bytes((mode, event)): _meaning(mode, event) for mode in _MODES for event in range(256)}


class SimplePack(Codec):
    """The uplinks of the button, and the register writes that it fetches after a 6 s press."""

    name: ClassVar[str] = _NAME

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return mode, event and press; `other` and `event_code` for an event that is not public.

        >>> CODEC.decode(bytes.fromhex("0132"))
        {'mode': 'press_me', 'event': 'long_press', 'press': 'long'}
        """
        if context.direction is Direction.DOWNLINK:
            return _decode_downlink(frame)
        plain = _PLAIN.get(frame[:2])
        if plain is None or len(frame) > _LONGEST:
            raise FrameError(_NAME, _what_is_wrong(frame))
        values = plain.copy()
        if len(frame) > 2:
            _decode_data(frame[1], frame[2:], values)
        return values

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the frame of a mode and an event (or of the press alone that names it)."""
        fields = Fields(_NAME, values)
        if context.direction is Direction.DOWNLINK:
            return _encode_downlink(fields)
        event = _event_code(fields)
        head = bytes((fields.choice("mode", _MODE_CODES), event))
        return head + _encode_data(fields, event)


def _what_is_wrong(frame: bytes) -> str:
    if len(frame) < 2:
        return f"a frame has at least 2 bytes, this one {len(frame)}"
    if len(frame) > _LONGEST:
        return f"a Sigfox uplink has at most {_LONGEST} bytes, this one {len(frame)}"
    return f"byte 0: there is no mode 0x{frame[0]:02x}"


def _decode_data(event: int, data: bytes, values: dict[str, Value]) -> None:
    rest = data
    if event == _EXTRA_LONG and len(data) >= 5:
        values["api_version"] = data[0]
        values["firmware_version"] = f"{data[1]}.{data[2]}"
        values["hardware_version"] = f"{data[3]}.{data[4]}"
        rest = data[5:]
    elif event == _RESET:
        values["reset_cause"] = data[0]
        rest = data[1:]
    if rest:
        values["data_hex"] = rest.hex()


def _event_code(fields: Fields) -> int:
    if "event" in fields:
        code = fields.choice("event", _EVENT_CODES)
        code = fields.integer("event_code", 0, 0xFF) if code < 0 else code
    else:
        code = fields.choice("press", _PRESS_CODES)
    if "press" in fields and fields.value("press") != _PRESSES.get(code):
        fields.refuse("press", f"is not what event 0x{code:02x} says")
    if fields.flag("low_battery", False) and code != _BATTERY_LOW:
        fields.refuse("low_battery", f"cannot be said by event 0x{code:02x}")
    return code


def _encode_data(fields: Fields, event: int) -> bytes:
    data = b""
    if event == _EXTRA_LONG and "api_version" in fields:
        data = bytes((fields.integer("api_version", 0, 0xFF),))
        data += _version(fields, "firmware_version") + _version(fields, "hardware_version")
    elif event == _RESET and "reset_cause" in fields:
        data = bytes((fields.integer("reset_cause", 0, 0xFF),))
    if "data_hex" in fields:
        data += fields.hexadecimal("data_hex")
    if len(data) > _LONGEST - 2:
        fields.refuse("data_hex", f"leaves {len(data)} bytes of data, there is room for 10")
    return data


def _version(fields: Fields, name: str) -> bytes:
    parts = fields.text(name, most=7).split(b".")
    if len(parts) != 2 or not all(part.isdigit() and int(part) <= 0xFF for part in parts):
        fields.refuse(name, "must be two numbers of a byte, as in 1.10")
    return bytes(map(int, parts))


def _decode_downlink(frame: bytes) -> dict[str, Value]:
    if len(frame) != _DOWNLINK_SIZE:
        raise FrameError(_NAME, f"a Sigfox downlink has 8 bytes, this one {len(frame)}")
    pairs = [(frame[i], frame[i + 1]) for i in range(0, _DOWNLINK_SIZE, 2)]
    while pairs and pairs[-1] == (0, 0):
        pairs.pop()
    values: dict[str, Value] = {
        "command": "write_registers",
        "registers": [{"register": register, "value": value} for register, value in pairs],
    }
    mode = dict(pairs).get(_MODE_REGISTER)
    if mode in _MODES:
        values["mode"] = _MODES[mode]
    return values


def _encode_downlink(fields: Fields) -> bytes:
    if "registers" in fields:
        parts = fields.parts("registers")
        pairs = [(p.integer("register", 0, 0xFF), p.integer("value", 0, 0xFF)) for p in parts]
    else:
        pairs = [(_MODE_REGISTER, fields.choice("mode", _MODE_CODES))]
    frame = b"".join(map(bytes, pairs))
    if len(frame) > _DOWNLINK_SIZE:
        fields.refuse("registers", f"has {len(pairs)} pairs, a downlink carries 4")
    return frame.ljust(_DOWNLINK_SIZE, b"\0")


CODEC = SimplePack()
