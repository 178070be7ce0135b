"""SimplePack frames, byte by byte after the maker's tables."""

import pytest

from simulator.codec import Context, FrameError, codec
from simulator.frame import Direction, Value

_CODEC = codec("sigfox_simplepack")
_DOWN = Context(direction=Direction.DOWNLINK)


@pytest.mark.parametrize(
    ("frame", "event", "press"),
    [
        ("0130", "short_press", "short"),
        ("0131", "double_click", "double"),
        ("0132", "long_press", "long"),
        ("0181", "extra_long_press", "extra_long"),
        ("149c", "short_press_wifi_1", "short"),
        ("149f", "double_click_wifi_2", "double"),
        ("50a0", "long_press_wifi_1", "long"),
    ],
)
def test_gesture_is_a_press(frame: str, event: str, press: str) -> None:
    values = _CODEC.decode(bytes.fromhex(frame))

    assert (values["event"], values["press"]) == (event, press)
    assert _CODEC.encode(values) == bytes.fromhex(frame)


@pytest.mark.parametrize("mode", [0x01, 0x02, 0x14, 0x23, 0x50])
def test_every_event_of_a_mode_goes_both_ways(mode: int) -> None:
    frames = [bytes((mode, event)) for event in range(256)]

    assert [_CODEC.encode(_CODEC.decode(frame)) for frame in frames] == frames


def test_event_that_is_not_public_keeps_its_code() -> None:
    values = _CODEC.decode(bytes.fromhex("0220"))

    assert values == {"mode": "guard_me", "event": "other", "event_code": 0x20}


def test_extra_long_press_announces_versions() -> None:
    """Version bytes are decimal numbers: 01 0a is 1.10."""
    values = _CODEC.decode(bytes.fromhex("018106010a0203"))

    assert values["api_version"] == 6
    assert values["firmware_version"] == "1.10"
    assert values["hardware_version"] == "2.3"
    assert _CODEC.encode(values) == bytes.fromhex("018106010a0203")


def test_reset_carries_its_cause() -> None:
    values = _CODEC.decode(bytes.fromhex("018604"))

    assert (values["event"], values["reset_cause"]) == ("device_reset", 4)
    assert _CODEC.encode(values) == bytes.fromhex("018604")


def test_appended_data_passes_through() -> None:
    values = _CODEC.decode(bytes.fromhex("0130c0ffee"))

    assert values["data_hex"] == "c0ffee"
    assert _CODEC.encode(values) == bytes.fromhex("0130c0ffee")


def test_press_alone_names_the_event() -> None:
    assert _CODEC.encode({"mode": "press_me", "press": "double"}) == bytes.fromhex("0131")
    assert _CODEC.encode({"mode": "press_me", "press": "extra_long"}) == bytes.fromhex("0181")


def test_decoded_values_are_the_callers_own() -> None:
    """The table of plain frames stays as it is when a caller changes what it was given."""
    _CODEC.decode(b"\x01\x30")["press"] = "long"

    assert _CODEC.decode(b"\x01\x30")["press"] == "short"


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("", "at least 2 bytes"),
        ("01", "at least 2 bytes"),
        ("0330", "byte 0: there is no mode 0x03"),
        ("0130" + "00" * 11, "at most 12 bytes"),
    ],
)
def test_frame_of_another_form_is_refused(frame: str, reason: str) -> None:
    with pytest.raises(FrameError, match=reason):
        _CODEC.decode(bytes.fromhex(frame))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"event": "armed"}, "mode"),
        ({"mode": "press_me"}, "press"),
        ({"mode": "other", "press": "short"}, "mode"),
        ({"mode": "press_me", "press": "hold"}, "press"),
        ({"mode": "press_me", "event": "armed", "press": "short"}, "press"),
        ({"mode": "press_me", "event": "other"}, "event_code"),
        ({"mode": "press_me", "event": "other", "event_code": 256}, "event_code"),
        ({"mode": "press_me", "press": "short", "low_battery": True}, "low_battery"),
        ({"mode": "press_me", "press": "short", "data_hex": "00" * 11}, "data_hex"),
        ({"mode": "press_me", "event": "device_reset", "reset_cause": -1}, "reset_cause"),
        (
            {"mode": "press_me", "press": "extra_long", "api_version": 1, "firmware_version": "1"},
            "firmware_version",
        ),
    ],
)
def test_value_that_does_not_fit_is_named(values: dict[str, Value], field: str) -> None:
    with pytest.raises(FrameError, match=f"field '{field}'"):
        _CODEC.encode(values)


def test_downlink_writes_registers() -> None:
    """Register 1 is the mode, 0x59 the time of a long press."""
    frame = bytes.fromhex("0102590400000000")

    values = _CODEC.decode(frame, _DOWN)

    assert values["mode"] == "guard_me"
    assert values["registers"] == [{"register": 1, "value": 2}, {"register": 0x59, "value": 4}]
    assert _CODEC.encode(values, _DOWN) == frame


def test_downlink_of_a_mode_alone() -> None:
    assert _CODEC.encode({"mode": "press_me"}, _DOWN) == bytes.fromhex("0101000000000000")


def test_downlink_has_eight_bytes() -> None:
    with pytest.raises(FrameError, match="8 bytes"):
        _CODEC.decode(b"\x01\x01", _DOWN)
    with pytest.raises(FrameError, match="carries 4"):
        _CODEC.encode({"registers": [{"register": 1, "value": 1}] * 5}, _DOWN)
