"""A failed request is sent again only where that is safe, and then in bounded, growing pauses."""

from email.utils import format_datetime

import pytest

from simulator.aura import (
    AuraAnswerError,
    BadRequestError,
    Call,
    ConflictError,
    NotFoundError,
    NotPermittedError,
    RateLimitedError,
    RetryPolicy,
    ServerFailedError,
    StaleCallError,
    TargetUnreachableError,
    TransportError,
    TransportFailure,
)
from simulator.aura.calls import (
    callout_records,
    callouts,
    customers,
    devices,
    fixed_locations,
    leads,
    subscriptions,
    webhooks,
)
from simulator.aura.types import CalloutId, CustomerId, Position, SubscriptionId
from simulator.clock import iso
from simulator.rng import Rng
from simulator.testing.scripted_aura import Answer, ScriptedAura, answer

PRESS = {"device_id": 26217939, "device_type_id": 5, "message_type": 1}
DONE = answer(
    200,
    {
        "message": "Event successfully processed...",
        "resolvedAuraEvent": {"eventTypes": "NEW_CALLOUT", "eventResponse": {"calloutId": 7}},
    },
)
BUSY = answer(503, {"message": "busy"})
LOST = TransportError(TransportFailure.TIMEOUT)
UNSENT = TransportError(TransportFailure.REFUSED)
LIMITED = answer(429, {"message": "slow down"})
CALLOUT = answer(200, {"callout": {"id": 7}})
ME = CustomerId(1)


def reading() -> Call[object]:
    return callouts.get(CalloutId(7))


@pytest.mark.parametrize("failure", [BUSY, answer(500), answer(502, "<html/>"), LIMITED, LOST])
def test_reading_call_is_sent_again_until_it_succeeds(failure: Answer) -> None:
    aura = ScriptedAura(failure, failure, CALLOUT)

    aura.client().call(reading())

    assert len(aura.asked) == 3


def test_pauses_grow_and_are_spread_by_chance() -> None:
    aura = ScriptedAura(BUSY)

    with pytest.raises(ServerFailedError, match="after 6 attempts") as failed:
        aura.client(retry=RetryPolicy(attempts=6, longest_pause_s=4.0)).call(reading())

    assert failed.value.attempts == 6
    for pause_s, full_s in zip(aura.slept, [0.5, 1, 2, 4, 4], strict=True):
        assert full_s / 2 <= pause_s <= full_s


def test_same_stream_gives_the_same_pauses_and_another_stream_others() -> None:
    def pauses(seed: int) -> list[float | None]:
        stream = Rng(seed).stream(0, "retry")
        return [RetryPolicy().pause_s(attempt, None, stream) for attempt in (1, 2, 3, 4)]

    assert pauses(1) == pauses(1)
    assert pauses(1) != pauses(2)
    assert pauses(1)[-1] is None


def test_device_may_bring_its_own_stream() -> None:
    def pauses(others: int) -> list[object]:
        session = ScriptedAura().session()
        own = Rng(5).stream(3, "retry")
        for _ in range(others):
            session.perform(reading())
        conversation = session.perform(reading(), jitter=own)
        next(conversation)
        conversation.send(answer(200, {"accessToken": "t", "expiresIn": 3600}))
        return [conversation.send(BUSY)]

    assert pauses(0) == pauses(3)


def test_no_answer_ends_in_an_error_that_says_what_to_do() -> None:
    aura = ScriptedAura(LOST)

    with pytest.raises(TargetUnreachableError) as failed:
        aura.client().call(reading())

    assert str(failed.value) == (
        "GET /panic-api/v2/callouts/7 has no answer: no answer in time, after 4 attempts. "
        "Check that the target is up and that this machine can reach it."
    )
    assert failed.value.exit_code == 3
    assert isinstance(failed.value, OSError)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, BadRequestError), (403, NotPermittedError), (404, NotFoundError), (409, ConflictError)],
)
def test_refusal_is_never_sent_again(status: int, kind: type[AuraAnswerError]) -> None:
    aura = ScriptedAura(answer(status, {"message": "no"}))

    with pytest.raises(kind):
        aura.client().call(reading())

    assert len(aura.asked) == 1


def test_retry_after_in_seconds_is_honoured() -> None:
    aura = ScriptedAura(answer(429, retry_after="7"), CALLOUT)

    aura.client().call(reading())

    assert 7 <= aura.slept[0] < 8


def test_retry_after_as_a_date_is_honoured() -> None:
    from datetime import UTC, datetime

    aura = ScriptedAura(CALLOUT)
    later = datetime.fromtimestamp(aura.now_s + 30, UTC)
    aura.answers.insert(0, answer(503, retry_after=format_datetime(later, usegmt=True)))

    aura.client().call(reading())

    assert 30 <= aura.slept[0] < 31


def test_retry_after_that_cannot_be_read_counts_as_none() -> None:
    aura = ScriptedAura(answer(429, retry_after="soon"), CALLOUT)

    aura.client().call(reading())

    assert 0 < aura.slept[0] <= 0.5


def test_retry_after_beyond_our_patience_is_an_error_that_tells_it() -> None:
    aura = ScriptedAura(answer(429, {"message": "slow down"}, retry_after="3600"))

    with pytest.raises(RateLimitedError, match="slow down") as limited:
        aura.client().call(reading())

    assert limited.value.retry_after_s == 3600
    assert aura.slept == []


@pytest.mark.parametrize("failure", [BUSY, LIMITED, LOST, UNSENT])
def test_press_without_expiry_is_sent_once(failure: Answer) -> None:
    aura = ScriptedAura(failure)

    with pytest.raises((AuraAnswerError, TargetUnreachableError)):
        aura.client().call(devices.event(PRESS))

    assert len(aura.asked) == 1


@pytest.mark.parametrize("failure", [BUSY, LIMITED, LOST, UNSENT])
def test_fresh_press_is_sent_again(failure: Answer) -> None:
    aura = ScriptedAura(failure, DONE)

    done = aura.client().call(devices.event(PRESS, fresh_until_s=aura.now_s + 60))

    assert done.callout_id == 7
    assert aura.asked[0] == aura.asked[1]


def test_press_is_not_sent_again_once_it_would_be_stale() -> None:
    aura = ScriptedAura(BUSY)

    with pytest.raises(ServerFailedError):
        aura.client().call(devices.event(PRESS, fresh_until_s=aura.now_s + 1.2))

    assert len(aura.asked) in (2, 3)
    assert sum(aura.slept) <= 1.2


def test_press_that_is_stale_before_it_leaves_is_not_sent() -> None:
    aura = ScriptedAura(DONE)

    with pytest.raises(StaleCallError, match=r"5\.0 s past its expiry") as stale:
        aura.client().call(devices.event(PRESS, fresh_until_s=aura.now_s - 5))

    assert aura.asked == []
    assert isinstance(stale.value, TimeoutError)


def test_press_that_grew_stale_while_a_token_was_fetched_is_not_sent() -> None:
    aura = ScriptedAura(DONE)
    aura.tokens = [answer(503, retry_after="90"), *aura.tokens]

    with pytest.raises(StaleCallError):
        aura.client().call(devices.event(PRESS, fresh_until_s=aura.now_s + 60))

    assert aura.asked == []


def test_refused_token_does_not_make_a_stale_press_leave() -> None:
    aura = ScriptedAura(answer(401), DONE)
    aura.tokens = [*aura.tokens, answer(503, retry_after="90"), *aura.tokens]

    with pytest.raises(StaleCallError):
        aura.client().call(devices.event(PRESS, fresh_until_s=aura.now_s + 60))

    assert len(aura.asked) == 1


CREATING: list[Call[object]] = [
    customers.create(customers.Profile(name="Jane", surname="Doe", mobile="+27821234567")),
    customers.delete(ME),
    subscriptions.create(ME, subscriptions.NewSubscription(4, 0, 1)),
    subscriptions.cancel(SubscriptionId(2)),
    devices.link(ME, "AB26217939", "ExampleBrand"),
    devices.unlink("26217939"),
    callout_records.send_event(CalloutId(7), "here"),
    fixed_locations.create(
        fixed_locations.Site(external_reference_id="a", identifier="a", latitude=1, longitude=2)
    ),
    leads.create("+27821234567"),
]


@pytest.mark.parametrize("call", CREATING)
@pytest.mark.parametrize("failure", [BUSY, LOST])
def test_creating_call_is_not_repeated_where_it_may_have_worked(
    call: Call[object], failure: Answer
) -> None:
    aura = ScriptedAura(failure)

    with pytest.raises((ServerFailedError, TargetUnreachableError)):
        aura.client().call(call)

    assert len(aura.asked) == 1


@pytest.mark.parametrize("call", CREATING)
@pytest.mark.parametrize("failure", [UNSENT, LIMITED])
def test_creating_call_is_repeated_where_it_certainly_did_not_work(
    call: Call[object], failure: Answer
) -> None:
    aura = ScriptedAura(failure, failure, answer(400))

    with pytest.raises(BadRequestError):
        aura.client().call(call)

    assert len(aura.asked) == 3


@pytest.mark.parametrize(
    "call",
    [
        callouts.cancel(CalloutId(7)),
        customers.update(ME, customers.Profile(email="j@example.com")),
        webhooks.register("https://me.example", ["NEW_CALLOUT"]),
    ],
)
def test_call_that_is_the_same_twice_is_repeated(call: Call[object]) -> None:
    aura = ScriptedAura(LOST, BUSY, answer(404))

    with pytest.raises(NotFoundError):
        aura.client().call(call)

    assert len(aura.asked) == 3


@pytest.mark.parametrize("fresh_s", [None, 30.0])
def test_callouts_and_positions_are_repeated_only_with_an_expiry(fresh_s: float | None) -> None:
    aura = ScriptedAura(LOST)
    until_s = None if fresh_s is None else aura.now_s + fresh_s
    here = Position(1.0, 2.0)
    calls: list[Call[object]] = [
        callouts.create(ME, here, fresh_until_s=until_s),
        callouts.create_legacy(here, fresh_until_s=until_s),
        callouts.update_location(CalloutId(7), here, fresh_until_s=until_s),
        callouts.update_and_return(CalloutId(7), here, fresh_until_s=until_s),
        fixed_locations.create_callout("site", fresh_until_s=until_s),
    ]

    for call in calls:
        with pytest.raises(TargetUnreachableError):
            aura.client(retry=RetryPolicy(attempts=2)).call(call)

    assert len(aura.asked) == (len(calls) if fresh_s is None else 2 * len(calls))


def test_expiry_is_a_time_of_the_clock_that_writes_times() -> None:
    """The script's clock counts seconds since 1970, as `fresh_until_s` does."""
    assert iso(ScriptedAura().now()).startswith("2026")
