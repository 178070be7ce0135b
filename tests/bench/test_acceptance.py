"""The acceptance run: what it measures, and what it puts down to device, bench, or nobody."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
import simpy

from simulator.bench.acceptance import EXIT_CODES, BenchRecord, CheckSettings, Grade, Verdict
from simulator.bench.desk import AuraLink
from simulator.bench.open_desk import open_desk
from simulator.bench.operators import Act, Answer, Prompt, Said
from simulator.clock import wall_s
from simulator.journal import (
    Answered,
    CalloutClosed,
    DeviceLinked,
    LinkChanged,
    MemoryJournal,
    Pressed,
    read_journal,
)
from simulator.report import ledger_of
from simulator.sandbox import Sandbox, serve
from tests.bench.device import SERIAL, pendant, plugged


def grade(record: BenchRecord, name: str) -> Grade:
    """Return the grade of one measurement."""
    return next(row.grade for row in record.measurements if row.name == name)


async def test_a_unit_that_does_all_it_should_passes(tmp_path: Path) -> None:
    """Two presses and a long hold: three callouts, three cancels, each with its times."""
    async with plugged(tmp_path) as device:
        record = await device.session(tmp_path / "out").hold()

    assert (record.verdict, record.reasons) == (Verdict.PASSED, [])
    assert device.acts == [Act.PRESS, Act.CANCEL] * 2 + [Act.HOLD, Act.CANCEL]
    assert [stage.what for stage in record.stages] == ["press", "cancel"] * 3
    first = record.stages[0]
    times = (
        first.finger_down_s,
        first.frame_s,
        first.event_sent_s,
        first.answered_s,
        first.seen_at_aura_s,
    )
    assert list(times) == sorted(time for time in times if time is not None)
    assert grade(record, "press_to_frame") is Grade.GOOD
    assert grade(record, "cancel_to_frame") is Grade.GOOD
    assert grade(record, "battery_percent") is Grade.GOOD
    assert record.counts.frames == 6


async def test_a_session_is_in_the_journal_as_a_run_is(tmp_path: Path) -> None:
    """The ledger reads it: every press was delivered or cancelled."""
    async with plugged(tmp_path) as device:
        await device.session(tmp_path / "out").hold()

    records = list(read_journal(tmp_path / "out"))
    assert sum(isinstance(one, Pressed) for one in records) == 3
    assert sum(isinstance(one, CalloutClosed) for one in records) == 3
    assert any(isinstance(one, Answered) for one in records)
    assert str(ledger_of(records).verdict) == "passed"


async def test_a_unit_that_names_itself_needs_no_serial(tmp_path: Path) -> None:
    """The first press says who it is."""
    async with plugged(tmp_path) as device:
        session = device.session(tmp_path / "out", settings=CheckSettings(prompt_s=1.0))
        record = await session.hold()

    assert record.verdict is Verdict.PASSED
    assert record.identity.serial == "00000017"
    assert len(device.acts) == 7


async def test_a_slow_unit_is_marginal_and_a_slower_one_fails(tmp_path: Path) -> None:
    """The limits are the profile's."""
    async with plugged(tmp_path, press_to_frame_s=(0.02, 10.0)) as device:
        device.delay_s = 0.05
        marginal = await device.session(tmp_path / "a").hold()
    async with plugged(tmp_path, press_to_frame_s=(0.001, 0.002)) as device:
        device.delay_s = 0.05
        failed = await device.session(tmp_path / "b").hold()

    assert (marginal.verdict, EXIT_CODES[marginal.verdict]) == (Verdict.MARGINAL, 0)
    assert (failed.verdict, EXIT_CODES[failed.verdict]) == (Verdict.FAILED, 1)
    assert "finger down to frame" in failed.reasons[0]


async def test_too_many_copies_of_a_press_fail(tmp_path: Path) -> None:
    """A button that will not stop is no good gateway guest; the callout is one all the same."""
    async with plugged(tmp_path, copies=(2, 3)) as device:
        device.copies = 5
        record = await device.session(tmp_path / "out").hold()

    assert record.verdict is Verdict.FAILED
    assert grade(record, "repetition") is Grade.FAIL
    assert grade(record, "doubled") is Grade.GOOD


async def test_a_battery_out_of_this_world_fails(tmp_path: Path) -> None:
    """9 V from a cell of 4.2 V."""
    async with plugged(tmp_path, battery_mv=(3000, 3500)) as device:

        async def ask(prompt: Prompt) -> Answer:
            await device.say("status")
            return await device.ask(prompt)

        operator = type("Hand", (), {"ask": staticmethod(ask)})()
        record = await device.session(tmp_path / "out", operator=operator).hold()

    assert record.verdict is Verdict.FAILED
    assert grade(record, "battery_mv") is Grade.FAIL


async def test_a_unit_that_says_nothing_has_failed(tmp_path: Path) -> None:
    """The link is there, the finger was on the button, and no frame came."""
    async with plugged(tmp_path, wait_s=0.05) as device:
        device.is_dumb = True
        record = await device.session(tmp_path / "out").hold()

    assert record.verdict is Verdict.FAILED
    assert grade(record, "unheard") is Grade.FAIL


async def test_a_cancel_that_brings_nothing_fails_and_leaves_no_callout(tmp_path: Path) -> None:
    """The operator ends what the device does not."""
    async with plugged(tmp_path, wait_s=0.5) as device:
        device.cancels = False
        record = await device.session(tmp_path / "out").hold()

    assert record.verdict is Verdict.FAILED
    assert grade(record, "unheard_cancels") is Grade.FAIL
    assert any("cancel brought no frame" in one for one in record.troubles)
    assert grade(record, "closed") is Grade.GOOD


async def test_a_missing_port_is_the_bench(tmp_path: Path) -> None:
    """Nothing is said of the unit."""
    async with plugged(tmp_path) as device:
        device.port.unplug()
        record = await device.session(tmp_path / "out").hold()

    assert (record.verdict, EXIT_CODES[record.verdict]) == (Verdict.BROKEN, 3)
    assert "no such device" in record.reasons[0]


async def test_a_link_that_is_lost_for_good_is_the_bench(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plug fell out: that is no fault of the button."""
    monkeypatch.setattr("simulator.bench.acceptance.hearing._RETURN_S", 0.1)
    async with plugged(tmp_path, wait_s=0.2) as device:

        async def ask(prompt: Prompt) -> Answer:
            device.port.unplug()
            return Answer(Said.DONE, 0.0)

        operator = type("Hand", (), {"ask": staticmethod(ask)})()
        record = await device.session(tmp_path / "out", operator=operator).hold()

    assert record.verdict is Verdict.BROKEN
    assert any("link lost" in one for one in record.troubles)
    assert record.counts.losses == 1


async def test_a_plug_that_comes_back_ends_nothing(tmp_path: Path) -> None:
    """A unit that was unplugged between two presses passes, and the loss is in the record."""
    async with plugged(tmp_path, wait_s=5.0) as device:

        async def ask(prompt: Prompt) -> Answer:
            if prompt.act is Act.HOLD:
                device.port.unplug()
                await asyncio.sleep(0.1)
                device.port.plug()
                await asyncio.sleep(0.3)
            return await device.ask(prompt)

        operator = type("Hand", (), {"ask": staticmethod(ask)})()
        record = await device.session(tmp_path / "out", operator=operator).hold()

    assert record.verdict is Verdict.PASSED
    assert record.counts.losses == record.counts.returns == 1
    told = [one for one in read_journal(tmp_path / "out") if isinstance(one, LinkChanged)]
    assert [one.is_up for one in told] == [False, True]


async def test_another_protocol_is_void_and_named(tmp_path: Path) -> None:
    """The profile is the wrong one: the unit cannot be judged by it."""
    async with plugged(tmp_path, wait_s=0.1) as device:
        gps = (
            b"imei:359587010124900,help me,1201011201,,F,120102.000,A,2233.1234,N,11404.5678,E,0,0;"
        )

        async def ask(prompt: Prompt) -> Answer:
            for _ in range(4):
                await device.port.write(gps)
            return Answer(Said.DONE, 0.0)

        operator = type("Hand", (), {"ask": staticmethod(ask)})()
        record = await device.session(tmp_path / "out", operator=operator).hold()

    assert (record.verdict, EXIT_CODES[record.verdict]) == (Verdict.VOID, 4)
    assert "gps103" in record.reasons[0]


async def test_noise_is_the_bench(tmp_path: Path) -> None:
    """A wrong speed looks so."""
    async with plugged(tmp_path, wait_s=0.1) as device:

        async def ask(prompt: Prompt) -> Answer:
            await device.port.write(bytes(range(0, 250, 7)) * 4)
            return Answer(Said.DONE, 0.0)

        operator = type("Hand", (), {"ask": staticmethod(ask)})()
        record = await device.session(tmp_path / "out", operator=operator).hold()

    assert record.verdict is Verdict.BROKEN
    assert "baud" in record.reasons[0]


@pytest.mark.parametrize("said", [Said.STOPPED, Said.TIMEOUT])
async def test_an_operator_who_does_not_act_makes_it_void(tmp_path: Path, said: Said) -> None:
    """Nobody pressed: nothing is said of the unit."""
    async with plugged(tmp_path) as device:
        device.said = said
        record = await device.session(tmp_path / "out").hold()

    assert record.verdict is Verdict.VOID
    assert said.value in record.reasons[0]


async def test_a_session_in_which_all_was_skipped_is_void(tmp_path: Path) -> None:
    """Nothing was tried."""
    async with plugged(tmp_path) as device:
        device.said = Said.SKIPPED
        record = await device.session(tmp_path / "out").hold()

    assert record.verdict is Verdict.VOID


async def test_a_serial_that_is_none_of_the_model_is_void(tmp_path: Path) -> None:
    """[identity] of the profile does not know it."""
    async with plugged(tmp_path) as device:
        settings = CheckSettings(serial="XYZ")
        record = await device.session(tmp_path / "out", settings=settings).hold()

    assert record.verdict is Verdict.VOID
    assert "XYZ" in record.reasons[0]


async def test_frames_of_another_unit_are_left_out(tmp_path: Path) -> None:
    """Two units on one line: the other one's press is not this one's."""
    async with plugged(tmp_path, wait_s=0.5) as device:
        settings = CheckSettings(serial="00000099", prompt_s=1.0)
        record = await device.session(tmp_path / "out", settings=settings).hold()

    assert record.verdict is Verdict.FAILED
    assert any("another unit" in one for one in record.troubles)


@pytest.mark.parametrize("signalled", [False, True])
async def test_an_interrupted_session_is_void_and_leaves_nothing_open(
    tmp_path: Path, signalled: bool
) -> None:
    """Ctrl-C cancels it, and so does SIGTERM: the record is there, the callouts are ended."""
    async with plugged(tmp_path, wait_s=30.0) as device:
        began = asyncio.Event()

        async def ask(prompt: Prompt) -> Answer:
            began.set()
            await asyncio.sleep(60)
            return Answer(Said.DONE)

        operator = type("Hand", (), {"ask": staticmethod(ask)})()
        holding = asyncio.create_task(device.session(tmp_path / "out", operator=operator).hold())
        await asyncio.wait_for(began.wait(), 20)
        if signalled:
            os.kill(os.getpid(), signal.SIGTERM)
        else:
            holding.cancel()
        record = await holding

    assert record.verdict is Verdict.VOID
    assert "interrupted" in record.reasons[0]


async def test_a_target_that_is_not_there_is_the_bench(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AURA cannot be reached: that is no fault of the button."""
    monkeypatch.setenv("AURA_CLIENT_ID", "bench")
    monkeypatch.setenv("AURA_CLIENT_SECRET", "bench-secret")
    async with plugged(tmp_path) as device:
        session = device.session(tmp_path / "out")
        session.target = "http://127.0.0.1:9/panic-api/v2"
        record = await session.hold()

    assert record.verdict is Verdict.BROKEN


async def test_a_link_that_aura_has_is_used_and_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A unit of the inventory that is linked already: no new customer, and it stays linked."""
    monkeypatch.setenv("AURA_CLIENT_ID", "bench")
    monkeypatch.setenv("AURA_CLIENT_SECRET", "bench-secret")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    profile = pendant()
    async with (
        serve(Sandbox(simpy.Environment(), wall_s())) as server,
        open_desk(server.base_url, profile, MemoryJournal()) as owner,
    ):
        mine = await owner.link(profile, SERIAL)
        settings = CheckSettings(
            serial=SERIAL, prompt_s=1.0, link=AuraLink(mine.customer, mine.device_id)
        )
        async with plugged(tmp_path) as device:
            session = device.session(tmp_path / "out", settings=settings)
            session.target = server.base_url
            record = await session.hold()
        still_linked = await owner.battery_at_aura()

    linked = [one for one in read_journal(tmp_path / "out") if isinstance(one, DeviceLinked)]
    assert (record.verdict, record.reasons) == (Verdict.PASSED, [])
    assert [one.customer for one in linked] == [mine.customer]
    assert still_linked is None or still_linked >= 0
