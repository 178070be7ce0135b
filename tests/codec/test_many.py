"""Many frames at once are the frames that come one by one, for every codec, whatever is odd."""

import math
from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Codec, Context, FrameError
from simulator.codec.aura_structured import CODEC
from simulator.device import Firmware, Place, Speech
from simulator.device.facts import counted, facts_of
from simulator.device.speech import NO_RADIO
from simulator.frame import Kind, Value
from simulator.profile import codec_of, load, profile_names
from simulator.rng import Rng

SPOKEN = [
    (name, kind)
    for name in profile_names()
    for kind in (Kind.BATTERY, Kind.HEARTBEAT, Kind.MOVE)
    if Speech(load(name)).line(kind)
]


def alone(codec: Codec, frame: bytes, context: Context) -> dict[str, Value] | None:
    """Return what one frame says; None where it is none."""
    try:
        return codec.decode(frame, context)
    except FrameError:
        return None


def rows_of(columns: Mapping[str, Sequence[Value]]) -> list[dict[str, Value]]:
    """Return columns as what each frame says."""
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def test_what_idle_devices_say_is_read_together() -> None:
    """Positions of a fleet, and its health; not where one says less than the others."""
    health = b'{"message_type":4,"device_id":"1","body":{"battery":80}}'
    place = b'{"message_type":2,"device_id":"2","body":{"latitude":1.5,"longitude":2}}'
    exact = b'{"message_type":2,"device_id":"2","body":{"latitude":1,"longitude":2,"accuracy":3}}'

    assert CODEC.decode_alike([health, health]) is not None
    assert CODEC.decode_alike([place]) is not None
    assert CODEC.decode_alike([health, place]) is None
    assert CODEC.decode_alike([place, exact]) is None


@pytest.mark.parametrize(("name", "kind"), SPOKEN)
def test_every_model_says_the_same_alone_and_among_many(name: str, kind: Kind) -> None:
    """The bytes of a line, and what the gateway reads in them."""
    profile = load(name)
    speech, codec = Speech(profile), codec_of(profile)
    line = speech.line(kind)
    assert line is not None
    units = [
        Firmware(speech, number, Rng(1), place=Place(), epoch_s=1.78e9) for number in range(1, 6)
    ]
    facts = [
        facts_of(unit, 60.0 * at, line.facts, "") | counted(at, 1.78e9 + at, line.counts)
        for at, unit in enumerate(units)
    ]
    radios = [unit.radio for unit in units]
    columns = {key: [one[key] for one in facts] for key in facts[0]}

    frames = line.payloads(columns, radios)

    told = zip(facts, radios, strict=True)
    assert frames == [line.payload(one, radio) for one, radio in told]
    torn = [frame[: len(frame) // 2] for frame in frames]
    contexts = [
        Context(port=line.port, received_s=1.78e9 + at, address=radio.address, key=radio.key)
        for at, radio in enumerate(radios * 2)
    ]
    many = [*frames, *torn]
    expected = [alone(codec, *one) for one in zip(many, contexts, strict=True)]
    assert codec.decode_many(many, contexts) == expected
    alike = codec.decode_alike(frames)
    assert alike is None or rows_of(alike) == expected[: len(frames)]


NUMBERS = st.integers(-200, 200) | st.floats(-200, 200) | st.sampled_from([math.nan, 1e-5, None])
IDS = st.text(max_size=70) | st.integers(-5, 5) | st.none()


@given(
    st.sampled_from([1, 2, 3, 4, 5, True, "4", None]),
    st.lists(st.tuples(IDS, NUMBERS, NUMBERS, NUMBERS, NUMBERS), max_size=4),
    st.sets(st.sampled_from(["latitude", "longitude", "accuracy_m", "battery_percent"])),
)
def test_events_are_written_alike_however_odd(
    kind: Value, rows: list[tuple[Value, ...]], names: set[str]
) -> None:
    """Types, bounds and names that do not fit are refused by both, in the same words."""
    keys = ["device_id", "latitude", "longitude", "accuracy_m", "battery_percent"]
    told: list[dict[str, Value]] = [
        {"message_type": kind}
        | {key: v for key, v in zip(keys, row, strict=True) if key in names or key == keys[0]}
        for row in rows
    ]
    columns = {key: [one[key] for one in told] for key in (told[0] if told else ())}
    contexts = [Context()] * len(told)

    def written(encode: Callable[[], list[bytes]]) -> list[bytes] | str:
        try:
            return encode()
        except FrameError as error:
            return str(error)

    expected = written(lambda: [CODEC.encode(one) for one in told])
    assert written(lambda: CODEC.encode_many(columns, contexts)) == expected


@given(
    st.lists(
        st.binary(max_size=6)
        | st.sampled_from(
            [
                b"",
                b"\n",
                b'{"message_type":4,"device_id":"1"}',
                b'{"message_type":4,"device_id":"1"}\n{"message_type":4,"device_id":"2"}',
                b'{"message_type":2,"device_id":"1","body":{"latitude":1,"longitude":2}}',
                b'{"message_type":2,"device_id":"1","body":{"latitude":1}}',
                b'{"message_type":2,"device_id":"1"}',
                b'{"message_type":4,\n"device_id":"1"}',
            ]
        ),
        max_size=5,
    )
)
def test_events_are_read_alike_however_odd(frames: list[bytes]) -> None:
    """Also where one holds two lines, and another none."""
    expected = [alone(CODEC, frame, Context()) for frame in frames]

    assert CODEC.decode_many(frames, [Context()] * len(frames)) == expected
    alike = CODEC.decode_alike(frames)
    assert alike is None or rows_of(alike) == expected


def test_a_line_without_values_is_said_as_often_as_it_is_asked_for() -> None:
    """A frame that says nothing of the moment is the same for all."""
    line = Speech(load("milesight-ws101")).line(Kind.BATTERY)
    assert line is not None
    columns: dict[str, list[Value]] = {name: [50, 50] for name in line.facts}

    assert len(set(line.payloads(columns, [NO_RADIO, NO_RADIO]))) == 1
