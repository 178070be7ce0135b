"""What can be wrong with a unit: the seam through which faults reach a firmware.

The firmware asks what is wrong whenever it works out a fact; who decides it is told elsewhere. A
unit with nothing wrong shares one object with all others like it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from simulator.device.motion import Position
from simulator.device.stimuli import Stimulus, Woken


@dataclass(frozen=True, slots=True)
class Defects:
    """What is wrong with a unit at a moment."""

    clock_error_s: float = 0.0  # its clock is so much ahead
    level_pct: Callable[[float], float] | None = None  # from the true level to what it tells
    number: Callable[[int], int] | None = None  # from the true number of a frame to what it tells
    fix: Callable[[float, Position], Position | None] | None = None  # what its receiver finds


SOUND = Defects()


class Trouble(Protocol):
    """What goes wrong with one unit; it stands between the engine and the firmware."""

    def wake(
        self,
        now: float,
        inbox: Sequence[Stimulus],
        firmware_wakes: Callable[[float, Sequence[Stimulus]], Woken],
    ) -> Woken:
        """Wake the firmware, or not, with this inbox, or another; return what comes of it."""
        ...

    @property
    def unsaid(self) -> list[str]:
        """Return the presses of frames that are held back."""
        ...
