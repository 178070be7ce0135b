"""Frames out of streams: garbage, half frames, repetitions, other protocols and noise."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.bench.ear import Ear
from simulator.bench.framing import cutter_for, framing_named, wrap
from simulator.bench.links import Chunk
from simulator.bench.suspicion import Finding, Suspect
from simulator.device import Firmware, Place, PowerOn, Press, Speech
from simulator.errors import InputError
from simulator.frame import Kind, Value
from simulator.profile import codec_of, load
from simulator.rng import Rng

PENDANT = load("serial-pendant-base")
SHELLY = load("shelly-blu-button1")
_VALUES: dict[str, Value] = {
    "message": "alarm",
    "serial": "00000017",
    "sequence": 3,
    "button": "pendant",
    "on_mains": True,
    "battery_percent": 88,
    "rssi_dbm": -71.5,
}


def alarm(sequence: int = 3) -> bytes:
    """Return a press of the pendant base."""
    return codec_of(PENDANT).encode({**_VALUES, "sequence": sequence})


def pieces(data: bytes, sizes: Iterator[int]) -> Iterator[Chunk]:
    """Yield a stream in portions."""
    at, now = 0, 0.0
    while at < len(data):
        size = max(1, next(sizes, 7))
        yield Chunk(now, data[at : at + size])
        at, now = at + size, now + 0.01


def test_a_frame_is_heard_with_its_meaning_and_its_serial() -> None:
    """The profile's own rules say what it means."""
    ear = Ear(PENDANT)

    (heard,) = ear.hear(Chunk(5.0, alarm()))

    assert heard.kinds == (Kind.PRESS,)
    assert heard.values["battery_percent"] == 88
    assert heard.at_s == 5.0
    assert ear.serial == "00000017"


@given(st.binary(max_size=40), st.lists(st.integers(1, 30), max_size=60))
def test_garbage_and_portions_change_nothing(garbage: bytes, sizes: list[int]) -> None:
    """Three frames with garbage between them are three frames, in whatever portions they come."""
    quiet = garbage.replace(b"\xa5", b"")
    stream = quiet + alarm(1) + quiet + alarm(2) + alarm(3)
    ear = Ear(PENDANT)

    heard = [frame for chunk in pieces(stream, iter(sizes)) for frame in ear.hear(chunk)]

    assert [frame.values["sequence"] for frame in heard] == [1, 2, 3]
    assert ear.counts.garbage_bytes == 2 * len(quiet)


def test_a_half_frame_at_a_loss_is_counted_and_forgotten() -> None:
    """What was cut off does not spoil what comes after the plug is back."""
    ear = Ear(PENDANT)

    ear.hear(Chunk(0.0, alarm(1)[:9]))
    ear.lose()
    heard = ear.hear(Chunk(1.0, alarm(2)))

    assert [frame.values["sequence"] for frame in heard] == [2]
    assert ear.counts.half_frames == 1
    assert ear.pending_bytes == 0


def test_a_damaged_frame_is_no_press() -> None:
    """Its checksum is wrong: it is counted as unreadable, and means nothing."""
    ear = Ear(PENDANT)
    broken = bytearray(alarm())
    broken[8] ^= 0x10

    heard = ear.hear(Chunk(0.0, bytes(broken)))

    assert not any(frame.kinds for frame in heard)
    assert ear.counts.unreadable or ear.counts.garbage_bytes


def test_repetitions_of_an_advertisement_are_one_event() -> None:
    """The same packet id within a moment is a repetition; the next one is not."""
    ear = Ear(SHELLY)
    packets = [bytes.fromhex("4400010164" + "3a04"), bytes.fromhex("4400020164" + "3a04")]

    def say(packet: bytes, at_s: float) -> list[Kind]:
        chunk = Chunk(at_s, packet, "advertisement", "A4:C1:38:00:00:01", is_whole=True)
        return [kind for frame in ear.hear(chunk) for kind in frame.kinds]

    meant = [say(packets[0], at / 10) for at in range(10)] + [say(packets[1], 1.5)]

    assert sum(Kind.PRESS in kinds for kinds in meant) == 2
    assert ear.counts.repetitions == 9
    assert ear.serial == "A4C138000001"


@pytest.mark.parametrize("name", ["line", "cobs", "slip", "hex", "length:1", "length:2le"])
def test_every_framing_gives_back_what_it_wrapped(name: str) -> None:
    """A gateway that prints frames of a codec without a stream of its own."""
    profile = load("milesight-ws101")
    payload = bytes.fromhex("017510ff2e01")
    cutter = cutter_for(profile, framing=name)

    wire = wrap(profile, payload, framing=name)
    frames = [frame for byte in 3 * wire for frame in cutter.feed(bytes([byte]))]

    assert frames == 3 * [payload]


def test_a_line_that_is_no_hex_is_discarded() -> None:
    """A boot message between two hex lines is garbage, not a frame."""
    cutter = cutter_for(load("milesight-ws101"), framing="hex")

    frames = cutter.feed(b"017510\nbooting...\n0175 64\n")

    assert frames == [bytes.fromhex("017510"), bytes.fromhex("017564")]
    assert cutter.discarded == len(b"booting...\n")


@pytest.mark.parametrize("name", ["", "tab", "length:3", "length:2be"])
def test_a_framing_that_does_not_exist_is_refused(name: str) -> None:
    """What can be said is in the message."""
    with pytest.raises(InputError, match="cobs"):
        framing_named(name)


@pytest.mark.parametrize("name", ["gt06", "gps103", "queclink-gl300", "eview-ev07b", "h02"])
def test_another_protocol_is_named(name: str) -> None:
    """The likelier profile is said, because its checksums and marks fit."""
    suspect = Suspect(PENDANT)
    for frame in spoken(name, presses=4):
        suspect.hear(frame)

    found = suspect.judge()

    assert found.finding is Finding.OTHER_PROTOCOL
    assert found.profiles[0] == name
    assert f"--profile {name}" in found.sentence(PENDANT.name)


def spoken(name: str, *, presses: int) -> list[bytes]:
    """Return what a unit of a model says when it is pressed so often."""
    profile = load(name)
    unit = Firmware(Speech(profile), 1, Rng(1), place=Place(), epoch_s=1.7e9)
    unit.wake(0.0, [PowerOn(cold=False)])
    said, now = [], 10.0
    for number in range(presses):
        unit.wake(now, [Press(f"#{number}", profile.behaviour.gestures[0])])
        now += 60.0
        said += [frame.payload for frame in unit.wake(now).frames]
    return said


def test_noise_is_no_protocol() -> None:
    """Random bytes fit no profile, so the line is at fault."""
    stream = Rng(3).stream(0, "noise")
    suspect = Suspect(PENDANT)
    suspect.hear(bytes(int(stream.uniform(0, 256)) for _ in range(2000)))

    found = suspect.judge()

    assert found.finding is Finding.NOISE
    assert "baud" in found.sentence(PENDANT.name)


def test_its_own_protocol_with_some_noise_is_its_own() -> None:
    """A few bad bytes between frames do not make another device of it."""
    suspect = Suspect(PENDANT)
    for number in range(8):
        suspect.hear(alarm(number) + b"\x00\xff")

    assert suspect.judge().finding is Finding.AS_EXPECTED


def test_silence_is_not_judged() -> None:
    """Nothing was heard, so nothing is said of the protocol."""
    assert Suspect(PENDANT).judge().finding is Finding.QUIET


def test_repetitions_are_those_of_one_advertiser() -> None:
    """Two buttons of a model say the same bytes: both are presses."""
    ear = Ear(load("shelly-blu-button1"))
    said = bytes.fromhex("44000001633a01")

    heard = [
        frame
        for address in ("A4:C1:38:00:00:01", "A4:C1:38:00:00:02", "A4:C1:38:00:00:01")
        for frame in ear.hear(Chunk(1.0, said, "advertisement", address, is_whole=True))
    ]

    assert [frame.is_repetition for frame in heard] == [False, False, True]
