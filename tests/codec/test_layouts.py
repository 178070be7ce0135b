"""Codecs made of layouts: every border of every shipped layout, and hand-built frames."""

import tomllib

import msgspec
import pytest

from simulator.codec import (
    Context,
    FrameError,
    LayoutCodec,
    LayoutError,
    LayoutTable,
    layout_codec,
)
from simulator.codec._generic import Case, boundary_cases, fault, faults, sums
from simulator.frame import Direction, Value
from simulator.profile import layout_of, profiles

BASE = """
form = "binary"
framing = { kind = "start" }
[messages.alarm]
fields = [
  { constant = "a5" },
  { constant = "01" },
  { name = "serial", as = "digits", bytes = 4 },
  { name = "button", bits = 4, enum = { sos = 1, test = 2 } },
  { name = "is_charging", as = "flag" },
  { spare = true, bits = 3 },
  { name = "battery_percent", bits = 8, maximum = 100 },
  { name = "latitude", bytes = 4, signed = true, scale = 1e-7, order = "little" },
  { name = "temperature_c", bytes = 1, scale = 0.5, offset = -40 },
  { checksum = "xor8", bytes = 1, from = 1 },
]
[messages.note]
fields = [
  { constant = "a5" },
  { constant = "02" },
  { length = "after", bytes = 2, order = "little" },
  { name = "time", as = "time", bytes = 4 },
  { name = "note", as = "text", maximum = 20 },
  { checksum = "crc16/modbus", bytes = 2, order = "little" },
  { constant = "5a" },
]
"""
TEXT = """
form = "text"
framing = { kind = "line" }
text = { prefix = "$", checksum = "xor8" }
[messages.press]
fields = [
  { constant = "PB" },
  { constant = "P" },
  { name = "serial", as = "text", maximum = 8 },
  { name = "battery_percent", minimum = 0, maximum = 100 },
  { name = "latitude", digits = 5, minimum = -90, maximum = 90, optional = true },
  { name = "sequence", width = 4, minimum = 0, maximum = 9999 },
  { name = "button", enum = { sos = "S", test = "T" } },
  { name = "battery_v", scale = 0.001, minimum = 0, maximum = 5 },
  { name = "time", as = "time" },
  { name = "on_mains", as = "flag" },
]
[messages.alive]
fields = [{ constant = "PB" }, { constant = "A" }, { name = "serial", as = "text" }]
"""
JSON = """
form = "json"
framing = { kind = "line", end = "\\n" }
[messages.press]
fields = [
  { path = "type", constant = "alarm" },
  { path = "dev.id", name = "serial", as = "text", maximum = 8 },
  { path = "dev.battery", name = "battery_percent", minimum = 0, maximum = 100 },
  { path = "position.lat", name = "latitude", digits = 6, maximum = 90, optional = true },
  { path = "button", name = "button", enum = { sos = 1, test = 2 } },
]
[messages.alive]
fields = [{ path = "type", constant = "alive" }, { path = "dev.id", name = "serial", as = "text" }]
"""
ALARM: dict[str, Value] = {
    "message": "alarm",
    "serial": "12345678",
    "button": "test",
    "is_charging": True,
    "battery_percent": 87,
    "latitude": -26.1,
    "temperature_c": 21.5,
}
ALARM_BODY = "01 12345678 28 57 c07471f0 7b"


def made(text: str) -> LayoutCodec:
    """Return the codec of a layout in TOML."""
    return layout_codec("demo", msgspec.convert(tomllib.loads(text), LayoutTable))


def _framed(kind: str) -> str:
    return BASE.replace('{ kind = "start" }', kind)


LAYOUTS = {
    "start": BASE,
    "little": BASE.replace('form = "binary"', 'form = "binary"\norder = "little"'),
    "cobs": _framed('{ kind = "cobs" }'),
    "slip": _framed('{ kind = "slip" }'),
    "length": _framed('{ kind = "length", start = "7e7e", size = 2, order = "little" }'),
    "length of all": _framed('{ kind = "length", counts_all = true }'),
    "text": TEXT,
    "json": JSON,
}


def _shipped() -> list[object]:
    return [
        pytest.param(codec, case, id=f"{profile.name}-{case.name}")
        for profile in profiles()
        if (codec := layout_of(profile))
        for case in boundary_cases(codec)
    ]


@pytest.mark.parametrize(("codec", "case"), _shipped())
def test_border_of_a_shipped_layout_holds(codec: LayoutCodec, case: Case) -> None:
    """It reads back as it was said, also from a stream byte by byte, or it is refused."""
    assert fault(codec, case) is None


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS)
def test_every_form_and_framing_holds_its_borders(text: str) -> None:
    assert list(faults(made(text))) == []


def test_binary_frame_is_as_stated() -> None:
    """Bits, bytes, digits, scale, sign, order and checksum, computed by hand."""
    body = bytes.fromhex(ALARM_BODY)
    check = 0
    for byte in body:
        check ^= byte

    frame = made(BASE).encode(ALARM)

    assert frame == b"\xa5" + body + bytes([check])
    assert made(BASE).decode(frame) == ALARM


def test_part_of_any_length_is_counted_and_checked() -> None:
    codec = made(BASE)
    values: dict[str, Value] = {"message": "note", "time": "2026-06-01T16:48:16Z", "note": "hello"}
    head = bytes.fromhex("a502 0c00 6a1db7d0") + b"hello"

    frame = codec.encode(values)

    assert frame == head + sums()["crc16/modbus"].of(head).to_bytes(2, "little") + b"\x5a"
    assert codec.decode(frame) == values


def test_text_frame_is_as_stated() -> None:
    """As NMEA: the checksum is over what stands between dollar and star."""
    values: dict[str, Value] = {
        "message": "press",
        "serial": "AB12",
        "battery_percent": 7,
        "sequence": 42,
        "button": "sos",
        "battery_v": 3.712,
        "time": "2026-06-01T16:48:16Z",
        "on_mains": False,
    }

    frame = made(TEXT).encode(values)

    assert frame.startswith(b"$PB,P,AB12,7,,0042,S,3712,2026-06-01T16:48:16Z,0*")
    assert made(TEXT).decode(frame) == values
    assert made(TEXT).decode(frame.removesuffix(b"\r\n")) == values


def test_json_frame_is_as_stated_and_may_say_more() -> None:
    codec = made(JSON)
    frame = b'{"type":"alarm","dev":{"id":"7","battery":50,"x":[1]},"button":1,"more":null}'

    assert codec.decode(frame) == {
        "message": "press",
        "serial": "7",
        "battery_percent": 50,
        "button": "sos",
    }
    assert codec.encode(codec.decode(frame)) == (
        b'{"type":"alarm","dev":{"id":"7","battery":50},"button":1}\n'
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda frame: frame[:-1] + bytes([frame[-1] ^ 1]), "xor8 is"),
        (lambda frame: frame[:-1], "alarm has 14 bytes"),
        (lambda frame: frame + b"\0", "alarm has 14 bytes"),
        (lambda frame: b"\xa6" + frame[1:], "begins as no message"),
        (lambda frame: b"", "alarm has 14 bytes"),
    ],
)
def test_broken_binary_frame_is_refused_with_the_reason(change: object, reason: str) -> None:
    assert callable(change)
    frame = made(BASE).encode(ALARM)

    with pytest.raises(FrameError) as caught:
        made(BASE).decode(change(frame))

    assert reason in caught.value.reason
    assert str(caught.value).startswith("demo: ")


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"$PB,A,AB12*00", "begins as no message"),
        (b"PB,A,AB12*1B", "begins as no message"),
        (b"$PB,A,\xff*1B", "begins as no message"),
        (b"", "begins as no message"),
    ],
)
def test_broken_text_frame_is_refused(frame: bytes, reason: str) -> None:
    with pytest.raises(FrameError, match=reason):
        made(TEXT).decode(frame)


@pytest.mark.parametrize("frame", [b"", b"[", b"7", b'{"type":"alarm"}', b"[" * 5000, b"\xff"])
def test_broken_json_frame_is_refused(frame: bytes) -> None:
    with pytest.raises(FrameError):
        made(JSON).decode(frame)


def test_messages_are_told_apart_by_port_and_direction() -> None:
    text = """
    form = "binary"
    [messages.press]
    port = 1
    fields = [{ name = "count", bytes = 1 }]
    [messages.battery]
    port = 2
    fields = [{ name = "battery_percent", bytes = 1 }]
    [messages.reset]
    direction = "downlink"
    fields = [{ name = "code", bytes = 1 }]
    """
    codec = made(text)
    downlink = Context(direction=Direction.DOWNLINK)

    assert codec.decode(b"\x07", Context(port=1)) == {"message": "press", "count": 7}
    assert codec.decode(b"\x07", Context(port=2))["message"] == "battery"
    assert codec.decode(b"\x07", downlink) == {"message": "reset", "code": 7}
    with pytest.raises(FrameError):
        codec.decode(b"\x07", Context(port=3))
    with pytest.raises(FrameError, match="no uplink"):
        codec.encode({"message": "reset", "code": 7})


REPLY = """
form = "text"
framing = { kind = "line" }
text = { prefix = "$", checksum = "xor8" }
[messages.press]
reply = "ack"
fields = [{ constant = "P" }, { name = "serial", as = "text" }, { name = "sequence" }]
[messages.alive]
fields = [{ constant = "A" }, { name = "serial", as = "text" }]
[messages.ack]
direction = "downlink"
fields = [{ constant = "K" }, { name = "sequence" }]
"""


def test_reply_says_what_the_frame_said() -> None:
    codec = made(REPLY)
    press = codec.encode({"message": "press", "serial": "AB12", "sequence": 42})
    alive = codec.encode({"message": "alive", "serial": "AB12"})

    assert codec.reply(press) == b"$K,42*61\r\n"
    assert codec.reply(alive) is None


def test_reply_to_no_frame_is_refused() -> None:
    with pytest.raises(FrameError):
        made(REPLY).reply(b"$P,AB12,42*00")


def test_messages_are_told_apart_by_constants_of_any_width() -> None:
    """Two bytes of one constant against one byte of another."""
    codec = made("""
    form = "binary"
    [messages.one]
    fields = [{ constant = "a501" }]
    [messages.two]
    fields = [{ constant = "a5" }, { constant = 2, bits = 8 }, { name = "count", bytes = 1 }]
    """)

    assert codec.decode(b"\xa5\x02\x07") == {"message": "two", "count": 7}
    assert codec.decode(b"\xa5\x01") == {"message": "one"}


def test_garbage_between_frames_costs_no_frame() -> None:
    codec = made(BASE)
    frame = codec.encode(ALARM)
    framer = codec.framer()
    assert framer

    found = framer.feed(b"\xa5\x01noise" + frame + b"\xa5\xa5\x02" + frame)

    assert found == [frame, frame]
    assert framer.discarded == 10


BINARY = 'form = "binary"\n[messages.m]\nfields = ['
REFUSED = [
    (BINARY + '{ name = "a", bytes = 2 }, { name = "b", at = 1, bytes = 1 }]', "[1].at", "overlap"),
    (BINARY + '{ name = "a", bits = 7, maximum = 200 }]', "maximum", "0 to 127"),
    (BINARY + '{ name = "a", bits = 7 }]', "messages.m.fields", "7 bits into a byte"),
    (BINARY + '{ checksum = "crc16/modbsu", bytes = 2 }]', "[0].checksum", "no 'crc16/modbsu'"),
    (BINARY + '{ checksum = "xor8", bytes = 2 }]', "[0].checksum", "has 1 bytes"),
    (BINARY + '{ checksum = "xor8", bits = 4 }, { name = "a", bits = 4 }]', "[0]", "whole bytes"),
    (BINARY + '{ name = "a", bytes = 1, scale = 0 }]', "[0].scale", "other than 0"),
    (BINARY + '{ name = "a", bytes = 1, scale = inf }]', "[0].scale", "finite"),
    (BINARY + '{ name = "a", bytes = 1, enum = { on = 1, off = 1 } }]', "[0].enum", "both"),
    (BINARY + '{ name = "a", bytes = 1, enum = { on = 256 } }]', "[0].enum", "does not fit"),
    (BINARY + '{ name = "a", bytes = 1, enum = {} }]', "[0].enum", "no words"),
    (BINARY + '{ name = "a", bytes = 1 }, { name = "a", bytes = 1 }]', "[1].name", "twice"),
    (BINARY + '{ name = "message", bytes = 1 }]', "[0].name", "kind of message"),
    (BINARY + '{ name = "a" }]', "[0].bits", "say bits or bytes"),
    (BINARY + '{ name = "a", bits = 8, bytes = 1 }]', "[0].bits", "one of them"),
    (BINARY + '{ name = "a", bits = 4, order = "little" }]', "[0].order", "whole bytes"),
    (BINARY + '{ constant = 256, bits = 8 }]', "[0].constant", "does not fit"),
    (BINARY + '{ constant = "xy" }]', "[0].constant", "not hex"),
    (BINARY + '{ constant = 1, name = "a", bytes = 1 }]', "[0]", "exactly one"),
    (BINARY + '{ bytes = 1 }]', "[0]", "exactly one"),
    (BINARY + '{ name = "a", as = "text" }, { name = "b", as = "hex" }]', "[1].bytes", "no size"),
    (BINARY + '{ name = "a", as = "time", bytes = 2 }]', "[0].bits", "32"),
    (BINARY + '{ name = "a", bytes = 1, minimum = 9, maximum = 3 }]', "[0].minimum", "above"),
    ('form = "binary"\n[messages]', "messages", "one at least"),
    ('form = "text"\n[messages.m]\nfields = []', "messages.m.fields", "one at least"),
    ('form = "text"\n[messages.m]\nfields = [{ name = "a", bits = 3 }]', "[0].bits", "binary"),
    ('form = "text"\n[messages.m]\nfields = [{ name = "a", as = "hex" }]', "[0].as", "binary"),
    (REPLY.replace('reply = "ack"', 'reply = "acknowledge"'), "press.reply", "no downlink"),
    (REPLY.replace('reply = "ack"', 'reply = "alive"'), "press.reply", "no downlink"),
    (REPLY.replace('direction =', 'reply = "ack"\ndirection ='), "ack.reply", "nobody answers"),
    (REPLY.replace('name = "sequence" }]', 'name = "x" }]', 1), "reply", "also says sequence"),
    (TEXT.replace('"xor8"', '"nor8"'), "text.checksum", "no 'nor8'"),
    (JSON.replace("position.lat", "dev"), "path", "overlaps"),
    (BASE.replace('constant = "02"', 'constant = "01"'), "messages.note", "cannot be told"),
    (_framed('{ kind = "line" }'), "framing.kind", "text and JSON"),
    (TEXT.replace('"line"', '"start"'), "framing.kind", "binary"),
    (_framed('{ kind = "length", start = "7" }'), "framing.start", "not hex"),
    (BASE.replace('{ constant = "a5" },', '{ name = "x", bytes = 1 },'), "fields", "begin with"),
    (BASE.replace('{ length = "after", bytes = 2, order = "little" },', ""), "fields", "a length"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "key", "reason"), REFUSED)
def test_broken_layout_is_refused_with_key_and_reason(text: str, key: str, reason: str) -> None:
    with pytest.raises(LayoutError) as caught:
        made(text)

    assert caught.value.key.endswith(key)
    assert reason in caught.value.reason


def test_borders_find_a_layout_that_loses_values() -> None:
    """Two decimals cannot carry steps of a thousandth."""
    codec = made(BINARY + '{ name = "a", bytes = 1, scale = 0.001, digits = 2 }]')

    assert list(faults(codec))


def test_every_checksum_has_the_size_it_says() -> None:
    for name, one in sums().items():
        assert 0 <= one.of(b"123456789") < 1 << 8 * one.size, name
    assert sums()["crc16/modbus"].of(b"123456789") == 0x4B37
    assert sums()["crc32/iso_hdlc"].of(b"123456789") == 0xCBF43926
    assert sums()["negative8"].of(b"\x01\x02") == 0xFD
