"""The pages in a real browser: no error, no network but the sandbox, and buttons that act."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import simpy

from simulator.frame import Value
from simulator.sandbox import Sandbox, Server, serve
from tests.report.browser import HELP, Page, chromium, tab
from tests.sandbox.caller import CONTROL, EPOCH_S, Caller

HOSTILE = "</title><script>document.title='pwned'</script><img src=x onerror=alert(1)>"
NAMES = ("tenant", "map", "requests", "webhooks", "switches")

pytestmark = [pytest.mark.slow, pytest.mark.skipif(chromium() is None, reason=HELP)]


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    """Serve a sandbox in which somebody with a hostile name has called for help."""
    async with serve(Sandbox(simpy.Environment(), EPOCH_S)) as served:
        yield served


@pytest.fixture
def caller(server: Server) -> Caller:
    """Return a caller whose clientId is its name."""
    return Caller(server.sandbox, HOSTILE)


@pytest_asyncio.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    """Return a tab."""
    async with tab(str(chromium()), tmp_path / "browser") as page:
        yield page


async def _click(page: Page, selector: str) -> None:
    """Click what leads to another page, and wait for it."""
    await page.read(f"document.querySelector(`{selector}`).click()")
    await page.loaded()


async def _enter(page: Page) -> None:
    """Press Enter on what leads to another page, and wait for it."""
    key: dict[str, Value] = {
        "key": "Enter",
        "code": "Enter",
        "windowsVirtualKeyCode": 13,
        "text": "\r",
    }
    await page.call("Input.dispatchKeyEvent", type="keyDown", **key)
    await page.loaded()


async def test_no_page_has_an_error_or_leaves_the_sandbox(
    server: Server, caller: Caller, page: Page
) -> None:
    caller.link(caller.customer())
    caller.press()

    await page.open(f"{server.origin}{CONTROL}/")
    await _click(page, "tbody tr:last-child a")
    for name in NAMES:
        await _click(page, f"nav a[href*='/{name}?']")
        assert await page.read("document.title") != "pwned"
        assert await page.read("document.querySelectorAll('img').length") == 0

    assert page.errors == []
    assert all(url.startswith((server.origin, "data:,")) for url in page.requests), page.requests


async def test_a_callout_is_closed_by_keyboard_alone(
    server: Server, caller: Caller, page: Page
) -> None:
    callout = caller.callout(caller.customer())
    await page.open(f"{server.origin}{CONTROL}/")
    await _click(page, "tbody tr:last-child a")
    await _click(page, f"td a[href$='id={callout}'], th a[href$='id={callout}']")

    for _ in range(4):
        await page.read("document.querySelector('button.main').focus()")
        await _enter(page)

    assert server.sandbox.tenant(HOSTILE).callouts.rows[callout].state == "closed"
    assert "nothing comes after" in str(await page.read("document.body.innerText"))
    assert page.errors == []


async def test_the_tracking_page_follows_its_callout(
    server: Server, caller: Caller, page: Page
) -> None:
    answer = caller.raise_callout(caller.customer())
    await page.open(str(answer.inside("callout")["url"]))
    assert "created" in str(await page.read("document.querySelector('.lead').innerText"))

    caller.advance(answer.number("callout", "id"), "on-scene")
    await page.call("Runtime.evaluate", expression="refresh()", awaitPromise=True)

    assert "Responder Arrived" in str(await page.read("document.querySelector('.lead').innerText"))


async def test_pages_follow_the_readers_wish_for_darkness(server: Server, page: Page) -> None:
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    await page.open(f"{server.origin}{CONTROL}/")
    light = await page.read(paper)

    await page.dark()

    assert await page.read(paper) != light


async def test_a_narrow_screen_needs_no_scrolling_sideways(
    server: Server, caller: Caller, page: Page
) -> None:
    caller.callout(caller.customer())
    await page.open(f"{server.origin}{CONTROL}/", width=380)
    await _click(page, "tbody tr:last-child a")
    for name in NAMES:
        await _click(page, f"nav a[href*='/{name}?']")

        assert await page.read("document.documentElement.scrollWidth <= 380") is True, name
