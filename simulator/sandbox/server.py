"""The sandbox as a server: a port, uvicorn, and the tasks that turn its time and keep its state."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Coroutine, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

import uvicorn

from simulator.clock import Pacer
from simulator.errors import UnavailableError
from simulator.sandbox.asgi import Application
from simulator.sandbox.keeping import Keeper
from simulator.sandbox.routing import CONTROL, PREFIX
from simulator.sandbox.sandbox import Sandbox
from simulator.sandbox.settings import Limits, Settings

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


@asynccontextmanager
async def serve(
    sandbox: Sandbox, *, host: str = "127.0.0.1", port: int = 0, pacer: Pacer | None = None
) -> AsyncIterator[Server]:
    """Serve a sandbox while the block runs; raises PortError if the address cannot be had.

    The sandbox's environment is turned in real time, unless a `pacer` is given: then whoever gave
    it turns it. Webhooks go out over HTTP unless the sandbox has its own way. Port 0 takes a free
    one.
    """
    with _listen(host, port) as listener:
        shown, bound = listener.getsockname()[:2]
        origin = f"http://{f'[{shown}]' if ':' in shown else shown}:{bound}"
        async with AsyncExitStack() as stack:
            await _furnish(sandbox, stack, origin)
            turned = Pacer(sandbox.env) if pacer is None else pacer
            keeper = Keeper(sandbox)
            await stack.enter_async_context(_running(keeper.run()))
            if pacer is None:
                await stack.enter_async_context(_running(turned.run(_FOREVER)))
            application = Application(sandbox, turned, keeper)
            server = _QuietServer(_config(application, sandbox.house.settings.limits))
            await stack.enter_async_context(_serving(server, listener))
            yield Server(sandbox, origin)


async def _furnish(sandbox: Sandbox, stack: AsyncExitStack, origin: str) -> None:
    """Give the sandbox what only a server has: a post office, and pages of its own."""
    house = sandbox.house
    before = house.deliver, house.tracking_url
    if house.deliver is None:
        from simulator.sandbox.posting import HttpPost  # heavy: it brings aiohttp

        house.deliver = await stack.enter_async_context(HttpPost())
    if house.tracking_url == Settings().tracking_url:
        house.tracking_url = origin + CONTROL

    def restore() -> None:
        house.deliver, house.tracking_url = before
        sandbox.keep()

    stack.callback(restore)


@asynccontextmanager
async def _running(work: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Run a task while the block runs; if it fails, the block's end says so."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()


@asynccontextmanager
async def _serving(server: uvicorn.Server, listener: socket.socket) -> AsyncIterator[None]:
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started and not running.done():  # noqa: ASYNC110 - there is no event
            await asyncio.sleep(0.001)
        yield
    finally:
        server.should_exit = True
        await running


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise PortError(host, port, reason) from error
    # Connections inherit it; asyncio sets it only on sockets made with an explicit protocol.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _config(application: Application, limits: Limits) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=_protocol(limits),
        ws="none",
        proxy_headers=False,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=1,
        h11_max_incomplete_event_size=limits.header_bytes,
    )


def _protocol(limits: Limits) -> type[asyncio.Protocol] | str:
    """Return the bounded protocol; where httptools is missing, h11, which has its own bound."""
    try:
        from simulator.sandbox.protocol import BoundedProtocol
    except ImportError:
        return "h11"
    return type("Protocol", (BoundedProtocol,), {"limit_bytes": limits.header_bytes})
