"""Real HTTP against a small server on this machine: what arrives, and every way it can fail."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from simulator.aura import (
    AsyncClient,
    BlockingHttpTransport,
    HttpTransport,
    RedirectRefusedError,
    RefusedTargetError,
    Request,
    Target,
    TargetUnreachableError,
    TransportError,
    TransportFailure,
)
from simulator.aura import transport as transport_module
from simulator.aura.calls import callouts
from simulator.aura.types import CalloutId
from simulator.testing.scripted_aura import ScriptedAura

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def serve(handler: Handler) -> tuple[web.AppRunner, Target]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.001)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    return runner, Target.parse(f"http://127.0.0.1:{port}/panic-api/v2")


Serve = Callable[[Handler], Awaitable[Target]]


@pytest.fixture
async def server() -> AsyncIterator[Serve]:
    runners: list[web.AppRunner] = []

    async def start(handler: Handler) -> Target:
        runner, target = await serve(handler)
        runners.append(runner)
        return target

    yield start
    for runner in runners:
        await runner.cleanup()


def closed_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


async def failure(transport: HttpTransport) -> TransportError:
    async with transport:
        with pytest.raises(TransportError) as failed:
            await transport.send(Request("POST", "/x", body=b"{}"))
    return failed.value


async def test_request_arrives_as_it_is_and_so_does_the_answer(server: Serve) -> None:
    seen: list[tuple[str, str, str, bytes]] = []

    async def handle(request: web.Request) -> web.Response:
        seen.append(
            (request.method, request.raw_path, request.headers["X-One"], await request.read())
        )
        return web.Response(status=285, body=b"\x00body", headers={"X-Two": "2"})

    async with HttpTransport(await server(handle)) as transport:
        response = await transport.send(Request("PUT", "/a%2Fb?c=%20", {"x-one": "1"}, b"{}"))

    assert seen == [("PUT", "/a%2Fb?c=%20", "1", b"{}")]
    assert (response.status, response.body, response.headers["x-two"]) == (285, b"\x00body", "2")


async def test_connection_is_kept_alive(server: Serve) -> None:
    peers: set[object] = set()

    async def handle(request: web.Request) -> web.Response:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        return web.Response()

    async with HttpTransport(await server(handle)) as transport:
        for _ in range(5):
            await transport.send(Request("GET", "/"))

    assert len(peers) == 1


async def test_connections_are_bounded(server: Serve) -> None:
    peers: set[object] = set()

    async def handle(request: web.Request) -> web.Response:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        await asyncio.sleep(0.001)
        return web.Response()

    async with HttpTransport(await server(handle), connections=2) as transport:
        await asyncio.gather(*(transport.send(Request("GET", "/")) for _ in range(10)))

    assert len(peers) == 2


async def test_cookies_are_not_kept(server: Serve) -> None:
    cookies: list[str | None] = []

    async def handle(request: web.Request) -> web.Response:
        cookies.append(request.headers.get("Cookie"))
        response = web.Response()
        response.set_cookie("a", "b")
        return response

    async with HttpTransport(await server(handle)) as transport:
        await transport.send(Request("GET", "/"))
        await transport.send(Request("GET", "/"))

    assert cookies == [None, None]


async def test_redirect_is_given_back_and_not_followed(server: Serve) -> None:
    paths: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        paths.append(request.path)
        if request.path.endswith("/oauth/token"):
            return web.json_response({"accessToken": "t", "expiresIn": 60})
        raise web.HTTPFound("/elsewhere")

    async with HttpTransport(await server(handle)) as transport:
        client = AsyncClient(ScriptedAura().session(), transport)
        with pytest.raises(RedirectRefusedError):
            await client.call(callouts.get(CalloutId(1)))

    assert paths == ["/panic-api/v2/oauth/token", "/panic-api/v2/callouts/1"]


async def test_slow_server_is_a_time_out_that_may_have_arrived(server: Serve) -> None:
    async def handle(request: web.Request) -> web.Response:
        await asyncio.sleep(1)
        return web.Response()

    error = await failure(HttpTransport(await server(handle), timeout_s=0.02))

    assert error.reason is TransportFailure.TIMEOUT
    assert error.may_have_arrived


async def test_body_that_trickles_is_a_time_out(server: Serve) -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"x")
        await asyncio.sleep(1)
        return response

    error = await failure(HttpTransport(await server(handle), timeout_s=0.02))

    assert error.reason is TransportFailure.TIMEOUT


async def test_closed_port_is_refused_and_certainly_unsent() -> None:
    error = await failure(HttpTransport(Target(f"http://127.0.0.1:{closed_port()}")))

    assert error.reason is TransportFailure.REFUSED
    assert not error.may_have_arrived


async def test_reset_is_a_lost_connection(server: Serve) -> None:
    async def handle(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    error = await failure(HttpTransport(await server(handle)))

    assert error.reason is TransportFailure.RESET
    assert error.may_have_arrived


async def test_answer_cut_short_is_a_lost_connection(server: Serve) -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"x")
        assert request.transport is not None
        request.transport.close()
        return response

    error = await failure(HttpTransport(await server(handle)))

    assert error.reason is TransportFailure.RESET


async def test_server_that_speaks_no_tls_is_a_tls_failure(server: Serve) -> None:
    async def handle(request: web.Request) -> web.Response:
        return web.Response()

    target = await server(handle)
    error = await failure(HttpTransport(Target(target.origin.replace("http:", "https:"))))

    assert error.reason is TransportFailure.TLS
    assert not error.may_have_arrived


async def test_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    seen: list[str] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append((await reader.readline()).decode())
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path / "server.pem"))
    listener = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    port = listener.sockets[0].getsockname()[1]
    async with listener:
        error = await failure(HttpTransport(Target(f"https://127.0.0.1:{port}")))

    assert error.reason is TransportFailure.TLS
    assert not error.may_have_arrived
    assert seen == []


def self_signed(path: Path) -> Path:
    """Write a key and a certificate for this machine that it has signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2099, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


async def test_answer_that_is_no_http_is_a_network_failure() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        writer.close()

    listener = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener:
        error = await failure(HttpTransport(Target(f"http://127.0.0.1:{port}")))

    assert error.reason is TransportFailure.OTHER
    assert error.may_have_arrived


@pytest.mark.parametrize("chunked", [False, True])
async def test_endless_answer_is_cut(
    server: Serve, monkeypatch: pytest.MonkeyPatch, chunked: bool
) -> None:
    monkeypatch.setattr(transport_module, "LARGEST_BODY", 1000)

    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={} if chunked else {"Content-Length": "2000"})
        await response.prepare(request)
        await response.write(b"x" * 2000)
        return response

    error = await failure(HttpTransport(await server(handle)))

    assert error.reason is TransportFailure.TOO_LARGE


async def test_every_request_is_checked_against_the_target() -> None:
    async with HttpTransport(Target("http://127.0.0.1:9")) as transport:
        with pytest.raises(RefusedTargetError):
            await transport.send(Request("GET", "@panic.aura.services/"))


async def test_closed_transport_opens_again(server: Serve) -> None:
    async def handle(request: web.Request) -> web.Response:
        return web.Response(status=204)

    transport = HttpTransport(await server(handle))
    await transport.send(Request("GET", "/"))
    await transport.close()
    response = await transport.send(Request("GET", "/"))
    await transport.close()

    assert response.status == 204


async def test_cancelled_request_leaves_nothing_behind(server: Serve) -> None:
    async def handle(request: web.Request) -> web.Response:
        await asyncio.sleep(1)
        return web.Response()

    async with HttpTransport(await server(handle)) as transport:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await transport.send(Request("GET", "/"))


def test_blocking_transport_serves_code_that_waits() -> None:
    with asyncio.Runner() as runner:

        async def handle(request: web.Request) -> web.Response:
            return web.Response(text=request.path)

        site, target = runner.run(serve(handle))
        thread = asyncio.to_thread(_ask_twice, target)
        bodies = runner.run(thread)
        runner.run(site.cleanup())

    assert bodies == [b"/1", b"/2"]


def _ask_twice(target: Target) -> list[bytes]:
    with BlockingHttpTransport(HttpTransport(target)) as transport:
        first = transport.send(Request("GET", "/1"))
        transport.sleep(0.001)
        return [first.body, transport.send(Request("GET", "/2")).body]


def test_unreachable_target_is_an_error_of_the_environment() -> None:
    aura = ScriptedAura()
    transport = HttpTransport(Target(f"http://127.0.0.1:{closed_port()}"))

    async def call() -> None:
        async def skip(seconds: float) -> None:
            aura.sleep(seconds)

        async with transport:
            await AsyncClient(aura.session(), transport, skip).call(callouts.active())

    with pytest.raises(TargetUnreachableError, match="connection refused") as failed:
        asyncio.run(call())

    assert failed.value.reason is TransportFailure.REFUSED
    assert failed.value.attempts == 4
