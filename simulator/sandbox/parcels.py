"""How a webhook leaves the sandbox: whoever runs it says who takes the parcels."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from simulator.aura.http import Request, Response


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is to be posted where."""

    url: str
    headers: Mapping[str, str]
    body: bytes


Done = Callable[[int | str], None]
"""Is told the receiver's status, or what went wrong."""


class Deliver(Protocol):
    """Posts a parcel, once, and tells what came of it, now or later."""

    def __call__(self, parcel: Parcel, done: Done) -> None:
        """Post it."""
        ...


def to_handler(handle: Callable[[Request], Response]) -> Deliver:
    """Return what delivers to a function in this process."""

    def deliver(parcel: Parcel, done: Done) -> None:
        parts = urlsplit(parcel.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        done(handle(Request("POST", path, parcel.headers, parcel.body)).status)

    return deliver
