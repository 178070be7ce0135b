"""Mutants are made by seed, in the grammar of the device, and say what was done."""

from contextlib import suppress

import pytest

from simulator.codec import Context, FrameError
from simulator.faults import Mutant, Mutation, Mutator, corpus, frame_of
from simulator.frame import Frame, Kind
from simulator.profile import codec_of, load, profile_names
from simulator.rng import Rng

_names = pytest.mark.parametrize("name", profile_names())


def mutant(name: str, mutation: Mutation | None, kind: Kind = Kind.PRESS, seed: int = 1) -> Mutant:
    """Return a mutant of a model's frame."""
    profile = load(name)
    frame = frame_of(profile, kind)
    stream = Rng(seed).stream(0, "test")
    made = Mutator(profile).mutate(frame, stream, mutation, key=profile.identity.key_of(1))
    assert made is not None
    return made


def refusal(name: str, frame: Frame) -> str:
    """Return why a model's codec refuses a frame; empty where it does not."""
    profile = load(name)
    context = Context(port=frame.port, address=frame.address, key=profile.identity.key_of(1))
    try:
        codec_of(profile).decode(frame.payload, context)
    except FrameError as error:
        return error.reason
    return ""


@_names
def test_same_seed_same_mutants(name: str) -> None:
    first, again = list(corpus(load(name), 20, seed=3)), list(corpus(load(name), 20, seed=3))

    assert first == again
    assert first != list(corpus(load(name), 20, seed=4))


@_names
def test_every_mutant_is_read_or_refused(name: str) -> None:
    """Nothing but `FrameError` comes out of our own codec, whatever was done to a frame."""
    lines = list(corpus(load(name), 60, seed=7))

    assert len(lines) == 60
    assert all(("values" in line) != ("refused" in line) for line in lines)
    assert {line["mutation"] for line in lines} >= {"truncated", "flipped", "replayed"}


@_names
def test_what_is_not_replayed_differs_from_the_true_frame(name: str) -> None:
    profile = load(name)
    frame, stream, mutator = frame_of(profile, Kind.PRESS), Rng(1).stream(0, "x"), Mutator(profile)

    for mutation in Mutation:
        made = mutator.mutate(frame, stream, mutation, key=profile.identity.key_of(1))
        if made is not None and mutation is not Mutation.REPLAYED:
            assert made.frame != frame
            assert (made.mutation, made.after_s) == (mutation, 0.0)
            assert made.note


def test_truncated_frame_is_the_start_of_the_true_one() -> None:
    true = frame_of(load("eview-ev07b"), Kind.PRESS).payload
    cut = mutant("eview-ev07b", Mutation.TRUNCATED).frame.payload

    assert 0 < len(cut) < len(true)
    assert true.startswith(cut)


@pytest.mark.parametrize(
    "name", ["eview-ev07b", "gt06", "teltonika-tmt250", "serial-pendant-base", "sia-dc09-panel"]
)
def test_wrong_checksum_changes_one_byte_and_is_refused_for_it(name: str) -> None:
    true = frame_of(load(name), Kind.PRESS).payload
    made = mutant(name, Mutation.MISCHECKED).frame

    assert sum(a != b for a, b in zip(true, made.payload, strict=True)) == 1
    assert refusal(name, made)


@pytest.mark.parametrize("name", ["milesight-ws101", "h02", "simplepack-plus"])
def test_device_without_a_checksum_has_none_to_break(name: str) -> None:
    profile = load(name)
    stream = Rng(1).stream(0, "test")

    assert (
        Mutator(profile).mutate(frame_of(profile, Kind.PRESS), stream, Mutation.MISCHECKED) is None
    )


@pytest.mark.parametrize("name", ["eview-ev07b", "serial-pendant-base", "h02", "aura-structured"])
def test_cloned_id_is_a_sound_frame_of_another_unit(name: str) -> None:
    made = mutant(name, Mutation.CLONED)

    assert refusal(name, made.frame) == ""
    assert made.note.startswith("names unit ")
    assert made.frame.payload != frame_of(load(name), Kind.PRESS).payload


def test_cloned_radio_address_leaves_the_bytes_alone() -> None:
    made = mutant("shelly-blu-button1-encrypted", Mutation.CLONED)
    true = frame_of(load("shelly-blu-button1-encrypted"), Kind.PRESS)

    assert made.frame.payload == true.payload
    assert made.frame.address != true.address


def test_spoofed_position_is_sound_and_far_away() -> None:
    made = mutant("eview-ev07b", Mutation.SPOOFED)
    values = codec_of(load("eview-ev07b")).decode(made.frame.payload)

    assert f"says {values['latitude']:.4f}"[:10] == made.note[:10]
    assert refusal("eview-ev07b", made.frame) == ""


def test_replayed_frame_is_the_same_bytes_that_nobody_pressed_for() -> None:
    made = mutant("milesight-ws101", Mutation.REPLAYED)

    assert made.frame.payload == frame_of(load("milesight-ws101"), Kind.PRESS).payload
    assert made.frame.press is None
    assert 1 <= made.after_s <= 30


@pytest.mark.parametrize("name", ["eview-ev07b", "gt06", "serial-pendant-base"])
def test_huge_length_claims_the_most_it_can(name: str) -> None:
    made = mutant(name, Mutation.HUGE)

    assert "claims" in made.note
    assert refusal(name, made.frame)


def test_frame_without_a_length_grows_up_to_the_bound() -> None:
    profile = load("milesight-ws101")
    mutator = Mutator(profile, most_bytes=100)
    stream = Rng(1).stream(0, "test")

    made = mutator.mutate(frame_of(profile, Kind.BATTERY), stream, Mutation.HUGE)

    assert made is not None
    assert len(made.frame.payload) == 100


@_names
def test_stream_of_mutants_is_cut_without_an_error(name: str) -> None:
    """Frames between them are found; what is lost is counted."""
    profile = load(name)
    framer = codec_of(profile).framer()
    if framer is None:
        return
    data = b"".join(bytes.fromhex(line["frame_hex"]) for line in corpus(profile, 40))[:50_000]

    found = [frame for at in range(0, len(data), 97) for frame in framer.feed(data[at : at + 97])]

    for frame in found:
        with suppress(FrameError):
            codec_of(profile).decode(frame)
    assert sum(map(len, found)) + framer.discarded <= len(data) + 2 * len(found)
