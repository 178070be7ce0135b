"""The least server that could run the sandbox's handler: what HTTP has to cost at all.

One asyncio.Protocol on httptools and uvloop: no limits, no conducted answers, no clock. State is
written behind, as the sandbox's own server does.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import cast

import httptools
import simpy
import uvloop

from simulator.aura import Request
from simulator.clock import wall_s
from simulator.sandbox import Sandbox
from simulator.sandbox.keeping import Keeper


class Bare(asyncio.Protocol):
    """One connection."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to parse."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's has a base of its own
        self._parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        """Parse what came."""
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        """Forget the last request."""
        self._url = b""
        self._headers: dict[str, str] = {}
        self._body = b""

    def on_url(self, url: bytes) -> None:
        """Note the path."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note a header."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        """Note a part of the body."""
        self._body += body

    def on_message_complete(self) -> None:
        """Answer."""
        method = self._parser.get_method().decode()
        request = Request(method, self._url.decode("latin-1"), self._headers, self._body)
        answer = self._sandbox.answer(request)
        length = len(answer.body)
        head = b"HTTP/1.1 %d OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        self._transport.write(head % (answer.status, length) + answer.body)


async def serve(path: Path) -> None:
    """Serve until the process is ended."""
    sandbox = Sandbox(simpy.Environment(), wall_s(), db=path, is_durable=False)
    server = await asyncio.get_running_loop().create_server(lambda: Bare(sandbox), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    told = {
        "baseUrl": f"http://127.0.0.1:{port}/panic-api/v2",
        "clientId": sandbox.demo.client_id,
        "clientSecret": sandbox.demo.client_secret,
    }
    print(json.dumps(told), flush=True)
    await Keeper(sandbox).run()


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1])))
