"""Whatever the bytes or the values, a codec answers or raises `FrameError`: never anything else."""

import json
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.codec import UPLINK, Context, FrameError, codec, codec_names
from simulator.codec._batch import context_of, decode_line, encode_line
from simulator.codec._fields import Fields
from simulator.frame import Direction, Value

_FOLDER = Path(__file__).parents[2].parent / "shared" / "vectors"
_SEEDS = {
    "sigfox_simplepack": "0132",
    "lorawan_milesight_ws101": "017510ff2e01",
    "ble_bthome_v2": "440001016445160153026869f2010203",
    "eview": "ab100300dcc302000105",
    "aura_structured": b'{"message_type":1,"device_id":"7","location":{"latitude":1}}'.hex(),
}
_KEY = bytes(range(16))
_CONTEXTS = (
    UPLINK,
    Context(direction=Direction.DOWNLINK),
    Context(port=2, received_s=1.7e9, address="00:11:22:33:44:55", key=_KEY),
    Context(port=6, address="not an address", key=b"short"),
)
_LINE_NAMES = [
    *("frame_hex", "frame_text", "fport", "direction", "address", "bindkey", "key_hex"),
    *("key_text", "recv_time", "values", "expected"),
]
_quick = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
_names = pytest.mark.parametrize("name", codec_names())
_contexts = st.sampled_from(_CONTEXTS)

_scalars: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 300),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["", "ff", "short", "2026-06-01T16:48:16Z", "0001-01-01T00:00:00+14:00", "v1"]),
)
_values: st.SearchStrategy[Value] = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


def _frames(name: str) -> list[tuple[bytes, Context]]:
    """Return frames to mutate: one of ours, and the published ones where they are at hand."""
    frames = [(bytes.fromhex(_SEEDS[name]), UPLINK)] if name in _SEEDS else []
    path = _FOLDER / f"{name}.jsonl"
    for text in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        line = json.loads(text)
        frame = line["frame_text"].encode() if "frame_text" in line else None
        frame = frame or bytes.fromhex(line["frame_hex"])
        frames.append((frame, context_of(Fields("line", line))))
    return frames or [(b"", UPLINK)]


def _decoded(name: str) -> list[tuple[dict[str, Value], Context]]:
    found: list[tuple[dict[str, Value], Context]] = []
    for frame, context in _frames(name):
        with suppress(FrameError):
            found.append((codec(name).decode(frame, context), context))
    return found or [({}, UPLINK)]


def _survives_decoding(name: str, frame: bytes, context: Context) -> None:
    """Decode, answer and encode again, with nothing but `FrameError` on the way."""
    codec(name).reply(frame, context)
    values = codec(name).decode(frame, context)
    assert json.dumps(values, allow_nan=False)
    msgspec.json.encode(values)
    assert isinstance(codec(name).encode(values, context), bytes)


@st.composite
def _mutated(draw: st.DrawFn, frame: bytes) -> bytes:
    data = bytearray(frame)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data)))
        cut = draw(st.integers(0, 3))
        data[at : at + cut] = draw(st.binary(max_size=3))
    return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data)


@_names
@_quick
@given(frame=st.binary(max_size=64), context=_contexts)
def test_random_bytes_are_values_or_refused(name: str, frame: bytes, context: Context) -> None:
    with suppress(FrameError):
        _survives_decoding(name, frame, context)


@_names
@_quick
@given(data=st.data())
def test_damaged_frames_are_values_or_refused(name: str, data: st.DataObject) -> None:
    frame, context = data.draw(st.sampled_from(_frames(name)))
    with suppress(FrameError):
        _survives_decoding(name, data.draw(_mutated(frame)), context)


@_names
@_quick
@given(data=st.data(), context=_contexts)
def test_random_values_are_a_frame_or_refused(
    name: str, data: st.DataObject, context: Context
) -> None:
    """Names are those that the codec knows, values anything."""
    names = sorted({key for values, _ in _decoded(name) for key in values} | {"?"})
    values = data.draw(st.dictionaries(st.sampled_from(names), _values, max_size=6))
    with suppress(FrameError):
        assert isinstance(codec(name).encode(values, context), bytes)


@_names
@_quick
@given(data=st.data())
def test_frame_with_one_odd_value_is_built_or_refused(name: str, data: st.DataObject) -> None:
    values, context = data.draw(st.sampled_from(_decoded(name)))
    key = data.draw(st.sampled_from(sorted(values) or ["?"]))
    with suppress(FrameError):
        assert isinstance(codec(name).encode({**values, key: data.draw(_values)}, context), bytes)


@_names
@_quick
@given(portions=st.lists(st.binary(max_size=40), max_size=8))
def test_framer_takes_any_stream(name: str, portions: list[bytes]) -> None:
    framer = codec(name).framer()
    if framer is None:
        return

    frames = [frame for portion in portions for frame in framer.feed(portion)]

    assert sum(map(len, frames)) + framer.discarded <= sum(map(len, portions))


@_quick
@given(
    line=st.one_of(
        st.binary(max_size=30),
        st.text(max_size=30),
        st.dictionaries(
            st.sampled_from(_LINE_NAMES),
            _scalars.filter(lambda value: not isinstance(value, float)),
        ).map(lambda fields: json.dumps({"protocol": "ble_bthome_v2", **fields})),
    )
)
def test_any_line_of_a_batch_gets_an_answer(line: str | bytes) -> None:
    assert len(decode_line(line)) == 1
    assert len(encode_line(line)) == 1
