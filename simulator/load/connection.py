"""One connection that carries one request at a time: the hottest path of a load test."""

import asyncio
import os
import socket
import ssl
from collections.abc import Callable
from functools import partial
from typing import Protocol

import httptools

from simulator.aura import Response, TransportError, TransportFailure
from simulator.clock import monotonic_s
from simulator.load.answers import parsed, until_end
from simulator.load.heads import Head, Heads
from simulator.load.readiness import Readiness

LARGEST_ANSWER = 1 << 20  # bytes of an answer with its headers
_PORTION = 1 << 14  # a whole record of TLS
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Owner(Protocol):
    """The pool a connection belongs to; `unasked` counts answers that nobody asked for."""

    heads: Heads
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


class Connection:
    """One connection of the pool, over a socket that is connected. Slotted and mutable: hot.

    A plain socket is read and written as the file that it is: under Locust a socket's own methods
    are gevent's, which cost more than the system's.
    """

    __slots__ = (
        "_came", "_completed", "_fd", "_heads", "_heard", "_known", "_left", "_owner", "_parser",
        "_read", "_readiness", "_size", "_sock", "_status", "_stays", "_write", "errand", "is_open",
        "since",
    )  # fmt: skip

    def __init__(self, owner: Owner, sock: socket.socket, readiness: Readiness) -> None:
        self.errand: Errand | None = None
        self.since = 0.0
        self.is_open = True
        self._owner = owner
        self._heads = owner.heads.known
        self._sock = sock
        self._fd = sock.fileno()
        self._read: Callable[[int], bytes] = partial(os.read, self._fd)
        self._write: Callable[[bytes], int] = partial(os.write, self._fd)
        if isinstance(sock, ssl.SSLSocket):
            self._read, self._write = sock.read, sock.write
        self._left = b""
        self._came = b"", 0.0
        self._heard: list[bytes] = []
        self._known: tuple[Head, bytes] | None = None  # an answer that needs no parsing
        self._parser: httptools.HttpResponseParser | None = None
        self._size = 0
        self._completed = 0
        self._status = 0
        self._stays = False
        self._readiness = readiness
        readiness.add(self._fd, self)

    def send(self, errand: Errand, now: float) -> None:
        """Write a request: at once, so that nothing waits for the loop."""
        self.errand = errand
        self.since = errand.sent = now
        body = errand.body
        raw = b"%b%d\r\n\r\n%b" % (errand.head, len(body), body)
        try:
            written = self._write(raw)
        except _NOT_NOW:
            written = 0
        except OSError:
            errand.flushed = now
            self.lose(TransportError(TransportFailure.RESET, "on sending"))
            return
        if written < len(raw):
            self._send_later(raw[written:])
        errand.flushed = monotonic_s()

    def _send_later(self, left: bytes) -> None:
        """Write the rest when there is room."""
        if not self._left:
            asyncio.get_running_loop().add_writer(self._fd, self._writable)
        self._left = left

    def _writable(self) -> None:
        try:
            self._left = self._left[self._write(self._left) :]
        except _NOT_NOW:
            return
        except OSError:
            self.lose(TransportError(TransportFailure.RESET, "on sending"))
            return
        if not self._left:
            asyncio.get_running_loop().remove_writer(self._fd)

    def receive(self) -> bool:
        """Read a portion; return whether it is one of an answer. Nobody asked for any other."""
        try:
            data = self._read(_PORTION)
        except _NOT_NOW:
            return False
        except OSError:
            self._lost(is_clean=False)
            return False
        if data and self.errand is not None:
            self._came = data, monotonic_s()
            return True
        if data:
            self._owner.unasked += 1
            self.close()
        else:
            self._lost(is_clean=True)
        return False

    def handle(self) -> None:
        """Take the portion. One that is a whole answer like others before needs no parsing."""
        data, now = self._came
        errand = self.errand
        if errand is None:  # it was given up meanwhile
            return
        if not (self._heard or self._left):
            head = self._heads.get(data[: data.find(b"\r\n\r\n")])
            if head is not None and head.size == len(data):
                self.errand = None
                self._known = head, data
                errand.answered(head.status, self, now)
                self._owner.idle(self, now)
                return
        self._feed(data, now)

    def _feed(self, data: bytes, now: float) -> None:
        """Parse a portion."""
        self._heard.append(data)
        parser = self._parser = self._parser or httptools.HttpResponseParser(self)
        try:
            parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            if not self._completed:
                self.lose(TransportError(TransportFailure.OTHER, "what came is no HTTP"))
                return
            self._completed += 1
        if self._completed:
            self._finish(now)
            return
        self._size += len(data)
        if self._size > LARGEST_ANSWER:
            self.lose(TransportError(TransportFailure.TOO_LARGE, f"over {LARGEST_ANSWER} bytes"))

    def on_message_complete(self) -> None:
        """Take note that an answer is complete (called by the parser); 1xx is none yet."""
        assert self._parser is not None  # noqa: S101 - it calls
        status = self._parser.get_status_code()
        if status >= 200:
            self._completed += 1
            if self._completed == 1:
                self._status = status
                self._stays = self._parser.should_keep_alive()

    def _finish(self, now: float) -> None:
        errand, completed = self.errand, self._completed
        self.errand = self._known = None
        self._completed = self._size = 0
        if completed > 1 or not self._stays or self._left:  # an answer before all was asked
            self._owner.unasked += completed - 1
            self._end()
        elif len(self._heard) == 1 and self._owner.heads.may_learn(now):
            self._owner.heads.learn(self._heard[0], self.response(), now)
        if errand is not None:
            errand.answered(self._status, self, now)
        self._heard.clear()
        self._owner.idle(self, now)

    def response(self) -> Response:
        """Return the answer that just came, with its headers: parsed again, for few need it."""
        if self._known is None:
            return parsed(self._heard)
        head, data = self._known
        return Response(head.status, head.headers, data[data.find(b"\r\n\r\n") + 4 :])

    def _lost(self, *, is_clean: bool) -> None:
        """Take note that the other side has gone; an answer without a length is complete then."""
        self._end()
        if self.errand is not None and is_clean and until_end(self._heard):
            self._status = parsed(self._heard).status
            self._stays = True  # as long as it lasts: it has ended
            self._completed = 1
            self._finish(monotonic_s())
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
        """Close the socket at once, without a word."""
        if not self.is_open:
            return
        self.is_open = False
        self._readiness.discard(self._fd)
        if self._left:
            asyncio.get_running_loop().remove_writer(self._fd)
        self._parser = None  # it knows us: a circle
        self._sock.close()

    def close(self) -> None:
        """Close it."""
        if self.is_open:
            self._end()
            self._owner.gone(self)
