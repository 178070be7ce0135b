"""One operation of AURA as a value: what to ask, how to read the answer, when to ask again."""

from collections.abc import Callable, Generator, Mapping
from enum import StrEnum
from typing import Generic, TypeAlias, TypeVar

import msgspec

from simulator.aura.http import Request, Response
from simulator.aura.paths import Paths
from simulator.frame import Value

Json: TypeAlias = Value
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

encode: Callable[[Mapping[str, Json]], bytes] = msgspec.json.Encoder().encode
"""Write a JSON object."""


class Repeat(StrEnum):
    """When a call may be sent again after a failure that can pass (5xx, 429, no answer).

    SAFE: twice is as good as once. WHILE_FRESH: until the call's own expiry, and never without one.
    IF_UNSENT: only when AURA certainly did not act on it (429, no connection).
    """

    SAFE = "safe"
    WHILE_FRESH = "while-fresh"
    IF_UNSENT = "if-unsent"


class Call(msgspec.Struct, Generic[T_co], frozen=True):
    """One operation, not yet sent; calling code makes it by a function of `simulator.aura.calls`.

    `path` follows the API's prefix unless `has_prefix` is false; a path that depends on settings is
    a function of them. After `fresh_until_s` (seconds since 1970) it is not sent at all.
    """

    method: str
    path: str | Callable[[Paths], str]
    read: Callable[[Response], T_co]
    body: bytes = b""
    repeat: Repeat = Repeat.IF_UNSENT
    fresh_until_s: float | None = None
    content_type: str = "application/json"
    has_prefix: bool = True
    has_bearer: bool = True

    def __repr__(self) -> str:
        """Show what is asked, not its body: the request for a token has the secret in it."""
        path = self.path if isinstance(self.path, str) else "..."
        return f"Call({self.method} {path})"


class Pause(msgspec.Struct, frozen=True):
    """Let so many seconds of run time pass, then go on with `send(None)`."""

    seconds: float


Exchange: TypeAlias = Generator[Request | Pause, Response | None, T]
"""A conversation with AURA without I/O: it yields what is to be done and returns the result."""
