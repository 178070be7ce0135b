"""How much of a request is looked at: what is larger is refused before anything is read of it."""

from simulator.aura.http import Request
from simulator.sandbox.refusal import RefusedError
from simulator.sandbox.settings import Limits


def too_large(request: Request, limits: Limits) -> RefusedError | None:
    """Return the refusal of a request that is over a limit."""
    if len(request.body) > limits.body_bytes:
        return body_too_large(limits)
    if len(request.path) > limits.path_bytes:
        return RefusedError(414, f"The path is longer than {limits.path_bytes} bytes.")
    headers = request.headers
    if len(headers) > limits.headers:
        return RefusedError(431, f"There are more than {limits.headers} headers.")
    size = sum(len(name) + len(text) for name, text in headers.items())
    return headers_too_large(limits) if size > limits.header_bytes else None


def body_too_large(limits: Limits) -> RefusedError:
    """Return the refusal of a body."""
    return RefusedError(413, f"The body is larger than {limits.body_bytes} bytes.")


def headers_too_large(limits: Limits) -> RefusedError:
    """Return the refusal of headers."""
    return RefusedError(431, f"The headers are larger than {limits.header_bytes} bytes.")
