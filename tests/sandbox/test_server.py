"""The sandbox over HTTP: real connections, real time, real misbehaviour."""

import asyncio
import socket
from collections.abc import AsyncIterator

import aiohttp
import aiohttp.web
import pytest
import simpy

from simulator.clock import Pacer
from simulator.sandbox import Limits, PortError, Sandbox, Server, Settings, serve
from tests.sandbox.caller import CONTROL, EPOCH_S, HOME, YEAR

KIB = 1024
SMALL = Limits(body_bytes=64 * KIB, header_bytes=8 * KIB, headers=20, path_bytes=KIB)
CLIENT = {"x-sandbox-client": "client-a"}


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """Return a served sandbox with small limits, whose webhooks may go to loopback."""
    settings = Settings(limits=SMALL, allow_http_webhooks=True)
    async with serve(Sandbox(simpy.Environment(), EPOCH_S, settings=settings)) as served:
        yield served


@pytest.fixture
async def http(server: Server) -> AsyncIterator[aiohttp.ClientSession]:
    """Return a client with a token."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        body = {"clientId": "client-a", "clientSecret": "s"}
        async with session.post(f"{server.base_url}/oauth/token", json=body) as answer:
            token = (await answer.json())["accessToken"]
        session.headers["authorization"] = f"Bearer {token}"
        yield session


async def _callout(server: Server, http: aiohttp.ClientSession) -> str:
    person = {"name": "J", "surname": "D", "mobile": "+27821234567"}
    body = {"customer": person, "subscription": {"subscriptionTypeId": 4, **YEAR}}
    async with http.post(f"{server.base_url}/customers", json=body) as answer:
        customer = (await answer.json())["customer"]["id"]
    url = f"{server.base_url}/customers/{customer}/callouts"
    async with http.post(url, json={"responseTypeId": 1, "location": HOME}) as answer:
        return f"{server.base_url}/callouts/{(await answer.json())['callout']['id']}"


async def _fault(server: Server, http: aiohttp.ClientSession, **dials: object) -> None:
    async with http.post(f"{server.origin}{CONTROL}/faults", json=dials) as answer:
        assert answer.status == 201


async def _raw(server: Server, data: bytes) -> bytes:
    """Send bytes and return all that comes back until the server closes."""
    host, port = server.origin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        async with asyncio.timeout(10):
            writer.write(data)
            return await reader.read()
    finally:
        writer.close()


async def test_a_status_that_nobody_registered_passes(
    server: Server, http: aiohttp.ClientSession
) -> None:
    url = await _callout(server, http)
    async with http.post(f"{url}/dismiss", json={}) as answer:
        assert answer.status == 200

    async with http.post(f"{url}/location", json=HOME) as answer:
        assert answer.status == 285
        assert (await answer.json())["callout"]["status"] == "closed"


async def test_the_page_of_a_callout_is_on_the_server_itself(
    server: Server, http: aiohttp.ClientSession
) -> None:
    async with http.get(await _callout(server, http)) as answer:
        url = (await answer.json())["callout"]["url"]

    assert url.startswith(server.origin + CONTROL)


async def test_time_passes_as_outside(server: Server, http: aiohttp.ClientSession) -> None:
    env = server.sandbox.env
    before = env.now

    async with http.get(f"{server.base_url}/responseTypes"):
        pass

    assert env.now > before


async def test_what_is_due_happens_without_a_request(
    server: Server, http: aiohttp.ClientSession
) -> None:
    """A responder acknowledges though nobody asks for anything."""
    plan = {"isAutomatic": True, "acknowledgeS": 0.05, "outcome": "never-arrives"}
    async with http.put(f"{server.origin}{CONTROL}/responders", json=plan):
        pass
    url = await _callout(server, http)
    callouts = server.sandbox.tenant("client-a").callouts

    async with asyncio.timeout(10):
        callout = int(url.rsplit("/", 1)[1])
        while callouts.rows[callout].state != "dispatched":  # noqa: ASYNC110 - nothing tells us
            await asyncio.sleep(0.005)


async def test_who_brings_a_pacer_turns_the_time_himself() -> None:
    env = simpy.Environment()
    pacer = Pacer(env, 1000.0)
    async with serve(Sandbox(env, EPOCH_S), pacer=pacer) as served, aiohttp.ClientSession() as http:
        await pacer.run(20.0)
        async with http.get(f"{served.origin}{CONTROL}/tenants") as answer:
            now = (await answer.json())[0]["now"]

    assert now >= "2026-06-10T08:30:20Z"


async def test_a_port_in_use_is_said_with_a_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(PortError, match=r"in use.*--port") as caught:
            async with serve(Sandbox(simpy.Environment(), EPOCH_S), port=port):
                pass

    assert (caught.value.port, caught.value.exit_code) == (port, 3)


async def test_a_webhook_arrives_over_http(server: Server, http: aiohttp.ClientSession) -> None:
    arrived: asyncio.Queue[tuple[dict[str, object], str]] = asyncio.Queue()

    async def receive(request: aiohttp.web.BaseRequest) -> aiohttp.web.Response:
        await arrived.put((await request.json(), request.headers["authorization"]))
        return aiohttp.web.Response(status=204)

    runner = aiohttp.web.ServerRunner(aiohttp.web.Server(receive))
    await runner.setup()
    site = aiohttp.web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = runner.addresses[0][1]
        body = {
            "url": f"http://127.0.0.1:{port}/x",
            "events": ["NEW_CALLOUT"],
            "headers": {"authorization": "Bearer mine"},
        }
        async with http.post(f"{server.base_url}/notifiers/webhooks", json=body) as answer:
            assert answer.status == 200
        await _callout(server, http)
        async with asyncio.timeout(10):
            content, authorization = await arrived.get()
    finally:
        await runner.cleanup()

    assert content["message"] == "NEW_CALLOUT"
    assert authorization == "Bearer mine"


async def test_a_webhook_to_nobody_is_noted_as_failed(
    server: Server, http: aiohttp.ClientSession
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    body = {"url": url, "events": ["NEW_CALLOUT"]}
    async with http.post(f"{server.base_url}/notifiers/webhooks", json=body):
        pass
    await _callout(server, http)
    deliveries = server.sandbox.tenant("client-a").deliveries

    async with asyncio.timeout(10):
        while list(deliveries)[-1].progress != "failed":  # noqa: ASYNC110 - nothing tells us
            await asyncio.sleep(0.005)
    assert "ClientConnectorError" in str(list(deliveries)[-1].answer)


async def test_latency_is_waited_out(server: Server, http: aiohttp.ClientSession) -> None:
    await _fault(server, http, kind="latency", seconds=0.05)
    loop = asyncio.get_running_loop()
    began = loop.time()

    async with http.get(f"{server.base_url}/responseTypes") as answer:
        assert answer.status == 200

    assert loop.time() - began >= 0.05


async def test_a_drip_comes_whole(server: Server, http: aiohttp.ClientSession) -> None:
    await _fault(server, http, kind="drip", seconds=0.02)

    async with http.get(f"{server.base_url}/responseTypes") as answer:
        assert (await answer.json())["message"]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("reset", aiohttp.ClientConnectionError),
        ("half", aiohttp.ClientPayloadError),
        ("stall", aiohttp.ServerDisconnectedError),
    ],
)
async def test_an_answer_breaks_off(
    server: Server, http: aiohttp.ClientSession, kind: str, error: type[Exception]
) -> None:
    await _fault(server, http, kind=kind, seconds=0.02, times=1)
    url = f"{server.base_url}/leads"

    with pytest.raises(error):
        async with http.post(url, json={"mobileNumber": "+27820000001"}) as answer:
            await answer.read()
    async with http.post(url, json={"mobileNumber": "+27820000001"}) as answer:
        assert answer.status == 200


async def test_a_large_body_is_refused_while_it_comes(
    server: Server, http: aiohttp.ClientSession
) -> None:
    async with http.post(f"{server.base_url}/leads", data=b"x" * (SMALL.body_bytes + 1)) as answer:
        assert answer.status == 413
        assert "message" in await answer.json()


async def test_a_body_without_end_is_cut_off(server: Server, http: aiohttp.ClientSession) -> None:
    sent = 0

    async def flood() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100 * 1024 * KIB:
            sent += 64 * KIB
            yield b"x" * 64 * KIB

    try:
        async with http.post(f"{server.base_url}/leads", data=flood()) as answer:
            assert answer.status == 413
    except aiohttp.ClientError:
        pass
    assert sent < 100 * 1024 * KIB


async def test_a_flood_of_headers_is_cut_off(server: Server) -> None:
    line = b"GET / HTTP/1.1\r\nhost: x\r\n"
    flood = b"".join(b"h%d: %s\r\n" % (n, b"x" * 1000) for n in range(40))

    unfinished = await _raw(server, line + flood)
    finished = await _raw(server, line + flood + b"connection: close\r\n\r\n")

    assert unfinished.startswith(b"HTTP/1.1 431 ")
    assert finished.startswith(b"HTTP/1.1 431 ")


async def test_many_small_headers_are_refused(server: Server) -> None:
    headers = b"".join(b"h%d: x\r\n" % n for n in range(30))

    answer = await _raw(server, b"GET / HTTP/1.1\r\nconnection: close\r\n" + headers + b"\r\n")

    assert answer.startswith(b"HTTP/1.1 431 ")


async def test_a_long_path_is_refused(server: Server) -> None:
    path = b"/" + b"x" * 2 * KIB

    answer = await _raw(server, b"GET " + path + b" HTTP/1.1\r\nconnection: close\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 414 ")


async def test_nonsense_is_answered_without_a_traceback(server: Server) -> None:
    for data in (b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"):
        answer = await _raw(server, data)

        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"Traceback" not in answer


async def test_a_caller_who_leaves_early_harms_nobody(
    server: Server, http: aiohttp.ClientSession
) -> None:
    host, port = server.origin.removeprefix("http://").split(":")
    for data in (b"POST /x HTTP/1.1\r\ncontent-length: 100\r\n\r\nabc", b"GET / HT"):
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(data)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with http.get(f"{server.base_url}/responseTypes") as answer:
        assert answer.status == 200


async def test_many_callers_at_once_are_all_answered(
    server: Server, http: aiohttp.ClientSession
) -> None:
    async def ask(number: int) -> int:
        body = {"clientId": f"client-{number}", "clientSecret": "s"}
        async with http.post(f"{server.base_url}/oauth/token", json=body) as answer:
            return answer.status

    assert set(await asyncio.gather(*(ask(number) for number in range(100)))) == {200}
