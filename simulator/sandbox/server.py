"""The sandbox over HTTP: a raw ASGI application on uvicorn, and the task that turns its time."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, MutableMapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import simpy
import uvicorn

from simulator.aura.http import Request
from simulator.clock import Pacer
from simulator.errors import UnavailableError
from simulator.sandbox.routing import PREFIX
from simulator.sandbox.sandbox import Sandbox

_Message = MutableMapping[str, object]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_FOREVER = float("inf")
_BACKLOG = 2048


class PortError(UnavailableError):
    """The address cannot be listened on."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"The sandbox cannot listen on {host}:{port}: {reason}. "
            "Stop what uses the port, or take another with --port (0 takes a free one)."
        )
        self.host = host
        self.port = port
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Server:
    """A sandbox that listens; `base_url` is that of the API, `origin` that of the control API."""

    sandbox: Sandbox
    origin: str

    @property
    def base_url(self) -> str:
        """Return what a client is told as its base URL."""
        return self.origin + PREFIX


class _QuietServer(uvicorn.Server):
    """uvicorn without its signal handlers: who runs the loop decides what Ctrl-C does."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class Application:
    """The ASGI application: reads a request, asks the sandbox, writes the answer."""

    def __init__(self, sandbox: Sandbox, pacer: Pacer) -> None:
        self._sandbox = sandbox
        self._pacer = pacer
        self._limits = sandbox.house.settings.limits

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        if scope["type"] != "http":
            return
        request = await self._read(scope, receive)
        env = self._sandbox.env
        _catch_up(env, self._pacer.now())
        due_s = env.peek()
        response = self._sandbox.handle(request)
        if env.peek() < due_s:
            self._pacer.post(lambda: None)  # something nearer waits: have the sleeper look again
        headers = [(name.encode(), text.encode()) for name, text in response.headers.items()]
        headers.append((b"content-length", b"%d" % len(response.body)))
        start = {"type": "http.response.start", "status": response.status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": response.body})

    async def _read(self, scope: _Message, receive: _Receive) -> Request:
        body = b""
        while True:
            message = await receive()
            part = message.get("body", b"")
            assert isinstance(part, bytes)  # noqa: S101 - as ASGI says
            body += part
            if not message.get("more_body"):
                break
        return request_of(scope, body)


def request_of(scope: _Message, body: bytes) -> Request:
    """Return an ASGI scope and a body as a request."""
    path, query, raw = scope["raw_path"], scope["query_string"], scope["headers"]
    assert isinstance(path, bytes)  # noqa: S101 - as ASGI says
    assert isinstance(query, bytes)  # noqa: S101 - as ASGI says
    assert isinstance(raw, list)  # noqa: S101 - as ASGI says
    headers = {name.decode("latin-1"): text.decode("latin-1") for name, text in raw}
    target = path.decode("latin-1") + ("?" + query.decode("latin-1") if query else "")
    return Request(str(scope["method"]), target, headers, body)


def _catch_up(env: simpy.Environment, now_s: float) -> None:
    """Handle what is due by now, so that a request meets the sandbox at the present moment."""
    while env.peek() <= now_s:
        env.step()
    if now_s > env.now:
        env.run(until=now_s)


@asynccontextmanager
async def serve(
    sandbox: Sandbox, *, host: str = "127.0.0.1", port: int = 0, pacer: Pacer | None = None
) -> AsyncIterator[Server]:
    """Serve a sandbox while the block runs; raises PortError if the address cannot be had.

    The sandbox's environment is turned in real time, unless a `pacer` is given: then whoever gave
    it turns it. Port 0 takes a free one.
    """
    listener = _listen(host, port)
    turned = Pacer(sandbox.env) if pacer is None else pacer
    server = _QuietServer(_config(Application(sandbox, turned)))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    turning = asyncio.create_task(turned.run(_FOREVER)) if pacer is None else None
    try:
        while not server.started and not running.done():  # noqa: ASYNC110 - there is no event
            await asyncio.sleep(0.001)
        shown, bound = listener.getsockname()[:2]
        yield Server(sandbox, f"http://{f'[{shown}]' if ':' in shown else shown}:{bound}")
    finally:
        server.should_exit = True
        if turning is not None:
            turning.cancel()
            await asyncio.wait([turning])
        await running
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise PortError(host, port, os.strerror(error.errno or 0)) from error


def _config(application: Application) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=1,
    )
