"""Native load: trackers on connections of their own, callbacks of networks, and what comes back."""

import asyncio

import pytest

from simulator.aura import TransportFailure
from simulator.clock import monotonic_s
from simulator.codec import codec
from simulator.load.gathering import Gathering
from simulator.load.native_shard import NativeShard, status_of
from simulator.load.result import LoadResult, Verdict
from simulator.load.rows import FAILURES, NOT_TAKEN
from simulator.load.schedule import Round
from simulator.load.shapes import Shape
from tests.load.aura_like import task, told
from tests.load.hostile import listening, says


async def answers_gt06(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every frame as its protocol does."""
    speaker = codec("gt06")
    framer = speaker.framer()
    assert framer is not None
    while data := await reader.read(4096):
        for frame in framer.feed(data):
            writer.write(speaker.reply(frame) or b"")


async def play(url: str, profile: str, **given: object) -> LoadResult:
    """Run a native shard in this process, and return what it came to."""
    asked = task(
        "http://127.0.0.1:9",
        **{
            "mix": {profile: 20},
            "shape": Shape(rate=100.0),
            "life": Round(press=1, move=1, cancel=0, battery=1),
            "native_to": {"": url},
            **given,
        },
    )
    gathering = Gathering(told(asked), "2026-06-01T00:00:00Z", is_native=True)
    shard = NativeShard(asked, lambda letter, payload: gathering.take(0, letter, payload))
    await shard.prepare()
    gathering.start_s = monotonic_s() + 0.01
    await shard.run(gathering.start_s)
    return gathering.finish(asked.for_s)


async def test_trackers_hold_a_connection_each_and_are_answered() -> None:
    async with listening(answers_gt06) as url:
        port = url.split(":")[2].split("/")[0]
        result = await play(f"tcp://127.0.0.1:{port}", "gt06")

    assert result.total.due == result.total.answered == 50
    assert result.generator.connections_most == 20
    assert result.ledger is None


async def test_callbacks_of_a_network_are_posted_and_answered() -> None:
    ok = b"HTTP/1.1 204 No Content\r\n\r\n"
    async with listening(says(ok)) as url:
        origin = url.removesuffix("/panic-api/v2")
        result = await play(f"{origin}/sigfox", "simplepack-plus")

    assert result.total.answered == 50


async def test_what_a_middleware_refuses_is_counted_by_its_answer() -> None:
    busy = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
    async with listening(says(busy)) as url:
        origin = url.removesuffix("/panic-api/v2")
        result = await play(f"{origin}/tts", "milesight-ws101")

    assert result.errors == {"answered 503": 50}


async def test_a_middleware_that_is_not_there_is_an_environment() -> None:
    async with listening(answers_gt06) as url:
        port = url.split(":")[2].split("/")[0]

    result = await play(f"tcp://127.0.0.1:{port}", "gt06", drain_s=0.5)

    assert result.total.answered == 0
    assert result.verdict is Verdict.ENVIRONMENT


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("answered 503: busy", 503),
        ("no answer in time (20 s)", FAILURES[TransportFailure.TIMEOUT]),
        ("connection refused (x)", FAILURES[TransportFailure.REFUSED]),
        ("answered as not understood", NOT_TAKEN),
    ],
)
def test_reasons_of_carriers_become_codes(reason: str, code: int) -> None:
    assert status_of(reason) == code
