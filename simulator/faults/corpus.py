"""A corpus of mutated frames of a device model: to throw at any decoder, ours or another."""

from collections.abc import Iterator
from typing import TypedDict

from simulator.codec import Codec, Context, FrameError
from simulator.device import Firmware, Place, Speech
from simulator.faults.frames import Mutant, Mutation, Mutator
from simulator.frame import Frame, Kind, Value
from simulator.profile import Profile, codec_of
from simulator.rng import Rng

_MOST_BYTES = 70_000  # more than any 16-bit length can say


class CorpusLine(TypedDict, total=False):
    """One mutated frame, and what our own codec makes of it: `values` or `refused`."""

    profile: str
    kind: str
    mutation: str
    note: str
    frame_hex: str
    port: int | None
    original_hex: str
    values: dict[str, Value]
    refused: str


def frame_of(profile: Profile, kind: Kind, number: int = 1, seed: int = 1) -> Frame:
    """Return the frame that unit `number` sends on an occasion, at the beginning of a run."""
    unit = Firmware(Speech(profile), number, Rng(seed), place=Place(), epoch_s=1_780_272_000.0)
    template = profile.frames[kind]
    context = Context(port=template.port, address=unit.radio.address, key=unit.radio.key)
    payload = codec_of(profile).encode(unit.would_say(0.0, kind), context)
    return Frame(unit.name, 0, kind, payload, 0.0, port=template.port, address=unit.radio.address)


def corpus(profile: Profile, count: int, seed: int = 1) -> Iterator[CorpusLine]:
    """Yield mutated frames: every kind of frame and every mutation it allows, in turn."""
    mutator, speaker = Mutator(profile, most_bytes=_MOST_BYTES), codec_of(profile)
    stream = Rng(seed).stream(0, f"corpus {profile.name}")
    kinds, mutations = list(profile.frames), list(Mutation)
    for number in range(count):
        kind = kinds[number % len(kinds)]
        frame = frame_of(profile, kind, 1 + number, seed)
        key = profile.identity.key_of(1 + number)
        wanted = mutations[number // len(kinds) % len(mutations)]
        mutant = mutator.mutate(frame, stream, wanted, key=key)
        mutant = mutant or mutator.mutate(frame, stream, key=key)
        if mutant is not None:
            yield _line(profile, frame, mutant, speaker, key)


def _line(
    profile: Profile, frame: Frame, mutant: Mutant, speaker: Codec, key: bytes | None
) -> CorpusLine:
    line: CorpusLine = {
        "profile": profile.name,
        "kind": frame.kind.value,
        "mutation": mutant.mutation.value,
        "note": mutant.note,
        "frame_hex": mutant.frame.payload.hex(),
        "port": frame.port,
        "original_hex": frame.payload.hex(),
    }
    context = Context(port=frame.port, address=frame.address, key=key)
    try:
        line["values"] = speaker.decode(mutant.frame.payload, context)
    except FrameError as error:
        line["refused"] = error.reason
    return line
