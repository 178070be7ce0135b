"""Frames of the small buttons, byte by byte after their makers' tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Context, FrameError, codec
from simulator.frame import Direction, Value

_CODEC = codec("lorawan_buttons_misc")
_KEEP_ALIVE = "01c800fa01"  # 3200 mV, 25.0 C, single press
_POINT = "f080b70010b07600"
_HEARD = "010203040506"

_FRAMES: dict[str, tuple[int | None, str]] = {
    "mclimate": (2, _KEEP_ALIVE),
    "mclimate with answers": (2, "1205041002b100000a" + _KEEP_ALIVE),
    "browan button": (147, "01fb370500040000"),
    "browan locator": (136, "0b0b37c08972fe0076ab41"),
    "oxobutton 2": (2, "390200040064ff3810b00032"),
    "oxobutton 2 heartbeat": (2, "39100000016408c210b00000"),
    "oxobutton 2 several": (2, "39030604006408c210b00000"),
    "oxobutton q": (2, "30020001001864191000f0000000"),
    "lansitec registration": (9, "1800a05b000c003c140102030406"),
    "lansitec heartbeat": (9, "205046ff38325000"),
    "lansitec position": (9, "3041e00000c1d0000067000000"),
    "lansitec beacons": (9, "72000000000000010002c400010003b0"),
    "lansitec alarm": (9, "8001"),
    "multisense button": (3, "010040c8010945026e0300170412820503f8007cfffc"),
    "multisense workplace": (3, "010120c8"),
    "multisense history": (3, "010080c806" + "0945" * 8 + "07" + "6e" * 8),
    "multisense change": (100, "010040c8aabbcc01"),
    "iotracker plain": (1, "0100fa"),
    "iotracker sensors": (
        1,
        "12007f0f0a82443403e8fc18000040003000",
    ),
    "iotracker position": (1, "0803fa03" + _POINT + "143e1210001303841a07"),
    "iotracker wifi": (1, "1000fa1022" + (_HEARD + "c4") * 2),
    "iotracker wifi without strength": (1, "1000fa1001" + _HEARD),
    "iotracker external": (1, "1000fa400a01020304"),
    "iotracker second map": (
        1,
        "1000fa801f0188" + _HEARD + "1068018bcd1300c840019080",
    ),
    "iotracker long beacons": (1, "1000fa80012189" + "00" * 16),
    "iotracker slotted beacons": (1, "1000fa8001420d22" + _HEARD + "0c2201020304"),
}


def _decoded(name: str) -> dict[str, Value]:
    port, frame = _FRAMES[name]
    return _CODEC.decode(bytes.fromhex(frame), Context(port=port))


@pytest.mark.parametrize("name", _FRAMES)
def test_every_message_goes_both_ways(name: str) -> None:
    port, frame = _FRAMES[name]

    assert _CODEC.encode(_decoded(name), Context(port=port)).hex() == frame


@pytest.mark.parametrize(
    ("name", "press"),
    [
        ("mclimate", "single"),
        ("oxobutton 2", "button_2"),
        ("oxobutton 2 heartbeat", "none"),
        ("oxobutton q", "button_2"),
        ("multisense button", "single"),
        ("multisense workplace", "single"),
    ],
)
def test_press_is_named(name: str, press: str) -> None:
    assert _decoded(name)["press"] == press


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_presses_of_the_mclimate_are_counted(count: int) -> None:
    values = _CODEC.decode(bytes.fromhex(_KEEP_ALIVE[:-2]) + bytes((count,)))

    assert values.get("press") == [None, "single", "double", "triple"][count]


def test_answers_before_the_keep_alive_are_read() -> None:
    values = _decoded("mclimate with answers")

    assert (values["keep_alive_min"], values["single_press_count"]) == (5, 10)


def test_browan_button_tells_battery_and_count() -> None:
    values = _decoded("browan button")

    assert (values["button_1"], values["battery_mv"], values["press_count"]) == (True, 3600, 4)
    assert (values["temperature_c"], values["minutes_since_event"]) == (23, 5)


def test_browan_locator_packs_accuracy_above_the_longitude() -> None:
    values = _decoded("browan locator")

    assert (values["button_1"], values["motion"], values["no_fix"]) == (True, True, True)
    assert (values["latitude"], values["accuracy_m"]) == (-26.048064, 16)


def test_reasons_of_the_oxobutton_follow_a_changed_press() -> None:
    values = {**_decoded("oxobutton 2 several"), "press": "button_4"}

    assert _CODEC.decode(_CODEC.encode(values))["press"] == "button_4"


def test_lansitec_alarm_is_an_sos_or_a_fall() -> None:
    assert _decoded("lansitec alarm")["alarm"] == "sos"
    assert _CODEC.decode(bytes.fromhex("8002"))["alarm"] == "fall"


def test_lansitec_position_is_in_floats_longitude_first() -> None:
    values = _decoded("lansitec position")

    assert (values["longitude"], values["latitude"]) == (28.0, -26.0)


def test_lansitec_strengths_are_negative() -> None:
    values = _decoded("lansitec heartbeat")

    assert (values["rssi_dbm"], values["snr_db"]) == (-70, -2.0)
    assert (values["gnss_state"], values["charge_state"]) == ("located", "charging")


def test_multisense_tells_event_and_measurements() -> None:
    values = _decoded("multisense button")

    assert (values["event"], values["battery_mv"]) == ("button", 3200)
    assert (values["temperature_c"], values["acceleration_mg"]) == (23.73, [1016, 124, -4])


def test_iotracker_reason_may_be_given_without_its_header() -> None:
    values: dict[str, Value] = {
        "uplink_reason": "button",
        "battery_percent": 50,
        "temperature_c": 26.9,
        "latitude": -26.0,
        "longitude": 28.0,
    }
    quality = (
        "nav_status",
        "altitude_m",
        "accuracy_m",
        "vertical_accuracy_m",
        "speed_kmh",
        "course_deg",
        "hdop",
        "satellites",
    )

    frame = _CODEC.encode({**values, **dict.fromkeys(quality, 0)})

    assert frame[:6].hex() == "19007f010a82"


def test_iotracker_light_has_a_mantissa_and_an_exponent() -> None:
    values = _decoded("iotracker sensors")

    assert values["light"] == 172.16
    assert (values["battery_percent"], values["uplink_reason"]) == (50, "movement")


def test_iotracker_second_map_is_read() -> None:
    values = _decoded("iotracker second map")

    assert values["beacons"] == [{"rssi_dbm": -41, "beacon_type": 0, "id": _HEARD}]
    assert (values["humidity_percent"], values["pressure_pa"]) == (42.0, 101325)
    assert (values["man_down_state"], values["position_alarm"]) == ("alarm", True)


@pytest.mark.parametrize(
    ("port", "frame", "what"),
    [
        (2, "", "empty"),
        (2, "ff", "no button"),
        (147, "01", "ends at byte"),
        (147, "00" * 9, "too many"),
        (3, "010040c805", "ends at byte"),
        (3, "010040c8026e026e", "doubled"),
        (1, "1000fa", "ends at byte"),
        (1, "1000fa80016100", "beacon form 3"),
        (2, "12051206" + _KEEP_ALIVE, "doubled"),
        (2, "12" + _KEEP_ALIVE, "too short"),
        (9, "73000000000000010002c4", "3 beacons"),
        (9, "307fc000000000000067000000", "longitude"),
    ],
)
def test_what_is_no_frame_is_refused(port: int, frame: str, what: str) -> None:
    with pytest.raises(FrameError, match=what):
        _CODEC.decode(bytes.fromhex(frame), Context(port=port))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "thermistor_ok"),
        ({"thermistor_ok": "yes", "battery_mv": 3000}, "thermistor_ok"),
        ({"press_count": 1 << 24, "battery_mv": 3000, "temperature_c": 20}, "press_count"),
        ({"app_mode": 4, "press": "button_9"}, "press"),
        ({"image": 1, "press": "button_300"}, "press"),
        ({"message_type": 9}, "message_type"),
        ({"message_type": 3, "longitude": float("inf")}, "longitude"),
        ({"uplink_reason": "status", "battery_percent": 300}, "battery_percent"),
    ],
)
def test_values_that_cannot_be_said_name_the_field(values: dict[str, Value], field: str) -> None:
    with pytest.raises(FrameError, match=field):
        _CODEC.encode(values)


def test_downlinks_are_not_modelled() -> None:
    with pytest.raises(FrameError, match="downlinks"):
        _CODEC.decode(b"\x01", Context(direction=Direction.DOWNLINK))


@given(frame=st.binary(min_size=1, max_size=40), port=st.sampled_from([None, 1, 2, 3, 136, 147]))
def test_what_is_read_is_written_back(frame: bytes, port: int | None) -> None:
    """Whatever bytes are a message, none of them is lost."""
    context = Context(port=port)
    try:
        values = _CODEC.decode(frame, context)
    except FrameError:
        return

    assert _CODEC.encode(values, context) == frame
