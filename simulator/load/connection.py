"""One connection that carries one request at a time: the hottest path of a load test."""

import asyncio
import os
import sys
from typing import Protocol, cast

import httptools

from simulator.aura import Response, TransportError, TransportFailure
from simulator.clock import monotonic_s
from simulator.load.answers import parsed, until_end

LARGEST_ANSWER = 1 << 20  # bytes of an answer with its headers
_HAS_SOCKETS = sys.platform != "win32"  # a socket is a file there, and can be written to directly


class Owner(Protocol):
    """The pool a connection belongs to; `unasked` counts answers that nobody asked for."""

    is_encrypted: bool
    unasked: int

    def idle(self, connection: "Connection", now: float) -> None:
        """Give a connection that is free its next errand, or keep it."""
        ...

    def gone(self, connection: "Connection") -> None:
        """Forget a connection."""
        ...


class Errand(Protocol):
    """One request on its way. `sent` and `flushed` are written by the transport, in seconds."""

    head: bytes  # up to and with "Content-Length: "
    body: bytes
    sent: float
    flushed: float

    def answered(self, status: int, reply: "Reply", now: float) -> None:
        """Take the answer; `reply` is valid during this call only."""
        ...

    def failed(self, error: TransportError, now: float) -> None:
        """Take note that there will be no answer."""
        ...

    def is_late(self, now: float) -> bool:
        """Return whether it must not be sent any more; it has then been dropped."""
        ...


class Reply(Protocol):
    """The answer that just came."""

    def response(self) -> Response:
        """Return it whole."""
        ...


class Connection(asyncio.Protocol):
    """One connection of the pool. Slotted and mutable: this is the hot path."""

    __slots__ = (
        "_completed",
        "_fd",
        "_heard",
        "_owner",
        "_parser",
        "_size",
        "_status",
        "_stays",
        "_transport",
        "errand",
        "is_open",
        "since",
    )  # fmt: skip

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._fd = -1
        self._heard: list[bytes] = []
        self._size = 0
        self._completed = 0
        self._status = 0
        self._stays = False
        self.errand: Errand | None = None
        self.since = 0.0
        self.is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; plain sockets are written to directly, so that nothing waits for the loop."""
        self._transport = cast(asyncio.Transport, transport)
        self._parser = httptools.HttpResponseParser(self)
        self.is_open = True
        found = transport.get_extra_info("socket")
        if _HAS_SOCKETS and found is not None and not self._owner.is_encrypted:
            self._fd = found.fileno()

    def send(self, errand: Errand, now: float) -> None:
        """Write a request."""
        self.errand = errand
        self.since = errand.sent = now
        body = errand.body
        raw = b"%b%d\r\n\r\n%b" % (errand.head, len(body), body)
        if self._fd < 0 or self._transport.is_closing():  # a closed file's number may be another's
            self._transport.write(raw)
        else:
            try:
                written = os.write(self._fd, raw)
            except BlockingIOError:
                written = 0
            except OSError:
                errand.flushed = now
                self.lose(TransportError(TransportFailure.RESET, "on sending"))
                return
            if written < len(raw):
                self._transport.write(raw[written:])
        errand.flushed = monotonic_s()

    def data_received(self, data: bytes) -> None:
        """Parse a portion; an answer that nobody asked for ends the connection."""
        if self.errand is None:
            self._owner.unasked += 1
            self._end()
            return
        self._heard.append(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            if not self._completed:
                self.lose(TransportError(TransportFailure.OTHER, "what came is no HTTP"))
                return
            self._completed += 1
        if self._completed:
            self._finish()
            return
        self._size += len(data)
        if self._size > LARGEST_ANSWER:
            self.lose(TransportError(TransportFailure.TOO_LARGE, f"over {LARGEST_ANSWER} bytes"))

    def on_message_complete(self) -> None:
        """Take note that an answer is complete (called by the parser); 1xx is none yet."""
        status = self._parser.get_status_code()
        if status >= 200:
            self._completed += 1
            if self._completed == 1:
                self._status = status
                self._stays = self._parser.should_keep_alive()

    def _finish(self) -> None:
        now = monotonic_s()
        errand, completed = self.errand, self._completed
        self.errand = None
        self._completed = self._size = 0
        if completed > 1 or not self._stays:
            self._owner.unasked += completed - 1
            self._end()
        if errand is not None:
            errand.answered(self._status, self, now)
        self._heard.clear()
        self._owner.idle(self, now)

    def response(self) -> Response:
        """Return the answer that just came, with its headers: parsed again, for few need it."""
        return parsed(self._heard)

    def eof_received(self) -> None:
        """Use this connection no more: the other side has nothing more to say."""
        self.is_open = False
        self._fd = -1

    def connection_lost(self, error: Exception | None) -> None:
        """Take note that the other side has gone; an answer without a length is complete then."""
        self.is_open = False
        self._fd = -1
        if self.errand is not None and error is None and until_end(self._heard):
            self._status = parsed(self._heard).status
            self._completed = 1
            self._finish()
            return
        if self.errand is not None:
            said = "in the middle of an answer" if self._heard else "before an answer"
            self._give_up(TransportError(TransportFailure.RESET, said))
        self._owner.gone(self)

    def lose(self, failure: TransportError) -> None:
        """Give up the request under way, and the connection."""
        self._end()
        self._give_up(failure)
        self._owner.gone(self)

    def _give_up(self, failure: TransportError) -> None:
        errand, self.errand = self.errand, None
        self._heard.clear()
        if errand is not None:
            errand.failed(failure, monotonic_s())

    def _end(self) -> None:
        self.is_open = False
        self._fd = -1
        self._transport.abort()

    def close(self) -> None:
        """Close it."""
        if self.is_open:
            self._end()
            self._owner.gone(self)
