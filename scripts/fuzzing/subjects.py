"""What is fuzzed, and what must hold whatever the bytes."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from simulator.clock import monotonic_s
from simulator.codec import Codec, Context, FrameError, codec, codec_names
from simulator.faults import corpus, frame_of
from simulator.frame import Direction
from simulator.profile import codec_of, profiles

SLOW_S = 2.0  # for one input of at most 64 KiB
KEY = bytes(range(16))
CONTEXTS = (
    Context(),
    Context(direction=Direction.DOWNLINK),
    Context(port=2, received_s=1.7e9, address="00:11:22:33:44:55", key=KEY),
    Context(port=85, address="not an address", key=b"short"),
)


class BrokenPromiseError(Exception):
    """A codec did what none may do."""


@dataclass(frozen=True)
class Subject:
    """A codec, and frames of its own to begin with."""

    name: str
    codec: Codec
    contexts: tuple[Context, ...]
    seeds: tuple[bytes, ...]


@cache
def subjects() -> tuple[Subject, ...]:
    """Return every protocol, and every layout of a profile."""
    return tuple(sorted(_found(), key=lambda subject: subject.name))


def _found() -> Iterator[Subject]:
    seen: set[str] = set()
    for profile in profiles():
        speaker = codec_of(profile)
        seen.add(profile.codec)
        frames = [frame_of(profile, kind) for kind in profile.frames]
        own = {
            Context(port=f.port, address=f.address, key=profile.identity.key_of(1)) for f in frames
        }
        mutants = (bytes.fromhex(line["frame_hex"]) for line in corpus(profile, 60))
        seeds = {frame.payload for frame in frames} | {m for m in mutants if len(m) < 4096}
        contexts = (*sorted(own, key=repr), *CONTEXTS)
        yield Subject(profile.name, speaker, contexts, tuple(sorted(seeds)))
    for name in codec_names():
        if name not in seen:
            yield Subject(name, codec(name), CONTEXTS, (b"",))


def try_frame(subject: Subject, frame: bytes, context: Context) -> None:
    """Decode, answer and encode again: values or `FrameError`, JSON, and no end of time."""
    began = monotonic_s()
    with suppress(FrameError):
        subject.codec.reply(frame, context)
        values = subject.codec.decode(frame, context)
        json.dumps(values, allow_nan=False)
        subject.codec.encode(values, context)
    spent = monotonic_s() - began
    if spent > SLOW_S:
        message = f"{len(frame)} bytes took {spent:.1f} s"
        raise BrokenPromiseError(message)


def try_stream(subject: Subject, stream: bytes, step: int) -> None:
    """Cut a stream whole and in portions: the same frames, and no byte twice."""
    whole, portions = subject.codec.framer(), subject.codec.framer()
    if whole is None or portions is None:
        return
    found = whole.feed(stream)
    again = [
        frame
        for at in range(0, len(stream), step)
        for frame in portions.feed(stream[at : at + step])
    ]
    if found != again or whole.discarded != portions.discarded:
        message = f"in portions of {step} the stream is cut into other frames"
        raise BrokenPromiseError(message)
