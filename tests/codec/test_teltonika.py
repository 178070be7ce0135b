"""Teltonika trackers: login, records of three codecs, datagrams, commands, and the counts."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Context, FrameError
from simulator.codec.teltonika import CODEC
from simulator.frame import Direction, Value

_DOWN = Context(direction=Direction.DOWNLINK)
_LOGIN = b"\x00\x0f359000000000001"
# 2026-03-02T10:15:00.250Z, panic, 18.4 E, 33.9 S, 120 m, 90 degrees, 9 satellites, 45 km/h
_FIX = "0000019cae0b459a" + "02" + "0af79e00" + "ebcb4540" + "0078" + "005a" + "09" + "002d"


def _crc(data: bytes) -> int:
    """CRC-16/IBM, bit by bit, to check the frames by another way than the codec's."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def _packet(body: str | bytes) -> bytes:
    data = bytes.fromhex(body) if isinstance(body, str) else body
    return bytes(4) + len(data).to_bytes(4, "big") + data + _crc(data).to_bytes(4, "big")


_CODEC_8 = _packet(f"0801{_FIX}ec04" + "02ec017157" + "01430f64" + "01f1000061a8" + "00" + "01")
_CODEC_8E = _packet(
    f"8e01{_FIX}00ec0004"
    + "000100ec01"
    + "000100430f64"
    + "0000"
    + "0001000b0000000000000001"
    + "0001"
    + "01000003414243"
    + "01"
)
_CODEC_16 = _packet(f"1001{_FIX}00ec0502" + "0100ec01" + "0100430f64" + "00" + "00" + "01")


def _record(frame: bytes) -> dict[str, Value]:
    records = CODEC.decode(frame)["records"]
    assert isinstance(records, list)
    record = records[0]
    assert isinstance(record, dict)
    return record


def test_login_is_accepted() -> None:
    assert CODEC.decode(_LOGIN) == {"imei": "359000000000001"}
    assert CODEC.encode({"imei": "359000000000001"}) == _LOGIN
    assert CODEC.reply(_LOGIN) == b"\x01"


def test_record_of_codec_8_is_read_from_all_fields() -> None:
    record = _record(_CODEC_8)

    assert (record["time_ms"], record["time"]) == (1_772_446_500_250, "2026-03-02T10:15:00.250Z")
    assert (record["longitude"], record["latitude"], record["altitude_m"]) == (18.4, -33.9, 120)
    assert (record["course_deg"], record["satellites"], record["speed_kmh"]) == (90, 9, 45)
    assert (record["priority"], record["event_io"]) == (2, 236)
    assert record["io"] == {"236": 1, "113": 87, "67": 3940, "241": 25000}


def test_packet_sums_up_alarm_and_battery() -> None:
    values = CODEC.decode(_CODEC_8)

    assert (values["codec"], values["record_count"], values["alarm"]) == (8, 1, "sos")
    assert (values["battery_mv"], values["battery_percent"]) == (3940, 87)


def test_extended_codec_has_wide_ids_and_free_values() -> None:
    assert _record(_CODEC_8E)["io"] == {"236": 1, "67": 3940, "11": 1, "256": "414243"}


def test_codec_16_has_a_generation() -> None:
    record = _record(_CODEC_16)

    assert (record["generation"], record["event_io"]) == (5, 236)


@pytest.mark.parametrize("frame", [_CODEC_8, _CODEC_8E, _CODEC_16])
def test_every_codec_goes_both_ways(frame: bytes) -> None:
    assert CODEC.encode(CODEC.decode(frame)) == frame
    assert CODEC.reply(frame) == b"\x00\x00\x00\x01"


@pytest.mark.parametrize(
    ("event", "priority", "alarm"),
    [(236, 0, "sos"), (242, 1, "fall"), (240, 2, "panic"), (240, 1, None), (0, 0, None)],
)
def test_event_and_priority_say_the_alarm(event: int, priority: int, alarm: str | None) -> None:
    record: dict[str, Value] = {
        "time": "2026-03-02T10:15:00.250Z",
        "priority": priority,
        "latitude": -33.9,
        "longitude": 18.4,
        "event_io": event,
        "io": {},
    }

    values = CODEC.decode(CODEC.encode({"codec": 8, "records": [record]}))

    assert values.get("alarm") == alarm


def test_unusual_sizes_are_kept() -> None:
    frame = _packet(f"0801{_FIX}0002" + "00" + "01ec0001" + "00" + "01430000000000000f64" + "01")

    record = _record(frame)

    assert record["io_sizes"] == {"236": 2, "67": 8}
    assert CODEC.encode(CODEC.decode(frame)) == frame


def test_datagram_carries_the_imei_and_is_counted() -> None:
    body = _CODEC_8[8:-4]
    rest = bytes.fromhex("cafe0122") + _LOGIN + body
    frame = len(rest).to_bytes(2, "big") + rest

    values = CODEC.decode(frame)

    assert (values["packet_id"], values["avl_packet_id"]) == (0xCAFE, 0x22)
    assert (values["imei"], values["alarm"]) == ("359000000000001", "sos")
    assert CODEC.encode(values) == frame
    assert CODEC.reply(frame) == bytes.fromhex("0005cafe012201")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("0c010500000007" + b"getinfo".hex() + "01", {"command_type": 5, "text": "getinfo"}),
        ("0c010600000002" + "00ff" + "01", {"command_type": 6, "data_hex": "00ff"}),
        ("0d010500000002" + "65000000" + "6869" + "01", {"time_s": 0x65000000, "text": "hi"}),
        ("0e01050000000a" + "0359000000000001" + "6869" + "01", {"imei": "359000000000001"}),
    ],
)
def test_commands_go_both_ways(body: str, expected: dict[str, Value]) -> None:
    frame = _packet(body)

    values = CODEC.decode(frame)

    assert values.items() >= expected.items()
    assert CODEC.encode(values) == frame
    assert CODEC.reply(frame) is None


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (b"\x01", {"is_accepted": True}),
        (b"\x00", {"is_accepted": False}),
        (b"\x00\x00\x00\x02", {"accepted_count": 2}),
        (bytes.fromhex("0005cafe012201"), {"packet_id": 0xCAFE, "accepted_count": 1}),
    ],
)
def test_device_reads_what_the_server_answers(frame: bytes, expected: dict[str, Value]) -> None:
    values = CODEC.decode(frame, _DOWN)

    assert values.items() >= expected.items()
    assert CODEC.encode(values, _DOWN) == frame
    assert CODEC.reply(frame, _DOWN) is None


def test_wrong_crc_is_refused_with_the_right_one() -> None:
    frame = _CODEC_8[:-1] + bytes((_CODEC_8[-1] ^ 1,))

    with pytest.raises(FrameError, match=f"should be {_crc(_CODEC_8[8:-4]):08x}"):
        CODEC.decode(frame)


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x00\x0f3590000000",
        b"\x00\x0f35900000000000a",
        bytes(12),
        bytes(4) + b"\x00\x00\x00\x09" + _CODEC_8[8:],
        _packet("0801"),
        _packet(f"0801{_FIX}ec04" + "05ec01" + "01"),
        _packet(f"0802{_FIX}0000" + "00000000" + "02"),
        _packet(f"0801{_FIX}0000" + "0000000000" + "01"),
        _packet(f"0801{_FIX}0000" + "00000000" + "02"),
        _packet(f"0801{'ff' * 8}{_FIX[16:]}0000" + "00000000" + "01"),
        _packet("070101"),
        _packet("0c0105000000ff6869" + "01"),
        _packet("0e010500000002686901"),
        bytes.fromhex("0049cafe0222000f"),
        bytes.fromhex("000fcafe0122") + bytes(11),
    ],
)
def test_malformed_frames_are_refused(frame: bytes) -> None:
    for context in (Context(), _DOWN):
        with pytest.raises(FrameError):
            CODEC.decode(frame, context)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("codec", 9),
        ("records", [1]),
        ("record_count", 2),
        ("alarm", "fall"),
        ("battery_mv", 1),
    ],
)
def test_value_of_a_packet_that_cannot_be_written_is_named(name: str, value: Value) -> None:
    values = CODEC.decode(_CODEC_8)

    with pytest.raises(FrameError, match=name):
        CODEC.encode({**values, name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("latitude", 1000),
        ("time_ms", -1),
        ("time", "2020-01-01T00:00:00Z"),
        ("event_io", 256),
        ("io", {"256": 1}),
        ("io", {"x": 1}),
        ("io", {"1": "4142"}),
        ("io", {"1": 2**64}),
        ("io", {"1": -1}),
        ("io_sizes", {"236": 3}),
    ],
)
def test_value_of_a_record_that_cannot_be_written_is_named(name: str, value: Value) -> None:
    record = _record(_CODEC_8) | {name: value}

    with pytest.raises(FrameError, match=rf"records\[0\]\.{name}|{name}\."):
        CODEC.encode({"codec": 8, "records": [record]})


_io = st.dictionaries(
    st.integers(0, 255).map(str), st.integers(0, 2**64 - 1) | st.integers(0, 255), max_size=20
)
_records = st.fixed_dictionaries(
    {
        "time_ms": st.integers(0, 2**32 * 1000 - 1),
        "priority": st.integers(0, 255),
        "longitude": st.integers(-(2**31), 2**31 - 1).map(lambda n: n / 1e7),
        "latitude": st.integers(-(2**31), 2**31 - 1).map(lambda n: n / 1e7),
        "altitude_m": st.integers(-(2**15), 2**15 - 1),
        "course_deg": st.integers(0, 0xFFFF),
        "satellites": st.integers(0, 255),
        "speed_kmh": st.integers(0, 0xFFFF),
        "event_io": st.integers(0, 255),
        "io": _io,
    }
)


@given(records=st.lists(_records, min_size=1, max_size=4), codec=st.sampled_from([8, 142, 16]))
def test_records_survive_the_round_trip(records: list[dict[str, Value]], codec: int) -> None:
    said: list[Value] = list(records)

    back = CODEC.decode(CODEC.encode({"codec": codec, "records": said}))["records"]

    assert isinstance(back, list)
    for record, found in zip(records, back, strict=True):
        assert isinstance(found, dict)
        assert found.items() >= record.items()


@pytest.mark.parametrize(("zeros", "size"), list(product(range(4), (1, 300))))
def test_zeros_before_a_packet_are_garbage(zeros: int, size: int) -> None:
    text = "a" * size
    packet = _packet(b"\x0c\x01\x06" + size.to_bytes(4, "big") + text.encode() + b"\x01")
    framer = CODEC.framer()

    assert framer.feed(bytes(zeros) + packet) == [packet]
    assert framer.discarded == zeros
