"""Units to test with, and the life they lead."""

import msgspec

from simulator.codec import Context
from simulator.device import Firmware, Place, Reply, Speech
from simulator.frame import Frame, Value
from simulator.profile import codec_of, load
from simulator.rng import Rng

EPOCH_S = 1_780_000_000.0


def unit(name: str = "aura-structured", *, seed: int = 1, **behaviour: object) -> Firmware:
    """Return unit 1 of a profile, with some of its behaviour changed."""
    profile = load(name)
    if behaviour:
        changed = msgspec.structs.replace(profile.behaviour, **behaviour)
        profile = msgspec.structs.replace(profile, behaviour=changed)
    return Firmware(Speech(profile), 1, Rng(seed), place=Place(), epoch_s=1_780_000_000.0)


def live(firmware: Firmware, until: float, now: float = 0.0) -> list[Frame]:
    """Wake a unit whenever it asks for it; return all it says."""
    said: list[Frame] = []
    woken = firmware.wake(now)
    while True:
        said += woken.frames
        if woken.next_wake > until:
            return said
        woken = firmware.wake(woken.next_wake)


def read(firmware: Firmware, frame: Frame) -> dict[str, Value]:
    """Return what a frame says."""
    context = Context(port=frame.port, address=frame.address, key=firmware.radio.key)
    return codec_of(firmware.profile).decode(frame.payload, context)


def answered(
    firmware: Firmware, until: float, now: float = 0.0, *, deaf_s: float = 0.0
) -> list[Frame]:
    """Let a unit live with a server that answers at once what its protocol answers.

    Until `deaf_s` nothing reaches the server; a network that acknowledges does so likewise.
    """
    said: list[Frame] = []
    woken = firmware.wake(now)
    while True:
        said += woken.frames
        heard = [frame for frame in woken.frames if now >= deaf_s]
        replies = [
            Reply(frame.sequence, answer)
            for frame in heard
            for answer in answer_to(firmware, frame)
        ]
        if replies:
            woken = firmware.wake(now, replies)
        elif woken.next_wake > until:
            return said
        else:
            now = woken.next_wake
            woken = firmware.wake(now)


def answer_to(firmware: Firmware, frame: Frame) -> list[bytes]:
    """Return what the server of the protocol, or else the network, answers to a frame."""
    context = Context(
        port=frame.port,
        received_s=EPOCH_S + frame.at_s,
        address=frame.address,
        key=firmware.radio.key,
    )
    reply = codec_of(firmware.profile).reply(frame.payload, context)
    if reply is None:
        return [b""] if firmware.is_network_acked else []
    return [reply]
