"""Streams of cellular and IP devices: the same frames however TCP cuts them."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.codec import Framer, codec
from simulator.frame import Value

_PLACE: Mapping[str, Value] = {
    "time": "2026-03-02T10:15:00Z",
    "latitude": -33.9,
    "longitude": 18.4,
    "speed_kmh": 0,
    "course_deg": 0,
    "fix_valid": True,
}
_AVL: dict[str, Value] = {"time_ms": 1, "latitude": 0, "longitude": 0, "io": {"236": 1}}
_VALUES: Mapping[str, list[Mapping[str, Value]]] = {
    "watch3g": [
        {"manufacturer": "3G", "device_id": "8800000015", "message_type": "LK"},
        {"manufacturer": "3G", "device_id": "8800000015", "message_type": "AL", **_PLACE},
        {"manufacturer": "CS", "device_id": "1", "message_type": "TK", "data_hex": "5b7d5d2c2a00"},
    ],
    "teltonika": [
        {"imei": "123456789012345"},
        {"codec": 8, "records": [_AVL]},
        {"codec": 142, "records": [_AVL] * 40},
        {"codec": 12, "command_type": 6, "text": "ok"},
    ],
    "gt06": [
        {"message_type": 1, "serial_number": 0x7878, "imei": "123456789012345"},
        {"message_type": 16, "serial_number": 2, **_PLACE},
        {"message_type": 0x21, "serial_number": 3, "is_long": True, "text": "done"},
    ],
    "queclink": [
        {"message_type": "GTPNA", "imei": "135790246811220", "count_number": "0001"},
        {"message_type": "GTSOS", "imei": "135790246811220", "count_number": "0002", **_PLACE},
    ],
    "gps103": [
        {"message_type": "login", "imei": "123456789012345", "login_mark": "##"},
        {"message_type": "login", "imei": "123456789012345"},
        {"message_type": "heartbeat", "imei": "123456789012345"},
        {"imei": "123456789012345", "alarm": "sos", **_PLACE},
    ],
    "h02": [
        {"device_id": "123456789012345", "message_type": "HTBT", "battery_percent": 90},
        {"device_id": "1234567890", "message_type": "V1", "alarm": "sos", **_PLACE},
        {"device_id": "2424242424", "alarm": "sos", "tail_hex": "ff0024", **_PLACE},
        {"device_id": "2424242424", "tail_hex": "ff001506" + "24" * 12, **_PLACE},
    ],
    "minifinder_v1": [
        {"message_type": "!1", "imei": "123456789012345"},
        {"message_type": "!D", "alarm": "sos", **_PLACE},
    ],
    "sia_dc09": [
        {"token": "NULL", "sequence": "0001", "account": "1234"},
        {"token": "SIA-DCS", "sequence": "0002", "account": "1234", "alarm": "panic"},
        {"token": "ADM-CID", "sequence": "0003", "account": "1234", "alarm": "panic"},
    ],
}
# Bytes that no protocol here takes for the beginning of a frame that never ends.
_GARBAGE = (b"", b"~", b"???~~~", b"\xfe\xff")
_names = pytest.mark.parametrize("name", sorted(_VALUES))


def _framer(name: str) -> Framer:
    framer = codec(name).framer()
    assert framer is not None
    return framer


def _frames(name: str) -> list[bytes]:
    return [codec(name).encode(values) for values in _VALUES[name]]


@_names
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_frames_between_garbage_are_found_in_any_portions(name: str, data: st.DataObject) -> None:
    frames = data.draw(st.lists(st.sampled_from(_frames(name)), max_size=6))
    noise = [data.draw(st.sampled_from(_GARBAGE)) for _ in frames]
    stream = b"".join(n + frame for n, frame in zip(noise, frames, strict=True))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    framer = _framer(name)

    found = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += framer.feed(stream[start:end])

    assert found == frames
    assert framer.discarded == sum(map(len, noise))


@_names
def test_frames_are_found_byte_by_byte(name: str) -> None:
    frames = _frames(name)
    framer = _framer(name)

    found = [frame for byte in b"".join(frames) for frame in framer.feed(bytes((byte,)))]

    assert found == frames
    assert framer.discarded == 0


@_names
@settings(deadline=None, max_examples=40)
@given(stream=st.binary(max_size=300), size=st.integers(1, 50))
def test_any_stream_gives_the_same_frames_whole_and_in_portions(
    name: str, stream: bytes, size: int
) -> None:
    whole, cut = _framer(name), _framer(name)

    at_once = whole.feed(stream)
    in_portions = [
        frame for at in range(0, len(stream), size) for frame in cut.feed(stream[at : at + size])
    ]

    assert at_once == in_portions
    assert whole.discarded == cut.discarded


@_names
def test_frame_that_never_ends_is_given_up(name: str) -> None:
    """A start without an end must not fill the memory, nor hide the frames behind it for good."""
    frame = _frames(name)[0]
    framer = _framer(name)
    framer.feed(_frames(name)[-1][:-1])

    found = [f for _ in range(80) for f in framer.feed(b"\xfe" * 1024)] + framer.feed(frame)

    assert found[-1] == frame
    assert framer.discarded > 0
