"""The fast transport against servers that do what servers should not; aiohttp is its oracle."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.aura import (
    AsyncTransport,
    HttpTransport,
    RefusedTargetError,
    Request,
    Target,
    TransportError,
    TransportFailure,
)
from simulator.load.answers import parsed
from simulator.load.connecting import NO_SOCKET, exhausted, failure_of
from simulator.load.connection import LARGEST_ANSWER
from simulator.load.readiness import HAS_EPOLL
from simulator.load.wire import Wire
from tests.load.hostile import (
    OK,
    Serve,
    closes_after_request,
    closes_at_once,
    listening,
    never_answers,
    request,
    says,
)

ASK = Request("POST", "/panic-api/v2/deviceEvent", {"content-type": "application/json"}, b"{}")
NORMAL = ("wire", "one by one", "aiohttp")


@asynccontextmanager
async def transport_to(
    name: str, url: str, *, timeout_s: float = 5.0, connections: int = 4
) -> AsyncIterator[AsyncTransport]:
    target = Target.parse(url)
    async with AsyncExitStack() as stack:
        if name != "aiohttp":
            shared = HAS_EPOLL and name == "wire"
            wire = Wire(target, timeout_s=timeout_s, connections=connections, shared=shared)
            stack.push_async_callback(wire.close)
            yield wire
        else:
            yield await stack.enter_async_context(
                HttpTransport(target, timeout_s=timeout_s, connections=connections)
            )


async def outcome(
    name: str, serve: Serve, *, asks: int = 1, timeout_s: float = 5.0
) -> list[tuple[int, bytes] | TransportFailure]:
    """Return what each of some requests in a row came to."""
    seen: list[tuple[int, bytes] | TransportFailure] = []
    async with listening(serve) as url, transport_to(name, url, timeout_s=timeout_s) as transport:
        for _ in range(asks):
            try:
                response = await transport.send(ASK)
            except TransportError as error:
                seen.append(error.reason)
            else:
                seen.append((response.status, response.body))
    return seen


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PROPER: dict[str, Serve] = {
    "plain": says(OK),
    "in single bytes": says(*(OK[at : at + 1] for at in range(len(OK)))),
    "in chunks": says(CHUNKED + b"3\r\nabc\r\n", b"2;x=y\r\nde\r\n0\r\n\r\n"),
    "chunks and a trailer": says(CHUNKED + b"1\r\na\r\n0\r\nX-T: 1\r\n\r\n"),
    "no body": says(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "not modified": says(b"HTTP/1.1 304 Not Modified\r\n\r\n"),
    "until the end": says(b"HTTP/1.1 200 OK\r\n\r\nall of it", then_closes=True),
    "asked to close": says(
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", then_closes=True
    ),
    "HTTP/1.0": says(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", then_closes=True),
    "continue first": says(b"HTTP/1.1 100 Continue\r\n\r\n", OK),
    "early hints first": says(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK),
    "an error": says(b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nbusy"),
    "a redirect": says(b"HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n"),
    "odd header case": says(b"HTTP/1.1 200 OK\r\ncOnTeNt-LeNgTh: 2\r\n\r\n{}"),
}


@pytest.mark.parametrize("name", NORMAL)
@pytest.mark.parametrize("serve", PROPER.values(), ids=PROPER)
async def test_every_proper_answer_is_read_twice_over(name: str, serve: Serve) -> None:
    """All transports say the same, on a fresh connection, on a used one, and by heart."""
    expected = {
        "plain": (200, b"{}"),
        "in single bytes": (200, b"{}"),
        "in chunks": (200, b"abcde"),
        "chunks and a trailer": (200, b"a"),
        "no body": (204, b""),
        "not modified": (304, b""),
        "until the end": (200, b"all of it"),
        "asked to close": (200, b"ok"),
        "HTTP/1.0": (200, b"ok"),
        "continue first": (200, b"{}"),
        "early hints first": (200, b"{}"),
        "an error": (503, b"busy"),
        "a redirect": (302, b""),
        "odd header case": (200, b"{}"),
    }
    case = next(key for key, value in PROPER.items() if value is serve)

    seen = await outcome(name, serve, asks=4)

    assert seen == [expected[case]] * 4


IMPROPER: dict[str, tuple[Serve, set[TransportFailure]]] = {
    "closes at once": (closes_at_once, {TransportFailure.RESET}),
    "closes after the request": (closes_after_request, {TransportFailure.RESET}),
    "closes in the head": (says(b"HTTP/1.1 200", then_closes=True), {TransportFailure.RESET}),
    "closes in the body": (
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", then_closes=True),
        {TransportFailure.RESET},
    ),
    "closes between chunks": (says(CHUNKED + b"3\r\nabc\r\n", then_closes=True),
                              {TransportFailure.RESET}),
    "garbage": (says(b"\x16\x03\x01 no HTTP\r\n\r\n"),
                {TransportFailure.OTHER, TransportFailure.RESET}),
    "a bad chunk": (says(CHUNKED + b"zz\r\nabc\r\n"),
                    {TransportFailure.OTHER, TransportFailure.RESET}),
    "a bad length": (says(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"),
                     {TransportFailure.OTHER, TransportFailure.RESET}),
}  # fmt: skip


@pytest.mark.parametrize("name", NORMAL)
@pytest.mark.parametrize(("serve", "reasons"), IMPROPER.values(), ids=IMPROPER)
async def test_every_improper_answer_is_a_typed_failure(
    name: str, serve: Serve, reasons: set[TransportFailure]
) -> None:
    for seen in await outcome(name, serve, asks=2):
        assert seen in reasons


@pytest.mark.parametrize("name", NORMAL)
async def test_a_server_that_never_answers_costs_the_time_out_and_no_more(name: str) -> None:
    assert await outcome(name, never_answers, timeout_s=0.2) == [TransportFailure.TIMEOUT]


@pytest.mark.parametrize("name", NORMAL)
async def test_a_server_that_drips_is_timed_out(name: str) -> None:
    async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        for byte in OK:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.05)

    assert await outcome(name, drips, timeout_s=0.3) == [TransportFailure.TIMEOUT]


async def test_huge_headers_are_cut_off() -> None:
    line = b"X-Much: " + b"a" * 65000 + b"\r\n"
    serve = says(b"HTTP/1.1 200 OK\r\n", *[line] * (LARGEST_ANSWER // 65000 + 2))

    assert await outcome("wire", serve) == [TransportFailure.TOO_LARGE]


async def test_a_huge_body_is_cut_off() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"
    serve = says(head, *[b"a" * 65536] * 20)

    assert await outcome("wire", serve) == [TransportFailure.TOO_LARGE]


async def test_an_answer_too_many_is_counted_and_never_taken_for_the_next() -> None:
    """Two answers to one request: the second must not answer the second request."""
    second = b"HTTP/1.1 500 Not Yours\r\nContent-Length: 0\r\n\r\n"
    async with listening(says(OK + second)) as url:
        wire = Wire(Target.parse(url), connections=1)
        statuses = [(await wire.send(ASK)).status for _ in range(3)]
        await wire.close()

    assert statuses == [200, 200, 200]
    assert wire.unasked == 3
    assert wire.opened == 3


async def test_an_answer_to_nothing_ends_the_connection() -> None:
    async def talks_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(OK)
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(OK)
        await reader.read(-1)

    async with listening(talks_first) as url:
        wire = Wire(Target.parse(url), connections=1)
        first = await wire.send(ASK)
        for _ in range(100):
            if wire.unasked:
                break
            await asyncio.sleep(0.01)
        second = await wire.send(ASK)
        await wire.close()

    assert (first.status, second.status) == (200, 200)
    assert (wire.unasked, wire.opened) == (1, 2)


async def test_a_request_that_does_not_fit_at_once_is_sent_whole() -> None:
    """The other side is slow to read: the rest is written when there is room."""
    sizes: list[int] = []

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await asyncio.sleep(0.05)
            sizes.append(len(await request(reader)))
            writer.write(OK)

    large = Request("POST", ASK.path, ASK.headers, b"x" * (8 << 20))
    async with listening(slow) as url:
        wire = Wire(Target.parse(url), connections=1)
        statuses = [(await wire.send(ask)).status for ask in (large, ASK, large)]
        await wire.close()

    assert statuses == [200, 200, 200]
    assert sizes == [8 << 20, 2, 8 << 20]
    assert wire.opened == 1


async def test_an_answer_before_the_request_is_whole_ends_the_connection() -> None:
    """What was not written yet must not run into the next request."""

    async def hasty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(300)
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        await asyncio.Event().wait()

    large = Request("POST", ASK.path, ASK.headers, b"x" * (8 << 20))
    async with listening(hasty) as url:
        wire = Wire(Target.parse(url), connections=1)
        statuses = [(await wire.send(large)).status for _ in range(3)]
        opened = wire.opened
        await wire.close()

    assert statuses == [413] * 3
    assert opened == 3


async def test_a_server_that_goes_while_a_request_is_written_is_a_failure() -> None:
    async def goes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.transport.abort()

    large = Request("POST", ASK.path, ASK.headers, b"x" * (8 << 20))
    async with listening(goes) as url:
        wire = Wire(Target.parse(url), connections=1)
        with pytest.raises(TransportError) as caught:
            await wire.send(large)
        await wire.close()

    assert caught.value.reason is TransportFailure.RESET


async def test_connections_are_kept_and_bounded() -> None:
    """A hundred requests at once go over four connections, and all are answered."""
    async with listening(says(OK)) as url:
        wire = Wire(Target.parse(url), connections=4)
        answers = await asyncio.gather(*(wire.send(ASK) for _ in range(100)))
        most, opened = wire.open_most, wire.opened
        await wire.close()

    assert {answer.status for answer in answers} == {200}
    assert most <= 4
    assert opened <= 4
    assert wire.waiting_most >= 90


async def test_a_refused_connection_is_named_for_everyone_who_waits() -> None:
    async with listening(says(OK)) as url:
        pass
    wire = Wire(Target.parse(url), connections=2)

    seen = await asyncio.gather(*(wire.send(ASK) for _ in range(5)), return_exceptions=True)
    await wire.close()

    assert [error.reason for error in seen if isinstance(error, TransportError)] == [
        TransportFailure.REFUSED
    ] * 5


async def test_a_server_that_is_back_is_used_again() -> None:
    async with listening(says(OK)) as url:
        wire = Wire(Target.parse(url), connections=2)
        assert (await wire.send(ASK)).status == 200
    port = int(url.split(":")[2].split("/")[0])
    with pytest.raises(TransportError):
        await wire.send(ASK)

    async def each(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(OK)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(each, "127.0.0.1", port)
    answer = await wire.send(ASK)
    await wire.close()
    server.close()

    assert answer.status == 200


async def test_closing_fails_what_is_under_way() -> None:
    async with listening(never_answers) as url:
        wire = Wire(Target.parse(url), connections=1)
        pending = [asyncio.ensure_future(wire.send(ASK)) for _ in range(3)]
        await asyncio.sleep(0.1)
        await wire.close()
        seen = await asyncio.gather(*pending, return_exceptions=True)

    assert all(isinstance(error, TransportError) for error in seen)


async def test_nothing_leaves_for_another_host() -> None:
    wire = Wire(Target.parse("http://127.0.0.1:9/panic-api/v2"))

    for strange in (Request("POST", "@evil.example/x"), Request("GET", "/", {"host": "a.b"})):
        with pytest.raises(RefusedTargetError):
            await wire.send(strange)
        with pytest.raises(RefusedTargetError):
            wire.aim(strange)


async def test_a_header_with_a_line_break_is_not_sent() -> None:
    wire = Wire(Target.parse("http://127.0.0.1:9/panic-api/v2"))

    with pytest.raises(ValueError, match="cannot be sent"):
        await wire.send(Request("POST", "/", {"x": "a\r\nb: c"}))


def test_a_machine_without_ports_is_told_from_a_target_that_refuses() -> None:
    no_file, no_port = OSError(24, "EMFILE"), OSError(99, "EADDRNOTAVAIL")

    assert exhausted(no_file)
    assert exhausted(no_port)
    assert not exhausted(ConnectionRefusedError(111, "x"))
    assert failure_of(no_port).detail == NO_SOCKET
    assert failure_of(ConnectionRefusedError(111, "x")).reason is TransportFailure.REFUSED
    assert failure_of(TimeoutError()).reason is TransportFailure.CONNECT_TIMEOUT


@given(st.lists(st.binary(max_size=60), max_size=6), st.booleans())
def test_any_bytes_are_read_as_far_as_they_are_an_answer(heard: list[bytes], proper: bool) -> None:
    response = parsed([OK, *heard] if proper else heard)

    assert response.status == (200 if proper else response.status)
    assert not proper or response.body == b"{}"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=4))
def test_any_answer_ends_in_an_outcome(said: list[bytes]) -> None:
    """Whatever a server says, each request ends, and the pool is empty at the end."""

    async def ask() -> None:
        async with listening(says(*said, then_closes=True)) as url:
            wire = Wire(Target.parse(url), connections=2, timeout_s=2.0)
            for _ in range(2):
                with suppress(TransportError):
                    await wire.send(ASK)
            assert wire.busy == 0
            await wire.close()

    asyncio.run(ask())
