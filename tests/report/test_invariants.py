"""Each promise is seen broken when it is broken, and not when there is an innocent reading."""

from collections.abc import Callable

import pytest
from hypothesis import given

from simulator.journal import LinkRefused, Record
from simulator.report import Breach, Invariant, Verdict, check, ledger_of
from tests.report.journals import BUTTON, Telling
from tests.report.strategies import journals

OTHER = "milesight-ws101/2"


def _only(records: list[Record]) -> Breach:
    (breach,) = check(records)
    return breach


@pytest.fixture
def family(run: Telling) -> Telling:
    """Two devices of one customer."""
    run.link(OTHER, customer=1)
    return run


def test_a_good_run_breaks_nothing(run: Telling) -> None:
    for callout in (501, 502):
        press = run.press()
        run.deliver(press, callout)
        run.cancel(press, callout)

    assert check(run.end()) == ()


def test_time_that_runs_backwards_is_seen(run: Telling) -> None:
    run.t = 100.0
    run.press()
    run.t = 50.0
    run.press()

    breach = _only(run.records)

    assert breach.invariant is Invariant.TIME
    assert breach.message == "from 100.000 s back to 50.000 s"
    assert len(breach.trace) == 2


def test_a_callout_that_comes_too_late_is_seen(run: Telling) -> None:
    press = run.press()
    seq = run.arrive(press)
    run.t += 61
    run.told(press, 501, seq=seq)

    breach = _only(run.end())

    assert breach.invariant is Invariant.BUDGET
    assert [text.split("  ")[1] for text in breach.trace] == ["gateway", "answer"]


def test_the_budget_can_be_chosen(run: Telling) -> None:
    press = run.press()
    run.told(press, 501, seq=run.arrive(press))

    assert [b.invariant for b in check(run.records, budget_s=0.1)] == [Invariant.BUDGET]


def test_a_press_that_never_gets_an_answer_is_seen_at_the_end(run: Telling) -> None:
    run.ask(run.press(), seq=run.arrive(run.press()))
    run.t += 61

    assert _only(run.end()).invariant is Invariant.BUDGET


def _failing(run: Telling, press: str, seq: int) -> None:
    run.ask(press, seq=seq)
    run.fail(press, "no answer", seq=seq)


def _leaving(run: Telling, press: str, seq: int) -> None:
    del seq
    run.leave(press, "gateway")


def _ending(run: Telling, press: str, seq: int) -> None:
    del press, seq
    run.t -= 60


@pytest.mark.parametrize("explain", [_failing, _leaving, _ending])
def test_an_explained_delay_breaks_no_budget(
    run: Telling, explain: Callable[[Telling, str, int], None]
) -> None:
    press = run.press()
    seq = run.arrive(press)
    run.t += 60
    explain(run, press, seq)

    assert check(run.end()) == ()


def test_a_copy_after_delivery_starts_no_new_budget(run: Telling) -> None:
    press = run.press()
    seq = run.frame(press)
    run.air(press, seq, copies=2)
    run.receive(press, seq)
    run.told(press, 501, seq=seq)
    run.receive(press, seq)
    run.t += 61

    assert check(run.end()) == ()


def test_two_open_callouts_of_a_customer_are_seen(family: Telling) -> None:
    family.deliver(family.press(BUTTON), 501)
    family.deliver(family.press(OTHER), 502)

    breach = _only(family.end())

    assert breach.invariant is Invariant.ONE_OPEN
    assert ("501" in breach.trace[0], "502" in breach.trace[1]) == (True, True)


def test_the_end_of_a_callout_may_be_heard_of_a_little_late(family: Telling) -> None:
    family.deliver(family.press(BUTTON), 501)
    family.deliver(family.press(OTHER), 502)
    family.close(501, by="control room")

    assert check(family.end()) == ()


def test_the_end_of_a_callout_may_not_be_heard_of_much_later(family: Telling) -> None:
    family.deliver(family.press(BUTTON), 501)
    family.deliver(family.press(OTHER), 502)
    family.t += 30
    family.close(501, by="control room")

    assert _only(family.end()).invariant is Invariant.ONE_OPEN


def test_a_cancel_that_fails_may_have_ended_the_callout(run: Telling) -> None:
    press = run.press()
    run.deliver(press, 501)
    run.ask(press, "cancel")
    run.fail(press, "no answer in time", "cancel")
    run.deliver(run.press(), 502)

    assert check(run.end()) == ()


def test_beyond_the_sandbox_people_end_callouts_unseen() -> None:
    run = Telling().begin("staging")
    run.link()
    run.deliver(run.press(), 501)
    run.deliver(run.press(), 502)

    assert check(run.end()) == ()


def test_customers_do_not_share_callouts(run: Telling) -> None:
    run.link(OTHER, customer=2)
    run.deliver(run.press(BUTTON), 501)
    run.deliver(run.press(OTHER), 502)

    assert check(run.end()) == ()


def test_a_cancel_of_another_device_is_seen_once(run: Telling) -> None:
    run.link(OTHER, customer=2)
    run.deliver(run.press(BUTTON), 501)
    stray = run.press(OTHER)
    run.cancel(stray, 501)

    breach = _only(run.end())

    assert breach.invariant is Invariant.OWN_CANCEL
    assert breach.message == f"{OTHER}: a cancel ended callout 501 of {BUTTON}"


def test_a_device_may_cancel_a_callout_that_it_joined(family: Telling) -> None:
    family.deliver(family.press(BUTTON), 501)
    joined = family.press(OTHER)
    family.deliver(joined, 501)
    family.cancel(joined, 501)

    assert check(family.end()) == ()


def test_a_device_may_cancel_what_its_unanswered_press_may_have_joined(family: Telling) -> None:
    family.deliver(family.press(BUTTON), 501)
    press = family.press(OTHER)
    seq = family.arrive(press)
    family.ask(press, seq=seq)
    family.fail(press, "no answer in time", seq=seq)
    family.cancel(press, 501)

    assert check(family.end()) == ()


def test_a_battery_answer_that_names_a_new_callout_is_seen(run: Telling) -> None:
    run.receive(None, run.frame(kind="battery"), "battery")
    run.ask(None, "battery", seq=0)
    run.answer(None, 501, "battery", seq=0)

    assert _only(run.end()).invariant is Invariant.REPORT_OPENS


def _reported(run: Telling) -> None:
    seq = run.frame(kind="battery")
    run.air(None, seq)
    run.receive(None, seq, "battery")


def test_a_battery_answer_may_name_the_open_callout(run: Telling) -> None:
    run.deliver(run.press(), 501)
    _reported(run)
    run.ask(None, "battery", seq=1)
    run.answer(None, 501, "battery", seq=1)

    assert check(run.end()) == ()


def test_a_battery_answer_may_name_the_callout_of_an_unanswered_press(run: Telling) -> None:
    press = run.press()
    seq = run.arrive(press)
    run.ask(press, seq=seq)
    run.fail(press, "no answer in time", seq=seq)
    _reported(run)
    run.ask(None, "battery", seq=1)
    run.answer(None, 501, "battery", seq=1)

    assert check(run.end()) == ()


def test_a_battery_frame_that_is_read_as_a_press_and_opens_a_callout_is_seen(
    run: Telling,
) -> None:
    run.receive(None, run.frame(kind="heartbeat"), "press")
    run.ask(None, seq=0)
    run.answer(None, 501, seq=0)

    breach = _only(run.end())

    assert breach.invariant is Invariant.REPORT_OPENS
    assert [text.split("  ")[1] for text in breach.trace] == ["frame", "gateway", "answer"]


def test_a_press_that_joins_a_callout_which_had_ended_is_seen(run: Telling) -> None:
    run.deliver(run.press(), 501)
    run.close(501, by="control room")
    run.deliver(run.press(), 501)

    assert _only(run.end()).invariant is Invariant.ENDED_JOIN


def test_a_press_may_be_answered_after_the_end_of_the_callout_that_it_joined(
    run: Telling,
) -> None:
    run.deliver(run.press(), 501)
    press = run.press()
    seq = run.arrive(press)
    run.ask(press, seq=seq)
    run.close(501, by="control room")
    run.answer(press, 501, seq=seq)

    assert check(run.end()) == ()


def test_a_cancel_that_overtakes_its_press_is_seen(run: Telling) -> None:
    press = run.press()
    run.ask(press, seq=run.arrive(press))
    run.ask(press, "cancel")
    run.answer(press, 501, seq=0)
    run.answer(press, 501, "cancel")

    assert _only(run.end()).invariant is Invariant.OVERTAKING


@pytest.mark.parametrize("second", [4, 5])
def test_a_new_frame_with_an_old_number_is_seen(run: Telling, second: int) -> None:
    run.frame(kind="battery", seq=5)
    run.frame(kind="battery", seq=second)

    assert _only(run.end()).invariant is Invariant.SEQUENCE


def test_a_resend_of_a_frame_that_was_never_sent_is_seen(run: Telling) -> None:
    run.frame(kind="battery", seq=5)
    run.frame(kind="battery", seq=6, attempt=2)

    assert _only(run.end()).invariant is Invariant.SEQUENCE


def test_a_resend_and_a_wrapped_counter_repeat_numbers_rightly(run: Telling) -> None:
    run.frame(kind="battery", seq=4095)
    run.frame(kind="battery", seq=4095, attempt=2)
    run.frame(kind="battery", seq=0)

    assert check(run.end()) == ()


def test_a_frame_of_a_dead_device_is_seen(run: Telling) -> None:
    run.silent(run.press())
    run.frame(kind="battery")

    breach = _only(run.end())

    assert breach.invariant is Invariant.EMPTY
    assert [text.split("  ")[1] for text in breach.trace] == ["silent", "frame"]


def test_a_device_that_is_silent_for_another_reason_may_speak_again(run: Telling) -> None:
    run.silent(run.press(), "out of coverage")
    run.frame(kind="battery")

    assert check(run.end()) == ()


def test_a_refused_device_that_takes_part_is_seen(run: Telling) -> None:
    run.tell(LinkRefused(t=run.t, device=OTHER, reason="409"))
    run.frame(run.press(OTHER))

    assert [b.invariant for b in check(run.end())] == [Invariant.REFUSED] * 2


def test_a_device_that_is_linked_after_all_takes_part(run: Telling) -> None:
    run.tell(LinkRefused(t=run.t, device=OTHER, reason="503"))
    run.link(OTHER, customer=2)
    run.frame(run.press(OTHER))

    assert check(run.end()) == ()


def test_a_frame_out_of_nowhere_is_seen(run: Telling) -> None:
    run.frame(kind="battery")
    run.receive(None, 1, "battery")

    assert _only(run.end()).invariant is Invariant.UNSENT


@pytest.mark.parametrize("heard", [True, False])
def test_an_event_of_a_frame_that_has_not_arrived_is_seen(run: Telling, heard: bool) -> None:
    first = run.frame(kind="battery")
    if heard:
        run.receive(None, first, "battery")
    run.frame(kind="battery")
    run.ask(None, "battery", seq=1)

    assert _only(run.end()).invariant is Invariant.UNSENT


def test_real_units_speak_without_a_record_of_their_sending(run: Telling) -> None:
    run.receive(None, 7, "battery")
    run.ask(None, "battery", seq=7)
    run.answer(None, None, "battery", seq=7)

    assert check(run.end()) == ()


def test_an_answer_without_a_question_is_seen(run: Telling) -> None:
    run.answer(None, None, "battery", seq=7)

    assert _only(run.end()).invariant is Invariant.UNASKED


def test_a_message_that_was_never_sent_may_fail(run: Telling) -> None:
    press = run.press()
    run.fail(press, "no callout of the device is open", "cancel", attempts=0)

    assert check(run.end()) == ()


def test_many_breaches_are_counted_and_the_first_are_told(run: Telling) -> None:
    for _ in range(70):
        run.answer(None, None, "battery", seq=7)

    ledger = ledger_of(run.end())

    assert ledger.broken[Invariant.UNASKED] == 70
    assert len(ledger.breaches) == 50


def test_a_broken_promise_fails_a_run_whose_presses_are_fine(run: Telling) -> None:
    run.deliver(run.press(), 501)
    run.answer(None, None, "battery", seq=7)

    ledger = ledger_of(run.end())

    assert ledger.verdict is Verdict.FAILED
    assert str(ledger.breaches[0]).startswith(str(Invariant.UNASKED))


def test_control_characters_of_a_name_do_not_reach_the_terminal(run: Telling) -> None:
    run.answer(None, None, "battery", seq=7, device="a\x1b[31m/1")

    assert "\x1b" not in "".join(_only(run.end()).trace)


@given(journals)
def test_any_journal_can_be_checked(records: list[Record]) -> None:
    breaches = check(records)

    assert all(breach.trace for breach in breaches)
    assert [b.t for b in breaches] == sorted(b.t for b in breaches)
