"""A target whose certificate comes from an authority of its own: `--trust` is enough for all."""

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import simpy

from simulator.clock import wall_s
from simulator.errors import ExitCode, SimulatorError
from simulator.load.result import Verdict
from simulator.load.runner import LoadTest
from simulator.load.schedule import Round
from simulator.load.settings import LoadSettings
from simulator.load.shapes import Shape
from simulator.profile import profiles
from simulator.sandbox import Sandbox, serve
from tests.load.test_tls import FAR_AHEAD, certificate


@asynccontextmanager
async def behind_tls(port: int, path: Path) -> AsyncIterator[int]:
    """Stand with TLS before a server on loopback while the block runs; yields the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    tasks: set[asyncio.Task[None]] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()

    async def each(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs = await asyncio.open_connection("127.0.0.1", port)
        for pair in ((reader, theirs[1]), (theirs[0], writer)):
            task = asyncio.create_task(carry(*pair))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(each, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


@asynccontextmanager
async def secure_sandbox(path: Path, box: Sandbox) -> AsyncIterator[str]:
    """Serve a sandbox over TLS; yields its base URL."""
    async with serve(box) as server:
        port = int(server.base_url.split(":")[2].split("/")[0])
        async with behind_tls(port, path) as secure:
            yield f"https://127.0.0.1:{secure}/panic-api/v2"


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """Return a certificate that only its own file vouches for."""
    return certificate(tmp_path, ends=FAR_AHEAD)


@pytest.fixture
def url(authority: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve a sandbox over TLS from a thread of its own."""
    box = Sandbox(simpy.Environment(), wall_s(), profiles=profiles())
    monkeypatch.setenv("AURA_CLIENT_ID", box.demo.client_id)
    monkeypatch.setenv("AURA_CLIENT_SECRET", box.demo.client_secret)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("AURASIM_CONFIG", str(tmp_path / "aurasim.toml"))
    (tmp_path / "aurasim.toml").write_text("")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    context = secure_sandbox(authority, box)
    yield asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result(10)
    asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def settings(url: str, out: Path, trust: Path | None, transport: str) -> LoadSettings:
    """Return a small test that links its devices first."""
    return LoadSettings(
        mix={"aura-structured": 4},
        shape=Shape(rate=40.0),
        life=Round(press=1, move=1, cancel=1, battery=1),
        for_s=0.5,
        drain_s=5.0,
        connections=2,
        target=url,
        out=out,
        trust=trust,
        transport=transport,
    )


@pytest.mark.parametrize("transport", ["wire", "aiohttp"])
def test_trust_reaches_tokens_linking_and_messages(
    url: str, authority: Path, tmp_path: Path, transport: str
) -> None:
    result = LoadTest(settings(url, tmp_path / "run", authority, transport)).execute()

    assert result.verdict in (Verdict.PASS, Verdict.VOID)  # void where this machine is busy
    assert result.total.answered == 20
    assert result.ledger is not None
    assert result.ledger.verdict == "passed"


def test_without_trust_the_authority_is_a_stranger(url: str, tmp_path: Path) -> None:
    with pytest.raises(SimulatorError, match=r"TLS|certificate") as caught:
        LoadTest(settings(url, tmp_path / "run", None, "wire")).execute()

    assert caught.value.exit_code is ExitCode.ENVIRONMENT
