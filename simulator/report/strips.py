"""The life of chosen devices: battery, frames, fixes, ways and state over time, thinned evenly."""

from math import cos, hypot, radians

from simulator.journal import (
    CalloutClosed,
    DeviceLinked,
    FrameSent,
    OnAir,
    Pressed,
    Received,
    Silent,
)

POINTS = 240  # frames of one device that are shown at most
LEAST = 40
_ALL_POINTS = 450_000  # frames of all devices that are shown at most
_STEP_M = 20.0  # shorter ways are not told
_METRES_PER_DEGREE = 111_320.0
_STATES = 500  # changes of state that are told of one device

CALM, EMERGENCY, DEAD = 0, 1, 2


def points_for(devices: int) -> int:
    """Return how many frames of each of so many devices are shown."""
    return max(LEAST, min(POINTS, _ALL_POINTS // max(1, devices)))


class Strip:
    """The frames of one device. Slotted and mutable; when it is full, every other point goes.

    A point is a frame: when, the battery in percent, the kind, whether it was lost, the error of
    the position that it says in metres, and the way from home in metres.
    """

    __slots__ = (
        "_fixed", "_home", "_limit", "_seen", "_seq", "_stride", "_there", "died_s", "fixes",
        "frames", "kinds", "lost", "missed", "points", "states", "ways",
    )  # fmt: skip

    def __init__(self, limit: int = POINTS) -> None:
        self.points: list[tuple[float, int | None]] = []
        self.kinds: list[str] = []
        self.missed: list[bool] = []  # of each point: the frame was lost
        self.fixes: list[int | None] = []
        self.ways: list[tuple[int, int]] = []
        self.states: list[tuple[float, int]] = []
        self.frames = 0
        self.lost = 0
        self.died_s: float | None = None
        self._limit = limit
        self._stride = 1
        self._seen = False  # whether the latest frame is among the points
        self._seq = -1
        self._home: tuple[float, float] | None = None
        self._there: tuple[float, float] | None = None
        self._fixed = False

    def linked(self, record: DeviceLinked) -> None:
        """Take where the device lives."""
        self._home = record.latitude, record.longitude

    def sent(self, record: FrameSent) -> None:
        """Take a frame."""
        self._seen = self.frames % self._stride == 0
        self._seq = record.seq
        self.frames += 1
        if not self._seen:
            return
        if len(self.points) == self._limit:
            for column in (self.points, self.kinds, self.missed, self.fixes, self.ways):
                del column[1::2]
            self._stride *= 2
        self._there = _place(record.latitude, record.longitude)
        self.points.append((round(record.t, 1), record.battery))
        self.kinds.append(record.kind)
        self.missed.append(False)
        self.fixes.append(None)
        self.ways.append(self._way())

    def flew(self, record: OnAir) -> None:
        """Take what became of the latest frame."""
        if record.lost is None:
            return
        self.lost += 1
        if self._seen:
            self.missed[-1] = True

    def received(self, record: Received) -> None:
        """Take the position that the latest frame says."""
        said = _place(record.latitude, record.longitude)
        if said and self._there and self._seen and record.seq == self._seq:
            self.fixes[-1] = round(hypot(*_metres(self._there, said)))

    def pressed(self, record: Pressed) -> None:
        """Take the beginning of an emergency."""
        self._state(record.t, EMERGENCY)

    def closed(self, record: CalloutClosed) -> None:
        """Take its end."""
        self._state(record.t, CALM)

    def silent(self, record: Silent) -> None:
        """Take the moment from which the device is dead."""
        if record.reason == "battery empty" and self.died_s is None:
            self.died_s = round(record.t, 1)
            self._state(record.t, DEAD)

    def _state(self, at_s: float, state: int) -> None:
        latest = self.states[-1][1] if self.states else CALM
        if latest not in (state, DEAD) and len(self.states) < _STATES:
            self.states.append((round(at_s, 1), state))

    def _way(self) -> tuple[int, int]:
        if self._home is None or self._there is None:
            return 0, 0
        north, east = _metres(self._home, self._there)
        before = self.ways[-1] if self.ways else (0, 0)
        if hypot(north - before[0], east - before[1]) < _STEP_M:
            return before
        return round(north), round(east)


def _place(latitude: float | None, longitude: float | None) -> tuple[float, float] | None:
    return None if latitude is None or longitude is None else (latitude, longitude)


def _metres(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """Return how far north and east the other place is."""
    north = (other[0] - one[0]) * _METRES_PER_DEGREE
    east = ((other[1] - one[1] + 180.0) % 360.0 - 180.0) * _METRES_PER_DEGREE
    return north, east * cos(radians(one[0]))
