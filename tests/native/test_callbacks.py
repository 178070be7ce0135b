"""The two ends of a callback: what a carrier posts, and what the middleware makes of posts."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, web

from simulator.codec import codec
from simulator.journal import EventSent, MemoryJournal, Received
from simulator.native import Endpoint, Ports, Posted, Uplink, envelope, serve_middleware
from simulator.native.post import PostCarrier
from simulator.native.serving import ListenError
from tests.native.stage import Stage, stage
from tests.native.test_line import Notes, parcel

DOWNLINK = bytes.fromhex("0101000000000000")


@asynccontextmanager
async def endpoint(answer: web.Response) -> AsyncIterator[tuple[str, list[tuple[str, str, bytes]]]]:
    """Serve an integrator's endpoint that takes note of what is posted."""
    taken: list[tuple[str, str, bytes]] = []

    async def take(request: web.Request) -> web.Response:
        taken.append((request.method, request.path_qs, await request.read()))
        return answer

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", taken
    await runner.cleanup()


@asynccontextmanager
async def posting(url: str, name: str = "sigfox") -> AsyncIterator[tuple[PostCarrier, Notes]]:
    """Give a carrier that posts there."""
    notes = Notes()
    async with asyncio.TaskGroup() as tasks:
        carrier = PostCarrier(Endpoint.parse(url), envelope(name), notes, tasks)
        yield carrier, notes
        await carrier.close()


@pytest.mark.parametrize(
    ("name", "path", "method", "path_qs"),
    [
        ("sigfox", "/hook", "POST", "/hook"),
        ("sigfox", "", "POST", "/"),
        ("sigfox", "/hook?token=a%2Fb", "POST", "/hook?token=a%2Fb"),
        ("chirpstack", "/hook?token=x", "POST", "/hook?token=x&event=up"),
        ("sigfox-get", "/hook?k=1", "GET", "/hook?k=1&device=1&time=0&data=01&seqNumber=4"),
    ],
)
async def test_a_message_is_posted_where_the_url_says(
    name: str, path: str, method: str, path_qs: str
) -> None:
    """Its query stays, and the envelope's own comes behind it."""
    async with (
        endpoint(web.Response()) as (url, taken),
        posting(url + path, name) as (carrier, notes),
    ):
        carrier.send(parcel("sigfox_simplepack", 4, b"\1"))

        assert await notes.until(1, "delivered") == [(4, 200)]
    assert taken[0][:2] == (method, path_qs)


async def test_a_downlink_in_the_answer_reaches_the_device() -> None:
    """A two-way callback."""
    answer = web.json_response({"1": {"downlinkData": DOWNLINK.hex()}})
    async with endpoint(answer) as (url, _), posting(url) as (carrier, notes):
        carrier.send(parcel("sigfox_simplepack", 4, b"\1"))

        assert await notes.until(1, "replied") == [(4, DOWNLINK)]


@pytest.mark.parametrize("status", [302, 400, 401, 500])
async def test_an_answer_other_than_2xx_is_a_failure(status: int) -> None:
    """With what the endpoint said; a redirect too: networks do not follow them."""
    refusal = web.Response(status=status, text="which model?")
    async with endpoint(refusal) as (url, _), posting(url) as (carrier, notes):
        carrier.send(parcel("sigfox_simplepack", 4, b"\1"))

        assert await notes.until(1, "failed") == [(4, f"answered {status}: which model?")]


async def test_an_endpoint_that_is_not_there_is_a_failure() -> None:
    """With the reason of the network."""
    async with endpoint(web.Response()) as (url, _):
        pass
    async with posting(url) as (carrier, notes):
        carrier.send(parcel("sigfox_simplepack", 4, b"\1"))
        ((sequence, reason),) = await notes.until(1, "failed")

    assert sequence == 4
    assert "refused" in str(reason).lower()


async def post(run: Stage, path: str, posted: Posted) -> tuple[int, bytes]:
    """Post to the middleware while the clock turns."""
    async with ClientSession() as http, asyncio.TaskGroup() as tasks:
        turning = tasks.create_task(run.pacer.run(float("inf")))
        url = f"{run.served.http}{path}" + (f"?{posted.query}" if posted.query else "")
        headers = {"content-type": posted.content_type} if posted.content_type else {}
        async with http.request(
            posted.method, url, data=posted.body or None, headers=headers
        ) as answer:
            body = await answer.read()
        turning.cancel()
    return answer.status, body


def press_of(run: Stage, number: int = 0) -> Uplink:
    """Return a press of a Sigfox unit of the stage."""
    unit = run.units[number]
    payload = codec("sigfox_simplepack").encode({"mode": "press_me", "press": "short"})
    return Uplink(
        address=unit.firmware.serial[2:], payload=payload, sequence=1, received_s=1_780_000_000.0
    )


def heard(run: Stage, kind: type) -> list[object]:
    """Return what the gateway of the middleware wrote of one type."""
    assert isinstance(run.heard, MemoryJournal)
    return [record for record in run.heard.records if isinstance(record, kind)]


@pytest.mark.parametrize("name", ["sigfox", "sigfox-get", "sigfox-form", "sigfox-legacy+strings"])
@pytest.mark.parametrize("path", ["/sigfox", "/sigfox/simplepack-plus"])
async def test_any_spelling_reaches_aura(name: str, path: str) -> None:
    """By POST or GET, with the model named in the path or found by the device."""
    async with stage({"simplepack-plus": 1}) as run:
        status, body = await post(run, path, envelope(name).write(press_of(run)))

        assert (status, body) == (204, b"")
        assert len(heard(run, EventSent)) == 1


async def test_strangers_are_not_heard() -> None:
    """A device of no model we serve; a body that is no callback; a model that is not served."""
    async with stage({"simplepack-plus": 1, "milesight-ws101": 1}) as run:
        stranger = envelope("tts").write(
            Uplink(address="ffffffffffffffff", payload=b"\1", sequence=1, received_s=0.0, port=85)
        )
        wrong = [
            ("/tts", stranger),
            ("/sigfox", Posted(b"hello")),
            ("/sigfox/gt06", envelope("sigfox").write(press_of(run))),
            ("/chirpstack", stranger),
        ]
        answers = [await post(run, path, posted) for path, posted in wrong]

        assert [status for status, _ in answers] == [400] * 4
        assert all("error" in json.loads(body) for _, body in answers)
        assert run.middleware.counts["callbacks refused"] == 4
        assert heard(run, Received) == []


async def test_a_port_that_is_taken_is_named() -> None:
    """With the remedy."""
    async with stage({"eview-ev07b": 1}) as run:
        port = int(run.served.http.rpartition(":")[2])
        with pytest.raises(ListenError, match=f"127.0.0.1:{port}") as caught:
            async with serve_middleware(run.middleware, [], Ports(http=port)):
                pass

    assert caught.value.port == port


async def tcp(run: Stage, *portions: bytes) -> bytes:
    """Say something at the tracker's door, in portions, and return the first answer."""
    host, port = run.served.tcp["eview-ev07b"].removeprefix("tcp://").split(":")
    async with asyncio.TaskGroup() as tasks, asyncio.timeout(10.0):
        turning = tasks.create_task(run.pacer.run(float("inf")))
        reader, writer = await asyncio.open_connection(host, int(port))
        for portion in portions:
            writer.write(portion)
            await asyncio.sleep(0.005)
        writer.write_eof()
        answer = await reader.read(4096)
        writer.close()
        turning.cancel()
    return answer


async def test_half_frames_and_garbage_at_the_door() -> None:
    """The door cuts the stream: noise is counted, a frame in three portions is one frame."""
    async with stage({"eview-ev07b": 1}) as run:
        frame = codec("eview").encode(
            {"sequence_id": 1, "message_type": 1, "keys": [1], "imei": run.units[0].firmware.serial}
        )
        answer = await tcp(run, b"noise" + frame[:7], frame[7:9], frame[9:])
        await run.run(1.0)

        assert answer == codec("eview").reply(frame)
        assert run.middleware.counts["frames"] == 1
        assert run.middleware.counts["bytes discarded"] == 5


async def test_a_tracker_that_does_not_say_its_name_gets_no_answer() -> None:
    """Neither in its frame nor before on the connection."""
    async with stage({"eview-ev07b": 1}) as run:
        nameless = codec("eview").encode({"sequence_id": 2, "message_type": 1, "keys": []})

        assert await tcp(run, nameless) == b""
        assert run.middleware.counts["strangers"] == 1
