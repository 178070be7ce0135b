"""A webhook server on loopback for commands and tests that wait: it listens in a thread."""

import asyncio
import os
import socket
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Self

from simulator.aura.http import Request
from simulator.aura.receiver import Inbox
from simulator.errors import UnavailableError

if TYPE_CHECKING:
    from aiohttp.web import BaseRequest, Response

HOST = "127.0.0.1"
LARGEST_BODY = 1024 * 1024


class ReceiverPortError(UnavailableError):
    """The port cannot be listened on."""

    def __init__(self, port: int, reason: str) -> None:
        super().__init__(
            f"The receiver cannot listen on {HOST}:{port}: {reason}. "
            "Stop what uses the port, or take another with --port (0 takes a free one)."
        )
        self.port = port
        self.reason = reason


class WebhookReceiver:
    """Receives webhooks at `url` while its block runs, into `inbox`.

    with WebhookReceiver() as receiver:
        client.call(webhooks.register(receiver.url, ["NEW_CALLOUT"]))
        ...
        receiver.inbox.expect("NEW_CALLOUT", within_s=5)
    """

    def __init__(self, port: int = 0, inbox: Inbox | None = None) -> None:
        self.inbox = inbox or Inbox()
        try:
            self._listener = socket.create_server((HOST, port))
        except OSError as error:
            raise ReceiverPortError(port, os.strerror(error.errno or 0)) from error
        self.url = f"http://{HOST}:{self._listener.getsockname()[1]}/webhooks"
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="webhook receiver", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        from aiohttp import web

        runner = web.ServerRunner(web.Server(self._receive), shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.SockSite(runner, self._listener).start()
            await self._stopping.wait()
        finally:
            await runner.cleanup()

    async def _receive(self, request: "BaseRequest") -> "Response":
        from aiohttp import web

        body = await request.content.read(LARGEST_BODY + 1)
        while not request.content.at_eof() and len(body) <= LARGEST_BODY:
            body += await request.content.read(LARGEST_BODY + 1 - len(body))
        if len(body) > LARGEST_BODY:
            return web.Response(status=413)
        if request.method != "POST":
            return web.Response(status=405)
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = self.inbox.take(Request("POST", request.path_qs, headers, body))
        return web.Response(status=answer.status)
