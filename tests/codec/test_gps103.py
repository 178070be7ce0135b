"""GPS103 trackers: logins, heartbeats, reports, and the answer that stops an SOS."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Context, FrameError
from simulator.codec.gps103 import CODEC
from simulator.frame import Direction, Value

_IMEI = "359000000000001"
_DOWN = Context(direction=Direction.DOWNLINK)
_PLACE = "F,081500.000,A,3354.0000,S,01824.0000,E,10.00,90.00,"


def _report(keyword: str, behind: str = _PLACE, local: str = "2603021015") -> bytes:
    return f"imei:{_IMEI},{keyword},{local},,{behind};".encode()


def test_both_logins_are_answered_with_load() -> None:
    for frame in (f"##,imei:{_IMEI},A;".encode(), f"imei:{_IMEI},L,*".encode()):
        values = CODEC.decode(frame)

        assert (values["message_type"], values["imei"]) == ("login", _IMEI)
        assert CODEC.reply(frame) == b"LOAD"
        assert CODEC.encode(values) == frame


def test_bare_imei_is_the_heartbeat() -> None:
    frame = f"{_IMEI};".encode()

    assert CODEC.decode(frame) == {"message_type": "heartbeat", "imei": _IMEI}
    assert CODEC.reply(frame) == b"ON"


def test_help_me_is_stopped_by_its_answer() -> None:
    frame = _report("help me")

    assert CODEC.decode(frame)["alarm"] == "sos"
    assert CODEC.reply(frame) == f"**,imei:{_IMEI},E;".encode()


def test_report_has_position_and_both_times() -> None:
    values = CODEC.decode(_report("tracker"))

    assert (values["latitude"], values["longitude"]) == (-33.9, 18.4)
    assert (values["speed_kmh"], values["course_deg"]) == (18.52, 90.0)
    assert values["utc_time_of_day"] == "081500"
    assert values["time"] == "2026-03-02T08:15:00Z"
    assert CODEC.reply(_report("tracker")) is None


@pytest.mark.parametrize(
    ("local", "clock", "time"),
    [
        ("2603020115", "231500", "2026-03-01T23:15:00Z"),
        ("2603012330", "003000", "2026-03-02T00:30:00Z"),
        ("26/03/02 10:15", "081500", "2026-03-02T08:15:00Z"),
    ],
)
def test_utc_date_is_the_nearest_to_the_local_one(local: str, clock: str, time: str) -> None:
    frame = _report("tracker", _PLACE.replace("081500", clock), local)

    assert CODEC.decode(frame)["time"] == time
    assert CODEC.encode(CODEC.decode(frame)) == frame


@pytest.mark.parametrize(
    ("keyword", "expected"),
    [
        ("low battery", {"alarm": "low_battery"}),
        ("move", {"alarm": "movement"}),
        ("stockade", {"alarm": "geofence"}),
        ("speed", {"alarm": "overspeed"}),
        ("ac alarm", {"alarm": "power_cut"}),
        ("sensor alarm", {"alarm": "vibration"}),
        ("acc on", {"acc_on": True}),
        ("acc off", {"acc_on": False}),
        ("T:+28.5", {"alarm": "temperature", "temperature_c": 28.5}),
        ("001", {"keyword": "001"}),
    ],
)
def test_keywords_have_their_meaning(keyword: str, expected: dict[str, Value]) -> None:
    values = CODEC.decode(_report(keyword))

    assert values.items() >= expected.items()
    assert CODEC.encode(values) == _report(keyword)


def test_report_without_fix_has_the_cell() -> None:
    frame = _report("help me", "L,,,113b,,558f,")

    values = CODEC.decode(frame)

    assert (values["gps_flag"], values["lac"], values["cid"]) == ("L", 0x113B, 0x558F)
    assert CODEC.encode(values) == frame


@pytest.mark.parametrize(
    "frame",
    [
        f"imei:{_IMEI},OBD,260302101500,1785,,,0,54,96.47%,75,20.00%;".encode(),
        f"imei:{_IMEI},tracker,000000000,,L,;".encode(),
        f"imei:{_IMEI},tracker,2603021015,,F,31.0,A,N,3354.0,E,01824.0,0.0,,1.0,;".encode(),
        f"{_IMEI}imei:{_IMEI},tracker,2603021015,2,{_PLACE};".encode(),
        f"imei:{_IMEI},tracker,2603021015,,{_PLACE}\r\n".encode(),
    ],
)
def test_odd_reports_are_written_back(frame: bytes) -> None:
    assert CODEC.encode(CODEC.decode(frame)) == frame


def test_alarm_and_time_alone_make_a_report() -> None:
    values: dict[str, Value] = {
        "imei": _IMEI,
        "alarm": "sos",
        "time": "2026-03-02T08:15:00Z",
        "fix_valid": True,
        "latitude": -33.9,
        "longitude": 18.4,
        "speed_kmh": 18.52,
        "course_deg": 90,
    }

    assert CODEC.encode(values) == _report("help me", local="2603020815")


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (b"LOAD", {"message_type": "load"}),
        (b"ON", {"message_type": "on"}),
        (f"**,imei:{_IMEI},B;".encode(), {"command": "B", "arguments": []}),
        (f"**,imei:{_IMEI},C,30s;".encode(), {"command": "C", "arguments": ["30s"]}),
    ],
)
def test_server_speaks_both_ways(frame: bytes, expected: dict[str, Value]) -> None:
    values = CODEC.decode(frame, _DOWN)

    assert values.items() >= expected.items()
    assert CODEC.encode(values, _DOWN) == frame
    assert CODEC.reply(frame, _DOWN) is None


@pytest.mark.parametrize(
    "frame",
    [b"", b";", b"hello;", b"imei:12,tracker;", b"imei:359000000000001,;", b"\xff\xfe", b"12345;"],
)
def test_malformed_records_are_refused(frame: bytes) -> None:
    with pytest.raises(FrameError):
        CODEC.decode(frame)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("imei", "12"),
        ("keyword", "a,b"),
        ("alarm", "fall"),
        ("latitude", 91),
        ("utc_time_of_day", "8:15"),
        ("time", "2026-03-02T09:00:00Z"),
        ("terminator", "x"),
    ],
)
def test_value_that_cannot_be_written_is_named(name: str, value: Value) -> None:
    values = CODEC.decode(_report("help me"))

    with pytest.raises(FrameError, match=name):
        CODEC.encode({**values, name: value})


@given(latitude=st.floats(-90, 90), longitude=st.floats(-180, 180), knots=st.integers(0, 20000))
def test_positions_survive_the_round_trip(latitude: float, longitude: float, knots: int) -> None:
    values: dict[str, Value] = {
        "imei": _IMEI,
        "time": "2026-03-02T08:15:00Z",
        "fix_valid": True,
        "latitude": latitude,
        "longitude": longitude,
        "speed_kmh": knots / 100 * 1.852,
    }

    back = CODEC.decode(CODEC.encode(values))

    assert back["latitude"] == pytest.approx(latitude, abs=1e-6)
    assert back["longitude"] == pytest.approx(longitude, abs=1e-6)
    assert back["speed_kmh"] == pytest.approx(knots / 100 * 1.852, abs=1e-3)
