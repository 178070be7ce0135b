"""SLIP packets after RFC 1055."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import FrameError, Framer, codec

_CODEC = codec("serial_slip")


def _framer() -> Framer:
    framer = _CODEC.framer()
    assert framer is not None
    return framer


@pytest.mark.parametrize(
    ("content", "packet"),
    [("", "c0c0"), ("c0", "c0dbdcc0"), ("db", "c0dbddc0"), ("dbdc", "c0dbdddcc0")],
)
def test_special_bytes_are_escaped(content: str, packet: str) -> None:
    assert _CODEC.encode({"decoded_hex": content}).hex() == packet
    assert _CODEC.decode(bytes.fromhex(packet)) == {"decoded_hex": content}


@given(content=st.binary(max_size=300))
def test_any_content_survives(content: bytes) -> None:
    packet = _CODEC.encode({"decoded_hex": content.hex()})

    assert packet.count(b"\xc0") == 2
    assert _CODEC.decode(packet) == {"decoded_hex": content.hex()}


def test_first_end_may_be_missing() -> None:
    values = _CODEC.decode(b"a\xc0")

    assert values == {"decoded_hex": "61", "opened": False}
    assert _CODEC.encode(values) == b"a\xc0"


@pytest.mark.parametrize(
    ("packet", "what"),
    [
        ("c061", "closes the packet"),
        ("", "closes the packet"),
        ("c061c062c0", "END within"),
        ("c0dbc0", "escape"),
        ("c0db61c0", "escape"),
    ],
)
def test_what_is_no_packet_is_refused(packet: str, what: str) -> None:
    with pytest.raises(FrameError, match=what):
        _CODEC.decode(bytes.fromhex(packet))


def test_content_must_be_hex() -> None:
    with pytest.raises(FrameError, match="decoded_hex"):
        _CODEC.encode({"decoded_hex": "xyz"})


def test_packets_are_cut_at_end_and_empty_ones_ignored() -> None:
    framer = _framer()

    assert framer.feed(b"\xc0a\xc0\xc0\xc0b\xc0c\xc0d") == [b"\xc0a\xc0", b"\xc0b\xc0", b"c\xc0"]
    assert framer.discarded == 0


@given(contents=st.lists(st.binary(min_size=1, max_size=20), max_size=6), size=st.integers(1, 9))
def test_portions_do_not_matter(contents: list[bytes], size: int) -> None:
    packets = [_CODEC.encode({"decoded_hex": content.hex()}) for content in contents]
    stream, framer = b"".join(packets), _framer()

    portions = (stream[at : at + size] for at in range(0, len(stream), size))
    found = [packet for portion in portions for packet in framer.feed(portion)]

    assert found == packets


def test_endless_noise_is_discarded() -> None:
    framer = _framer()

    for _ in range(70):
        framer.feed(b"x" * 1000)

    assert framer.discarded == 70_000
    assert framer.feed(b"\xc0a\xc0") == [b"a\xc0"]
