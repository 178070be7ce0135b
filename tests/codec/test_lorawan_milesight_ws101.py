"""Milesight button frames, channel by channel after the maker's tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Context, FrameError, codec
from simulator.frame import Direction, Value

_CODEC = codec("lorawan_milesight_ws101")
_DOWN = Context(direction=Direction.DOWNLINK, port=85)


@pytest.mark.parametrize(
    ("frame", "values"),
    [
        ("017532", {"battery_percent": 50}),
        ("ff2e01", {"press": "short"}),
        ("ff2e02", {"press": "long"}),
        ("ff2e03", {"press": "double"}),
        ("ff340501a0", {"buttons": [{"id": 5, "value": 0xA001}]}),
        ("ff0113", {"protocol_version": "v1.3"}),
        ("ff080102030405ff", {"serial": "0102030405ff"}),
        ("ff160102030405060708", {"serial": "0102030405060708"}),
        ("ff090110", {"hardware_version": "v1.1"}),
        ("ff0a0110", {"firmware_version": "v1.10"}),
        ("ffff0102", {"tsl_version": "v1.2"}),
        ("ff0f02", {"lorawan_class": 2}),
        ("fffe01", {"event": "reset", "reset_event": 1}),
    ],
)
def test_channel_goes_both_ways(frame: str, values: dict[str, Value]) -> None:
    assert _CODEC.decode(bytes.fromhex(frame)) == values
    assert _CODEC.encode(values) == bytes.fromhex(frame)


def test_power_on_announces_the_protocol_by_itself() -> None:
    """A profile need not repeat what every published power-on frame says."""
    assert _CODEC.encode({"event": "power_on", "lorawan_class": 0}) == bytes.fromhex(
        "ff0bffff0101ff0f00"
    )


def test_values_are_sent_in_the_order_of_the_device() -> None:
    values: dict[str, Value] = {"press": "long", "battery_percent": 7}

    assert _CODEC.encode(values) == bytes.fromhex("017507ff2e02")


@pytest.mark.parametrize("frame", ["ff2e02017507", "ff3401000001750aff34020000"])
def test_another_order_is_kept(frame: str) -> None:
    values = _CODEC.decode(bytes.fromhex(frame))

    assert "channels" in values
    assert _CODEC.encode(values) == bytes.fromhex(frame)


@pytest.mark.parametrize(
    ("frame", "values"),
    [
        ("ff03b004", {"command": "set_reporting_interval", "interval_s": 1200}),
        ("ff10ff", {"command": "reboot"}),
        ("ff28ff", {"command": "query_device_status"}),
        ("ff2f01", {"command": "set_led_indicator", "enabled": True}),
        ("ff3e00", {"command": "set_buzzer", "enabled": False}),
        ("ff7401", {"command": "set_double_press", "enabled": True}),
    ],
)
def test_command_goes_both_ways(frame: str, values: dict[str, Value]) -> None:
    assert _CODEC.decode(bytes.fromhex(frame), _DOWN) == values
    assert _CODEC.encode(values, _DOWN) == bytes.fromhex(frame)


def test_one_downlink_carries_several_commands() -> None:
    frame = bytes.fromhex("ff3e01ff10ff")

    values = _CODEC.decode(frame, _DOWN)

    assert [c["command"] for c in _entries(values["commands"])] == ["set_buzzer", "reboot"]
    assert _CODEC.encode(values, _DOWN) == frame


def _entries(value: Value) -> list[dict[str, Value]]:
    assert isinstance(value, list)
    return [entry for entry in value if isinstance(entry, dict)]


@pytest.mark.parametrize("frame", ["fe03b004", "ff03b004", "fe2f01ff2f00", "017564fe10ff"])
def test_device_answers_a_command_with_itself(frame: str) -> None:
    values = _CODEC.decode(bytes.fromhex(frame))

    assert "answers" in values
    assert _CODEC.encode(values) == bytes.fromhex(frame)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("", "empty"),
        ("01", "byte 0: there is no channel 01"),
        ("0175", "channel 0175 at byte 0: 1 bytes expected, 0 left"),
        ("017564ff2e", "channel ff2e at byte 3"),
        ("017564aabb", "byte 3: there is no channel aabb"),
        ("ff2e07", "there is no press 7"),
        ("ff0b00", "power-on is ff"),
        ("fe2f02", "set_led_indicator cannot be 02"),
    ],
)
def test_frame_of_another_form_is_refused(frame: str, reason: str) -> None:
    with pytest.raises(FrameError, match=reason):
        _CODEC.decode(bytes.fromhex(frame))


@pytest.mark.parametrize("frame", ["017564", "fe10ff", "ff10", "ff1000"])
def test_downlink_of_another_form_is_refused(frame: str) -> None:
    with pytest.raises(FrameError):
        _CODEC.decode(bytes.fromhex(frame), _DOWN)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"battery_percent": 101}, "battery_percent"),
        ({"battery_percent": "full"}, "battery_percent"),
        ({"battery_percent": float("nan")}, "battery_percent"),
        ({"press": "triple"}, "press"),
        ({"buttons": 3}, "buttons"),
        ({"buttons": [3]}, r"buttons\[0\]"),
        ({"buttons": [{"id": 1, "value": 65536}]}, r"buttons\[0\].value"),
        ({"serial": "0102"}, "serial"),
        ({"hardware_version": "v1.16"}, "hardware_version"),
        ({"firmware_version": "1.2"}, "firmware_version"),
        ({"event": "explode"}, "event"),
        ({"press": "long", "channels": ["0175"]}, "channels"),
    ],
)
def test_value_that_does_not_fit_is_named(values: dict[str, Value], field: str) -> None:
    with pytest.raises(FrameError, match=f"field '{field}'"):
        _CODEC.encode(values)


def test_nothing_to_say_is_no_frame() -> None:
    with pytest.raises(FrameError, match="none of the values"):
        _CODEC.encode({"colour": "red"})
    with pytest.raises(FrameError, match="commands"):
        _CODEC.encode({"commands": []}, _DOWN)


@given(
    battery=st.none() | st.integers(0, 100),
    press=st.none() | st.sampled_from(["short", "long", "double"]),
    buttons=st.lists(
        st.fixed_dictionaries({"id": st.integers(0, 255), "value": st.integers(0, 65535)}),
        min_size=1,
    ),
)
def test_values_survive_the_way_there_and_back(
    battery: int | None, press: str | None, buttons: list[Value]
) -> None:
    given_values = {"battery_percent": battery, "press": press, "buttons": buttons}
    values: dict[str, Value] = {k: v for k, v in given_values.items() if v is not None}

    assert _CODEC.decode(_CODEC.encode(values)) == values
