"""What carries a request to AURA and its answer back: a socket, or a call in the same process."""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from simulator.aura.book import Book
from simulator.aura.errors import TransportError, TransportFailure
from simulator.aura.guard import Guard
from simulator.aura.http import Request, Response
from simulator.aura.targets import Target, Tier

if TYPE_CHECKING:
    import aiohttp

    from simulator.aura.resolving import GuardedResolver

LARGEST_BODY = 32 * 1024 * 1024
_CHUNK = 64 * 1024


class Transport(Protocol):
    """Carries one request at a time; raises TransportError where there is no answer."""

    def send(self, request: Request) -> Response:
        """Return the answer, whatever its status."""
        ...


class AsyncTransport(Protocol):
    """Carries many requests at once; raises TransportError where there is no answer."""

    async def send(self, request: Request) -> Response:
        """Return the answer, whatever its status."""
        ...


class InProcessTransport:
    """Carries requests to a function in this process, such as the sandbox's."""

    def __init__(self, handle: Callable[[Request], Response]) -> None:
        self.send = handle


class HttpTransport:
    """Carries requests over HTTP/1.1 with keep-alive, a bound on connections and time-outs.

    TLS certificates are verified, redirects and cookies are left alone, and every request is
    checked against the target before it leaves, by its name and by what the name resolves to. Use
    it as an async context manager, or close it. The proxy is the target's; those of the environment
    are not used.

    What is for AURA passes a `Guard`; what it opens is written into `book`. `is_aura` is false for
    a middleware, which has its own rules.
    """

    def __init__(
        self,
        target: Target,
        *,
        connect_timeout_s: float = 5.0,
        timeout_s: float = 20.0,
        connections: int = 100,
        book: Book | None = None,
        is_aura: bool = True,
    ) -> None:
        self.target = target
        self._guard = Guard(target, book) if is_aura else None
        self._connect_timeout_s = connect_timeout_s
        self._timeout_s = timeout_s
        self._connections = connections
        self._http: aiohttp.ClientSession | None = None

    async def send(self, request: Request) -> Response:
        """Return the answer, whatever its status."""
        self.target.url(request)  # what is refused waits for nothing
        http = self._http or await self._open()
        if self._guard is None:
            return await self._exchange(http, request)
        request = await self._guard.before(request)
        response = None
        try:
            response = await self._exchange(http, request)
        except TransportError as error:
            if error.may_have_arrived:
                self._guard.after(request, None)
            raise
        except asyncio.CancelledError:
            self._guard.after(request, None)
            raise
        self._guard.after(request, response)
        return response

    async def check(self) -> None:
        """Resolve the target's name, and raise RefusedTargetError where it leads astray."""
        await (await self._open()).close()
        self._http = None

    async def _exchange(self, http: "aiohttp.ClientSession", request: Request) -> Response:
        url = self.target.url(request)
        try:
            async with http.request(
                request.method,
                url,
                headers=request.headers,
                data=request.body or None,
                allow_redirects=False,
                proxy=self.target.proxy_url,
            ) as answer:
                body = await _body(answer)
        except TransportError:
            raise  # ours already, and an OSError too
        except _network_errors() as error:
            raise TransportError(_reason(error), type(error).__name__) from None
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status, headers, body)

    async def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        if self._http is not None:
            await self._http.close()
            self._http = None
        if self._guard is not None:
            self._guard.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _open(self) -> "aiohttp.ClientSession":
        import aiohttp  # a run in virtual time never needs it, and it takes long to load

        from simulator.aura.resolving import GuardedResolver

        resolver = GuardedResolver(self.target.allowed)
        await self._vet(resolver)
        if self._http is None:  # while the name was looked up, another request may have come
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._connections, resolver=resolver, ssl=_trusted(self.target)
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(
                    total=self._timeout_s, sock_connect=self._connect_timeout_s
                ),
                trust_env=False,
            )
        return self._http

    async def _vet(self, resolver: "GuardedResolver") -> None:
        """Look at what the resolver is not asked for: an address, and a name behind a proxy.

        A name that only the proxy can resolve has been judged as a name.
        """
        target = self.target
        if target.tier is Tier.SANDBOX:
            return
        with suppress(OSError):
            await resolver.resolve(target.host, 0)


class BlockingHttpTransport:
    """The same for code that waits: one request at a time, on an event loop of its own."""

    def __init__(self, transport: HttpTransport) -> None:
        self._transport = transport
        self._runner = asyncio.Runner()

    def send(self, request: Request) -> Response:
        """Return the answer, whatever its status."""
        return self._runner.run(self._transport.send(request))

    def sleep(self, seconds: float) -> None:
        """Let real time pass."""
        self._runner.run(asyncio.sleep(seconds))

    def close(self) -> None:
        """Close the connections and the event loop."""
        self._runner.run(self._transport.close())
        self._runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _trusted(target: Target) -> ssl.SSLContext | bool:
    """Return what checks certificates: also by those that a target is trusted by."""
    if target.trust is None:
        return True
    context = ssl.create_default_context()
    context.load_verify_locations(target.trust)
    return context


async def _body(answer: "aiohttp.ClientResponse") -> bytes:
    if (answer.content_length or 0) > LARGEST_BODY:
        raise TransportError(TransportFailure.TOO_LARGE, f"{answer.content_length} bytes")
    chunks: list[bytes] = []
    size_bytes = 0
    async for chunk in answer.content.iter_chunked(_CHUNK):
        chunks.append(chunk)
        size_bytes += len(chunk)
        if size_bytes > LARGEST_BODY:
            raise TransportError(TransportFailure.TOO_LARGE, f"over {LARGEST_BODY} bytes")
    return b"".join(chunks)


@lru_cache(maxsize=1)
def _network_errors() -> tuple[type[Exception], ...]:
    import aiohttp

    return (aiohttp.ClientError, TimeoutError, OSError)


@lru_cache(maxsize=1)
def _reasons() -> tuple[tuple[type[Exception], TransportFailure], ...]:
    """Return what aiohttp's errors mean; the first that fits counts."""
    import aiohttp

    return (
        (aiohttp.ConnectionTimeoutError, TransportFailure.CONNECT_TIMEOUT),
        (aiohttp.ClientConnectorDNSError, TransportFailure.UNRESOLVED),
        (aiohttp.ClientSSLError, TransportFailure.TLS),
        (aiohttp.ClientConnectorCertificateError, TransportFailure.TLS),
        (aiohttp.ClientConnectorError, TransportFailure.REFUSED),
        (TimeoutError, TransportFailure.TIMEOUT),
        (aiohttp.ServerDisconnectedError, TransportFailure.RESET),
        (aiohttp.ClientPayloadError, TransportFailure.RESET),
        (aiohttp.ClientOSError, TransportFailure.RESET),
        (ConnectionResetError, TransportFailure.RESET),
    )


def _reason(error: Exception) -> TransportFailure:
    known = (reason for kind, reason in _reasons() if isinstance(error, kind))
    return next(known, TransportFailure.OTHER)
