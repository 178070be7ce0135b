"""What reaches a device, and what it does about it: the two sides of `wake(now, inbox)`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from simulator.frame import Frame

NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class PowerOn:
    """The unit is switched on; one that is not `cold` has joined and logged in long ago."""

    cold: bool = True


@dataclass(frozen=True, slots=True)
class Press:
    """A person calls for help; `press` is the name under which the harness accounts for it."""

    press: str
    gesture: str


@dataclass(frozen=True, slots=True)
class CancelGesture:
    """A person ends the emergency at the device, with the device's own gesture."""

    press: str


@dataclass(frozen=True, slots=True)
class ServiceGesture:
    """A person handles the device without calling for help, such as to fetch its settings."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The server's answer to frame `sequence` arrived, or what it sent along with it.

    An empty payload is an acknowledgement of the network itself.
    """

    sequence: int
    payload: bytes


Stimulus = PowerOn | Press | CancelGesture | ServiceGesture | Reply


class Silenced(NamedTuple):
    """A press that the device will never speak of, and why."""

    press: str
    reason: str


class Woken(NamedTuple):
    """What a device does when woken: frames to send now, and when to wake it next."""

    frames: list[Frame]
    next_wake: float
    silenced: Sequence[Silenced] = ()
    power: str | None = None  # empty: the battery is, for the first time; charged: no longer
