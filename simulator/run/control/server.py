"""The endpoint of a running fleet: JSON over HTTP on the loopback interface, with a token.

What is asked is done as an event of the run, at its present moment, so that a command and the fleet
never act at once.
"""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.typedefs import Middleware

from simulator.clock import Pacer, read_duration
from simulator.device import Position
from simulator.errors import SimulatorError, UnavailableError
from simulator.run.control import orders
from simulator.run.control.deeds import Deeds

FILE_NAME = "control.json"
_HOST = "127.0.0.1"
_PATIENCE_S = 10.0
_MOST_BYTES = 1 << 20
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ControlFileError(UnavailableError):
    """The address of the endpoint cannot be written to the folder of the run."""


@asynccontextmanager
async def serve_control(deeds: Deeds, pacer: Pacer, folder: Path) -> AsyncIterator[str]:
    """Listen for commands while the run goes; the address and the token are in its folder."""
    token = secrets.token_urlsafe(24)
    app = web.Application(middlewares=[_guard(token)], client_max_size=_MOST_BYTES)
    for name, (order, do) in _deeds(deeds).items():
        app.router.add_post(f"/{name}", _handler(order, do, pacer))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, _HOST, 0)
        await site.start()
        port = runner.addresses[0][1]
        url = f"http://{_HOST}:{port}"
        _tell(folder / FILE_NAME, url, token)
        yield url
    finally:
        with suppress(OSError):
            (folder / FILE_NAME).unlink()
        await runner.cleanup()


def _deeds(deeds: Deeds) -> Mapping[str, tuple[type[Any], Callable[[Any], object]]]:
    return {
        "press": (orders.Press, lambda o: {"presses": deeds.press(o.devices, o.gesture)}),
        "cancel": (orders.Cancel, lambda o: {"presses": deeds.cancel(o.devices, o.code)}),
        "move": (orders.Move, lambda o: {"devices": _move(deeds, o)}),
        "drain": (orders.Drain, lambda o: {"devices": deeds.drain(o.devices, o.percent)}),
        "break": (orders.Break, lambda o: {"fault": deeds.break_(o.fault)}),
        "mend": (orders.Mend, lambda o: {"fault": deeds.mend(o.fault)}),
        "state": (
            orders.State,
            lambda o: {"devices": deeds.state(o.devices), "faults": deeds.faults()},
        ),
    }


def _move(deeds: Deeds, order: orders.Move) -> list[str]:
    return deeds.move(order.devices, Position(order.latitude, order.longitude), order.speed_kmh)


def _handler(order: type[Any], do: Callable[[Any], object], pacer: Pacer) -> _Handler:
    async def handle(request: web.Request) -> web.Response:
        try:
            asked = msgspec.json.decode(
                await request.read(), type=order, strict=True, dec_hook=read_duration
            )
        except (msgspec.DecodeError, RecursionError) as error:
            return _answer(400, {"error": f"This is no such command: {error}."})
        try:
            done = await _at_present(pacer, lambda: do(asked))
        except SimulatorError as error:
            return _answer(409, {"error": str(error)})
        except TimeoutError:
            return _answer(503, {"error": "The run is too busy to answer. Try again."})
        return _answer(200, done)

    return handle


async def _at_present(pacer: Pacer, do: Callable[[], object]) -> object:
    """Do something as an event of the run, and return what comes of it."""
    done: asyncio.Future[object] = asyncio.get_running_loop().create_future()

    def happen() -> None:
        if done.done():  # nobody waits any more: nothing happens behind anybody's back
            return
        try:
            done.set_result(do())
        except SimulatorError as error:
            done.set_exception(error)

    pacer.post(happen)
    async with asyncio.timeout(_PATIENCE_S):
        return await done


def _guard(token: str) -> Middleware:
    """Return what answers 401 to whoever does not know the token."""
    wanted = f"Bearer {token}"

    @web.middleware
    async def guard(request: web.Request, handler: _Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "")
        if not secrets.compare_digest(given.encode(), wanted.encode()):
            return _answer(401, {"error": "The token of this run is missing or another one."})
        return await handler(request)

    return guard


def _answer(status: int, body: object) -> web.Response:
    content = msgspec.json.encode(body)
    return web.Response(status=status, body=content, content_type="application/json")


def _tell(path: Path, url: str, token: str) -> None:
    """Write where the run listens; the file is its user's alone."""
    content = msgspec.json.encode({"url": url, "token": token})
    try:
        with suppress(FileNotFoundError):
            path.unlink()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}. Name another folder with --out."
        raise ControlFileError(message) from error
