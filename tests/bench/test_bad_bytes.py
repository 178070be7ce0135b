"""Whatever arrives, the bench says what it was and goes on."""

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.bench.ear import Ear
from simulator.bench.framing import cutter_for, wrap
from simulator.bench.links import Chunk
from simulator.bench.suspicion import Suspect
from simulator.profile import codec_of, load, profile_names, profiles

_FRAMINGS = ("line", "cobs", "slip", "hex", "length:1", "length:2le")
_STREAMED = tuple(one.name for one in profiles() if codec_of(one).framer() is not None)


@settings(max_examples=60)
@given(st.sampled_from(profile_names()), st.lists(st.binary(max_size=60), max_size=8))
def test_any_bytes_are_heard_by_any_profile(name: str, pieces: list[bytes]) -> None:
    """Nothing raises, and every frame that is heard is counted."""
    ear = Ear(load(name))

    heard = [frame for at, data in enumerate(pieces) for frame in ear.hear(Chunk(float(at), data))]
    ear.lose()

    assert len(heard) == ear.counts.frames
    assert ear.counts.unreadable == sum(not frame.is_readable for frame in heard)
    assert ear.pending_bytes == 0


@settings(max_examples=60)
@given(st.sampled_from(_STREAMED), st.binary(max_size=300))
def test_every_byte_of_a_stream_is_accounted_for(name: str, data: bytes) -> None:
    """It is in a frame, waits for the rest of one, or is garbage; delimiters belong to frames."""
    cutter = cutter_for(load(name))

    frames = cutter.feed(data)

    assert sum(map(len, frames)) + cutter.discarded + cutter.pending <= len(data)


@settings(max_examples=60)
@given(st.sampled_from(_FRAMINGS), st.binary(min_size=1, max_size=200), st.integers(1, 7))
def test_a_wrapped_frame_survives_any_portions(name: str, body: bytes, size: int) -> None:
    """The framing of a gateway gives back what went in."""
    profile = load("milesight-ws101")
    payload = body.replace(b"\n", b"") or b"x" if name == "line" else body
    cutter = cutter_for(profile, framing=name)
    wire = wrap(profile, payload, framing=name)

    frames = [
        frame for at in range(0, len(wire), size) for frame in cutter.feed(wire[at : at + size])
    ]

    assert frames == [payload]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.binary(max_size=80), max_size=6), st.booleans())
def test_any_bytes_can_be_judged(pieces: list[bytes], is_whole: bool) -> None:
    """Every profile looks at them, and none of them stumbles."""
    suspect = Suspect(load("serial-pendant-base"))
    for data in pieces:
        suspect.hear(data, is_whole=is_whole)

    found = suspect.judge()

    assert found.sentence("serial-pendant-base")
