"""An answer that is not simply given: late, cut off, slow, or never.

A transport that knows `Conducted` behaves so; one that does not sees an ordinary response.
"""

from dataclasses import dataclass
from enum import StrEnum

from simulator.aura.http import Response


class Ending(StrEnum):
    """How an answer reaches the caller."""

    WHOLE = "whole"
    RESET = "reset"  # the connection is reset instead
    HALF = "half"  # the connection closes in the middle of the body
    DRIP = "drip"  # byte by byte
    STALL = "stall"  # nothing comes


@dataclass(frozen=True, slots=True)
class Conducted(Response):
    """A response with a delay in seconds before it, and an ending that takes `lasts_s`."""

    delay_s: float = 0.0
    ending: Ending = Ending.WHOLE
    lasts_s: float = 0.0
