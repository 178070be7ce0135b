"""What becomes of messages: each is answered, failed, dropped or unfinished, and says which."""

import json

import pytest

from simulator.aura import Response
from simulator.load.result import LoadResult, Stage
from simulator.load.schedule import Round
from simulator.load.shapes import Form, Shape
from tests.load.aura_like import SILENCE, AuraLike, play

QUIET = Round(press=0, move=0, cancel=0, battery=1)


def adds_up(result: LoadResult) -> bool:
    """Return whether every message that was due has exactly one fate, everywhere it is told."""
    total = result.total
    due = sum(window.tally.due for window in result.series.windows)
    return (
        total.due == total.answered + total.errors + total.dropped + total.unfinished
        and due == total.due
        and sum(result.errors.values()) == total.errors
        and sum(result.drops.values()) == total.dropped
        and result.stage(Stage.LATENCY).n == total.answered
    )


@pytest.mark.parametrize("transport", ["wire", "aiohttp"])
async def test_a_schedule_is_sent_and_every_press_accounted_for(transport: str) -> None:
    aura = AuraLike()
    journal: list[bytes] = []

    result = await play(aura, transport=transport, journal=journal)

    assert result.total.due == result.total.answered == aura.events == 200
    assert adds_up(result)
    assert result.ledger is not None
    assert result.ledger.presses == result.kinds["press"].due
    assert {k for k, n in result.ledger.totals.items() if n} <= {"delivered", "cancelled"}
    assert b'"type":"press"' in b"".join(journal)


@pytest.mark.parametrize("transport", ["wire", "aiohttp"])
async def test_both_transports_say_the_same_bodies(transport: str) -> None:
    aura = AuraLike()

    await play(aura, transport=transport)

    other = AuraLike()
    await play(other)
    assert sorted(map(json.dumps, aura.bodies)) == sorted(map(json.dumps, other.bodies))


async def test_the_stages_of_every_message_add_up_to_its_latency() -> None:
    result = await play(AuraLike())

    parts = [Stage.LATENESS, Stage.QUEUE, Stage.SEND, Stage.ANSWER]
    assert sum(result.stage(stage).sum_ns for stage in parts) == pytest.approx(
        result.stage(Stage.LATENCY).sum_ns, abs=4 * 200
    )
    assert result.stage(Stage.CALLOUT).n == result.kinds["press"].answered


async def test_devices_keep_their_order() -> None:
    """A cancel never overtakes its press, however many connections there are."""
    aura = AuraLike()

    await play(aura, shape=Shape(form=Form.CONSTANT, rate=4000.0))

    seen: dict[object, list[object]] = {}
    for event in aura.bodies:
        seen.setdefault(event["device_id"], []).append(event["message_type"])
    for types in seen.values():
        last = 0
        for message_type in types:
            assert not (message_type == 3 and last == 4)
            last = message_type if isinstance(message_type, int) else 0


async def test_a_limit_is_waited_for_as_long_as_it_says() -> None:
    def limited(number: int, token: str) -> Response | None:
        del token
        return Response(429, {"retry-after": "0"}) if number <= 3 else None

    result = await play(AuraLike(limited), life=QUIET)

    assert result.total.answered == 200
    assert result.generator.retries == 3
    assert adds_up(result)


async def test_a_long_limit_is_not_waited_for_with_a_stale_message() -> None:
    """A battery report is worth 20 s: told to wait for 60, it is given up and counted."""

    def limited(number: int, token: str) -> Response | None:
        del token
        return Response(429, {"retry-after": "60"}) if number <= 5 else None

    aura = AuraLike(limited)
    result = await play(aura, life=QUIET)

    assert result.errors == {"answered 429": 5}
    assert aura.events == 200
    assert adds_up(result)


async def test_a_token_that_is_refused_is_renewed_once_for_the_fleet() -> None:
    def expired(number: int, token: str) -> Response | None:
        return Response(401) if number > 40 and token == "token-1" else None

    aura = AuraLike(expired)
    result = await play(aura)

    assert result.total.answered == 200
    assert aura.tokens == 2
    assert aura.said["token-2"] >= 150
    assert result.generator.tokens == 2


async def test_a_token_is_renewed_ahead_of_its_end() -> None:
    aura = AuraLike()
    aura.lives_s = 1

    result = await play(aura, for_s=1.6, shape=Shape(form=Form.CONSTANT, rate=100.0))

    assert result.total.answered == 160
    assert aura.tokens >= 2


async def test_a_bad_request_is_not_sent_again() -> None:
    aura = AuraLike(lambda number, token: Response(400) if number % 2 else None)

    result = await play(aura, life=QUIET)

    assert aura.events == 200
    assert result.errors == {"answered 400": 100}
    assert adds_up(result)


async def test_a_press_that_is_refused_is_in_the_ledger() -> None:
    result = await play(
        AuraLike(lambda number, token: Response(400)),
        life=Round(press=1, move=0, cancel=0, battery=0),
    )

    assert result.ledger is not None
    assert result.ledger.totals["lost"] == result.kinds["press"].due == 200


async def test_a_target_that_never_answers_is_timed_out_and_named() -> None:
    result = await play(
        AuraLike(lambda number, token: SILENCE), timeout_s=0.2, drain_s=0.5, life=QUIET,
        connections=300,
    )  # fmt: skip

    total = result.total
    assert total.answered == 0
    assert total.errors + total.unfinished == 200
    assert set(result.errors) <= {"no answer in time"}
    assert adds_up(result)


async def test_what_finds_no_room_is_dropped_and_counted() -> None:
    result = await play(
        AuraLike(lambda number, token: SILENCE),
        connections=2, most_waiting=10, drain_s=0.1, life=QUIET,
    )  # fmt: skip

    assert result.drops["too many waited for a connection"] >= 150
    assert adds_up(result)
    assert result.generator.waiting_most <= 11


async def test_waiting_for_a_connection_counts_as_queue_and_in_the_latency() -> None:
    result = await play(AuraLike(), connections=1, shape=Shape(form=Form.CONSTANT, rate=3000.0))

    queue, latency = result.stage(Stage.QUEUE), result.stage(Stage.LATENCY)
    assert queue.max_s
    assert latency.max_s
    assert latency.max_s >= queue.max_s > 0


async def test_saturation_sends_as_fast_as_it_is_answered() -> None:
    """Nothing is due before it is sent, so nothing is late, and nothing waits."""
    result = await play(AuraLike(), shape=Shape(form=Form.SATURATE), for_s=0.3, connections=4)

    assert result.total.answered > 50
    assert adds_up(result)
    assert result.stage(Stage.LATENESS).max_ns == result.stage(Stage.QUEUE).max_ns == 0


async def test_an_answer_that_cannot_be_read_is_an_error_of_a_press() -> None:
    aura = AuraLike(lambda number, token: Response(200, {}, b"[]"))

    result = await play(aura, life=Round(press=1, move=0, cancel=0, battery=0))

    assert result.errors == {"answer not readable": 200}


async def test_a_press_that_nobody_answered_in_time_is_lost_not_unexplained() -> None:
    """The test ends while presses are on their way: the ledger says so."""
    result = await play(
        AuraLike(lambda number, token: SILENCE),
        life=Round(press=1, move=0, cancel=0, battery=0), drain_s=0.1, timeout_s=10.0,
    )  # fmt: skip

    assert result.ledger is not None
    assert result.ledger.totals["lost"] == result.kinds["press"].unfinished == 200
    assert result.ledger.totals["unexplained"] == 0
