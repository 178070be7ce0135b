"""TrackerD frames, byte by byte after the maker's tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Context, FrameError, codec
from simulator.frame import Direction, Value

_CODEC = codec("lorawan_dragino_trackerd")
_POINT = "fe704a1001ac1220"
_ALARM, _QUIET = "4fa0", "0fa0"  # 4000 mV, with the alarm bit and without
_FLAGS = "b8"  # mode 2, LED, moving, backlog
_CLIMATE = "0201ff9c"
_DATE = "07ea0102030405"
_UUID = "00112233445566778899aabbccddeeff"

_FRAMES = {
    (2, 15): _POINT + _ALARM + _FLAGS + _CLIMATE,
    (2, 16): _POINT + _QUIET + "65ff9c019050",
    (2, 18): _POINT + _ALARM + _FLAGS + _DATE,
    (2, 23): _POINT + _ALARM + _FLAGS + _CLIMATE + "0102030405060708",
    (3, 11): _POINT + _QUIET + _FLAGS,
    (3, 18): _POINT + _QUIET + _FLAGS + _DATE,
    (4, 15): _POINT + _DATE,
    (5, 9): "13015201ff0fa07107",
    (6, 33): _UUID + "0000000100000002003bffffffc4" + _QUIET + _FLAGS,
    (7, 3): _ALARM + _FLAGS,
    (8, 10): "747261636b65c4" + _QUIET + _FLAGS,
    (8, 13): "747261636b65c4" + _QUIET + _FLAGS + "010203",
}


def _decoded(port: int, size: int) -> dict[str, Value]:
    return _CODEC.decode(bytes.fromhex(_FRAMES[port, size]), Context(port=port))


@pytest.mark.parametrize(("port", "size"), _FRAMES)
def test_every_layout_goes_both_ways(port: int, size: int) -> None:
    frame = bytes.fromhex(_FRAMES[port, size])

    assert len(frame) == size
    assert _CODEC.encode(_decoded(port, size), Context(port=port)) == frame


def test_alarm_bit_is_an_sos() -> None:
    assert _decoded(2, 15)["alarm"] == "sos"
    assert "alarm" not in _decoded(3, 11)


def test_alarm_bit_is_not_part_of_the_battery() -> None:
    assert _decoded(2, 15)["battery_mv"] == _decoded(3, 11)["battery_mv"] == 4000


def test_flags_and_climate_are_read() -> None:
    values = _decoded(2, 15)

    assert (values["mode"], values["led"], values["motion"], values["backlog"]) == (2, *[True] * 3)
    assert (values["humidity_percent"], values["temperature_c"]) == (51.3, -10.0)


def test_history_carries_its_time() -> None:
    assert _decoded(4, 15)["time"] == "2026-01-02T03:04:05Z"


def test_status_names_firmware_and_modes() -> None:
    values = _decoded(5, 9)

    assert (values["firmware"], values["sensor_mode"], values["gps_mode"]) == ("1.5.2", 1, 3)
    assert (values["ack"], values["led"], values["transport"]) == (True, True, True)


def test_predecessor_has_an_attitude() -> None:
    assert (_decoded(2, 16)["roll_deg"], _decoded(2, 16)["pitch_deg"]) == (-1.0, 4.0)


@pytest.mark.parametrize(
    ("port", "frame", "what"),
    [
        (2, "00" * 14, "15 or 16 or 18 or 23 bytes, this one 14"),
        (4, "00" * 15, "time"),
        (9, "00", "port 9"),
        (None, "00", "port None"),
    ],
)
def test_what_is_no_message_is_refused(port: int | None, frame: str, what: str) -> None:
    with pytest.raises(FrameError, match=what):
        _CODEC.decode(bytes.fromhex(frame), Context(port=port))


def test_downlinks_are_not_modelled() -> None:
    with pytest.raises(FrameError, match="downlinks"):
        _CODEC.decode(b"\x01", Context(direction=Direction.DOWNLINK, port=2))


@given(latitude=st.integers(-(2**31), 2**31 - 1), battery=st.integers(0, 2**14 - 1))
def test_any_position_survives(latitude: int, battery: int) -> None:
    values: dict[str, Value] = {
        "latitude": latitude / 1e6,
        "longitude": 28.0,
        "battery_mv": battery,
        "alarm_flag": True,
    }

    found = _CODEC.decode(_CODEC.encode(values, Context(port=3)), Context(port=3))

    assert {name: found[name] for name in values} == values
