"""COBS blocks: codes, groups of 254 bytes, and cutting at the zero."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import FrameError, Framer, codec

_CODEC = codec("serial_cobs")


def _framer() -> Framer:
    framer = _CODEC.framer()
    assert framer is not None
    return framer


@pytest.mark.parametrize(
    ("content", "block"),
    [
        (b"", b"\x01"),
        (b"\0", b"\x01\x01"),
        (b"ab\0c", b"\x03ab\x02c"),
        (b"x" * 254, b"\xff" + b"x" * 254),
        (b"x" * 255, b"\xff" + b"x" * 254 + b"\x02x"),
    ],
)
def test_code_is_the_distance_to_the_next_zero(content: bytes, block: bytes) -> None:
    assert _CODEC.encode({"decoded_hex": content.hex()}) == block
    assert _CODEC.decode(block) == {"decoded_hex": content.hex()}


@given(content=st.binary(max_size=600))
def test_any_content_survives_without_a_zero(content: bytes) -> None:
    block = _CODEC.encode({"decoded_hex": content.hex()})

    assert 0 not in block
    assert _CODEC.decode(block) == {"decoded_hex": content.hex()}


def test_code_that_adds_nothing_behind_a_full_group_is_kept() -> None:
    block = b"\xff" + b"x" * 254 + b"\x01"

    values = _CODEC.decode(block)

    assert values["closing_code"] is True
    assert _CODEC.encode(values) == block
    with pytest.raises(FrameError, match="closing_code"):
        _CODEC.encode({"decoded_hex": "31", "closing_code": True})


def test_stream_form_ends_with_a_zero() -> None:
    assert _CODEC.encode({"decoded_hex": "31", "terminated": True}) == b"\x021\0"


@pytest.mark.parametrize("block", ["", "00", "053132333400", "05313233", "0531320034", "023100"])
def test_what_is_no_block_is_refused(block: str) -> None:
    with pytest.raises(FrameError, match="serial_cobs"):
        _CODEC.decode(bytes.fromhex(block))


@given(contents=st.lists(st.binary(max_size=20), max_size=6), size=st.integers(1, 9))
def test_portions_do_not_matter(contents: list[bytes], size: int) -> None:
    blocks = [_CODEC.encode({"decoded_hex": content.hex()}) for content in contents]
    stream, framer = b"".join(block + b"\0" for block in blocks), _framer()

    portions = (stream[at : at + size] for at in range(0, len(stream), size))
    found = [block for portion in portions for block in framer.feed(portion)]

    assert (found, framer.discarded) == (blocks, 0)


def test_block_without_an_end_is_discarded() -> None:
    framer = _framer()

    for _ in range(70):
        framer.feed(b"x" * 1000)

    assert framer.feed(b"\0\x021\0") == [b"\x021"]
    assert framer.discarded == 70_001
