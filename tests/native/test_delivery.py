"""From finger to callout through real sockets: every press is accounted for."""

import asyncio
from collections import Counter

import pytest

from simulator.journal import Answered, CalloutClosed, Failed, Received, Replied
from simulator.profile import profiles
from simulator.report import Outcome
from tests.native.stage import Stage, stage

TRACKER = "eview-ev07b"
DELIVERABLE = [p.name for p in profiles() if p.network != "ble"]
NETWORKS = {"simplepack-plus": 3, "milesight-ws101": 3, TRACKER: 3, "aura-structured": 3}


def outcomes(run: Stage) -> dict[str, int]:
    """Return the classes of all presses, without the empty ones.

    A busy machine answers late, and the device then says its press again: delivered all the same.
    """
    account = run.ledger()
    assert account.breaches == ()
    found = Counter({str(kind): count for kind, count in account.totals.items() if count})
    found[Outcome.DELIVERED] += found.pop(Outcome.RETRIED, 0)
    return dict(+found)


async def until(run: Stage, is_so: object, most_s: float = 60.0) -> None:
    """Let run time pass until a function says so."""
    assert callable(is_so)
    ends = run.pacer.now() + most_s
    while not is_so() and run.pacer.now() < ends:
        await run.run(0.5)
    assert is_so()


async def test_presses_of_all_networks_become_callouts() -> None:
    """Callbacks of Sigfox and LoRaWAN, a tracker by TCP, a plain post: a callout for each press."""
    async with stage(NETWORKS) as run:
        run.press()
        await run.run(15.0)
        await run.settle()
        found = outcomes(run)
        entries = run.ledger().entries

    assert found == {Outcome.DELIVERED: 12}
    assert len({entry.callout for entry in entries}) == 12


@pytest.mark.parametrize("name", DELIVERABLE)
async def test_every_model_reaches_aura_through_its_own_network(name: str) -> None:
    """Cold: joins and logins first. No press is unexplained, and most open a callout."""
    async with stage({name: 3}, speed=60.0, cold=True) as run:
        await run.run(60.0)
        run.press()
        await run.run(20.0)
        await run.settle()
        found = outcomes(run)

    assert Outcome.UNEXPLAINED not in found
    assert found.get(Outcome.DELIVERED, 0) >= 2
    assert run.middleware.counts["strangers"] == 0


@pytest.mark.parametrize("segments", ["whole", "split", "coalesced", "mixed"])
async def test_many_trackers_at_once(segments: str) -> None:
    """Over 200 connections at the same time, however their bytes are cut."""
    async with stage({TRACKER: 220}, segments=segments) as run:
        run.press()
        await run.run(8.0)
        await run.settle()
        found = outcomes(run)
        held = len(run.served.doors[TRACKER].sessions)

    assert found == {Outcome.DELIVERED: 220}
    assert held == 220
    assert run.middleware.counts["bytes discarded"] == 0


async def test_trackers_speak_udp_too() -> None:
    """Each from a port of its own; the reply finds its way back."""
    async with stage({TRACKER: 20}, scheme="udp") as run:
        run.press()
        await run.run(8.0)
        await run.settle()

        assert outcomes(run) == {Outcome.DELIVERED: 20}
        assert all(not unit.firmware.unsaid for unit in run.units)


async def test_the_reply_reaches_the_firmware() -> None:
    """An acknowledged frame is not sent again, and the journal has the reply's bytes."""
    async with stage({TRACKER: 1}) as run:
        run.press()
        await run.run(25.0)
        replies = [record for record in run.of(Replied) if isinstance(record, Replied)]
        frames = run.of(Received)

        assert run.units[0].firmware.unsaid == []
    assert len(replies) >= len(frames) > 0
    assert all(record.hex.startswith("ab") and not record.lost for record in replies)


async def test_trackers_connect_again_after_the_server_dropped_them() -> None:
    """All connections break twice; presses made meanwhile arrive over new ones."""
    async with stage({TRACKER: 30}) as run:
        door = run.served.doors[TRACKER]
        run.press()
        await run.run(8.0)
        await run.settle()
        for accepted in (60, 90):
            door.drop_all()
            await until(run, lambda accepted=accepted: door.accepted == accepted)
        for unit in run.units:
            run.world.fleet.regret(unit)
        await run.settle()
        run.press()
        await run.run(8.0)
        await run.settle()
        found = outcomes(run)

    assert door.accepted == 90
    assert found == {Outcome.CANCELLED: 30, Outcome.DELIVERED: 30}


async def test_a_server_that_comes_late_gets_what_was_kept() -> None:
    """Nobody listens at first: frames wait in the device, and the journal says why."""
    async with stage({TRACKER: 3}) as run:
        door = run.served.doors[TRACKER]
        port = int(run.served.tcp[TRACKER].rpartition(":")[2])
        await door.close()
        run.press()
        refused: list[Failed] = []
        for _ in range(6):  # a busy machine may need longer than the model to be refused
            await run.run(10.0)
            refused = [r for r in run.of(Failed) if isinstance(r, Failed) and r.kind == "native"]
            if refused:
                break
        await door.listen("127.0.0.1", port, 16)
        await run.settle()
        found = outcomes(run)

    assert refused
    assert all("cannot be reached" in record.reason for record in refused)
    assert found == {Outcome.DELIVERED: 3}


async def test_an_operator_cancels_what_aura_shows() -> None:
    """The call comes while the press is on its way; the cancel waits for the callout."""
    async with stage({TRACKER: 4, "milesight-ws101": 4}) as run:
        run.press()
        await run.run(1.0)
        for unit in run.units:
            run.world.fleet.regret(unit)
        await run.run(8.0)
        await run.settle()

        assert outcomes(run) == {Outcome.CANCELLED: 8}
        assert len(run.of(CalloutClosed)) == 8
        assert run.world.gateway.open_callouts == []


async def test_a_native_cancel_is_seen_at_aura() -> None:
    """The middleware passes it on; the callout vanishes from AURA's list."""
    async with stage({"aura-structured": 4}) as run:
        run.press()
        await run.run(8.0)
        await run.settle()
        for unit in run.units:
            run.world.fleet.regret(unit)
        await run.run(8.0)
        await run.settle()

        assert outcomes(run) == {Outcome.CANCELLED: 4}


async def test_a_second_press_joins_the_open_callout() -> None:
    """AURA shows one callout; the second press counts as merged into it."""
    async with stage({"milesight-ws101": 2}) as run:
        for _ in range(2):
            run.press()
            await run.run(8.0)
            await run.settle()

        assert outcomes(run) == {Outcome.DELIVERED: 2, Outcome.MERGED: 2}


async def test_what_the_middleware_swallows_is_lost_with_a_reason() -> None:
    """It answers 2xx and tells AURA nothing: the press is lost at the target, and says so."""
    async with stage({"milesight-ws101": 1}) as run:
        run.middleware.take = lambda sighting, answer: answer(None)  # type: ignore[method-assign]
        run.press()
        await run.run(8.0)
        await run.settle(most_s=2000.0)
        account = run.ledger()
        (entry,) = account.entries

    assert entry.outcome is Outcome.LOST
    assert "the middleware has it" in entry.detail
    assert [r.status for r in run.of(Answered) if isinstance(r, Answered)] == [204]


async def test_a_refused_callback_is_lost_with_its_status() -> None:
    """Sigfox does not send a failed callback again, and neither do we."""
    async with stage({"simplepack-plus": 1}) as run:
        await run.served.callbacks.close()
        run.press()
        await run.run(12.0)
        await run.settle()
        (entry,) = run.ledger().entries

    assert entry.outcome is Outcome.LOST
    assert entry.where == "gateway"
    assert "the middleware did not take it" in entry.detail


async def test_a_run_that_ends_says_what_was_on_its_way() -> None:
    """A tracker without a server: its press is unfinished, not unexplained."""
    async with stage({TRACKER: 1}) as run:
        await run.served.doors[TRACKER].close()
        run.press()
        await run.run(6.0)
        (entry,) = run.ledger().entries

    assert entry.outcome is Outcome.LOST
    assert entry.where == "in flight when the run ended"


async def test_hanging_up_is_no_error() -> None:
    """A stage that ends in the middle of everything ends without a trace."""
    async with stage(NETWORKS) as run:
        run.press()
        await run.run(3.3)

    assert len(asyncio.all_tasks()) == 1
