"""Cutting at a delimiter: any portions give the same frames, and too long ones are dropped."""

from hypothesis import given
from hypothesis import strategies as st

from simulator.codec._delimited import DelimitedCutter


def _cutter() -> DelimitedCutter:
    return DelimitedCutter(b"\0", limit=4)


def test_frames_come_without_their_delimiter() -> None:
    cutter = _cutter()

    assert cutter.feed(b"ab\0\0c\0d") == [b"ab", b"c"]
    assert (cutter.pending, cutter.discarded) == (1, 0)


def test_frame_longer_than_the_limit_is_dropped_with_its_delimiter() -> None:
    cutter = _cutter()

    assert cutter.feed(b"abcde\0fg\0") == [b"fg"]
    assert cutter.discarded == 6


def test_buffer_never_grows_beyond_the_limit() -> None:
    cutter = _cutter()

    for _ in range(100):
        cutter.feed(b"x")

    assert (cutter.pending, cutter.discarded) == (0, 100)


def test_start_says_where_a_frame_begins() -> None:
    cutter = DelimitedCutter(b"\n", limit=9, start=lambda body: body.rfind(b"$"))

    assert cutter.feed(b"xx$ab\nnone\n") == [b"$ab"]
    assert cutter.discarded == 2 + 5


def test_delimiter_that_ends_nothing_shows_when_asked_for() -> None:
    assert _cutter().cut(b"\0a\0\0") == [b"", b"a", b""]


@given(stream=st.lists(st.sampled_from([b"a", b"\0"]), max_size=40), cuts=st.integers(0, 2**40))
def test_portions_do_not_matter(stream: list[bytes], cuts: int) -> None:
    """The same frames and the same count of lost bytes, however the stream is cut up."""
    whole, pieces = _cutter(), _cutter()
    frames, portion = [], b""

    for at, byte in enumerate(stream):
        portion += byte
        if cuts >> at & 1:
            frames += pieces.feed(portion)
            portion = b""
    frames += pieces.feed(portion)

    assert frames == whole.feed(b"".join(stream))
    assert pieces.discarded == whole.discarded
