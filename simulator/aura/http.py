"""An HTTP request and its response as plain values.

The client makes requests and reads responses of these types, the sandbox takes and gives them, and
what lies between (a call in the same process, a socket) can be exchanged without either noticing.
Neither shows its headers or its body when printed: they carry tokens and personal data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `path` starts with a slash, may carry a query; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """One response; header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
