"""A port to plug and unplug, and a virtual radio with an adapter of ours on it."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from bumble.controller import Controller
from bumble.device import Device
from bumble.hci import Address
from bumble.link import LocalLink

from simulator.bench.being import PtyPort
from simulator.bench.links import Chunk, Happening, Link, LinkDown, LinkUp, Radio
from simulator.bench.links.dongle import radio_of
from simulator.cli.main import main

PATIENCE_S = 20.0


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[PtyPort]:
    """A plugged port."""
    made = PtyPort(tmp_path / "ttyTEST")
    made.plug()
    yield made
    made.unplug()


class Log:
    """Takes what happens on a link, and waits for it."""

    def __init__(self, link: Link) -> None:
        self.seen: list[Happening] = []
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self._take(link))

    async def _take(self, link: Link) -> None:
        async for happening in link.happenings():
            self.seen.append(happening)
            self._changed.set()

    @property
    def data(self) -> bytes:
        """Return all bytes that arrived."""
        return b"".join(one.data for one in self.seen if isinstance(one, Chunk))

    @property
    def ups(self) -> int:
        """Return how often the link came."""
        return sum(isinstance(one, LinkUp) for one in self.seen)

    @property
    def downs(self) -> list[LinkDown]:
        """Return how the link went."""
        return [one for one in self.seen if isinstance(one, LinkDown)]

    async def until_bytes(self, count: int) -> None:
        """Wait for so many bytes."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.data) < count:
                await self._next()

    async def until_ups(self, count: int) -> None:
        """Wait until the link has come so often."""
        async with asyncio.timeout(PATIENCE_S):
            while self.ups < count:
                await self._next()

    async def until_downs(self, count: int) -> None:
        """Wait until the link has gone so often."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.downs) < count:
                await self._next()

    async def end(self) -> None:
        """Wait until nothing more happens."""
        async with asyncio.timeout(PATIENCE_S):
            await self._task

    async def _next(self) -> None:
        self._changed.clear()
        await self._changed.wait()


@asynccontextmanager
async def opened(link: Link) -> AsyncIterator[Log]:
    """Open a link and log it; closed at the end, and all that arrived is in the log."""
    await link.open()
    log = Log(link)
    try:
        yield log
    finally:
        await link.close()
        await log.end()


@dataclass
class Air:
    """A virtual radio: our adapter on it, and places for devices."""

    link: LocalLink
    radio: Radio

    def device(self, address: str) -> Device:
        """Return a device with a virtual controller of its own, switched off."""
        controller = Controller("device", link=self.link)
        return Device.with_hci("device", Address(address), controller, controller)


@pytest.fixture
async def air() -> Air:
    """A virtual radio with our adapter switched on."""
    link = LocalLink()  # type: ignore[no-untyped-call]  # bumble has no type here
    controller = Controller("adapter", link=link)
    adapter = Device.with_hci("adapter", Address("F1:A5:5A:00:00:01"), controller, controller)
    await adapter.power_on()
    return Air(link, radio_of(adapter))


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Run a command in this process, in a folder of its own: fast, for what ends soon."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["aurasim", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out + shown.err

    return run
