"""Netvox frames, byte by byte after the maker's tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Context, FrameError, codec
from simulator.frame import Direction, Value

_CODEC = codec("lorawan_netvox")
_REPORT, _CONFIG, _PRESS = Context(port=6), Context(port=7), Context(port=13)


@pytest.mark.parametrize("device_type", [0x10, 0x31, 0x4D, 0x55, 0xD3])
def test_press_of_every_model_is_an_sos(device_type: int) -> None:
    frame = bytes((1, device_type, 1, 30, 1, 0, 0, 0, 0, 0, 0))

    values = _CODEC.decode(frame, _REPORT)

    assert (values["alarm"], values["battery_mv"], values["low_battery"]) == ("sos", 3000, False)
    assert _CODEC.encode(values, _REPORT) == frame


def test_highest_battery_bit_is_the_low_flag() -> None:
    values = _CODEC.decode(bytes.fromhex("014d019900000000000000"), _REPORT)

    assert (values["battery_mv"], values["low_battery"]) == (2500, True)


def test_wearable_tells_of_inactivity_without_an_alarm() -> None:
    values = _CODEC.decode(bytes.fromhex("01d3012400010000000000"), _REPORT)

    assert (values["alarm_byte"], values["inactivity_byte"]) == (0, 1)
    assert "alarm" not in values


def test_function_key_of_the_r312a_is_kept() -> None:
    frame = bytes.fromhex("014d012401010000000000")

    values = _CODEC.decode(frame, _REPORT)

    assert values["function_key_byte"] == 1
    assert _CODEC.encode(values, _REPORT) == frame


def test_alarm_word_alone_makes_a_press() -> None:
    values: dict[str, Value] = {"device_type": 0x10, "battery_mv": 2900, "alarm": "sos"}

    assert _CODEC.encode(values, _REPORT) == bytes.fromhex("0110011d01000000000000")


def test_start_report_carries_versions_and_date() -> None:
    frame = bytes.fromhex("0110000a0520230131" + "0000")

    values = _CODEC.decode(frame, _REPORT)

    assert (values["software_version_raw"], values["hardware_version"]) == (10, 5)
    assert values["date_code"] == "20230131"
    assert _CODEC.encode(values, _REPORT) == frame


@pytest.mark.parametrize(
    ("frame", "context", "command"),
    [
        ("014d0e100e100100000000", _CONFIG, "config_report_request"),
        ("814d010000000000000000", _CONFIG, "config_report_response"),
        ("02d3000000000000000000", _CONFIG, "read_config_request"),
        ("82d30e100e100100000000", _CONFIG, "read_config_response"),
        ("0105", _PRESS, "set_press_time_request"),
        ("8100", _PRESS, "set_press_time_response"),
        ("0200", _PRESS, "get_press_time_request"),
        ("8200", _PRESS, "get_press_time_response"),
    ],
)
def test_every_command_goes_both_ways(frame: str, context: Context, command: str) -> None:
    values = _CODEC.decode(bytes.fromhex(frame), context)

    assert values["command"] == command
    assert _CODEC.encode(values, context) == bytes.fromhex(frame)


def test_port_may_be_left_out() -> None:
    downlink = Context(direction=Direction.DOWNLINK)

    assert "alarm" in _CODEC.decode(bytes.fromhex("0110011d01000000000000"))
    command = _CODEC.decode(bytes.fromhex("0110003c003c0100000000"), downlink)["command"]
    assert command == "config_report_request"
    assert _CODEC.decode(bytes.fromhex("8203"))["press_time"] == 3


@pytest.mark.parametrize(
    ("frame", "context", "what"),
    [
        ("", _REPORT, "empty"),
        ("01100100", _REPORT, "11 bytes"),
        ("0110051d01000000000000", _REPORT, "report type 5"),
        ("0310003c003c0100000000", _CONFIG, "command 0x03"),
        ("0110003c003c01000000", _CONFIG, "ends at byte"),
        ("010500", _PRESS, "too many"),
        ("0105", Context(port=9), "port 9"),
    ],
)
def test_what_is_no_frame_is_refused(frame: str, context: Context, what: str) -> None:
    with pytest.raises(FrameError, match=what):
        _CODEC.decode(bytes.fromhex(frame), context)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"device_type": 0x10, "battery_mv": 13000}, "battery_mv"),
        ({"battery_mv": 3000}, "device_type"),
        ({"command": "dance"}, "command"),
        ({"command": "config_report_request", "max_time_s": 60}, "min_time_s"),
    ],
)
def test_values_that_cannot_be_said_name_the_field(values: dict[str, Value], field: str) -> None:
    with pytest.raises(FrameError, match=field):
        _CODEC.encode(values)


@given(
    device_type=st.sampled_from([0x10, 0x31, 0x4D, 0x55, 0xD3]),
    battery=st.integers(0, 127),
    low=st.booleans(),
    alarm=st.integers(0, 255),
)
def test_any_status_survives(device_type: int, battery: int, low: bool, alarm: int) -> None:
    values: dict[str, Value] = {
        "device_type": device_type,
        "battery_mv": battery * 100,
        "low_battery": low,
        "alarm_byte": alarm,
    }

    found = _CODEC.decode(_CODEC.encode(values, _REPORT), _REPORT)

    assert {name: found[name] for name in values} == values
