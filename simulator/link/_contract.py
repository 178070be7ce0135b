"""What a link is, and what it says of a frame."""

from dataclasses import dataclass
from typing import Protocol

from simulator.device import Position
from simulator.frame import Frame


@dataclass(frozen=True, slots=True)
class CoarsePosition:
    """Where the network takes a device to be: degrees, and a radius in metres."""

    latitude: float
    longitude: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class Passage:
    """What becomes of one frame.

    `arrivals_s` are the run times at which copies reach the gateway, in order; when there are none,
    `lost` says where the frame was lost. `waits_s` is how long the radio had to stay silent first,
    `air_s` how long it was then on air.
    """

    arrivals_s: tuple[float, ...] = ()
    lost: str | None = None
    waits_s: float = 0.0
    air_s: float = 0.0
    position: CoarsePosition | None = None


class Link(Protocol):
    """The radio of one unit."""

    def send(self, now: float, frame: Frame, position: Position) -> Passage:
        """Take a frame that the device at `position` wants to send at run time `now`."""
        ...

    def reply(self, now: float) -> float | None:
        """Return when a reply given at `now` reaches the device; None when it does not."""
        ...


class OneWay:
    """A radio on which no reply reaches the device: nothing listens when the server speaks."""

    __slots__ = ()

    def reply(self, now: float) -> float | None:
        """Answer that no reply arrives."""
        del now
        return None
