"""Reads a whole answer, with its headers, out of what a connection heard: the careful way."""

from collections.abc import Sequence

import httptools

from simulator.aura import Response

_NO_BODY = (204, 304)


class _Reader:
    """What the parser tells, kept."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.status = 0
        self.parser = httptools.HttpResponseParser(self)

    def on_message_begin(self) -> None:
        """Forget what an interim answer said."""
        if self.status < 200:
            self.headers.clear()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header of the first answer."""
        if self.status < 200:
            self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Keep the status of the first answer."""
        if self.status < 200:
            self.status = self.parser.get_status_code()
            self.body.clear()

    def on_body(self, data: bytes) -> None:
        """Keep a portion of the body."""
        self.body += data


def parsed(heard: Sequence[bytes]) -> Response:
    """Return the answer in what was heard, as far as it goes."""
    reader = _Reader()
    try:
        for data in heard:
            reader.parser.feed_data(data)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        pass  # what follows the answer is no part of it
    return Response(reader.status, reader.headers, bytes(reader.body))


def until_end(heard: Sequence[bytes]) -> bool:
    """Return whether an answer ends only with its connection."""
    found = parsed(heard)
    if found.status < 200 or found.status in _NO_BODY:
        return False
    return not {"content-length", "transfer-encoding"} & found.headers.keys()
