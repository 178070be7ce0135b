"""Cutting a byte stream: the same frames whatever the portions, and nothing lost uncounted."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec._framing import (
    NO_FRAME,
    StreamCutter,
    by_start,
    length_prefixed,
    terminated,
)


def _sized(limit: int = 16) -> StreamCutter:
    """Cut `AB length content`, content without a byte FF."""
    measure = length_prefixed(2, lambda head: head[1] + 2, lambda frame: 0xFF not in frame)
    return StreamCutter(measure, limit=limit, starts=(b"\xab",))


def _mixed() -> StreamCutter:
    """Cut text `*HQ...#` and binary `$` of four bytes from one stream."""
    shapes = {b"*HQ": terminated(b"#"), b"$": length_prefixed(1, lambda _: 4)}
    return StreamCutter(by_start(shapes), limit=24, starts=tuple(shapes))


def test_frame_in_one_portion_is_found() -> None:
    cutter = _sized()

    assert cutter.feed(b"\xab\x02hi\xab\x00") == [b"\xab\x02hi", b"\xab\x00"]
    assert (cutter.discarded, cutter.pending) == (0, 0)


def test_frame_in_many_portions_is_found_with_its_last_byte() -> None:
    cutter = _sized()

    found = [cutter.feed(bytes([b])) for b in b"\xab\x02hi"]

    assert found == [[], [], [], [b"\xab\x02hi"]]


def test_garbage_around_frames_is_counted() -> None:
    cutter = _sized()

    frames = cutter.feed(b"xyz\xab\x01a..\xab\x01b")

    assert frames == [b"\xab\x01a", b"\xab\x01b"]
    assert cutter.discarded == 5


def test_broken_length_does_not_swallow_the_frame_behind_it() -> None:
    cutter = _sized(limit=8)

    assert cutter.feed(b"\xab\xf0\xab\x01a") == [b"\xab\x01a"]
    assert cutter.discarded == 2


def test_frame_that_fails_its_check_is_garbage() -> None:
    cutter = _sized()

    assert cutter.feed(b"\xab\x02\xff\xff\xab\x00") == [b"\xab\x00"]
    assert cutter.discarded == 4


def test_size_function_may_refuse_a_header() -> None:
    refuse = length_prefixed(1, lambda _: NO_FRAME)
    cutter = StreamCutter(refuse, limit=8)

    assert cutter.feed(b"abc") == []
    assert cutter.discarded == 3


def test_terminated_frames_need_no_start_mark() -> None:
    cutter = StreamCutter(terminated(b"\r\n", b";"), limit=32)

    assert cutter.feed(b"one;two\r\nthr") == [b"one;", b"two\r\n"]
    assert cutter.feed(b"ee;") == [b"three;"]


def test_mark_that_opens_and_closes_is_searched_after_the_first() -> None:
    cutter = StreamCutter(terminated(b"\xc0", after=1), limit=32, starts=(b"\xc0",))

    assert cutter.feed(b"\xc0abc\xc0\xc0d\xc0") == [b"\xc0abc\xc0", b"\xc0d\xc0"]


def test_unterminated_text_is_held_no_longer_than_the_limit() -> None:
    cutter = StreamCutter(terminated(b";"), limit=10)

    cutter.feed(b"x" * 1000)

    assert cutter.pending < 10
    assert cutter.discarded > 990


def test_dialects_are_told_apart_by_their_start() -> None:
    cutter = _mixed()

    assert cutter.feed(b"?*H*HQ,1#$\x24#*!") == [b"*HQ,1#", b"$\x24#*"]
    assert cutter.discarded == 4


def test_half_a_start_mark_waits_for_the_other_half() -> None:
    cutter = _mixed()

    assert cutter.feed(b"noise*H") == []
    assert cutter.feed(b"Q,1#") == [b"*HQ,1#"]
    assert cutter.discarded == 5


@pytest.mark.parametrize("cutter", [_sized, _mixed])
@given(
    stream=st.lists(
        st.sampled_from([b"\xab", b"\x01", b"\x05", b"\xff", b"*HQ", b"*", b"H", b"#", b"$", b"ab"])
    ).map(b"".join),
    cuts=st.lists(st.integers(0, 200), max_size=6),
)
def test_portions_do_not_matter(cutter: object, stream: bytes, cuts: list[int]) -> None:
    """One portion, any portions and single bytes give the same frames and the same losses."""
    assert callable(cutter)
    edges = sorted({0, len(stream), *(c for c in cuts if c < len(stream))})
    portions = [
        [stream],
        [stream[a:b] for a, b in pairwise(edges)],
        [bytes([b]) for b in stream],
    ]

    results = []
    for parts in portions:
        one: StreamCutter = cutter()
        frames = [frame for part in parts for frame in one.feed(part)]
        assert sum(map(len, frames)) + one.discarded + one.pending == len(stream)
        results.append((frames, one.discarded, one.pending))

    assert results[0] == results[1] == results[2]
