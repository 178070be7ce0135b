"""Labelled frames of a device: JSON lines that say what was done when a frame was sent.

A line has `frame_hex` or `frame_text`, a `label` (`press`, `battery`, ...) and, where they are
known, values such as `battery_percent`, `latitude`, `longitude` or `serial`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from simulator.errors import InputError
from simulator.frame import Value

_NOTES = ("frame_hex", "frame_text", "label", "comment", "port", "fport")
MOST_LINES = 10_000


class CaptureError(InputError):
    """A capture cannot be used: where (`path`, `line`) and why."""

    def __init__(self, path: Path, line: int | None, reason: str) -> None:
        place = f"{path}:{line}" if line else str(path)
        super().__init__(f"{place}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Sample:
    """One frame, what it was sent for, and what is known of its values."""

    frame: bytes
    label: str
    known: dict[str, Value]
    is_text: bool = False


def read_capture(path: Path) -> list[Sample]:
    """Return the frames of a capture in their order; raise `CaptureError` where one is none."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CaptureError(path, None, f"cannot be read: {error}") from error
    if len(lines) > MOST_LINES:
        raise CaptureError(path, None, f"has {len(lines)} lines; {MOST_LINES} are enough")
    found = [_sample(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not found:
        raise CaptureError(path, None, "has no frames. Write one JSON object a line.")
    if len({sample.is_text for sample in found}) > 1:
        raise CaptureError(path, None, "mixes frame_hex and frame_text; say one of them")
    return found


def _sample(path: Path, number: int, line: str) -> Sample:
    try:
        table = msgspec.json.decode(line, type=dict[str, Value])
    except msgspec.MsgspecError as error:
        raise CaptureError(path, number, f"is no JSON object: {error}") from error
    label = table.get("label")
    if not isinstance(label, str) or not label.isidentifier():
        raise CaptureError(path, number, "needs a label of letters, such as press or battery")
    known = {key: value for key, value in table.items() if key not in _NOTES}
    hexadecimal, text = table.get("frame_hex"), table.get("frame_text")
    if isinstance(text, str):
        return Sample(text.encode(), label, known, is_text=True)
    try:
        frame = bytes.fromhex(hexadecimal) if isinstance(hexadecimal, str) else b""
    except ValueError as error:
        raise CaptureError(path, number, f"frame_hex is not hex: {error}") from error
    if not frame:
        raise CaptureError(path, number, "needs frame_hex or frame_text")
    return Sample(frame, label, known)


def by_label(samples: Sequence[Sample]) -> dict[str, list[Sample]]:
    """Return the samples of each label, in the order in which labels come first."""
    groups: dict[str, list[Sample]] = {}
    for sample in samples:
        groups.setdefault(sample.label, []).append(sample)
    return groups
