"""The requests of a press in the journal, without secrets; positions with the time they are of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.aura.redaction import kept, without_secrets
from simulator.device import People
from simulator.journal import Answered, EventSent, Exchanged, MemoryJournal, Notified, Received
from simulator.run import Run, RunSettings


@pytest.fixture(scope="module")
def journal() -> MemoryJournal:
    written = MemoryJournal()
    people = People(presses=3.0, cancel_share=0.5)
    settings = RunSettings(mix={"eview-ev07b": 3, "gt06": 3}, for_s=7200.0, people=people)
    Run(settings, written).execute()
    return written


def test_every_answered_press_has_its_requests(journal: MemoryJournal) -> None:
    answered = [r for r in journal.records if isinstance(r, Answered) and r.press]
    heard = {r.message for r in journal.records if isinstance(r, Exchanged)}

    assert {r.message for r in answered} == heard != set()


def test_a_request_says_what_was_asked_and_answered(journal: MemoryJournal) -> None:
    first = next(r for r in journal.records if isinstance(r, Exchanged))

    assert (first.method, first.path, first.status) == ("POST", "/deviceEvent", 200)
    assert '"message_type":1' in first.sent
    assert "calloutId" in first.answered


def test_webhooks_of_the_embedded_aura_are_written_down(journal: MemoryJournal) -> None:
    opened = {r.callout for r in journal.records if isinstance(r, Answered) and r.kind == "press"}
    told = {r.callout for r in journal.records if isinstance(r, Notified)}

    assert opened <= told


def test_a_position_comes_with_its_time(journal: MemoryJournal) -> None:
    located = [r for r in journal.records if isinstance(r, EventSent) and r.located_s is not None]

    assert located
    assert all(-60.0 < r.t - (r.located_s or 0.0) < 3600.0 for r in located)
    assert any(r.latitude for r in journal.records if isinstance(r, Received))


@pytest.mark.parametrize(
    "body",
    [
        b'{"accessToken":"hush"}', b'{"access_token": "hush","x":1}', b'{"clientSecret":"hush"}',
        b'{"a":{"TOKEN":"hush"}}', b'"eyJhushhush.eyJhushhush.hush"',
    ],
)  # fmt: skip
def test_secrets_are_not_shown(body: bytes) -> None:
    assert b"hush" not in without_secrets(body).encode()


@given(st.binary(max_size=6000))
def test_any_body_is_kept_as_a_bounded_text(body: bytes) -> None:
    assert len(kept(body)) < 4200
