"""How a connection is opened, and what it means when it cannot be."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable
from typing import TypeVar

from yarl import URL

from simulator.aura import Request, Target, TransportError, TransportFailure

_P = TypeVar("_P", bound=asyncio.Protocol)
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM}
NO_SOCKET = "no port or file left for another connection"


class Dialler:
    """Opens connections to one target, with TLS where its address says so.

    `failure` is why the latest attempt failed.
    """

    def __init__(
        self, target: Target, timeout_s: float, trust: ssl.SSLContext | None = None
    ) -> None:
        url = URL(target.origin)
        self.failure: TransportError | None = None
        self._host = url.host or ""
        self._port = url.port or 0
        self._authority = url.authority
        self._timeout_s = timeout_s
        is_encrypted = url.scheme == "https"
        self._trust = (trust or ssl.create_default_context()) if is_encrypted else None

    async def dial(self, make: Callable[[], _P]) -> tuple[asyncio.BaseTransport, _P]:
        """Open a connection; raises OSError, ssl.SSLError or TimeoutError."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._timeout_s):
            if self._trust is None:
                return await loop.create_connection(make, self._host, self._port)
            try:
                import aiofastnet
            except ImportError:
                return await loop.create_connection(make, self._host, self._port, ssl=self._trust)
            made: tuple[asyncio.BaseTransport, _P] = await aiofastnet.create_connection(
                loop, make, self._host, self._port, ssl=self._trust
            )
            return made

    def head(self, request: Request) -> bytes:
        """Return the request as it is written, up to the number of its Content-Length."""
        lines = [f"{request.method} {request.path} HTTP/1.1", f"Host: {self._authority}"]
        for name, value in request.headers.items():
            if not (name + value).isprintable() or ":" in name:
                message = f"The header {name!r} cannot be sent."
                raise ValueError(message)
            lines.append(f"{name}: {value}")
        return "\r\n".join([*lines, "Content-Length: "]).encode("latin-1")


def exhausted(error: BaseException) -> bool:
    """Return whether this machine, not the target, has no room for another connection."""
    return isinstance(error, OSError) and error.errno in _EXHAUSTED


def failure_of(error: BaseException) -> TransportError:
    """Return why a connection could not be opened, as every transport of ours says it."""
    if isinstance(error, TransportError):
        return error
    if isinstance(error, socket.gaierror):
        return TransportError(TransportFailure.UNRESOLVED, type(error).__name__)
    if isinstance(error, ssl.SSLError):
        return TransportError(TransportFailure.TLS, _tls(error))
    if isinstance(error, TimeoutError):
        return TransportError(TransportFailure.CONNECT_TIMEOUT)
    if exhausted(error):
        return TransportError(TransportFailure.OTHER, NO_SOCKET)
    if isinstance(error, ConnectionResetError):
        return TransportError(TransportFailure.RESET, "on connecting")
    return TransportError(TransportFailure.REFUSED, type(error).__name__)


def _tls(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return error.reason or type(error).__name__
