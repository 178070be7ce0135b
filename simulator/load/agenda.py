"""What a schedule has still to say, message by message."""

from collections.abc import Iterator
from itertools import chain
from math import inf

from simulator.load.schedule import Schedule, Slice


class Agenda:
    """The place in a schedule: `due_s` is when its next message is due, inf after the last one.

    A schedule comes in pieces; the next is worked out when the one before has been taken.
    """

    __slots__ = ("_at", "_devices", "_due", "_ends", "_kinds", "_pieces", "due_s")

    def __init__(self, schedule: Schedule) -> None:
        self._pieces = iter(schedule.slices())
        self._due: list[float] = []
        self._devices: list[int] = []
        self._kinds: list[int] = []
        self._at = self._ends = 0
        self.due_s = inf
        self._turn()

    def take(self) -> tuple[int, int]:
        """Return the device and the kind of the next message; raises IndexError after the last."""
        at = self._at
        said = self._devices[at], self._kinds[at]
        self._at = at = at + 1
        if at < self._ends:
            self.due_s = self._due[at]
        else:
            self._turn()
        return said

    def rest(self) -> Iterator[tuple[int, int]]:
        """Yield device and kind of all messages that were not taken, whenever they are due."""
        begun = zip(self._devices[self._at :], self._kinds[self._at :], strict=True)
        to_come = (zip(piece.devices, piece.kinds, strict=True) for piece in self._pieces)
        return chain(begun, chain.from_iterable(to_come))

    def _turn(self) -> None:
        """Go on to the next piece that says anything."""
        self._at = 0
        self._due, self._devices, self._kinds = next(
            (piece for piece in self._pieces if piece.due_s), Slice([], [], [])
        )
        self._ends = len(self._due)
        self.due_s = self._due[0] if self._due else inf
