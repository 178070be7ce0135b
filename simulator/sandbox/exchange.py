"""One request on its way through the layers, with what the layers found out about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from simulator.aura.http import Request, Response
from simulator.sandbox.refusal import Failure, RefusedError
from simulator.sandbox.routing import JSON_TYPE, Reply, Route
from simulator.sandbox.tenant import Tenant
from simulator.sandbox.tokens import Claims

_ENCODE = msgspec.json.Encoder().encode
_JSON_HEADERS: Mapping[str, str] = {"content-type": JSON_TYPE}


@dataclass(slots=True)
class Exchange:
    """A request, and who and what it is for as far as that is known."""

    request: Request
    path: str
    query: str
    route: Route | None
    places: Mapping[str, str]
    tenant: Tenant | None = None
    claims: Claims | None = None
    is_swallowed: bool = False  # answered as if done, and not done
    early_expiry_s: float | None = None  # after which a token is refused, whatever it says


Layer = Callable[[Exchange], Response]
"""Answers an exchange, itself or by asking the layer inside it."""


def response_of(reply: Reply) -> Response:
    """Return a handler's reply as bytes."""
    if reply.content_type is JSON_TYPE:
        return Response(reply.status, _JSON_HEADERS, _ENCODE(reply.value))
    body = reply.value
    assert isinstance(body, bytes)  # noqa: S101 - a handler that names a type brings bytes
    headers = {"content-type": reply.content_type, **(reply.headers or {})}
    return Response(reply.status, headers, body)


def refusal(error: RefusedError) -> Response:
    """Return a refusal in AURA's error shape."""
    return Response(error.status, _JSON_HEADERS, _ENCODE(Failure(error.message)))
