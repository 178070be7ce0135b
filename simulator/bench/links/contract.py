"""What a link is: chunks of bytes with their time of arrival, and word of its coming and going."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from simulator.bench.links.errors import LinkReason


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes that arrived together, at `at_s` of `monotonic_s`.

    `channel` is the characteristic or the service they came by, `address` who sent them, where the
    link hears more than one; `is_whole` says that they are one message, not a piece of a stream.
    """

    at_s: float
    data: bytes
    channel: str = ""
    address: str | None = None
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class LinkUp:
    """The link is there, for the first time or again."""

    at_s: float


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The link is gone; it will be sought until it is closed."""

    at_s: float
    reason: LinkReason
    detail: str


Happening = Chunk | LinkUp | LinkDown


@dataclass(slots=True)
class LinkCounts:
    """What a link has carried and lost. Mutable: it is counted up.

    `overflow_chunks` and `overflow_bytes` arrived while nobody took what came before.
    """

    chunks: int = 0
    received_bytes: int = 0
    sent_bytes: int = 0
    losses: int = 0
    returns: int = 0
    overflow_chunks: int = 0
    overflow_bytes: int = 0


class Link(Protocol):
    """One way to a device; open it before anything else, and close it at the end."""

    @property
    def name(self) -> str:
        """What a person calls it: a port, or an address."""
        ...

    @property
    def counts(self) -> LinkCounts:
        """What it has carried so far."""
        ...

    async def open(self) -> None:
        """Connect; raise `LinkError` where that cannot be."""
        ...

    def happenings(self) -> AsyncIterator[Happening]:
        """Yield what happens on the link, until it is closed."""
        ...

    async def send(self, data: bytes) -> None:
        """Write to the device; raise `LinkError` where that cannot be."""
        ...

    async def close(self) -> None:
        """Let go of the device; what arrived before is still yielded."""
        ...
