"""SIA DC-09 panels: SIA and Contact ID events, encryption, broken lines, and the receiver."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Context, FrameError
from simulator.codec.sia_dc09 import CODEC, STRICT
from simulator.frame import Direction, Value

_KEY = bytes(range(16))
_NOW = 1_772_446_500.0  # 2026-03-02T10:15:00Z
_STAMP = "_10:15:00,03-02-2026"


def _crc(data: bytes) -> int:
    """CRC-16/ARC, bit by bit, to check the frames by another way than the codec's."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def _line(text: str) -> bytes:
    data = text.encode("latin-1")
    return b"\n%04X%04X%b\r" % (_crc(data), len(data), data)


def _sia(event: str, behind: str = _STAMP) -> bytes:
    return _line(f'"SIA-DCS"0001L0#1234[#1234|{event}]{behind}')


def _contact(event: str) -> bytes:
    return _line(f'"ADM-CID"0001L0#1234[#1234|{event}]{_STAMP}')


def test_head_is_read() -> None:
    values = CODEC.decode(_line('"SIA-DCS"9876R579BDFL789ABC#12345A[#12345A|NFA129]'))

    assert (values["token"], values["sequence"]) == ("SIA-DCS", "9876")
    assert (values["receiver"], values["line_prefix"]) == ("579BDF", "789ABC")
    assert (values["account"], values["crc_ok"], values["length_ok"]) == ("12345A", True, True)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("Nri1/PA015", {"partition": "1", "code": "PA", "zone": "015", "alarm": "panic"}),
        ("NPA015", {"code": "PA", "alarm": "panic"}),
        ("Nri1/PR015", {"code": "PR", "meaning": "panic restoral"}),
        ("Nri1/HA1", {"alarm": "panic"}),
        ("Nri1/FA1", {"alarm": "fire"}),
        ("Nri1/TA1", {"alarm": "tamper"}),
        ("Nri0/YT0", {"alarm": "low_battery", "meaning": "system battery trouble"}),
        ("Nri0/RP0000", {"meaning": "automatic test"}),
        ("Nid012ri1/OP007", {"user": "012", "partition": "1", "code": "OP"}),
        ("Ori1/PA1", {"event_age": "old"}),
        ("Nri0pi6da03-02-26ti10:15:00UT1^DOOR 1^", {"peripheral": "6", "text": "DOOR 1"}),
        ("Nri04/OP001NM", {"zone": "001", "event_tail": "NM"}),
        ("Nxx12ri1/PA1", {"other_modifiers": {"xx": "12"}}),
        ("NRR|Atest", {"data": "NRR", "text": "test"}),
        ("NPA1|Atest|Vclip", {"data_blocks": ["Atest", "Vclip"]}),
        ("whatever", {"data": "whatever"}),
        ("NZZ1", {"code": "ZZ"}),
    ],
)
def test_sia_events_go_both_ways(event: str, expected: dict[str, Value]) -> None:
    values = CODEC.decode(_sia(event))

    assert values.items() >= expected.items()
    assert CODEC.encode(values) == _sia(event)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("1120 01 015", {"qualifier": 1, "event_code": "120", "zone": "015", "alarm": "panic"}),
        ("3120 01 015", {"qualifier": 3, "meaning": "panic restore"}),
        ("1121 00 000", {"alarm": "panic"}),
        ("1100 00 001", {"alarm": "panic", "meaning": "medical"}),
        ("1110 00 129", {"alarm": "fire"}),
        ("1302 00 000", {"alarm": "low_battery"}),
        ("3401 01 057", {"code": "CL", "meaning": "closing (restore of open/close by user)"}),
        ("1602 00 000", {"code": "RP", "meaning": "periodic test"}),
        ("1999 00 000", {"event_code": "999"}),
        ("6120 01 015", {"qualifier": 6}),
        ("x120 01 015", {"data": "x120 01 015"}),
    ],
)
def test_contact_id_events_go_both_ways(event: str, expected: dict[str, Value]) -> None:
    values = CODEC.decode(_contact(event))

    assert values.items() >= expected.items()
    assert CODEC.encode(values) == _contact(event)


def test_restoral_is_no_alarm() -> None:
    assert "alarm" not in CODEC.decode(_sia("Nri1/PR015"))
    assert "alarm" not in CODEC.decode(_contact("3120 01 015"))


def test_position_blocks_are_degrees_hemisphere_minutes() -> None:
    frame = _sia("Nri1/PA1", f"[X018E24.0000000][Y33S54.0000000]{_STAMP}")

    values = CODEC.decode(frame)

    assert (values["longitude"], values["latitude"]) == (18.4, -33.9)
    assert values["xdata_longitude"] == "018E24.0000000"
    assert CODEC.encode(values) == frame
    plain = {name: value for name, value in values.items() if not name.startswith("xdata")}
    assert CODEC.encode(plain) == frame


@pytest.mark.parametrize(
    "behind",
    [
        "",
        "[M1234567890AB]",
        "[Vhttp://camera/1][KAAAA]",
        "[Y33S54.0][X018E24.0]",
        "[Ztop][X1]",
        "_10:15:00,03-02-202",
        "_25:00:00,03-02-2026",
    ],
)
def test_what_follows_the_data_is_written_back(behind: str) -> None:
    assert CODEC.encode(CODEC.decode(_sia("NPA1", behind))) == _sia("NPA1", behind)


@pytest.mark.parametrize(
    "text",
    [
        '"SIA-DCS"0001L0#1234[]',
        '"SIA-DCS"0001R1L1[#006969|NOP001]',
        '"SIA-DCS"0001L0#AAA[|Nri1/CL501]',
        '"SIA-DCS"0001L0#AAA[Nri1/WA000]',
        '"SIA-DCS"0001#AAA[#BBB|NPA1]',
        '"NULL"0000L0#1234[]',
        '"NAK"0000R0L0A0[]_10:15:00,03-02-2026',
        '"NAK"0000R0L0#1234[]',
        '"NAK"0000R0L0[]',
        '"DUH"0001L0#1234[]',
        '"ACK"0001L0#1234[]',
    ],
)
def test_every_form_of_head_is_written_back(text: str) -> None:
    assert CODEC.encode(CODEC.decode(_line(text))) == _line(text)


@pytest.mark.parametrize("alarm", ["panic", "fire", "tamper", "power_cut", "low_battery"])
@pytest.mark.parametrize("token", ["SIA-DCS", "ADM-CID"])
def test_alarm_alone_makes_an_event(token: str, alarm: str) -> None:
    values: dict[str, Value] = {
        "token": token,
        "sequence": "0001",
        "account": "1234",
        "alarm": alarm,
        "zone": "015",
    }

    back = CODEC.decode(CODEC.encode(values))

    assert back.items() >= values.items()


def test_line_without_its_ends_is_written_back_without() -> None:
    frame = _sia("NPA1")[1:-1]

    assert CODEC.encode(CODEC.decode(frame)) == frame


@pytest.mark.parametrize(
    ("start", "wrong", "name"), [(1, b"0000", "crc_ok"), (5, b"0099", "length_ok")]
)
def test_broken_line_is_told_by_one_and_refused_by_the_other(
    start: int, wrong: bytes, name: str
) -> None:
    good = _sia("Nri1/PA015")
    frame = good[:start] + wrong + good[start + 4 :]

    values = CODEC.decode(frame)

    assert values[name] is False
    assert values["alarm"] == "panic"
    assert CODEC.encode(values) == frame
    with pytest.raises(FrameError, match="should be"):
        STRICT.decode(frame)
    assert STRICT.decode(good)["alarm"] == "panic"


@pytest.mark.parametrize("name", ["crc_ok", "length_ok"])
def test_line_is_broken_on_purpose(name: str) -> None:
    values = CODEC.decode(_sia("NPA1"))

    assert CODEC.decode(CODEC.encode({**values, name: False}))[name] is False


def test_encrypted_event_opens_with_its_key() -> None:
    context = Context(key=_KEY)
    values: dict[str, Value] = {
        "token": "*SIA-DCS",
        "sequence": "0001",
        "account": "1234",
        "code": "PA",
        "zone": "015",
        "time": "2026-03-02T10:15:00Z",
    }

    frame = CODEC.encode(values, context)
    opened = CODEC.decode(frame, context)

    assert b"PA015" not in frame
    assert opened.items() >= (values | {"alarm": "panic", "encrypted": True}).items()
    assert CODEC.encode(opened, context) == frame


@pytest.mark.parametrize("size", [16, 24, 32])
def test_padding_of_any_bytes_is_seen_through(size: int) -> None:
    """A panel may pad with marks of the frame."""
    context = Context(key=bytes(size))
    values = CODEC.decode(
        CODEC.encode(
            {
                "token": "*ADM-CID",
                "sequence": "0001",
                "account": "1234",
                "event_code": "120",
                "time": "2026-03-02T10:15:00Z",
                "padding_hex": b"|]a|b]|[".hex() + "7c",
            },
            context,
        ),
        context,
    )

    assert (values["alarm"], values["zone"]) == ("panic", "000")


def test_encrypted_line_without_its_key_shows_the_head_only() -> None:
    frame = CODEC.encode(
        {"token": "*NULL", "sequence": "0001", "account": "1", "time": "2026-03-02T10:15:00Z"},
        Context(key=_KEY),
    )

    values = CODEC.decode(frame)

    assert (values["account"], values["encrypted"]) == ("1", True)
    assert "time" not in values
    assert CODEC.encode(values) == frame
    assert CODEC.reply(frame) is None


@pytest.mark.parametrize("key", [bytes(16), b"short"])
def test_wrong_key_is_refused(key: bytes) -> None:
    frame = CODEC.encode(
        {"token": "*NULL", "sequence": "0001", "account": "1", "time": "2026-03-02T10:15:00Z"},
        Context(key=_KEY),
    )

    with pytest.raises(FrameError):
        CODEC.decode(frame, Context(key=key))


def test_event_is_acknowledged_under_its_sequence() -> None:
    assert CODEC.reply(_sia("NPA1")) == _line('"ACK"0001L0#1234[]')
    assert CODEC.reply(_contact("1120 01 015")) == _line('"ACK"0001L0#1234[]')
    assert CODEC.reply(_line('"NULL"0000R1L2#12[]')) == _line('"ACK"0000R1L2#12[]')


@pytest.mark.parametrize("text", ['"XYZ"0001L0#1234[]', '"SIA-DCS"0001L0#1234[#1234|???]'])
def test_what_nobody_understands_is_told_so(text: str) -> None:
    assert CODEC.reply(_line(text)) == _line('"DUH"0001L0#1234[]')


@pytest.mark.parametrize(
    ("off_s", "token"), [(-41, b"NAK"), (-39, b"ACK"), (0, b"ACK"), (19, b"ACK"), (21, b"NAK")]
)
def test_clock_that_is_off_is_refused_with_the_time(off_s: int, token: bytes) -> None:
    """The panel is `off_s` ahead of the receiver."""
    reply = CODEC.reply(_sia("NPA1"), Context(received_s=_NOW - off_s))

    assert reply is not None
    assert b'"%b"' % token in reply
    assert (_STAMP[:4].encode() in reply) == (token == b"NAK")


def test_encrypted_event_gets_an_encrypted_answer() -> None:
    context = Context(key=_KEY, received_s=_NOW)
    frame = CODEC.encode(
        {"token": "*NULL", "sequence": "0009", "account": "1", "time": "2026-03-02T10:15:00Z"},
        context,
    )

    reply = CODEC.reply(frame, context)

    assert reply is not None
    values = CODEC.decode(reply, context)
    assert (values["token"], values["sequence"]) == ("*ACK", "0009")
    assert values["time"] == "2026-03-02T10:15:00Z"


def test_answers_and_broken_lines_get_no_reply() -> None:
    assert CODEC.reply(_line('"ACK"0001L0#1234[]')) is None
    assert CODEC.reply(_sia("NPA1").replace(b"PA1", b"PA2")) is None
    assert CODEC.reply(_sia("NPA1"), Context(direction=Direction.DOWNLINK)) is None


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\n\r",
        b"\n12340010NULL\r",
        _line('"NULL"00L0#1[]'),
        _line('"NULL"0000L0#1['),
        _line('"NULL"0000L0#1[]x'),
        _line('"NULL"0000L0#1[][X'),
        _line('"*NULL"0000L0#1[xyz'),
        _line('"null"0000L0#1[]'),
    ],
)
def test_malformed_lines_are_refused(frame: bytes) -> None:
    with pytest.raises(FrameError):
        CODEC.decode(frame, Context(key=_KEY))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token", "x"),
        ("sequence", "1"),
        ("account", "#"),
        ("receiver", "1234567"),
        ("code", "P"),
        ("alarm", "fire"),
        ("meaning", "fun"),
        ("zone", "x"),
        ("text", "a]b"),
        ("longitude", 5),
        ("time", "now"),
        ("crc_declared", "x"),
    ],
)
def test_value_that_cannot_be_written_is_named(name: str, value: Value) -> None:
    values = CODEC.decode(_sia("Nri1/PA015", f"[X018E24.0]{_STAMP}"))

    with pytest.raises(FrameError, match=name):
        CODEC.encode({**values, name: value})


def test_encryption_needs_key_and_time() -> None:
    values: dict[str, Value] = {"token": "*NULL", "sequence": "0001", "account": "1"}

    with pytest.raises(FrameError, match="key"):
        CODEC.encode(values)
    with pytest.raises(FrameError, match="time"):
        CODEC.encode(values, Context(key=_KEY))


_digits = st.text("0123456789", min_size=1, max_size=4)


@given(
    code=st.sampled_from(["PA", "PR", "FA", "RP", "YT", "ZZ"]),
    zone=_digits,
    partition=_digits,
    longitude=st.integers(-1_799_999_999, 1_799_999_999),
    is_secret=st.booleans(),
)
def test_events_survive_the_round_trip(
    code: str, zone: str, partition: str, longitude: int, is_secret: bool
) -> None:
    context = Context(key=_KEY)
    values: dict[str, Value] = {
        "token": "*SIA-DCS" if is_secret else "SIA-DCS",
        "sequence": "0001",
        "account": "1234",
        "code": code,
        "zone": zone,
        "partition": partition,
        "longitude": longitude / 1e7,
        "time": "2026-03-02T10:15:00Z",
    }

    back = CODEC.decode(CODEC.encode(values, context), context)

    assert back.items() >= values.items()


def test_line_that_begins_anew_is_found() -> None:
    framer = CODEC.framer()
    frame = _sia("NPA1")

    assert framer.feed(b'\n4DE7003B"ADM' + frame) == [frame]
    assert framer.discarded == 13
