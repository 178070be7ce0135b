"""truvami frames, byte by byte after the maker's tables, a message per port."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Context, FrameError, codec
from simulator.frame import Direction, Value

_CODEC = codec("lorawan_truvami_tagsl")
_POSITION = "fe01d83cffb2bd6603e8"
_TIME = "67000000"  # 2024-10-04T14:47:28Z
_HEARD = "0102030405ffb0a1a2a3a4a5a6ff"

_FRAMES = {
    1: "81" + _POSITION + "180a040e2e18",
    2: "81",
    3: "00ff0201" + _HEARD,
    4: "0000003c0000012c000151800078006403e801020304050600015180",
    5: "01" + _HEARD,
    6: "01",
    7: _TIME + "04" + _HEARD,
    8: "003c0a05c441424344454647484950000a01f4010e10",
    10: "01" + _POSITION + _TIME + "0f00",
    15: "810e10",
    50: "00" + _POSITION + _TIME + "0f001e" + _HEARD,
    51: "00" + _POSITION + _TIME + "0f001e0306" + _HEARD,
    105: "0005" + _TIME + "01" + _HEARD,
    110: "000501" + _POSITION + _TIME + "0f001e0306",
    150: "000501" + _POSITION + _TIME + "0f001e" + _HEARD,
    151: "000501" + _POSITION + _TIME + "0f001e0306" + _HEARD,
    198: "04",
}


def _decoded(port: int, frame: str | None = None) -> dict[str, Value]:
    return _CODEC.decode(bytes.fromhex(frame or _FRAMES[port]), Context(port=port))


@pytest.mark.parametrize("port", _FRAMES)
def test_every_port_goes_both_ways(port: int) -> None:
    frame = bytes.fromhex(_FRAMES[port])

    assert _CODEC.encode(_CODEC.decode(frame, Context(port=port)), Context(port=port)) == frame


def test_button_is_pressed_and_released() -> None:
    assert _decoded(6) == {"pressed": True, "press": "single"}
    assert _decoded(6, "00") == {"pressed": False}


def test_status_byte_is_split_into_its_flags() -> None:
    values = _decoded(2, "ad")

    assert values == {
        "duty_cycle_limited": True,
        "config_id": 5,
        "config_changed": True,
        "motion": True,
    }


def test_lowest_status_bit_of_the_battery_report_is_the_low_flag() -> None:
    assert _decoded(15)["low_battery"] is True
    assert _decoded(15)["battery_mv"] == 3600


def test_position_is_signed_and_in_micro_degrees() -> None:
    values = _decoded(10)

    assert (values["latitude"], values["longitude"]) == (-33.43354, -5.063322)
    assert (values["altitude_m"], values["time"]) == (100.0, "2024-10-04T14:47:28Z")


def test_position_of_port_1_has_a_calendar_time() -> None:
    assert _decoded(1)["time"] == "2024-10-04T14:46:24Z"


@pytest.mark.parametrize(
    ("tail", "names"), [("", []), ("1e", ["ttf_s"]), ("1e03", ["ttf_s", "pdop"])]
)
def test_firmware_may_leave_out_the_quality(tail: str, names: list[str]) -> None:
    frame = _FRAMES[10] + tail
    values = _decoded(10, frame)

    assert [name for name in ("ttf_s", "pdop", "satellites") if name in values] == names
    assert _CODEC.encode(values, Context(port=10)) == bytes.fromhex(frame)


def test_addresses_come_with_their_strength() -> None:
    assert _decoded(5)["access_points"] == [
        {"mac": "0102030405ff", "rssi_dbm": -80},
        {"mac": "a1a2a3a4a5a6", "rssi_dbm": -1},
    ]


def test_configuration_downlink_goes_both_ways() -> None:
    context = Context(direction=Direction.DOWNLINK, port=128)
    frame = bytes.fromhex("0100010000003c0000012c000151800078006403e800015180000a1000")

    values = _CODEC.decode(frame, context)

    assert (values["ble"], values["gnss"], values["buffer_size"]) == (True, False, 4096)
    assert _CODEC.encode(values, context) == frame


@pytest.mark.parametrize(
    ("port", "frame", "what"),
    [
        (1, _FRAMES[1][:-2], "ends at byte"),
        (1, "81" + _POSITION + "180d040e2e18", "time"),
        (5, "01010203", "entries have 7"),
        (5, "01" + "00" * 56, "too many"),
        (6, "0100", "too many"),
        (10, _FRAMES[10] + "1e030600", "too many"),
        (99, "00", "port 99"),
        (None, "00", "port None"),
    ],
)
def test_what_is_no_message_is_refused(port: int | None, frame: str, what: str) -> None:
    with pytest.raises(FrameError, match=what):
        _CODEC.decode(bytes.fromhex(frame), Context(port=port))


def test_gap_in_the_optional_values_is_refused() -> None:
    values = {**_decoded(10), "satellites": 5}

    with pytest.raises(FrameError, match="ttf_s"):
        _CODEC.encode(values, Context(port=10))


def test_more_addresses_than_the_port_carries_are_refused() -> None:
    entry: Value = {"mac": "010203040506", "rssi_dbm": -50}

    with pytest.raises(FrameError, match="access_points"):
        _CODEC.encode({"access_points": [entry] * 8}, Context(port=5))


@given(latitude=st.floats(-90, 90), longitude=st.floats(-180, 180), altitude=st.floats(0, 6553))
def test_any_position_survives(latitude: float, longitude: float, altitude: float) -> None:
    values: dict[str, Value] = {
        "latitude": round(latitude, 6),
        "longitude": round(longitude, 6),
        "altitude_m": round(altitude, 1),
        "time": "2026-01-02T03:04:05Z",
        "battery_mv": 3700,
    }

    found = _CODEC.decode(_CODEC.encode(values, Context(port=10)), Context(port=10))

    assert {name: found[name] for name in values} == values
