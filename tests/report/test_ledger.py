"""Every press is exactly one of seven things, whatever the journal looks like."""

import pytest

from simulator.journal import LinkRefused, Record
from simulator.report import Ledger, LedgerEntry, Outcome, Place, Verdict, ledger_of
from simulator.report.words import headline
from tests.report.journals import BUTTON, Telling


def _only(records: list[Record]) -> LedgerEntry:
    (entry,) = ledger_of(records).entries
    return entry


def test_a_press_that_opens_a_callout_is_delivered(run: Telling) -> None:
    press = run.press()
    run.deliver(press, 501)

    entry = _only(run.end())

    assert (entry.outcome, entry.callout, entry.where) == (Outcome.DELIVERED, 501, None)


def test_stage_times_follow_each_other_without_a_gap(run: Telling) -> None:
    run.deliver(run.press(), 501)

    stages = _only(run.end()).stages

    parts = [stages.device_s, stages.air_s, stages.queue_s, stages.answer_s]
    assert parts == pytest.approx([0.1, 0.2, 0.1, 0.1])
    assert stages.total_s == pytest.approx(0.5)


def test_a_second_press_joins_the_open_callout(run: Telling) -> None:
    run.deliver(run.press(), 501)
    run.deliver(run.press(), 501)

    outcomes = [entry.outcome for entry in ledger_of(run.end()).entries]

    assert outcomes == [Outcome.DELIVERED, Outcome.MERGED]


def test_a_press_joins_the_callout_of_a_press_that_nobody_accounts_for(run: Telling) -> None:
    """A real unit is pressed without the harness knowing; its callout is still the earlier one."""
    run.ask(None, seq=0)
    run.answer(None, 501, seq=0)
    run.deliver(run.press(), 501)

    assert _only(run.end()).outcome is Outcome.MERGED


@pytest.mark.parametrize("by", ["native", "operator"])
def test_a_press_that_is_taken_back_is_cancelled(run: Telling, by: str) -> None:
    press = run.press()
    run.deliver(press, 501)
    run.cancel(press, 501, by)

    assert _only(run.end()).outcome is Outcome.CANCELLED


def test_a_press_that_shared_a_cancelled_callout_counts_by_its_own_regret(run: Telling) -> None:
    first, second = run.press(), run.press()
    run.deliver(first, 501)
    run.deliver(second, 501)
    run.cancel(second, 501)

    outcomes = [entry.outcome for entry in ledger_of(run.end()).entries]

    assert outcomes == [Outcome.DELIVERED, Outcome.CANCELLED]


def test_a_cancel_that_aura_refuses_leaves_the_press_delivered(run: Telling) -> None:
    press = run.press()
    run.deliver(press, 501)
    run.regret(press)
    run.ask(press, "cancel", seq=1)
    run.fail(press, "already closed", "cancel", seq=1, status=400)

    entry = _only(run.end())

    assert (entry.outcome, entry.regretted) == (Outcome.DELIVERED, True)


def test_a_lost_press_that_was_taken_back_keeps_the_place_of_its_loss(run: Telling) -> None:
    run.deliver(run.press(), 501)
    press = run.press()
    run.air(press, run.frame(press), lost="air")
    run.cancel(press, 501)

    entry = ledger_of(run.end()).entries[1]

    assert (entry.outcome, entry.where) == (Outcome.CANCELLED, Place.AIR)


def test_a_press_read_as_a_cancel_is_not_cancelled_but_lost(run: Telling) -> None:
    run.deliver(run.press(), 501)
    press = run.press()
    seq = run.frame(press)
    run.air(press, seq)
    run.receive(press, seq, "cancel")
    run.ask(press, "cancel", seq=seq)
    run.answer(press, 501, "cancel", seq=seq)

    entry = ledger_of(run.end()).entries[1]

    assert (entry.outcome, entry.where, entry.detail) == (
        Outcome.LOST,
        Place.GATEWAY,
        "read as cancel",
    )


def test_a_press_that_needs_a_resent_frame_is_delivered_after_retry(run: Telling) -> None:
    press = run.press()
    seq = run.frame(press)
    run.air(press, seq, lost="air")
    run.told(press, 501, seq=run.arrive(press, attempt=2, seq=seq))

    entry = _only(run.end())

    assert (entry.outcome, entry.attempts) == (Outcome.RETRIED, 2)


def test_a_press_that_joins_after_a_repeated_request_is_delivered_after_retry(
    run: Telling,
) -> None:
    run.deliver(run.press(), 501)
    press = run.press()
    run.told(press, 501, seq=run.arrive(press), attempts=3)

    entry = ledger_of(run.end()).entries[1]

    assert (entry.outcome, entry.requests) == (Outcome.RETRIED, 3)


def test_a_press_that_a_later_frame_brings_is_delivered_after_retry(run: Telling) -> None:
    """Some devices raise the alarm bit in their positions too."""
    press = run.press()
    run.air(press, run.frame(press), lost="air")
    seq = run.frame(press, "move")
    run.air(press, seq)
    run.receive(press, seq, "press")
    run.told(press, 501, seq=seq)

    assert _only(run.end()).outcome is Outcome.RETRIED


def test_a_resend_after_delivery_is_no_retry(run: Telling) -> None:
    press = run.press()
    seq = run.deliver(press, 501)
    run.frame(press, seq=seq, attempt=2)
    run.air(press, seq)
    run.receive(press, seq, dropped="repetition")

    ledger = ledger_of(run.end())

    assert ledger.entries[0].outcome is Outcome.DELIVERED
    assert ledger.counts.duplicates_dropped == 1


def test_a_press_on_an_empty_battery_is_lost_at_the_device(run: Telling) -> None:
    run.silent(run.press())

    entry = _only(run.end())

    assert (entry.outcome, entry.where) == (Outcome.LOST, Place.DEVICE)
    assert entry.detail == "battery empty"


@pytest.mark.parametrize(
    ("lost", "place"),
    [
        ("air", Place.AIR),
        ("internet", Place.AIR),
        ("daily quota", Place.QUOTA),
        ("duty cycle", Place.QUOTA),
    ],
)
def test_a_frame_that_does_not_arrive_tells_where_it_was_lost(
    run: Telling, lost: str, place: Place
) -> None:
    press = run.press()
    run.air(press, run.frame(press), lost=lost)

    entry = _only(run.end())

    assert (entry.outcome, entry.where, entry.detail) == (Outcome.LOST, place, lost)


def test_a_frame_that_the_gateway_refuses_is_lost_there(run: Telling) -> None:
    press = run.press()
    seq = run.frame(press)
    run.air(press, seq)
    run.receive(press, seq, dropped="not readable: odd length")

    ledger = ledger_of(run.end())

    assert ledger.entries[0].where is Place.GATEWAY
    assert ledger.counts.refused_frames == 1


def test_a_frame_that_means_nothing_is_lost_at_the_gateway(run: Telling) -> None:
    press = run.press()
    seq = run.frame(press)
    run.air(press, seq)
    run.receive(press, seq, "battery")

    assert _only(run.end()).detail == "read as battery"


@pytest.mark.parametrize("status", [400, None])
def test_an_event_that_aura_refuses_is_lost_at_the_target(run: Telling, status: int | None) -> None:
    press = run.press()
    seq = run.arrive(press)
    run.ask(press, seq=seq)
    run.fail(press, "no subscription", seq=seq, status=status)

    entry = _only(run.end())

    assert (entry.outcome, entry.where, entry.detail) == (
        Outcome.LOST,
        Place.TARGET,
        "no subscription",
    )


@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_without_a_callout_is_a_loss_at_the_target(run: Telling, status: int) -> None:
    press = run.press()
    seq = run.arrive(press)
    run.ask(press, seq=seq)
    run.answer(press, None, seq=seq, status=status)

    entry = _only(run.end())

    assert (entry.where, str(status) in entry.detail) == (Place.TARGET, True)


def test_a_failure_is_forgotten_when_a_later_event_succeeds(run: Telling) -> None:
    press = run.press()
    seq = run.arrive(press)
    run.ask(press, seq=seq)
    run.fail(press, "no answer", seq=seq)
    run.told(press, 501, seq=run.arrive(press, attempt=2, seq=seq))

    assert _only(run.end()).outcome is Outcome.RETRIED


@pytest.mark.parametrize("where", ["device", "air", "gateway"])
def test_a_press_on_its_way_when_the_run_ends_is_lost_in_flight(run: Telling, where: str) -> None:
    press = run.press()
    run.leave(press, where)

    entry = _only(run.end())

    assert (entry.outcome, entry.where, entry.detail) == (Outcome.LOST, Place.RUN_ENDED, where)


def test_a_resend_that_is_still_due_at_the_end_outranks_the_loss_before_it(run: Telling) -> None:
    press = run.press()
    run.air(press, run.frame(press), lost="air")
    run.leave(press, "device")

    assert _only(run.end()).where is Place.RUN_ENDED


def test_a_press_that_opens_two_callouts_is_doubled(run: Telling) -> None:
    press = run.press()
    run.told(press, 501, seq=run.arrive(press))
    run.told(press, 502, seq=run.arrive(press))

    ledger = ledger_of(run.end())

    assert ledger.entries[0].outcome is Outcome.DOUBLED
    assert "501, 502" in ledger.entries[0].detail
    assert ledger.verdict is Verdict.FAILED


def test_a_doubled_press_says_whose_repetition_it_was(run: Telling) -> None:
    def doubled(attempts: int = 1, copies: int = 1, requests: int = 1) -> Place | None:
        telling = Telling().begin()
        press = telling.press()
        for attempt in range(1, attempts + 1):
            seq = telling.frame(press, seq=0, attempt=attempt)
            telling.air(press, seq, copies=copies)
        telling.receive(press, seq)
        telling.told(press, 501, attempts=requests)
        telling.told(press, 502)
        return _only(telling.end()).where

    assert doubled() is Place.GATEWAY
    assert doubled(copies=3) is Place.AIR
    assert doubled(attempts=2, copies=3) is Place.DEVICE
    assert doubled(requests=2, attempts=2, copies=3) is Place.TARGET


def test_joining_a_second_callout_is_not_doubling(run: Telling) -> None:
    """The resend of an old press joins what another press has opened meanwhile."""
    first, second = run.press(), run.press()
    seq = run.deliver(first, 501)
    run.close(501, by="control room")
    run.deliver(second, 502)
    run.told(first, 502, seq=seq)

    outcomes = [entry.outcome for entry in ledger_of(run.end()).entries]

    assert outcomes == [Outcome.DELIVERED, Outcome.DELIVERED]


@pytest.mark.parametrize(
    ("steps", "stage"),
    [
        (0, "finger on the button"),
        (1, "frame given to the radio"),
        (2, "frame in the air"),
        (3, "frame at the gateway"),
        (4, "device event sent to AURA"),
    ],
)
def test_a_press_without_a_fate_is_unexplained_with_the_last_stage_seen(
    run: Telling, steps: int, stage: str
) -> None:
    press = run.press()
    walk = (
        lambda: run.frame(press),
        lambda: run.air(press, 0),
        lambda: run.receive(press, 0),
        lambda: run.ask(press, seq=0),
    )
    for step in walk[:steps]:
        step()

    ledger = ledger_of(run.end())

    assert ledger.entries[0].outcome is Outcome.UNEXPLAINED
    assert ledger.entries[0].detail == f"last seen: {stage}"
    assert ledger.verdict is Verdict.FAILED


def test_a_copy_that_never_lands_is_not_explained_by_the_loss_of_another(run: Telling) -> None:
    press = run.press()
    seq = run.frame(press)
    run.air(press, seq, copies=1)
    run.frame(press, seq=seq, attempt=2)
    run.air(press, seq, lost="air")

    assert _only(run.end()).outcome is Outcome.UNEXPLAINED


def test_a_journal_without_an_end_loses_what_was_on_its_way(run: Telling) -> None:
    run.deliver(run.press(), 501)
    run.arrive(run.press())

    ledger = ledger_of(run.records)

    assert ledger.entries[0].outcome is Outcome.DELIVERED
    assert ledger.entries[1].where is Place.JOURNAL_ENDED
    assert ledger.verdict is Verdict.VOID


@pytest.mark.parametrize("reason", ["interrupted", "failed"])
def test_a_run_that_did_not_finish_is_void(run: Telling, reason: str) -> None:
    run.deliver(run.press(), 501)

    assert ledger_of(run.end(reason)).verdict is Verdict.VOID


def test_a_run_whose_presses_are_all_accounted_for_passes(run: Telling) -> None:
    run.deliver(run.press(), 501)
    lost = run.press()
    run.air(lost, run.frame(lost), lost="air")

    assert ledger_of(run.end()).verdict is Verdict.PASSED


def test_positions_of_a_press_neither_deliver_nor_retry_it(run: Telling) -> None:
    press = run.press()
    run.air(press, run.frame(press), lost="air")
    seq = run.frame(press, "move")
    run.air(press, seq)
    run.receive(press, seq, "move")
    run.ask(press, "move", seq=seq)
    run.answer(press, 501, "move", seq=seq)

    entry = _only(run.end())

    assert (entry.outcome, entry.where, entry.attempts) == (Outcome.LOST, Place.AIR, 1)


def test_totals_name_every_class_in_the_order_of_the_table(run: Telling) -> None:
    run.deliver(run.press(), 501)

    totals = ledger_of(run.end()).totals

    assert list(totals) == list(Outcome)
    assert totals[Outcome.DELIVERED] == 1


def test_counts_tell_events_by_kind_and_failures_by_reason(run: Telling) -> None:
    press = run.press()
    run.deliver(press, 501)
    for seconds in (3.5, 12.0):
        run.ask(None, "battery", seq=9)
        run.fail(None, f"is {seconds} s past its expiry", "battery", seq=9)
    run.ask(None, "move", seq=10)
    run.fail(None, "POST /x was answered 400: no", "move", seq=10, status=400)

    counts = ledger_of(run.end()).counts

    assert (counts.devices, counts.frames, counts.lost_frames) == (1, 1, 0)
    assert counts.events["press"].answered == 1
    assert dict(counts.events["battery"].failed) == {"is … s past its expiry": 2}
    assert dict(counts.events["move"].failed) == {"answered 400": 1}


def test_an_empty_journal_has_no_presses_and_is_void() -> None:
    ledger = ledger_of([])

    assert (ledger.entries, ledger.verdict) == ((), Verdict.VOID)


def test_a_ledger_can_be_fed_record_by_record(run: Telling) -> None:
    run.deliver(run.press(), 501)
    ledger = Ledger()

    for record in run.end():
        ledger.add(record)

    assert ledger.finish().entries[0].device == BUTTON


def test_a_refused_device_fails_the_run() -> None:
    """The fleet that ran is not the one that was asked for."""
    run = Telling().begin()
    run.link()
    run.tell(LinkRefused(t=run.t, device="milesight-ws101/2", reason="answered 400"))

    ledger = ledger_of(run.end())

    assert ledger.verdict is Verdict.FAILED
    assert headline(ledger) == "1 device could not be linked."
