"""AT101 frames, channel by channel after the maker's table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Context, FrameError, codec
from simulator.frame import Direction, Value

_CODEC = codec("lorawan_milesight_at101")
_DOWN = Context(direction=Direction.DOWNLINK, port=85)
_POINT = (-26000000).to_bytes(4, "little", signed=True) + (28000000).to_bytes(4, "little")

_FRAMES = {
    "power on": "ff0bffff0101ff160102030405060708ff090110ff0a0102ff0f00",
    "temperature": "017564036738ff",
    "hot": "83676b0101",
    "cool again": "8367c80000",
    "position": "0488" + _POINT.hex() + "22",
    "left the fence": "8488" + _POINT.hex() + "12",
    "tilted": "050001",
    "wifi": "06d908010203040506c40206d9080a0b0c0d0e0fb012",
    "taken off": "070001",
    "put back": "070000",
    "angles": "089b00f60a05fb00",
    "history": "20ce00000067" + _POINT[4:].hex() + _POINT[:4].hex(),
    "answers": "fe8e005802ff3c03",
}


def _decoded(name: str) -> dict[str, Value]:
    return _CODEC.decode(bytes.fromhex(_FRAMES[name]))


@pytest.mark.parametrize("name", _FRAMES)
def test_every_channel_goes_both_ways(name: str) -> None:
    assert _CODEC.encode(_decoded(name)).hex() == _FRAMES[name]


@pytest.mark.parametrize(
    ("name", "alarm"),
    [
        ("taken off", "tamper"),
        ("put back", None),
        ("left the fence", "geofence"),
        ("position", None),
        ("hot", "temperature"),
        ("cool again", None),
    ],
)
def test_alarms_are_told_from_plain_values(name: str, alarm: str | None) -> None:
    assert _decoded(name).get("alarm") == alarm


def test_position_has_motion_and_fence_in_one_byte() -> None:
    values = _decoded("position")

    assert (values["latitude"], values["longitude"]) == (-26.0, 28.0)
    assert (values["motion_status"], values["geofence_status"]) == (2, 2)


def test_history_has_longitude_first() -> None:
    entry: Value = {"time": "2024-10-04T14:47:28Z", "longitude": 28.0, "latitude": -26.0}

    assert _decoded("history")["history"] == [entry]


def test_every_access_point_is_listed() -> None:
    assert _decoded("wifi")["wifi"] == [
        {"group": 8, "mac": "01:02:03:04:05:06", "rssi_dbm": -60, "motion_status": 2},
        {
            "group": 8,
            "mac": "0a:0b:0c:0d:0e:0f",
            "rssi_dbm": -80,
            "motion_status": 2,
            "geofence_status": 1,
        },
    ]


@pytest.mark.parametrize(
    ("frame", "command"),
    [
        ("ff10ff", "reboot"),
        ("ff13013c00", "set_motion_report"),
        ("ff17ecff", "set_time_zone"),
        ("ff28ff", "query_device_status"),
        ("ff2d010a02", "set_wifi_scan"),
        ("ff3b01", "set_time_sync"),
        ("ff3c03", "set_gnss_timeout"),
        ("ff4a00", "sync_time"),
        ("ff5800053c00", "set_motion_detection"),
        ("ff5801055802", "set_static_detection"),
        ("ff6601", "set_report_strategy"),
        ("ff7102", "set_positioning_strategy"),
        ("ff7e010a0003", "set_geofence_alarm"),
        ("ff8701", "set_tamper_detection"),
        ("ff88" + _POINT.hex(), "set_geofence_center"),
        ("ff8964000000", "set_geofence_radius"),
        ("ff8a00e001", "set_timed_report"),
        ("ff8e003c00", "set_report_interval"),
        ("ff8e010a00", "set_motion_interval"),
        ("ff8e021e00", "set_location_interval"),
        ("ff8f01", "set_bluetooth"),
    ],
)
def test_every_command_goes_both_ways(frame: str, command: str) -> None:
    values = _CODEC.decode(bytes.fromhex(frame), _DOWN)

    assert values["command"] == command
    assert _CODEC.encode(values, _DOWN).hex() == frame


def test_several_commands_travel_in_one_downlink() -> None:
    values = _CODEC.decode(bytes.fromhex("ff10ffff3c03"), _DOWN)

    assert values["commands"] == [
        {"command": "reboot"},
        {"command": "set_gnss_timeout", "timeout_min": 3},
    ]
    assert _CODEC.encode(values, _DOWN).hex() == "ff10ffff3c03"


@pytest.mark.parametrize(
    ("frame", "what"),
    [
        ("", "empty"),
        ("0367", "expected"),
        ("036700", "expected"),
        ("9999", "no channel 9999"),
        ("050007", "position of code 7"),
        ("070002", "tamper"),
        ("ff8e030000", "form 03"),
    ],
)
def test_what_is_no_frame_is_refused(frame: str, what: str) -> None:
    with pytest.raises(FrameError, match=what):
        _CODEC.decode(bytes.fromhex(frame))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"latitude": 28.0}, "longitude"),
        ({"wifi": [{"mac": "01:02", "rssi_dbm": -1}]}, "mac"),
        ({"command": "dance"}, "command"),
        ({"command": "set_report_interval", "interval_s": 70000}, "interval_s"),
        ({}, "none of the values"),
    ],
)
def test_values_that_cannot_be_said_name_the_field(values: dict[str, Value], field: str) -> None:
    with pytest.raises(FrameError, match=field):
        _CODEC.encode(values)


@given(
    latitude=st.integers(-90_000_000, 90_000_000),
    tenths=st.integers(-400, 850),
    battery=st.integers(0, 100),
)
def test_any_values_survive(latitude: int, tenths: int, battery: int) -> None:
    values: dict[str, Value] = {
        "battery_percent": battery,
        "temperature_c": tenths / 10,
        "latitude": latitude / 1e6,
        "longitude": 28.0,
        "motion_status": 1,
        "geofence_status": 0,
    }

    assert _CODEC.decode(_CODEC.encode(values)) == values
