"""Every published frame of every protocol we speak, both ways.

The frames are not part of this project: they lie beside it, and the tests skip where they do not.
A line says what a frame means; the folder's own README says with which tolerance.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from simulator.codec import FrameError, codec, codec_names
from simulator.codec._batch import context_of
from simulator.codec._fields import Fields

_FOLDER = Path(__file__).parents[2].parent / "shared" / "vectors"
_Line = Mapping[str, Any]

_TOLERANCES = {
    "latitude": 1e-6,
    "longitude": 1e-6,
    "speed_kmh": 0.06,
    "battery_mv": 10,
    "temperature_c": 0.06,
    "humidity_percent": 0.06,
}
_COMPLETE = ("lorawan_milesight_ws101", "sigfox_simplepack")  # lines name all that a frame says


def _lines(name: str) -> list[_Line]:
    path = _FOLDER / f"{name}.jsonl"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.splitlines()]


def _id(line: _Line, number: int) -> str:
    return f"{line['protocol']}-{number}-{line['kind']}"


def _published(
    names: Iterable[str], wanted: Callable[[_Line], bool] = lambda _: True
) -> pytest.MarkDecorator:
    """Return the parametrization over the wanted lines of these protocols."""
    lines = [
        pytest.param(line, id=_id(line, number))
        for name in names
        for number, line in enumerate(_lines(name), 1)
        if wanted(line)
    ]
    skip = pytest.mark.skip(reason="the published frames do not lie beside the project")
    return pytest.mark.parametrize("line", lines or [pytest.param({}, marks=skip)])


_every_line = _published(codec_names())


def _frame(line: _Line) -> bytes:
    if "frame_hex" in line:
        return bytes.fromhex(line["frame_hex"])
    text: str = line["frame_text"]
    return text.encode()


def _is_refusable(expected: Mapping[str, Any]) -> bool:
    """Return whether a strict decoder may refuse the frame instead of flagging it."""
    broken = any(expected.get(name) is False for name in ("valid_frame", "crc_ok", "length_ok"))
    return broken or "error" in expected or expected.get("decrypts") is False


def _is_repeatable(line: _Line) -> bool:
    """Return whether the values alone decide the bytes: not with a random padding."""
    is_padded = line["expected"].get("encrypted") is True and "bindkey" not in line
    return not is_padded and not _is_refusable(line["expected"])


def _agrees(name: str, expected: object, found: object) -> bool:
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(
            key in found and _agrees(key, value, found[key]) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return (
            isinstance(found, list)
            and len(found) == len(expected)
            and all(_agrees(name, one, other) for one, other in zip(expected, found, strict=True))
        )
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, int | float) and isinstance(found, int | float):
        return abs(expected - found) <= _TOLERANCES.get(name, 1e-9 * max(1.0, abs(expected)))
    return expected == found or _is_same_moment(expected, found)


def _is_same_moment(expected: object, found: object) -> bool:
    try:
        return datetime.fromisoformat(str(expected)) == datetime.fromisoformat(str(found))
    except (ValueError, TypeError):
        return False


def _differences(expected: Mapping[str, Any], found: Mapping[str, object]) -> dict[str, object]:
    """Return what a frame should say and does not; notes on a scanner's memory are not its own."""
    return {
        name: {"expected": value, "found": found.get(name)}
        for name, value in expected.items()
        if not name.startswith("accept_after_") and not _agrees(name, value, found.get(name))
    }


@_every_line
def test_published_frame_means_what_is_published(line: _Line) -> None:
    """Every expected value is found; a frame that is published as broken may be refused."""
    context = context_of(Fields("line", line))

    try:
        found = codec(line["protocol"]).decode(_frame(line), context)
    except FrameError:
        if _is_refusable(line["expected"]):
            return
        raise

    assert _differences(line["expected"], found) == {}


@_published(codec_names(), _is_repeatable)
def test_published_frame_is_built_from_its_values(line: _Line) -> None:
    """What was decoded encodes to the same bytes, line ends of text aside."""
    speaker = codec(line["protocol"])
    context = context_of(Fields("line", line))
    frame = _frame(line)

    built = speaker.encode(speaker.decode(frame, context), context)

    if "frame_text" in line:
        built, frame = built.strip(b"\r\n"), frame.strip(b"\r\n")
    assert built == frame


@_published(_COMPLETE)
def test_frame_is_built_from_the_published_values_alone(line: _Line) -> None:
    context = context_of(Fields("line", line))

    assert codec(line["protocol"]).encode(line["expected"], context) == _frame(line)


@_published(codec_names(), lambda line: "ack_hex" in line or "ack_text" in line)
def test_published_frame_gets_its_published_answer(line: _Line) -> None:
    context = context_of(Fields("line", line))
    answer = bytes.fromhex(line["ack_hex"]) if "ack_hex" in line else line["ack_text"].encode()

    assert codec(line["protocol"]).reply(_frame(line), context) == answer
