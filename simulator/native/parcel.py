"""A frame on its way to the integrator's endpoint, and whom its carrier reports to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from simulator.codec import Codec
from simulator.frame import Frame
from simulator.native.uplink import Uplink
from simulator.rng import Stream

CONFIRMED = 200
"""The status of a frame that was answered as its protocol answers; HTTP has its own."""
WRITTEN = 202
"""The status of a frame that left for a server which does not answer such frames."""

NO_FRAME = -1
"""The sequence of what a server says of its own accord, such as a command."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What a carrier has to know of the device that speaks.

    `key` is what its frames are encrypted with; `login` makes the frame with which a connection
    begins, None where it needs none; `chance` is the stream of the device's pauses and cuts;
    `epoch_s` returns the present time of the run.
    """

    device: str
    codec: Codec
    key: bytes | None
    login: Callable[[], bytes | None]
    chance: Stream
    epoch_s: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One frame for the endpoint; `message` is the name under which it is accounted for."""

    message: str
    frame: Frame
    uplink: Uplink
    caller: Caller


class Desk(Protocol):
    """Where carriers report: each parcel is delivered or failed, once."""

    def delivered(self, parcel: Parcel, status: int) -> None:
        """Take note that the endpoint has a parcel: an HTTP status, `CONFIRMED` or `WRITTEN`."""
        ...

    def failed(self, parcel: Parcel, reason: str) -> None:
        """Take note that the endpoint did not take a parcel, or not as far as the device knows."""
        ...

    def replied(self, device: str, sequence: int, reply: bytes) -> None:
        """Bring a device the reply to one of its frames."""
        ...

    def troubled(self, device: str, reason: str) -> None:
        """Take note of a connection that could not be had or kept."""
        ...


class Carrier(Protocol):
    """Carries parcels to one endpoint."""

    def send(self, parcel: Parcel) -> None:
        """Take a parcel; what becomes of it is reported to the desk."""
        ...


class ClosableCarrier(Carrier, Protocol):
    """A carrier that holds something open."""

    async def close(self) -> None:
        """Let go of it, without waiting for what is on its way."""
        ...
