"""Promises about places, webhooks and what happens once: each breach is planted, and seen."""

from collections.abc import Callable

import pytest

from simulator.journal import (
    EventSent,
    FrameSent,
    Notified,
    Received,
    Record,
    Replied,
    RunResumed,
)
from simulator.report import Invariant, check
from tests.report.journals import BUTTON, Telling

OTHER = "milesight-ws101/2"


def broken(records: list[Record]) -> list[Invariant]:
    """Return the promises that a journal breaks."""
    return [breach.invariant for breach in check(records)]


def told_of_a_place(run: Telling, press: str, located_s: float, seq: int) -> None:
    """Tell AURA of a position that the device had at a time."""
    message = f"{BUTTON}:{seq}:move"
    run.tell(
        EventSent(
            t=run.t, device=BUTTON, message=message, kind="move", press=press, seq=seq,
            located_s=located_s,
        )
    )  # fmt: skip
    run.answer(press, 501, "move", seq=seq)


def arrived_at(run: Telling, latitude: float, mutation: str | None = None) -> None:
    """Let a frame say that the device is somewhere; it is at 26.1 south."""
    run.tell(
        FrameSent(
            t=run.t, device=BUTTON, seq=0, kind="move", hex="", latitude=-26.1, longitude=179.99,
            mutation=mutation,
        )
    )  # fmt: skip
    run.air(None, 0)
    run.tell(
        Received(
            t=run.t, device=BUTTON, seq=0, means=["move"], latitude=latitude, longitude=-179.99
        )
    )


@pytest.fixture
def moving(run: Telling) -> tuple[Telling, str]:
    press = run.press()
    run.deliver(press, 501)
    for _ in range(3):
        seq = run.frame(press, "move")
        run.air(press, seq)
        run.receive(press, seq, "move")
    return run, press


def test_a_location_time_that_runs_backwards_is_seen(moving: tuple[Telling, str]) -> None:
    run, press = moving
    told_of_a_place(run, press, 50.0, 2)
    told_of_a_place(run, press, 20.0, 1)

    (breach,) = check(run.end())

    assert breach.invariant is Invariant.LOCATED
    assert breach.message.endswith("a position 30.0 s older than the one before")
    assert len(breach.trace) == 2


def test_whole_seconds_and_a_new_start_are_no_way_back(moving: tuple[Telling, str]) -> None:
    run, press = moving
    told_of_a_place(run, press, 50.9, 1)
    told_of_a_place(run, press, 50.0, 2)
    run.tell(RunResumed(t=run.t, started="2026-01-01T00:00:00Z"))
    told_of_a_place(run, press, 3.0, 3)

    assert broken(run.end()) == []


def test_a_position_with_the_wrong_sign_is_seen(run: Telling) -> None:
    arrived_at(run, 26.1)

    assert broken(run.end()) == [Invariant.PLACE]


@pytest.mark.parametrize(("latitude", "mutation"), [(-26.1, None), (26.1, "spoofed-position: x")])
def test_a_place_nearby_or_spoofed_on_purpose_is_none(
    run: Telling, latitude: float, mutation: str | None
) -> None:
    arrived_at(run, latitude, mutation)

    assert broken(run.end()) == []


def test_a_callout_of_two_customers_is_seen(run: Telling) -> None:
    run.link(OTHER, customer=2)
    run.deliver(run.press(), 501)
    run.deliver(run.press(OTHER), 501)

    (breach,) = check(run.end())

    assert breach.invariant is Invariant.ONE_CUSTOMER
    assert [text.split("  ")[1] for text in breach.trace] == ["answer", "answer"]


def test_a_press_that_is_answered_without_a_callout_is_seen(run: Telling) -> None:
    press = run.press()
    run.told(press, None, seq=run.arrive(press))

    assert broken(run.end()) == [Invariant.BUDGET]


def test_a_frame_that_arrives_more_often_than_it_was_sent_is_seen(run: Telling) -> None:
    press = run.press()
    seq = run.arrive(press)
    run.receive(press, seq, dropped="repetition")
    run.told(press, 501, seq=seq)

    assert broken(run.end()) == [Invariant.COPIES]


def test_as_many_copies_as_the_air_has_may_arrive(run: Telling) -> None:
    press = run.press()
    seq = run.frame(press)
    run.air(press, seq, copies=2)
    run.receive(press, seq)
    run.receive(press, seq, dropped="repetition")
    run.told(press, 501, seq=seq)

    assert broken(run.end()) == []


def test_a_reply_to_a_frame_that_was_never_sent_is_seen(run: Telling) -> None:
    press = run.press()
    run.deliver(press, 501)
    run.tell(Replied(t=run.t, device=BUTTON, seq=9, hex=""))

    assert broken(run.end()) == [Invariant.UNSENT]


def test_a_press_that_happens_twice_is_seen(run: Telling) -> None:
    run.deliver(run.press(), 501)
    run.tell(run.records[2])  # as a run that was resumed and did it again

    assert Invariant.ONCE in broken(run.end())


def relinked(run: Telling) -> None:
    run.link()


def cloned(run: Telling) -> None:
    run.link("milesight-ws101/01", customer=2)
    run.records[-1] = type(run.records[-1])(
        **{name: getattr(run.records[-1], name) for name in run.records[-1].__struct_fields__}
        | {"serial": "S1"}
    )


@pytest.mark.parametrize("twice", [relinked, cloned])
def test_a_device_that_is_linked_twice_is_seen(
    run: Telling, twice: Callable[[Telling], None]
) -> None:
    twice(run)

    assert broken(run.end()) == [Invariant.LINKED]


def test_what_happens_after_the_end_is_seen(run: Telling) -> None:
    run.end("interrupted")
    run.press()

    assert Invariant.ENDED in broken(run.records)


def test_a_run_that_goes_on_may_have_ended_before(run: Telling) -> None:
    run.end("interrupted")
    run.tell(RunResumed(t=run.t, started="2026-01-01T00:00:00Z"))

    assert broken(run.end()) == []


def test_a_callout_that_nobody_asked_for_is_seen(run: Telling) -> None:
    run.tell(Notified(t=run.t, event="NEW_CALLOUT", callout=777))

    assert broken(run.end()) == [Invariant.UNWANTED]


def test_a_press_that_failed_may_have_opened_one(run: Telling) -> None:
    press = run.press()
    seq = run.arrive(press)
    run.ask(press, seq=seq)
    run.tell(Notified(t=run.t, event="NEW_CALLOUT", callout=777))
    run.fail(press, "no answer", seq=seq)

    assert broken(run.end()) == []
