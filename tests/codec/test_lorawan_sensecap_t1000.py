"""T1000 frames, byte by byte after the maker's tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Context, FrameError, codec
from simulator.frame import Direction, Value

_CODEC = codec("lorawan_sensecap_t1000")
_DOWN = Context(direction=Direction.DOWNLINK, port=5)
_WHEN = "0000800367000000"  # press once, third motion, 2024-10-04T14:47:28Z
_POINT = "01ad1e10fe6fd7b0"  # longitude before latitude
_SENSORS = "ffce003264"  # -5.0 C, 50 %, 100 %
_ADDRESS = "010203040506c0"
_UNUSED = "ffffffffffffff"
_MODES = "0102"
_INTERVALS = "02d0003c000a"
_EVENT_SETTINGS = "01001e00050100780100c8" + "01003c001e0190ff9c03" + "01003c001e0064000a02"
_START = "6402030104" + _MODES + _INTERVALS + "0100"

_FRAMES = {
    0x01: _START + _EVENT_SETTINGS,
    0x02: _START,
    0x03: _EVENT_SETTINGS,
    0x04: _MODES + _INTERVALS + "01",
    0x05: "63" + _MODES + "01",
    0x06: _WHEN + _POINT + _SENSORS,
    0x07: _WHEN + _ADDRESS * 4 + _SENSORS,
    0x08: _WHEN + _ADDRESS * 3 + _SENSORS,
    0x09: _WHEN + _POINT + "64",
    0x0A: _WHEN + _ADDRESS * 4 + "64",
    0x0B: _WHEN + _ADDRESS * 3 + "64",
    0x0D: "00000001",
    0x0E: "21010203aabbcc",
    0x0F: _WHEN + _SENSORS + "3100ec",
    0x10: _WHEN + "643100ec",
    0x11: "0200004067000000" + _SENSORS,
}


def _frame(kind: int) -> bytes:
    return bytes((kind,)) + bytes.fromhex(_FRAMES[kind])


@pytest.mark.parametrize("kind", _FRAMES)
def test_every_frame_goes_both_ways(kind: int) -> None:
    values = _CODEC.decode(_frame(kind))

    assert values["frame_id"] == kind
    assert _CODEC.encode(values) == _frame(kind)


def test_longitude_stands_before_latitude() -> None:
    values = _CODEC.decode(_frame(0x06))

    assert (values["longitude"], values["latitude"]) == (28.122640, -26.224720)
    assert (values["temperature_c"], values["light"]) == (-5.0, 50)


def test_press_once_is_a_single_press_and_no_alarm() -> None:
    values = _CODEC.decode(_frame(0x09))

    assert (values["events"], values["press"]) == (["press_once"], "single")
    assert "alarm" not in values


def test_sos_is_an_alarm_even_without_a_position() -> None:
    values = _CODEC.decode(_frame(0x11))

    assert (values["alarm"], values["positioning_status"]) == ("sos", 2)


def test_events_may_be_given_by_name() -> None:
    values = _CODEC.decode(_frame(0x09))
    values["events"] = ["sos", "shock"]
    del values["event_bits"]

    assert _CODEC.decode(_CODEC.encode(values))["event_bits"] == 0b1001000


def test_unused_places_are_no_addresses() -> None:
    frame = bytes((0x07,)) + bytes.fromhex(_WHEN + _ADDRESS + _UNUSED * 3 + _SENSORS)

    values = _CODEC.decode(frame)

    assert values["access_points"] == [{"mac": "01:02:03:04:05:06", "rssi_dbm": -64}]
    assert _CODEC.encode(values) == frame


def test_sensor_that_measured_nothing_has_no_value() -> None:
    frame = bytes((0x06,)) + bytes.fromhex(_WHEN + _POINT + "8000800064")

    values = _CODEC.decode(frame)

    assert (values["temperature_c"], values["light"]) == (None, None)
    assert _CODEC.encode(values) == frame


def test_positions_for_the_cloud_pass_through() -> None:
    context = Context(port=199)

    assert _CODEC.decode(b"\x11\x22", context) == {"positioning_hex": "1122"}
    assert _CODEC.encode({"positioning_hex": "1122"}, context) == b"\x11\x22"


@pytest.mark.parametrize(
    ("frame", "values"),
    [
        ("8d01", {"command": "open_sos"}),
        ("8d00", {"command": "close_sos"}),
        ("8001", {"command": "set_sos_mode", "raw_fields": [1]}),
        ("8102d0003c0000", {"command": "set_intervals", "raw_fields": [720, 60, 0]}),
        ("8301", {"command": "set_work_mode", "raw_fields": [1]}),
        ("85", {"command": "request_position", "raw_fields": []}),
        ("89", {"command": "reboot", "raw_fields": []}),
    ],
)
def test_every_command_goes_both_ways(frame: str, values: dict[str, Value]) -> None:
    assert _CODEC.decode(bytes.fromhex(frame), _DOWN) == values
    assert _CODEC.encode(values, _DOWN) == bytes.fromhex(frame)


@pytest.mark.parametrize(
    ("frame", "what"),
    [
        ("", "empty"),
        ("0c", "no frame 0x0c"),
        ("05640201", "ends at byte"),
        ("056402010100", "too many"),
        ("0e21010204aabbcc", "4 bytes follow, these are 3"),
    ],
)
def test_what_is_no_frame_is_refused(frame: str, what: str) -> None:
    with pytest.raises(FrameError, match=what):
        _CODEC.decode(bytes.fromhex(frame))


@pytest.mark.parametrize("frame", ["8d", "8d02", "7f", "810001", "81000100020003ff"])
def test_what_is_no_command_is_refused(frame: str) -> None:
    with pytest.raises(FrameError, match="byte"):
        _CODEC.decode(bytes.fromhex(frame), _DOWN)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"frame_id": 0x77}, "frame_id"),
        ({"frame_id": 0x05, "battery_percent": "full"}, "battery_percent"),
        ({"frame_id": 0x0E, "positioning_hex": "00" * 256}, "positioning_hex"),
        ({"command": ["open_sos"]}, "command"),
        ({"command": "set_intervals", "raw_fields": [1, 2]}, "raw_fields"),
        ({"command": "buzzer", "raw_fields": [256]}, "raw_fields"),
    ],
)
def test_values_that_cannot_be_said_name_the_field(values: dict[str, Value], field: str) -> None:
    with pytest.raises(FrameError, match=field):
        _CODEC.encode(values)


@given(
    longitude=st.integers(-180_000_000, 180_000_000),
    latitude=st.integers(-90_000_000, 90_000_000),
    bits=st.integers(0, 0xFFFFFF),
)
def test_any_position_survives(longitude: int, latitude: int, bits: int) -> None:
    values: dict[str, Value] = {
        "frame_id": 0x09,
        "event_bits": bits,
        "longitude": longitude / 1e6,
        "latitude": latitude / 1e6,
        "time": "2026-01-02T03:04:05Z",
        "battery_percent": 50,
    }

    found = _CODEC.decode(_CODEC.encode(values))

    assert {name: found[name] for name in values} == values
