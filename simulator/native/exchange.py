"""What all TCP lines of one endpoint share, and what is counted of them."""

import asyncio
from dataclasses import dataclass

from simulator.native.endpoint import Endpoint
from simulator.native.parcel import Desk
from simulator.native.segments import Segments


@dataclass(slots=True)
class LineCounts:
    """What the lines of one endpoint went through. Mutable: it is counted up."""

    connected: int = 0
    refused: int = 0
    broken: int = 0
    overflows: int = 0
    others: int = 0  # commands, and replies that nobody waited for


@dataclass(frozen=True, slots=True)
class Exchange:
    """What all lines of one endpoint share; `speed` is run seconds a second."""

    endpoint: Endpoint
    desk: Desk
    segments: Segments
    speed: float
    dialling: asyncio.Semaphore  # a fleet does not dial all at once: listeners drop the rest
    counts: LineCounts


class BrokenError(Exception):
    """The connection is no more, or is of no use; caught by the line, which dials again."""
