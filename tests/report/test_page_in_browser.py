"""The page in a real browser: it comes to life without a network, a mouse or an error."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from simulator.journal import DeviceLinked, Exchanged, FileJournal, FrameSent, Notified, Record
from simulator.report import write_report
from tests.report.browser import HELP, Page, chromium, tab
from tests.report.journals import Telling

HOSTILE = "</script><script>document.title='pwned'</script><img src=x onerror=alert(1)>/1"

BODY = '{"name": "<img src=x onerror=alert(1)>"}'

pytestmark = [pytest.mark.slow, pytest.mark.skipif(chromium() is None, reason=HELP)]


@pytest.fixture
def report(run: Telling, tmp_path: Path) -> Path:
    """A run of a few hundred presses: merged, lost, one unexplained, one of a hostile device."""
    run.link(HOSTILE, customer=2)
    hostile = run.press(HOSTILE)
    seq = run.arrive(hostile)
    run.tell(
        Exchanged(
            t=run.t, device=HOSTILE, message=f"{HOSTILE}:{seq}:press", method="POST",
            path="/deviceEvent", press=hostile, status=200, sent=BODY, answered=BODY,
        )
    )  # fmt: skip
    run.told(hostile, 499, seq=seq)
    run.tell(Notified(t=run.t, event="NEW_CALLOUT", callout=499, body=BODY))
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


async def test_a_press_shows_its_requests_and_webhooks(page: Page) -> None:
    await page.read("document.querySelector('#search').focus()")
    await page.type("pwned")
    await page.read("document.querySelector('#list .row').click()")

    told = str(await page.read("document.querySelector('#press').innerText"))
    assert "POST /deviceEvent: answered 200 in 0 s" in told
    assert "NEW_CALLOUT, we answered 200" in told
    bodies = await page.read(
        "[...document.querySelectorAll('#press details code')].map(c => c.textContent)"
    )
    assert bodies == ['{\n "name": "<img src=x onerror=alert(1)>"\n}'] * 3
    assert await page.read("document.querySelectorAll('img').length") == 0


async def test_a_device_is_found_and_its_life_follows_the_slider(page: Page) -> None:
    await page.read("document.querySelector('#fleet-search').focus()")
    await page.type("ws101")
    await page.read("document.querySelector('#fleet .row').click()")
    assert await page.read("document.querySelector('#fleet-found').textContent") == (
        "1 of 2 devices"
    )
    assert await page.read("document.querySelector('#device h3').textContent") == (
        "milesight-ws101/1"
    )

    await page.read(
        "const t = document.querySelector('#time');t.value = 0;t.dispatchEvent(new Event('input'))"
    )
    began = await page.read("document.querySelector('#device .moment').textContent")
    await page.read("t.value = 1000;t.dispatchEvent(new Event('input'))")
    ended = await page.read("document.querySelector('#device .moment').textContent")

    assert began == "00:00:00: not heard of yet"
    assert "battery 80 %, emergency" in str(ended)
    assert page.errors == []


async def test_ten_thousand_devices_are_no_burden(tmp_path: Path) -> None:
    """Few rows are in the page; it is drawn, searched and moved through time without an error."""
    with FileJournal(tmp_path) as journal:
        for record in _many(10_000):
            journal.write(record)
    report = write_report(tmp_path)

    async with tab(str(chromium()), tmp_path / "many") as page:
        await page.open(report)
        await page.read("document.querySelector('#fleet').scrollTop = 200000")
        await page.read(
            "const o = document.querySelector('#fleet-order'); o.value = 'battery';"
            "o.dispatchEvent(new Event('change'))"
        )
        await page.read(
            "const t = document.querySelector('#time');"
            "for (t.value = 0; t.value < 1000; t.value = +t.value + 200)"
            "{ t.dispatchEvent(new Event('input')); }"
        )
        rows = await page.read("document.querySelectorAll('#fleet .row').length")
        emptiest = await page.read("document.querySelector('#fleet .row').textContent")

        assert isinstance(rows, int)
        assert 10 < rows < 30
        assert str(emptiest).endswith("1 %")
        assert page.errors == []
    assert report.stat().st_size < 10_000_000


def _many(devices: int) -> list[Record]:
    telling = Telling().begin()
    for number in range(1, devices + 1):
        name = f"milesight-ws101/{number}"
        telling.tell(
            DeviceLinked(
                t=0.0, device=name, profile="milesight-ws101", serial=f"S{number}",
                device_id=f"D{number}", customer=number, latitude=-26.1 + number / 1e5,
                longitude=28.0 + number % 100 / 1e3,
            )
        )  # fmt: skip
    for turn in range(4):
        for number in range(1, devices + 1):
            telling.tell(
                FrameSent(
                    t=100.0 * turn + number / 1e3, device=f"milesight-ws101/{number}", seq=turn,
                    kind="heartbeat", hex="01", battery=1 + number % 100,
                )
            )  # fmt: skip
    telling.t = 500.0
    telling.deliver(telling.press(), 501)
    return telling.end()
