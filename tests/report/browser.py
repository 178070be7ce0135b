"""A headless Chromium, driven over its own protocol: enough to read a page and act on it."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from simulator.frame import Value

NAMES = ("chromium", "chromium-browser", "google-chrome")
HELP = "no Chromium on this machine; run: apt-get install -y chromium"
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--remote-debugging-port=0",
)
_PATIENCE_S = 60.0


def chromium() -> str | None:
    """Return the browser of this machine."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Page:
    """One tab. It remembers what the page asked the network for, and what went wrong in it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.requests: list[str] = []
        self.errors: list[str] = []
        self._socket = socket
        self._number = 0

    async def call(self, method: str, **params: Value) -> dict[str, Value]:
        """Ask the browser for something and return its answer."""
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        while True:
            message = json.loads(await self._socket.receive_str(timeout=_PATIENCE_S))
            if message.get("id") == self._number:
                result: dict[str, Value] = message.get("result", {})
                return result
            self._hear(message)

    async def open(self, page: Path | str, *, width: int = 1280, height: int = 1000) -> None:
        """Open a file or an address and wait until it has loaded."""
        for domain in ("Page", "Runtime", "Network", "Log"):
            await self.call(f"{domain}.enable")
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        await self.call("Page.navigate", url=page if isinstance(page, str) else page.as_uri())
        await self.loaded()

    async def loaded(self) -> None:
        """Wait until the page that is on its way has loaded."""
        while json.loads(await self._next())["method"] != "Page.loadEventFired":
            pass

    async def dark(self) -> None:
        """Let the reader prefer a dark page."""
        wish: list[Value] = [{"name": "prefers-color-scheme", "value": "dark"}]
        await self.call("Emulation.setEmulatedMedia", features=wish)

    async def read(self, expression: str) -> Value:
        """Return the value of an expression in the page."""
        answer = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        result = answer["result"]
        assert isinstance(result, dict)
        assert "exceptionDetails" not in answer, answer
        return result.get("value")

    async def key(self, name: str) -> None:
        """Press a key."""
        await self.call("Input.dispatchKeyEvent", type="keyDown", key=name)
        await self.call("Input.dispatchKeyEvent", type="keyUp", key=name)

    async def type(self, text: str) -> None:
        """Type a text into what has the focus."""
        await self.call("Input.insertText", text=text)

    async def _next(self) -> str:
        text = await self._socket.receive_str(timeout=_PATIENCE_S)
        self._hear(json.loads(text))
        return text

    def _hear(self, message: dict[str, dict[str, dict[str, str]]]) -> None:
        params = message.get("params", {})
        if str(message.get("method")) == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif str(message.get("method")) in ("Runtime.exceptionThrown", "Log.entryAdded"):
            self.errors.append(str(params))


@asynccontextmanager
async def tab(browser: str, profile: Path) -> AsyncIterator[Page]:
    """Start a browser with a fresh profile and give its first tab."""
    process = await asyncio.create_subprocess_exec(
        browser,
        *_FLAGS,
        f"--user-data-dir={profile}",
        "about:blank",
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_PATIENCE_S):
            port = await _port(process)
        async with aiohttp.ClientSession() as session:
            address = await _first_tab(session, port)
            async with session.ws_connect(address, max_msg_size=0) as socket:
                yield Page(socket)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _port(process: asyncio.subprocess.Process) -> int:
    """Wait until the browser says where it listens."""
    assert process.stderr
    async for line in process.stderr:
        if b"DevTools listening on ws://" in line:
            return int(line.split(b"ws://")[1].split(b"/")[0].split(b":")[1])
    message = "The browser ended before it listened."
    raise AssertionError(message)


async def _first_tab(session: aiohttp.ClientSession, port: int) -> str:
    async with session.get(f"http://127.0.0.1:{port}/json/list") as response:
        targets: list[dict[str, str]] = await response.json()
    return next(t["webSocketDebuggerUrl"] for t in targets if t["type"] == "page")
