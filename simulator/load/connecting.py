"""How a connection is opened, and what it means when it cannot be."""

import asyncio
import errno
import socket
import ssl

from yarl import URL

from simulator.aura import Request, Target, TransportError, TransportFailure

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

    async def dial(self) -> socket.socket:
        """Open a connection, and return its socket, which never blocks.

        Raises OSError, ssl.SSLError or TimeoutError.
        """
        async with asyncio.timeout(self._timeout_s):
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
            for at, (family, kind, protocol, _, address) in enumerate(found, 1):
                sock = socket.socket(family, kind, protocol)
                try:
                    sock.setblocking(False)
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    await loop.sock_connect(sock, address)
                    return await self._encrypted(sock) if self._trust else sock
                except OSError:
                    sock.close()
                    if at == len(found):
                        raise
                except BaseException:
                    sock.close()
                    raise
        raise OSError(errno.EHOSTUNREACH, f"{self._host} has no address")

    async def _encrypted(self, sock: socket.socket) -> ssl.SSLSocket:
        """Return the socket with TLS around it, once both sides have agreed."""
        assert self._trust is not None  # noqa: S101 - narrows the type
        secure = self._trust.wrap_socket(
            sock, server_hostname=self._host, do_handshake_on_connect=False
        )
        try:
            while True:
                try:
                    secure.do_handshake()
                except ssl.SSLWantReadError:
                    await _ready(secure, to_write=False)
                except ssl.SSLWantWriteError:
                    await _ready(secure, to_write=True)
                else:
                    return secure
        except BaseException:
            secure.close()
            raise

    def head(self, request: Request) -> bytes:
        """Return the request as it is written, up to the number of its Content-Length."""
        lines = [f"{request.method} {request.path} HTTP/1.1", f"Host: {self._authority}"]
        for name, value in request.headers.items():
            if not (name + value).isprintable() or ":" in name:
                message = f"The header {name!r} cannot be sent."
                raise ValueError(message)
            lines.append(f"{name}: {value}")
        return "\r\n".join([*lines, "Content-Length: "]).encode("latin-1")


async def _ready(sock: socket.socket, *, to_write: bool) -> None:
    """Wait until a socket can be written to, or has something to read."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    fd = sock.fileno()

    def tell() -> None:
        if not ready.done():
            ready.set_result(None)

    (loop.add_writer if to_write else loop.add_reader)(fd, tell)
    try:
        await ready
    finally:
        (loop.remove_writer if to_write else loop.remove_reader)(fd)


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
