"""TEST on every callout that AURA lets us classify, outside the sandbox.

The two operations that call for help for a customer take a classification; it is filled in where
it is left open, and anything but TEST is not sent. Device events and fixed locations take none:
there the device's template and the site decide.
"""

from dataclasses import replace
from urllib.parse import unquote

import msgspec

from simulator.aura.errors import RefusedTargetError
from simulator.aura.http import Request
from simulator.aura.types import Classification

_FIELD = "calloutClassificationId"


def as_test(request: Request) -> Request:
    """Return a request as it may leave for a target that is not the sandbox.

    Raises RefusedTargetError for a callout that says it is real, or that cannot be read.
    """
    segments = unquote(request.path.partition("?")[0]).rstrip("/").lower().split("/")
    if request.method.upper() != "POST" or segments[-1] != "callouts":
        return request
    body = _object(request.body)
    said = body.get(_FIELD)
    if said is not None and said != Classification.TEST.value:
        message = (
            f"A callout outside the sandbox is classified TEST (2); this one says {said}, and was "
            "not sent. Leave calloutClassificationId out."
        )
        raise RefusedTargetError(message)
    if said is not None or "externalref" in segments:
        return request
    return replace(request, body=msgspec.json.encode({**body, _FIELD: Classification.TEST.value}))


def _object(body: bytes) -> dict[str, object]:
    try:
        return msgspec.json.decode(body or b"{}", type=dict[str, object])
    except (msgspec.DecodeError, RecursionError) as error:
        message = (
            "A callout outside the sandbox is marked TEST, and this one cannot be: its body is no "
            "JSON object. It was not sent."
        )
        raise RefusedTargetError(message) from error
