"""The ASGI application: takes a request within its limits, asks the sandbox, gives the answer."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping

import simpy

from simulator.aura.http import Request, Response
from simulator.clock import Pacer
from simulator.sandbox.conduct import Conducted, Ending
from simulator.sandbox.connection import Connection
from simulator.sandbox.exchange import refusal
from simulator.sandbox.keeping import Keeper
from simulator.sandbox.limits import body_too_large
from simulator.sandbox.refusal import RefusedError
from simulator.sandbox.sandbox import Sandbox

Message = MutableMapping[str, object]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
TRANSPORT = "aurasim.transport"  # where the server's protocol puts its connection in a scope


class Application:
    """Answers HTTP for a sandbox, at the present moment of its time."""

    def __init__(self, sandbox: Sandbox, pacer: Pacer, keeper: Keeper) -> None:
        self._sandbox = sandbox
        self._pacer = pacer
        self._keeper = keeper
        self._limits = sandbox.house.settings.limits

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            body = await self._body(receive)
        except RefusedError as error:
            await _give(refusal(error), send)
            return
        response = self._answer(request_of(scope, body))
        if self._keeper.has_changes:
            await self._keeper.kept()
        if isinstance(response, Conducted):
            await _conduct(response, scope, receive, send)
        else:
            await _give(response, send)

    def _answer(self, request: Request) -> Response:
        env = self._sandbox.env
        catch_up(env, self._pacer.now())
        due_s = env.peek()
        response = self._sandbox.answer(request)
        if env.peek() < due_s:
            self._pacer.post(lambda: None)  # something nearer waits: the sleeper must look again
        return response

    async def _body(self, receive: Receive) -> bytes:
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            part = message.get("body", b"")
            assert isinstance(part, bytes)  # noqa: S101 - as ASGI says
            size += len(part)
            if size > self._limits.body_bytes:
                raise body_too_large(self._limits)
            parts.append(part)
            if not message.get("more_body"):
                return parts[0] if len(parts) == 1 else b"".join(parts)


def request_of(scope: Message, body: bytes) -> Request:
    """Return an ASGI scope and a body as a request."""
    path, query, raw = scope["raw_path"], scope["query_string"], scope["headers"]
    assert isinstance(path, bytes)  # noqa: S101 - as ASGI says
    assert isinstance(query, bytes)  # noqa: S101 - as ASGI says
    assert isinstance(raw, list)  # noqa: S101 - as ASGI says
    headers = {name.decode("latin-1"): text.decode("latin-1") for name, text in raw}
    target = path.decode("latin-1") + ("?" + query.decode("latin-1") if query else "")
    return Request(str(scope["method"]), target, headers, body)


def catch_up(env: simpy.Environment, now_s: float) -> None:
    """Handle what is due by now, so that a request meets the sandbox at the present moment."""
    moment = env.timeout(max(0.0, now_s - env.now))
    while not moment.processed:
        env.step()


async def _give(response: Response, send: Send) -> None:
    await send(_start(response))
    await send({"type": "http.response.body", "body": response.body})


def _start(response: Response) -> Message:
    headers = [(name.encode(), text.encode()) for name, text in response.headers.items()]
    headers.append((b"content-length", b"%d" % len(response.body)))
    return {"type": "http.response.start", "status": response.status, "headers": headers}


async def _conduct(response: Conducted, scope: Message, receive: Receive, send: Send) -> None:
    """Give an answer late, slowly, in half or not at all."""
    await asyncio.sleep(response.delay_s)
    if response.ending is Ending.WHOLE:
        await _give(response, send)
    elif response.ending is Ending.DRIP:
        await _drip(response, send)
    else:
        if response.ending is Ending.STALL:
            await asyncio.sleep(response.lasts_s)
        if response.ending is Ending.HALF:
            await send(_start(response))
            half = response.body[: len(response.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
        await _break_off(scope, receive, is_reset=response.ending is Ending.RESET)


async def _drip(response: Conducted, send: Send) -> None:
    await send(_start(response))
    pause_s = response.lasts_s / max(1, len(response.body))
    for byte in response.body:
        await send({"type": "http.response.body", "body": bytes([byte]), "more_body": True})
        await asyncio.sleep(pause_s)
    await send({"type": "http.response.body", "body": b""})


async def _break_off(scope: Message, receive: Receive, *, is_reset: bool) -> None:
    """End the connection without an answer, and wait until the server has seen it."""
    connection = scope[TRANSPORT]
    assert isinstance(connection, Connection)  # noqa: S101 - our protocol put it there
    if is_reset:
        connection.reset()
    else:
        connection.close()
    while (await receive())["type"] != "http.disconnect":
        pass
