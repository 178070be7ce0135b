"""Oyster messages of 12 bytes, after the maker's tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Context, FrameError, codec
from simulator.frame import Direction

_CODEC = codec("sigfox_oyster")
_LATITUDE = (-260000000).to_bytes(4, "little", signed=True)
_LONGITUDE = (280000000).to_bytes(4, "little", signed=True)


def test_position_goes_both_ways() -> None:
    frame = b"\x30" + _LATITUDE + _LONGITUDE + bytes((45, 80, 200))

    values = _CODEC.decode(frame)

    assert values == {
        "message_type": 0,
        "in_trip": True,
        "fix_failed": True,
        "latitude": -26.0,
        "longitude": 28.0,
        "course_deg": 90,
        "speed_kmh": 80,
        "battery_mv": 5000,
    }
    assert _CODEC.encode(values) == frame


def test_extended_position_has_coarser_coordinates() -> None:
    frame = b"\x03" + _LATITUDE[1:] + _LONGITUDE[1:] + bytes((0x62, 160, 0, 0, 0))

    values = _CODEC.decode(frame)

    assert values["latitude"] == pytest.approx(-26.0, abs=3e-5)
    assert (values["course_deg"], values["speed_kmh"]) == (90, 60)
    assert _CODEC.encode(values) == frame


def test_downlink_answer_tells_the_firmware() -> None:
    values = _CODEC.decode(bytes.fromhex("01850203" + "00" * 8))

    assert (values["sequence"], values["accepted"], values["firmware"]) == (5, True, "2.3")


@given(head=st.integers(0, 15), rest=st.binary(min_size=11, max_size=11), kind=st.integers(0, 3))
def test_any_message_survives(head: int, rest: bytes, kind: int) -> None:
    frame = bytes((head << 4 | kind,)) + rest

    assert _CODEC.encode(_CODEC.decode(frame)) == frame


@pytest.mark.parametrize("frame", ["", "00" * 11, "00" * 13, "04" + "00" * 11])
def test_what_is_no_message_is_refused(frame: str) -> None:
    with pytest.raises(FrameError, match="message"):
        _CODEC.decode(bytes.fromhex(frame))


def test_downlinks_are_refused() -> None:
    with pytest.raises(FrameError, match="downlinks"):
        _CODEC.encode({}, Context(direction=Direction.DOWNLINK))
