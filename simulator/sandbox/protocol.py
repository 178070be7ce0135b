"""uvicorn's HTTP protocol, bounded: a flood of headers is cut off before it fills the memory."""

import asyncio
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from simulator.sandbox.asgi import TRANSPORT
from simulator.sandbox.connection import Connection

_SLOP = 4096  # request line and punctuation
_REFUSAL = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s"
)


class BoundedProtocol(HttpToolsProtocol):
    """Counts the bytes of a request's head while they come, and hands its connection on."""

    limit_bytes = 64 * 1024
    _head_bytes = 0
    _is_in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._connection = Connection(transport)
        super().connection_made(self._connection)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_in_head = True
        cast(dict[str, object], self.scope)[TRANSPORT] = self._connection

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self._head_bytes = 0
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Parse what came, unless the head of the request has grown too long."""
        if self._is_in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._is_in_head and self._head_bytes > self.limit_bytes + _SLOP:
            self._refuse()

    def _refuse(self) -> None:
        body = b'{"message":"The headers are larger than %d bytes."}' % self.limit_bytes
        self.transport.write(_REFUSAL % (len(body), body))
        self.transport.close()
