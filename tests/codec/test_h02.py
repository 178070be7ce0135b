"""H02 trackers: text between a star and a hash, the binary twin, alarms that are active low."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Context, FrameError
from simulator.codec.h02 import CODEC
from simulator.frame import Direction, Value

_PLACE = "A,3354.0000,S,01824.0000,E,10.00,90,020326"
_V1 = f"*HQ,1234567890,V1,101500,{_PLACE},"


def _binary(
    status: str = "fffffbff", battery: str = "06", flags: str = "a", tail: str = "ff0000"
) -> bytes:
    place = f"33540000{battery}018240000{flags}010090"
    return bytes.fromhex(f"241234567890101500020326{place}{status}{tail}")


def test_text_position_is_read_from_all_columns() -> None:
    values = CODEC.decode(f"{_V1}FFFFFFFF#".encode())

    assert (values["device_id"], values["message_type"]) == ("1234567890", "V1")
    assert values["time"] == "2026-03-02T10:15:00Z"
    assert (values["latitude"], values["longitude"]) == (-33.9, 18.4)
    assert (values["speed_kmh"], values["course_deg"]) == (18.52, 90.0)
    assert (values["fix_valid"], values["acc_on"]) == (True, True)


def test_binary_position_says_the_same() -> None:
    values = CODEC.decode(_binary(tail="ff0024"))

    assert values["device_id"] == "1234567890"
    assert values["time"] == "2026-03-02T10:15:00Z"
    assert (values["latitude"], values["longitude"]) == (-33.9, 18.4)
    assert (values["speed_kmh"], values["course_deg"]) == (18.52, 90)
    assert (values["battery_percent"], values["tail_hex"]) == (100, "ff0024")


@pytest.mark.parametrize(
    ("word", "alarm"),
    [
        ("FFFFFBFD", "sos"),
        ("FFFBFFFF", "sos"),
        ("FFFFFFFE", "vibration"),
        ("FFFFFFFC", "sos"),
        ("FFFFFFFB", "overspeed"),
        ("FFF7FFFF", "power_cut"),
    ],
)
def test_alarm_bits_are_active_low_in_both_forms(word: str, alarm: str) -> None:
    for frame in (f"{_V1}{word}#".encode(), _binary(word.lower())):
        values = CODEC.decode(frame)

        assert (values["alarm"], values["status_word"]) == (alarm, word)
        assert CODEC.encode(values) == frame


@pytest.mark.parametrize(
    ("byte", "percent"),
    [("01", 0), ("02", 10), ("03", 20), ("04", 60), ("05", 80), ("06", 100), ("57", 87)],
)
def test_battery_byte_is_a_level_or_a_percentage(byte: str, percent: int) -> None:
    values = CODEC.decode(_binary(battery=byte))

    assert values["battery_percent"] == percent


@pytest.mark.parametrize("byte", ["00", "65", "f1"])
def test_battery_byte_may_say_nothing(byte: str) -> None:
    values = CODEC.decode(_binary(battery=byte))

    assert "battery_percent" not in values
    assert CODEC.encode(values) == _binary(battery=byte)


def test_hemispheres_stand_in_the_flags() -> None:
    values = CODEC.decode(_binary(flags="5"))

    assert (values["latitude"], values["longitude"]) == (33.9, -18.4)
    assert (values["fix_valid"], values["spare_flag"]) == (False, True)


def test_frame_of_42_bytes_has_an_imei() -> None:
    short = _binary(tail="")
    frame = b"$" + bytes.fromhex("3590000000000010") + short[6:] + bytes(10)

    values = CODEC.decode(frame)

    assert (len(frame), values["device_id"]) == (42, "359000000000001")
    assert CODEC.encode(values) == frame


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("*HQ,1234567890,HTBT,87#", {"battery_percent": 87}),
        (
            "*HQ,1234567890,LINK,101500,15,8,84,120,3,020326,FFFFFBFF#",
            {"gsm_level": 15, "satellites": 8, "battery_percent": 84, "steps": 120},
        ),
        (
            "*HQ,1234567890,NBR,101500,655,10,0,2,21,4097,30,21,4098,-7,020326,FFFFFBFF#",
            {"mcc": 655, "time": "2026-03-02T10:15:00Z", "acc_on": False},
        ),
        (f"*HQ,1234567890,V6,101500,{_PLACE},FFFFFBFF,655,1,2,3,89#", {"latitude": -33.9}),
        (f"*HQ,1234567890,V1,101500,{_PLACE.replace(',0203', ',4,0203')},FFFFFBFF#", {}),
        (f"*HQ,1234567890,V19,101500,{_PLACE},,1.2.3.4,8927,BFFFFBFF#", {"acc_on": False}),
        ("*hq,123456789012345,VP1,A,3354.0000,S,01824.0000,E,0.48,0.0,020326#", {"date": "020326"}),
        (
            f"*TH,1234567890,V4,S17,130305,101500,{_PLACE},FFFFFBFF#",
            {"response": ["S17", "130305"]},
        ),
        ("*HQ,1234567890,V1,,V,,N,,E,0.00,0,,FFFFF7FF,f0,a#", {"fix_valid": False}),
        ("*HQ,1234567890,V1,101500,A,33540000,S,018240000,E,000.00,090,020326,FFFFFFFF#", {}),
        ("*HQ,1234567890,V1,101500,A,-33-54.00,S,-18-24.00,E,0.1,158,020326,ffffffff#", {}),
        ("*HQ,1234567890,V1,101500,,3354.0000,S,01824.0000,E,0.00,0,020326#", {"fix_valid": False}),
        ("*HQ,1234567890,V2,101500,0,3354.0000,S,01824.0000,E,0.00,0,020326#", {"fix_valid": True}),
        ("*HQ,1234567890,XT,1,100#", {"arguments": ["1", "100"]}),
        ("*HQ,1234567890,V4,V1,20260302101500#", {"arguments": ["V1", "20260302101500"]}),
    ],
)
def test_every_record_goes_both_ways(record: str, expected: dict[str, Value]) -> None:
    values = CODEC.decode(record.encode())

    assert values.items() >= expected.items()
    assert CODEC.encode(values) == record.encode()


def test_coordinates_without_a_point_are_understood() -> None:
    values = CODEC.decode(b"*HQ,1,V1,101500,A,33540000,S,018240000,E,0.00,0,020326#")

    assert (values["latitude"], values["longitude"]) == (-33.9, 18.4)


def test_alarm_alone_makes_the_status_word() -> None:
    values: dict[str, Value] = {
        "device_id": "1234567890",
        "message_type": "V1",
        "time": "2026-03-02T10:15:00Z",
        "fix_valid": True,
        "latitude": -33.9,
        "longitude": 18.4,
        "speed_kmh": 18.52,
        "course_deg": 90,
        "alarm": "sos",
    }

    assert CODEC.encode(values) == f"{_V1}FFFFFBFD#".encode()
    del values["message_type"]
    assert CODEC.encode(values | {"tail_hex": "ff0000"}) == _binary("fffffbfd", battery="00")


def test_server_answers_with_the_time_it_is() -> None:
    frame = f"{_V1}FFFFFFFF#".encode()

    reply = CODEC.reply(frame, Context(received_s=1_772_446_500))

    assert reply == b"*HQ,1234567890,V4,V1,20260302101500#"
    assert CODEC.reply(frame) is None
    assert CODEC.reply(b"*HQ,1234567890,HTBT,9#") == b"*HQ,1234567890,HTBT#"
    assert CODEC.reply(_binary()) is None
    assert CODEC.reply(frame, Context(direction=Direction.DOWNLINK)) is None


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"*HQ,12,#",
        b"HQ,12,V1#",
        b"*HQ,1,HTBT,101#",
        b"*HQ,1,NBR,101500,655,10,0,2,21#",
        b"*HQ,1,NBR,101500,655,10,0,x#",
        b"*HQ,1,HTBT,1#*HQ",
        _binary()[:28],
        _binary(tail="00" * 40),
        _binary().replace(b"\x10\x15\x00", b"\x1a\x15\x00"),
        b"$" + b"\x99" * 31,
    ],
)
def test_malformed_frames_are_refused(frame: bytes) -> None:
    with pytest.raises(FrameError):
        CODEC.decode(frame)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("device_id", "12"),
        ("latitude", 90.1),
        ("alarm", "vibration"),
        ("speed_kmh", 2000),
        ("battery_percent", 55),
        ("status_word", "12"),
        ("tail_hex", "00" * 13),
        ("time", "1999-01-01T00:00:00Z"),
    ],
)
def test_value_that_cannot_be_written_is_named(name: str, value: Value) -> None:
    values = CODEC.decode(_binary("fffffbfd"))

    with pytest.raises(FrameError, match=name):
        CODEC.encode({**values, name: value})


def test_percentage_that_stands_for_a_level_is_refused() -> None:
    values = CODEC.decode(_binary())
    del values["battery_byte"]

    with pytest.raises(FrameError, match="battery_percent"):
        CODEC.encode({**values, "battery_percent": 5})


def test_time_of_no_calendar_is_kept_as_digits() -> None:
    frame = _binary().replace(bytes.fromhex("101500020326"), bytes(6))

    values = CODEC.decode(frame)

    assert values["time_digits"] == "000000000000"
    assert CODEC.encode(values) == frame


@given(
    latitude=st.floats(-89.99, 89.99),
    longitude=st.floats(-179.99, 179.99),
    knots=st.integers(0, 999),
    course=st.integers(0, 359),
)
def test_positions_survive_the_round_trip(
    latitude: float, longitude: float, knots: int, course: int
) -> None:
    values: dict[str, Value] = {
        "device_id": "1234567890",
        "time": "2026-03-02T10:15:00Z",
        "fix_valid": True,
        "latitude": latitude,
        "longitude": longitude,
        "speed_kmh": knots * 1.852,
        "course_deg": course,
    }

    for said in (values, values | {"message_type": "V1"}):
        back = CODEC.decode(CODEC.encode(said))

        assert back["latitude"] == pytest.approx(latitude, abs=1e-6)
        assert back["longitude"] == pytest.approx(longitude, abs=1e-6)
        assert back["speed_kmh"] == pytest.approx(knots * 1.852, abs=1e-3)
        assert back["course_deg"] == course


def test_ambiguous_length_is_decided_by_the_next_frame() -> None:
    """A short frame whose record number could be a signal level waits for what follows."""
    framer = CODEC.framer()
    short, long = _binary(tail="ff0015"), _binary(tail="ff0015" + "06" * 13)

    assert framer.feed(short) == []
    assert framer.feed(long) == [short, long]


def test_unambiguous_frames_are_found_at_once() -> None:
    framer = CODEC.framer()

    assert framer.feed(_binary(tail="ff0000")) == [_binary(tail="ff0000")]
    assert framer.feed(_binary(tail="ff0024")) == [_binary(tail="ff0024")]
