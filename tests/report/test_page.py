"""The page of a run: it says the verdict, holds what it shows, and cannot be harmed by names."""

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from msgspec import structs

from simulator.journal import (
    Exchanged,
    FileJournal,
    FrameSent,
    JournalError,
    LinkRefused,
    Notified,
    Received,
    Record,
    Replied,
)
from simulator.report import Outcome, ReportUnwritableError, ledger_of, write_report
from simulator.report.excerpt import CEILINGS, Ceilings, Embedded, Excerpt
from simulator.report.html import render
from simulator.report.strips import POINTS, points_for
from simulator.report.timeline import STEPS
from tests.report.journals import BUTTON, Telling
from tests.report.strategies import journals

HOSTILE = "</script><script>document.title='pwned'</script><img src=x onerror=alert(1)>/1"


class _Tags(HTMLParser):
    """Notes the tags of a page, and whatever they would fetch."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [str(value) for name, value in attrs if name in ("src", "href", "style")]


def _excerpt(records: list[Record], ceilings: Ceilings = CEILINGS) -> Embedded:
    excerpt = Excerpt(ledger_of(records), ceilings)
    for record in records:
        excerpt.add(record)
    return excerpt.finish()


def _page(records: list[Record]) -> str:
    return render(ledger_of(records), _excerpt(records))


def _data(page: str) -> Embedded:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found
    data: Embedded = json.loads(found[1])
    return data


def _written(records: list[Record], folder: Path) -> Path:
    with FileJournal(folder) as journal:
        for record in records:
            journal.write(record)
    return folder


def test_a_report_lies_beside_its_journal(run: Telling, tmp_path: Path) -> None:
    run.deliver(run.press(), 501)

    path = write_report(_written(run.end(), tmp_path))

    assert path == tmp_path / "report.html"
    assert "1 press is accounted for, and every promise held." in path.read_text("utf-8")


def test_a_report_goes_where_it_is_wanted(run: Telling, tmp_path: Path) -> None:
    folder = _written(run.end(), tmp_path / "run")
    file = tmp_path / "new" / "page.html"

    assert write_report(folder / "journal.ndjson", file) == file
    assert write_report(folder, tmp_path) == tmp_path / "report.html"


def test_a_report_that_cannot_be_written_says_what_to_do(run: Telling, tmp_path: Path) -> None:
    folder = _written(run.end(), tmp_path)

    with pytest.raises(ReportUnwritableError, match="--out"):
        write_report(folder, folder / "journal.ndjson" / "page.html")


def test_a_run_that_is_not_there_is_an_error_of_the_journal(tmp_path: Path) -> None:
    with pytest.raises(JournalError):
        write_report(tmp_path / "nothing")


def test_an_empty_journal_gives_a_page_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "journal.ndjson").touch()

    assert "cannot be judged" in write_report(tmp_path).read_text("utf-8")


def test_a_torn_journal_gives_a_void_page(run: Telling, tmp_path: Path) -> None:
    run.arrive(run.press())
    folder = _written(run.records, tmp_path)
    with (folder / "journal.ndjson").open("ab") as file:
        file.write(b'{"type":"answer","t":3')

    page = write_report(folder).read_text("utf-8")

    assert "<title>Void" in page
    assert "when the journal ended" in page


def test_the_verdict_says_what_failed(run: Telling) -> None:
    run.press()
    doubled = run.press()
    run.told(doubled, 501, seq=run.arrive(doubled))
    run.told(doubled, 502, seq=0)

    page = _page(run.end())

    assert "1 press vanished without a trace." in page
    assert "1 press opened more than one callout." in page
    assert "1 promise was broken." in page


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [("interrupted", "The run was interrupted"), ("failed", "broken off by an error")],
)
def test_a_void_run_says_why(run: Telling, reason: str, sentence: str) -> None:
    assert sentence in _page(run.end(reason))


def test_every_class_is_explained(run: Telling) -> None:
    page = _page(run.end())

    assert all(outcome.meaning in page for outcome in Outcome)


def test_a_breach_is_shown_with_its_trace(run: Telling) -> None:
    for _ in range(60):
        run.answer(None, None, "battery", seq=7)

    page = _page(run.end())

    assert "broken 60 times" in page
    assert "kind=battery status=200" in page
    assert "the other 10 are counted, not told" in page


def test_the_page_fetches_nothing(run: Telling) -> None:
    run.deliver(run.press(), 501)

    tags = _Tags(_page(run.end()))

    assert tags.fetched == ["#presses"]
    assert not {"link", "img", "iframe", "object"} & set(tags.tags)


def test_the_page_forbids_itself_all_but_its_own_script(run: Telling) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', _page(run.end()))

    assert policy
    assert "default-src &#39;none&#39;" in policy[1]
    assert "unsafe" not in policy[1]


def test_hostile_names_stay_text(run: Telling) -> None:
    run.link(HOSTILE, customer=2)
    press = run.press(HOSTILE, gesture="<b>")
    seq = run.arrive(press)
    run.ask(press, seq=seq)
    run.fail(press, "<script>alert(2)</script>", seq=seq)
    run.answer(None, None, "<i>", seq=7, device=HOSTILE)
    run.tell(LinkRefused(t=run.t, device=HOSTILE, reason="<u>"))

    page = _page(run.end())

    plain = Telling().begin()
    plain.answer(None, None, "battery", seq=7)
    clean = _Tags(_page(plain.end())).tags
    assert _Tags(page).tags.count("script") == clean.count("script") == 2
    assert not {"img", "u"} & set(_Tags(page).tags)
    assert _data(page)["presses"]["name"] == [press]


def test_a_press_carries_its_steps_and_the_values_of_its_frame(run: Telling) -> None:
    press = run.press()
    run.deliver(press, 501)
    run.cancel(press, 501)

    (steps,) = _excerpt(run.end())["presses"]["steps"]

    assert steps
    stations = [step[1] for step in steps]
    assert stations[:6] == ["person", "frame", "air", "gateway", "event", "answer"]
    assert stations[-1] == "callout"
    assert steps[1][3:] == ("017551ff2e02", "battery_percent 81  press long")


def test_steps_tell_what_went_wrong_on_the_way(run: Telling) -> None:
    press = run.press()
    run.regret(press, "operator")
    run.air(press, run.frame(press, attempt=2), lost="air")
    seq = run.frame(press)
    run.air(press, seq, copies=3)
    run.receive(press, seq, dropped="repetition")
    run.tell(Replied(t=run.t, device=BUTTON, seq=seq, hex="00ff", lost=True))
    run.fail(press, "no answer")
    run.silent(press)
    run.leave(press, "air")

    (steps,) = _excerpt(run.end())["presses"]["steps"]

    assert steps
    assert [step[2] for step in steps[1:]] == [
        "took it back by calling the operator",
        "press frame 0, port 85, attempt 2, battery 80 %",
        "lost: air",
        "press frame 1, port 85, battery 80 %",
        "3 copies arrive",
        "dropped: repetition",
        "00ff, lost on its way",
        "press failed: no answer",
        "said nothing: battery empty",
        "the run ended while it was here: air",
    ]


@pytest.mark.parametrize("device", ["unheard-of/1", "../../etc/passwd.toml/1", HOSTILE])
def test_a_frame_without_a_profile_is_shown_as_bytes(run: Telling, device: str) -> None:
    run.frame(run.press(device))

    (steps,) = _excerpt(run.end())["presses"]["steps"]

    assert steps
    assert str(steps[1][-1]).startswith("not decoded: there is no profile")


def test_a_frame_that_is_no_frame_is_shown_with_the_reason(run: Telling) -> None:
    run.frame(run.press())
    run.records[-1] = structs.replace(run.records[-1], hex="ff")
    run.frame(run.press())
    run.records[-1] = structs.replace(run.records[-1], hex="no hex")

    steps = _excerpt(run.end())["presses"]["steps"]

    assert [str(told[1][-1]).startswith("not decoded: ") for told in steps if told] == [True, True]


def test_a_run_that_began_at_no_time_is_shown_all_the_same(run: Telling) -> None:
    run.records[0] = structs.replace(run.records[0], started="<b>yesterday</b>")
    run.deliver(run.press(), 501)

    assert "&lt;b&gt;yesterday" in _page(run.end())


def test_a_unit_is_decoded_by_the_profile_that_it_was_linked_with(run: Telling) -> None:
    run.link("milesight-ws101/9", customer=3)
    run.records[-1] = structs.replace(run.records[-1], device="front-door/9")
    run.frame(run.press("front-door/9"))

    (steps,) = _excerpt(run.end())["presses"]["steps"]

    assert steps
    assert "press long" in str(steps[1][-1])


def test_a_long_emergency_shows_its_beginning(run: Telling) -> None:
    press = run.press()
    for _ in range(STEPS + 5):
        run.frame(press, "move")

    presses = _excerpt(run.end())["presses"]

    assert [len(steps or ()) for steps in presses["steps"]] == [STEPS]
    assert presses["more"] == [6]


def test_presses_that_fail_a_run_are_shown_first_when_there_is_no_room(run: Telling) -> None:
    run.deliver(run.press(), 501)
    vanished = run.press()
    run.close(501)
    run.deliver(run.press(), 502)

    data = _excerpt(run.end(), Ceilings(presses=2, timelines=1, devices=1, strips=0))

    assert vanished in data["presses"]["name"]
    assert [steps is not None for steps in data["presses"]["steps"]].count(True) == 1
    assert data["left_out"] == [
        "1 press is not listed, of 3",
        "1 listed press has no timeline",
        "1 device without a strip of battery and frames",
    ]


def test_devices_beyond_the_ceiling_are_left_off_the_map_and_counted(run: Telling) -> None:
    run.link("milesight-ws101/2", customer=2)
    run.link("milesight-ws101/3", customer=3)
    run.deliver(run.press("milesight-ws101/3"), 501)

    data = _excerpt(run.end(), Ceilings(devices=1))

    assert sorted(data["devices"]["name"]) == [BUTTON, "milesight-ws101/3"]
    assert "1 device without a press not on the map" in data["left_out"]


def test_a_small_run_is_shown_whole(run: Telling) -> None:
    run.deliver(run.press(), 501)

    assert _excerpt(run.end())["left_out"] == []


def test_a_strip_thins_out_evenly_and_keeps_its_losses(run: Telling) -> None:
    for _ in range(4 * POINTS):
        seq = run.frame(kind="battery")
        run.air(None, seq, lost="air")

    (strip,) = _excerpt(run.end())["devices"]["strip"]

    assert strip
    assert (strip["frames"], strip["lost"]) == (4 * POINTS, 4 * POINTS)
    assert POINTS / 2 <= len(strip["t"]) <= POINTS
    assert len({round(b - a, 1) for a, b in pairwise(strip["t"])}) == 1
    assert strip["missed"] == "1" * len(strip["t"])
    assert strip["kinds"] == "b" * len(strip["t"])


def test_a_strip_tells_positions_ways_and_states(run: Telling) -> None:
    press = run.press()
    run.deliver(press, 501)
    run.tell(
        FrameSent(
            t=run.t, device=BUTTON, seq=1, kind="move", hex="", press=press,
            latitude=-26.11, longitude=28.051,
        )
    )  # fmt: skip
    run.air(press, 1)
    run.tell(
        Received(t=run.t, device=BUTTON, seq=1, means=["move"], latitude=-26.11, longitude=28.052)
    )
    run.close(501)

    (strip,) = _excerpt(run.end())["devices"]["strip"]

    assert strip
    assert strip["fixes"] == [(1, 100)]
    assert strip["ways"] == [(0, 0, -100), (1, -1113, 0)]
    assert [state for _, state in strip["states"]] == [1, 0]


def test_the_requests_and_webhooks_of_a_press_are_told(run: Telling) -> None:
    press = run.press()
    seq = run.arrive(press)
    run.ask(press, seq=seq)
    for message in (f"{BUTTON}:{seq}:press", f"{BUTTON}:{seq}:battery"):
        run.tell(
            Exchanged(
                t=run.t, device=BUTTON, message=message, method="POST", path="/deviceEvent",
                press=press, status=200, sent='{"a":1}', answered='{"b":2}',
            )
        )  # fmt: skip
    run.tell(Notified(t=run.t, event="NEW_CALLOUT", callout=501, body="{}"))
    run.answer(press, 501, seq=seq)

    (steps,) = _excerpt(run.end())["presses"]["steps"]

    told = [step[1:] for step in steps or () if step[1] in ("http", "webhook")]
    assert told == [
        ("http", "POST /deviceEvent: answered 200 in 0 s", '{"a":1}', '{"b":2}'),
        ("webhook", "NEW_CALLOUT, we answered 200", "{}", ""),
    ]


@pytest.mark.parametrize(("devices", "points"), [(1, POINTS), (1_500, POINTS), (10_000, 45)])
def test_the_more_devices_the_fewer_frames_of_each_are_drawn(devices: int, points: int) -> None:
    assert points_for(devices) == points


def test_a_strip_knows_when_the_device_died(run: Telling) -> None:
    run.silent(run.press())

    (strip,) = _excerpt(run.end())["devices"]["strip"]

    assert strip
    assert strip["died"] is not None


def test_a_device_that_is_nowhere_is_not_on_the_map(run: Telling) -> None:
    run.link("milesight-ws101/2", lat=float("nan"))

    assert _data(_page(run.end()))["devices"]["lat"] == [-26.1, None]


def test_the_same_journal_gives_the_same_page(run: Telling) -> None:
    run.deliver(run.press(), 501)
    records = run.end()

    assert _page(records) == _page(records)


@given(journals)
def test_any_journal_can_be_shown(records: list[Record]) -> None:
    page = _page(records)

    assert len(_data(page)["presses"]["name"]) == len(ledger_of(records).entries)
