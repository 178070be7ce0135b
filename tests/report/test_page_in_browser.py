"""The page in a real browser: it comes to life without a network, a mouse or an error."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from simulator.journal import FileJournal
from simulator.report import write_report
from tests.report.browser import HELP, Page, chromium, tab
from tests.report.journals import Telling

HOSTILE = "</script><script>document.title='pwned'</script><img src=x onerror=alert(1)>/1"

pytestmark = [pytest.mark.slow, pytest.mark.skipif(chromium() is None, reason=HELP)]


@pytest.fixture
def report(run: Telling, tmp_path: Path) -> Path:
    """A run of a few hundred presses: merged, lost, one unexplained, one of a hostile device."""
    run.link(HOSTILE, customer=2)
    run.deliver(run.press(HOSTILE), 499)
    for callout in range(500, 700):
        run.deliver(run.press(), callout)
        run.deliver(run.press(), callout)
        run.close(callout, by="control room")
    lost = run.press()
    run.air(lost, run.frame(lost), lost="daily quota")
    run.press()
    with FileJournal(tmp_path) as journal:
        for record in run.end():
            journal.write(record)
    return write_report(tmp_path)


@pytest_asyncio.fixture
async def page(report: Path, tmp_path: Path) -> AsyncIterator[Page]:
    async with tab(str(chromium()), tmp_path / "browser") as page:
        await page.open(report)
        yield page


async def test_the_page_opens_without_network_or_error(page: Page, report: Path) -> None:
    assert page.requests == [report.as_uri()]
    assert page.errors == []


async def test_the_worst_press_is_open_at_first(page: Page) -> None:
    told = str(await page.read("document.querySelector('#press').innerText"))

    assert "unexplained" in told
    assert "last seen: finger on the button" in told


async def test_a_hostile_name_is_only_text(page: Page) -> None:
    await page.read("document.querySelector('#search').focus()")
    await page.type("pwned")
    await page.read("document.querySelector('#list').focus()")
    await page.key("Home")

    title = str(await page.read("document.title"))
    assert title.startswith("Failed")
    assert await page.read("document.querySelector('#press h3').textContent") == f"{HOSTILE}#1"
    assert await page.read("document.querySelectorAll('img').length") == 0


async def test_few_of_many_rows_are_in_the_page(page: Page) -> None:
    rows = await page.read("document.querySelectorAll('#list .row').length")
    found = await page.read("document.querySelector('#found').textContent")

    assert isinstance(rows, int)
    assert 10 < rows < 40
    assert found == "403 presses"


async def test_the_list_is_filtered_by_class_and_by_text(page: Page) -> None:
    found = "document.querySelector('#found').textContent"
    await page.read("document.querySelectorAll('#classes button')[1].click()")
    assert await page.read(found) == "203 of 403 presses"

    await page.read("document.querySelector('#search').focus()")
    await page.type("quota")
    assert await page.read(found) == "1 of 403 presses"


async def test_the_list_is_walked_by_keyboard(page: Page) -> None:
    chosen = "document.querySelector('#press h3').textContent"
    await page.read("document.querySelector('#list').focus()")

    await page.key("Home")
    await page.key("ArrowDown")
    assert await page.read(chosen) == "milesight-ws101/1#1"
    await page.key("End")
    assert await page.read(chosen) == "milesight-ws101/1#402"
    active = await page.read(
        "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))"
        ".getAttribute('aria-selected')"
    )
    assert active == "true"


async def test_a_press_shows_its_frame_in_bytes_and_in_words(page: Page) -> None:
    await page.read("document.querySelector('#list').focus()")
    await page.key("Home")
    await page.key("ArrowDown")

    told = str(await page.read("document.querySelector('#press').innerText"))

    assert "017551ff2e02" in told
    assert "battery_percent 81  press long" in told
    assert "callout 500 ended: control room" in told


async def test_the_slider_moves_the_map_through_time(page: Page) -> None:
    await page.read(
        "const s = document.querySelector('#time');s.value = 0; s.dispatchEvent(new Event('input'))"
    )

    assert await page.read("document.querySelector('#moment').textContent") == "00:00:00"


async def test_the_page_follows_the_readers_wish_for_darkness(page: Page) -> None:
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    light = await page.read(paper)

    await page.dark()

    assert await page.read(paper) != light
    assert page.errors == []


async def test_a_narrow_screen_needs_no_scrolling_sideways(report: Path, tmp_path: Path) -> None:
    async with tab(str(chromium()), tmp_path / "narrow") as page:
        await page.open(report, width=380)

        assert await page.read("document.documentElement.scrollWidth <= 380") is True
