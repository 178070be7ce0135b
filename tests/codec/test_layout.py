"""Tables of bit ranges: both byte orders, every kind of part, and what does not fit."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import FrameError
from simulator.codec._fields import Fields
from simulator.codec._layout import (
    Layout,
    calendar,
    choice,
    coded,
    flag,
    moment,
    number,
    numbers,
    octets,
    spare,
    version,
)
from simulator.frame import Value


def _fields(**values: Value) -> Fields:
    return Fields("some", values)


def test_big_endian_takes_the_highest_bits_first() -> None:
    layout = Layout("some", flag("first"), number("rest", 7), number("word", 16))

    values = layout.read(bytes.fromhex("810102"))

    assert values == {"first": True, "rest": 1, "word": 0x0102}
    assert layout.write(Fields("some", values)) == bytes.fromhex("810102")


def test_little_endian_takes_the_lowest_bits_first() -> None:
    layout = Layout("some", flag("first"), number("rest", 7), number("word", 16), order="little")

    values = layout.read(bytes.fromhex("030201"))

    assert values == {"first": True, "rest": 1, "word": 0x0102}
    assert layout.write(Fields("some", values)) == bytes.fromhex("030201")


def test_signed_scaled_number_goes_both_ways() -> None:
    layout = Layout("some", number("degrees", 32, step=1e-7, digits=7, signed=True))

    assert layout.read(bytes.fromhex("ffffffff")) == {"degrees": -1e-7}
    assert layout.write(_fields(degrees=-33.9)) == (-339000000).to_bytes(4, "big", signed=True)


@given(raw=st.integers(0, 0xFFFF))
def test_every_raw_number_survives_its_scale(raw: int) -> None:
    layout = Layout("some", number("value", 16, step=0.1, offset=-40, digits=1))
    frame = raw.to_bytes(2, "big")

    assert layout.write(Fields("some", layout.read(frame))) == frame


@pytest.mark.parametrize("value", [-0.1, 25.6, 10**400, float("nan"), True, "1", None])
def test_number_that_does_not_fit_names_its_field(value: Value) -> None:
    layout = Layout("some", number("level", 8, step=0.1, digits=1))

    with pytest.raises(FrameError, match="level"):
        layout.write(_fields(level=value))


def test_reserved_bits_show_only_when_they_are_unusual() -> None:
    layout = Layout("some", spare(4, "upper", usual=0xF), number("lower", 4))

    assert layout.read(b"\xf1") == {"lower": 1}
    assert layout.read(b"\x21") == {"upper": 2, "lower": 1}
    assert layout.write(_fields(lower=1)) == b"\xf1"


def test_code_without_a_word_is_refused_where_the_word_is_all() -> None:
    layout = Layout("some", choice("some", "state", 8, {0: "off", 1: "on"}))

    with pytest.raises(FrameError, match="state of code 7"):
        layout.read(b"\x07")


def test_code_and_word_may_stand_for_each_other() -> None:
    layout = Layout("some", coded("code", 8, "word", {1: "one"}))

    assert layout.read(b"\x01") == {"code": 1, "word": "one"}
    assert layout.read(b"\x09") == {"code": 9}
    assert layout.write(_fields(word="one")) == layout.write(_fields(code=1)) == b"\x01"


def test_code_that_contradicts_its_word_is_refused() -> None:
    layout = Layout("some", coded("code", 8, "word", {1: "one", 2: "two"}))

    with pytest.raises(FrameError, match="word"):
        layout.write(_fields(code=2, word="one"))


@pytest.mark.parametrize("order", ["big", "little"])
def test_bytes_stand_in_their_own_order_in_either_layout(order: str) -> None:
    part = octets("mac", 3, separator=":", order="big" if order == "big" else "little")
    layout = Layout("some", part, order="big" if order == "big" else "little")

    assert layout.read(b"\x01\x02\x03") == {"mac": "01:02:03"}
    assert layout.write(_fields(mac="010203")) == b"\x01\x02\x03"


def test_version_has_a_number_per_width() -> None:
    layout = Layout("some", version("firmware", 4, 6, 6))

    assert layout.read(bytes.fromhex("3040")) == {"firmware": "3.1.0"}
    assert layout.write(_fields(firmware="3.1.0")) == bytes.fromhex("3040")


@pytest.mark.parametrize("text", ["3.1", "3.1.x", "16.0.0", "3.64.0", ""])
def test_version_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(FrameError, match="firmware"):
        Layout("some", version("firmware", 4, 6, 6)).write(_fields(firmware=text))


def test_seconds_may_count_from_another_year() -> None:
    layout = Layout("some", moment(since_s=1356998400))

    assert layout.read(bytes(4)) == {"time": "2013-01-01T00:00:00Z"}
    with pytest.raises(FrameError, match="before 2013"):
        layout.write(_fields(time="2012-12-31T23:59:59Z"))


@given(time=st.datetimes())
def test_calendar_time_goes_both_ways(time: datetime) -> None:
    layout = Layout("some", calendar("some", 16))
    text = f"{time.isoformat()[:19]}Z"

    assert layout.read(layout.write(_fields(time=text))) == {"time": text}


def test_day_that_is_none_is_refused() -> None:
    with pytest.raises(FrameError, match="time"):
        Layout("some", calendar("some", 8, since=2000)).read(bytes((24, 2, 30, 0, 0, 0)))


def test_list_of_numbers_has_a_fixed_length() -> None:
    layout = Layout("some", numbers("some", "axes", 3, number("axes", 8, signed=True)))

    assert layout.read(b"\xff\x00\x01") == {"axes": [-1, 0, 1]}
    with pytest.raises(FrameError, match="axes"):
        layout.write(_fields(axes=[1, 2]))


def test_short_frame_tells_where_it_ends() -> None:
    with pytest.raises(FrameError, match="ends at byte 2"):
        Layout("some", number("word", 32)).read(b"\x01\x02")


def test_long_frame_tells_where_the_surplus_begins() -> None:
    with pytest.raises(FrameError, match="2 bytes too many, from byte 1"):
        Layout("some", number("byte", 8)).read_whole(b"\x01\x02\x03")


def test_layout_must_fill_whole_bytes() -> None:
    with pytest.raises(ValueError, match="3 bits into a byte"):
        Layout("some", number("odd", 11))
