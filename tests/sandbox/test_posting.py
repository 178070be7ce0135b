"""Webhooks over HTTP when the receiver, or the sandbox, does not do its part."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from simulator.sandbox import Parcel
from simulator.sandbox.posting import HttpPost


@asynccontextmanager
async def _silent() -> AsyncIterator[str]:
    """Listen and never answer."""

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def test_a_receiver_that_does_not_answer_is_given_up() -> None:
    answers: asyncio.Queue[int | str] = asyncio.Queue()
    async with _silent() as url, HttpPost(timeout_s=0.05) as post:
        post(Parcel(url, {}, b"{}"), answers.put_nowait)

        async with asyncio.timeout(10):
            assert await answers.get() == "no answer in 0.05 s"


async def test_what_is_under_way_at_the_end_is_noted() -> None:
    answers: list[int | str] = []
    async with _silent() as url, HttpPost() as post:
        post(Parcel(url, {}, b"{}"), answers.append)
        await asyncio.sleep(0)

    assert answers == ["not sent: the sandbox was stopped"]


async def test_a_full_post_office_refuses() -> None:
    answers: list[int | str] = []
    async with _silent() as url, HttpPost(waiting=1) as post:
        for _ in range(2):
            post(Parcel(url, {}, b"{}"), answers.append)

        assert answers == ["not sent: too many deliveries are waiting"]


async def test_an_address_that_cannot_be_is_noted() -> None:
    answers: asyncio.Queue[int | str] = asyncio.Queue()
    async with HttpPost() as post:
        post(Parcel("http://[bad", {}, b"{}"), answers.put_nowait)

        async with asyncio.timeout(10):
            assert "InvalidUrl" in str(await answers.get()).replace("URL", "Url")
