"""MiniFinder Pico: short text records with a word of flags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import FrameError
from simulator.codec.minifinder_v1 import CODEC
from simulator.frame import Value

_PLACE = "02/03/26,10:15:00,-33.900000,18.400000"


def _live(flags: str) -> bytes:
    return f"!D,{_PLACE},12,90,{flags},55.5,87,7,14,1.2;".encode()


def test_live_position_is_read_from_all_columns() -> None:
    values = CODEC.decode(_live("140001"))

    assert values["time"] == "2026-03-02T10:15:00Z"
    assert (values["latitude"], values["longitude"]) == (-33.9, 18.4)
    assert (values["speed_kmh"], values["course_deg"], values["altitude_m"]) == (12.0, 90.0, 55.5)
    assert (values["satellites"], values["satellites_in_view"], values["hdop"]) == (7, 14, 1.2)
    assert (values["gsm_level"], values["fix_valid"], values["charging"]) == (20, True, False)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("000041", {"alarm": "sos"}),
        ("000141", {"alarm": "sos"}),
        ("000101", {"alarm": "fall"}),
        ("000081", {"alarm": "overspeed"}),
        ("000201", {"alarm": "geofence"}),
        ("000801", {"alarm": "geofence"}),
        ("001001", {"alarm": "low_battery"}),
        ("008001", {"alarm": "movement"}),
        ("400000", {"charging": True, "fix_valid": False}),
        ("000002", {"approximate": True, "fix_valid": True}),
        ("000005", {"fault": True}),
        ("b0001", {"gsm_level": 11}),
    ],
)
def test_flags_have_their_meaning(flags: str, expected: dict[str, Value]) -> None:
    values = CODEC.decode(_live(flags))

    assert values.items() >= expected.items()
    assert CODEC.encode(values) == _live(flags)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("!1,359000000000001", {"imei": "359000000000001"}),
        ("!1,359000000000001,V07S.5701,100", {"firmware": "V07S.5701", "battery_percent": 100}),
        ("!5,17,A", {"gsm_level": 17, "fix_valid": True}),
        ("!5,17,V,50", {"fix_valid": False, "battery_percent": 50}),
        ("!3,ok", {"result": "ok"}),
        (f"!A,{_PLACE},0.0,25101,0", {"latitude": -33.9, "extra": ["0.0", "25101", "0"]}),
        (f"!B,{_PLACE},0,0,100001,5.0,9,1,2,0", {"gsm_level": 16, "satellites": 1}),
        (f"!C,{_PLACE},0,0,100001,5.0,9,0.03,0.01,0", {"battery_percent": 9}),
        ("!7,a,b", {"arguments": ["a", "b"]}),
        ("!5,", {"message_type": "!5"}),
    ],
)
def test_every_record_goes_both_ways(record: str, expected: dict[str, Value]) -> None:
    frame = f"{record};".encode()

    values = CODEC.decode(frame)

    assert values.items() >= expected.items()
    assert CODEC.encode(values) == frame


def test_record_without_its_end_is_written_back_without() -> None:
    assert CODEC.encode(CODEC.decode(b"!3,ok")) == b"!3,ok"


def test_alarm_alone_makes_the_flags() -> None:
    values = CODEC.decode(_live("140001"))
    del values["flags_hex"]

    again = CODEC.decode(CODEC.encode({**values, "alarm": "sos"}))

    assert again["flags_hex"] == "140041"


def test_server_answers_nothing() -> None:
    assert CODEC.reply(_live("000041")) is None


@pytest.mark.parametrize(
    "frame",
    [b"", b"D,1;", b"!;", b"!Dx,1;", b"!5,x;", b"!5,1,Q;", b"!5,1,A,101;", b"!3,a;b;", b"!3,\x01;"],
)
def test_malformed_records_are_refused(frame: bytes) -> None:
    with pytest.raises(FrameError):
        CODEC.decode(frame)


@pytest.mark.parametrize(
    ("name", "value"),
    [("alarm", "fall"), ("gsm_level", 3), ("latitude", -91), ("flags_hex", "xyz"), ("hdop", "1")],
)
def test_value_that_cannot_be_written_is_named(name: str, value: Value) -> None:
    values = CODEC.decode(_live("140041"))

    with pytest.raises(FrameError, match=name):
        CODEC.encode({**values, name: value})


@given(
    flags=st.integers(0, 0xFFFFFF),
    latitude=st.integers(-90_000_000, 90_000_000),
    altitude=st.integers(-4000, 80000),
)
def test_values_survive_the_round_trip(flags: int, latitude: int, altitude: int) -> None:
    values: dict[str, Value] = {
        "message_type": "!D",
        "time": "2026-03-02T10:15:00Z",
        "latitude": latitude / 1e6,
        "longitude": 0.0,
        "flags_hex": f"{flags:06x}",
        "altitude_m": altitude / 10,
    }

    back = CODEC.decode(CODEC.encode(values))

    assert back.items() >= values.items()
