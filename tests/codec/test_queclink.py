"""Queclink trackers: reports with position blocks, and the receipts of the server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Context, FrameError
from simulator.codec.queclink import CODEC
from simulator.frame import Direction, Value

_DOWN = Context(direction=Direction.DOWNLINK)
_BLOCK = "1,12.5,90,55.5,18.400000,-33.900000,20260302101500,0655,0001,18D8,6141,"
_NO_FIX = ",,,,,,,0655,0001,18D8,6141,"


def _report(kind: str, middle: str, prefix: str = "+RESP") -> bytes:
    head = f"{prefix}:{kind},1A0401,359000000000001,"
    return f"{head},{middle},20260302101501,00FF$".encode()


def test_sos_has_position_and_times() -> None:
    values = CODEC.decode(_report("GTSOS", f"0,0,1,{_BLOCK}"))

    assert (values["message_type"], values["alarm"], values["buffered"]) == ("GTSOS", "sos", False)
    assert (values["imei"], values["protocol_version"]) == ("359000000000001", "1A0401")
    assert (values["latitude"], values["longitude"]) == (-33.9, 18.4)
    assert (values["speed_kmh"], values["course_deg"], values["altitude_m"]) == (12.5, 90, 55.5)
    assert values["time"] == "2026-03-02T10:15:00Z"
    assert values["send_time"] == "2026-03-02T10:15:01Z"
    assert (values["mcc"], values["mnc"], values["lac"], values["cell"]) == (655, 1, 0x18D8, 0x6141)
    assert (values["position_count"], values["fix_valid"]) == (1, True)


@pytest.mark.parametrize(
    ("kind", "middle", "expected"),
    [
        ("GTFRI", f"0,0,1,{_BLOCK},93", {"battery_percent": 93}),
        ("GTRTL", f"0,0,1,{_BLOCK},7", {"battery_percent": 7}),
        ("GTNMR", f"0,1,1,{_BLOCK}60,30", {"battery_percent": 30}),
        ("GTFRI", f"0,0,1,{_BLOCK},0015e96913a7,,100", {"battery_percent": 100}),
        ("GTDOG", f"0,0,1,{_BLOCK}2000.0", {"odometer_m": 2_000_000}),
        ("GTLBC", f"+27821234567,{_BLOCK}", {"phone": "+27821234567"}),
        ("GTBPL", f"3.55,{_BLOCK}", {"alarm": "low_battery", "battery_mv": 3550}),
        ("GTSTT", f"42,{_BLOCK}", {"alarm": "movement", "motion_state": "42"}),
        ("GTFRI", f"0,0,1,{_NO_FIX},12", {"battery_percent": 12, "position_count": 0}),
        ("GTTEM", f"3,33,{_BLOCK}", {"alarm": "temperature", "head": ["3", "33"]}),
        ("GTFRI", f",14051,10,1,{_BLOCK}0.0,,,,100,21,,,", {"latitude": -33.9}),
        ("GTERI", "00000100,a,b", {"arguments": ["00000100", "a", "b"]}),
        ("GTFRI", "0,0,1,1.6,x", {"arguments": ["0", "0", "1", "1.6", "x"]}),
    ],
)
def test_every_report_goes_both_ways(kind: str, middle: str, expected: dict[str, Value]) -> None:
    frame = _report(kind, middle)

    values = CODEC.decode(frame)

    assert values.items() >= expected.items()
    assert CODEC.encode(values) == frame


def test_several_positions_are_all_read() -> None:
    second = _BLOCK.replace("18.400000", "18.500000")
    frame = _report("GTFRI", f"0,0,2,{_BLOCK}0.0,{second}0.0,88")

    values = CODEC.decode(frame)

    positions = values["positions"]
    assert isinstance(positions, list)
    assert [p["longitude"] for p in positions if isinstance(p, dict)] == [18.4, 18.5]
    assert (values["position_count"], values["longitude"]) == (2, 18.4)
    assert values["battery_percent"] == 88
    assert CODEC.encode(values) == frame


@pytest.mark.parametrize(
    ("flags", "percent"), [("0,1,0,0,0", 72), ("1,1,0,0,0", 72), ("0,1,0,0", None)]
)
def test_information_has_battery_and_last_fix(flags: str, percent: int | None) -> None:
    middle = f"41,8927,22,99,0,,,3.87,{flags},20260302100000,72,,,,"
    frame = _report("GTINF", middle)

    values = CODEC.decode(frame)

    assert (values["motion_state"], values["iccid"], values["gsm_level"]) == ("41", "8927", 22)
    assert (values["battery_mv"], values["charging"]) == (3870, flags[0] == "1")
    assert values["last_fix_time"] == "2026-03-02T10:00:00Z"
    assert values.get("battery_percent") == percent
    assert CODEC.encode(values) == frame


@pytest.mark.parametrize(("kind", "alarm"), [("GTPNA", "power_on"), ("GTPFA", "power_off")])
def test_short_reports_have_no_position(kind: str, alarm: str) -> None:
    frame = f"+RESP:{kind},1A0401,359000000000001,GL300,20260302101501,00FF$".encode()

    values = CODEC.decode(frame)

    assert (values["alarm"], values["device_name"]) == (alarm, "GL300")
    assert CODEC.encode(values) == frame


def test_sos_is_built_from_plain_values() -> None:
    values: dict[str, Value] = {
        "message_type": "GTSOS",
        "protocol_version": "1A0401",
        "imei": "359000000000001",
        "fix_valid": True,
        "speed_kmh": 12.5,
        "course_deg": 90,
        "altitude_m": 55.5,
        "longitude": 18.4,
        "latitude": -33.9,
        "time": "2026-03-02T10:15:00Z",
        "mcc": 655,
        "mnc": 1,
        "lac": 0x18D8,
        "cell": 0x6141,
        "send_time": "2026-03-02T10:15:01Z",
        "count_number": "00FF",
    }

    assert CODEC.encode(values) == _report("GTSOS", f"0,0,1,{_BLOCK}")


def test_reports_are_receipted_by_their_count() -> None:
    assert CODEC.reply(_report("GTSOS", f"0,0,1,{_BLOCK}")) == b"+SACK:00FF$"
    assert CODEC.reply(_report("GTFRI", "x", "+BUFF")) == b"+SACK:00FF$"
    assert CODEC.reply(_report("GTRTO", "VER,FFFF", "+ACK")) is None


def test_heartbeat_is_receipted_by_its_name() -> None:
    frame = b"+ACK:GTHBD,1A0401,359000000000001,,20260302101501,00FF$"

    assert CODEC.reply(frame) == b"+SACK:GTHBD,1A0401,00FF$"
    assert CODEC.encode(CODEC.decode(frame)) == frame


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (b"+SACK:11F0$", {"message_type": "SACK", "count_number": "11F0"}),
        (b"+SACK:GTHBD,1A0401,11F0$", {"acknowledged": "GTHBD", "protocol_version": "1A0401"}),
        (b"AT+GTRTO=gl200,1,,,,,,FFFF$", {"message_type": "GTRTO"}),
    ],
)
def test_server_speaks_both_ways(frame: bytes, expected: dict[str, Value]) -> None:
    values = CODEC.decode(frame, _DOWN)

    assert values.items() >= expected.items()
    assert CODEC.encode(values, _DOWN) == frame
    assert CODEC.reply(frame, _DOWN) is None


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"+RESP:GTSOS$",
        b"+RESP:GTSOS,1A0401,359000000000001,,x,20260302101501,00F$",
        b"+RESP:GTSOS,1A0401,359000000000001,,x,yesterday,00FF$",
        b"+XXXX:GTSOS,1A0401,359000000000001,,x,20260302101501,00FF$",
        b"+RESP:GTPNA,1A0401,359000000000001,,20260302101501,00FF$$",
        _report("GTBPL", f"3.55,{_BLOCK}").replace(b"18.400000", b"198.400000"),
    ],
)
def test_malformed_reports_are_refused(frame: bytes) -> None:
    with pytest.raises(FrameError):
        CODEC.decode(frame)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("alarm", "fall"),
        ("imei", "1"),
        ("count_number", "XYZ"),
        ("latitude", 91),
        ("battery_percent", 101),
        ("position_count", 2),
        ("fix_valid", False),
        ("lac", -1),
    ],
)
def test_value_that_cannot_be_written_is_named(name: str, value: Value) -> None:
    values = CODEC.decode(_report("GTSOS", f"0,0,1,{_BLOCK},50"))

    with pytest.raises(FrameError, match=name):
        CODEC.encode({**values, name: value})


@given(
    latitude=st.integers(-90_000_000, 90_000_000),
    longitude=st.integers(-180_000_000, 180_000_000),
    percent=st.integers(0, 100),
)
def test_values_survive_the_round_trip(latitude: int, longitude: int, percent: int) -> None:
    values: dict[str, Value] = {
        "message_type": "GTFRI",
        "imei": "359000000000001",
        "count_number": "0001",
        "send_time": "2026-03-02T10:15:01Z",
        "time": "2026-03-02T10:15:00Z",
        "latitude": latitude / 1e6,
        "longitude": longitude / 1e6,
        "battery_percent": percent,
    }

    assert CODEC.decode(CODEC.encode(values)).items() >= values.items()
