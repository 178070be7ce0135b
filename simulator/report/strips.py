"""The life of chosen devices: battery and frames over time, thinned out evenly as they grow."""

from typing import TypeAlias

from simulator.journal import FrameSent, OnAir, Silent

Point: TypeAlias = tuple[float, int | None, str, int]
"""When a frame was sent, the battery in percent, the kind, and 1 where the frame was lost."""

POINTS = 240  # frames of one device that are shown at most


class Strip:
    """The frames of one device. Slotted and mutable; when it is full, every other point goes."""

    __slots__ = ("_seen", "_stride", "died_s", "frames", "lost", "points")

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.frames = 0
        self.lost = 0
        self.died_s: float | None = None
        self._stride = 1
        self._seen = False  # whether the latest frame is among the points

    def sent(self, record: FrameSent) -> None:
        """Take a frame."""
        self._seen = self.frames % self._stride == 0
        self.frames += 1
        if not self._seen:
            return
        if len(self.points) == POINTS:
            self.points = self.points[::2]
            self._stride *= 2
        self.points.append((round(record.t, 1), record.battery, record.kind, 0))

    def flew(self, record: OnAir) -> None:
        """Take what became of the latest frame."""
        if record.lost is None:
            return
        self.lost += 1
        if self._seen:
            t, battery, kind, _ = self.points[-1]
            self.points[-1] = t, battery, kind, 1

    def silent(self, record: Silent) -> None:
        """Take the moment from which the device is dead."""
        if record.reason == "battery empty" and self.died_s is None:
            self.died_s = round(record.t, 1)
