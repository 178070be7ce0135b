"""Our own firmware on an emulated AVR, read through genuine pyserial."""

import asyncio
import hashlib
import os
import signal
from collections.abc import AsyncIterator, Callable

import pytest
import serial

from simulator.bench.emulate import EmulatedActError
from simulator.bench.emulate.avr import AvrUnit, emulated
from simulator.bench.emulate.child import EmulatorDiedError
from simulator.frame import Value
from simulator.profile import load
from tests.bench.emulate.hearing import ear

HOLD_S = 0.6
CANCEL_S = 2.2
SHORT_S = 0.1
ALARM, ACKNOWLEDGED = "B5", "B4"


@pytest.fixture
async def unit(needs: Callable[..., None]) -> AsyncIterator[AvrUnit]:
    needs("avr")
    async with emulated("CAFE0001", speed=4.0) as made:
        yield made


async def test_unit_says_who_it_is(unit: AvrUnit) -> None:
    with ear(unit.port, unit.profile) as heard:
        heard.say(b"ID\n")
        while (answer := await heard.frame())["message"] != "identity":
            pass

    assert answer["serial"] == unit.serial == "CAFE0001"
    assert str(answer["firmware"]) in unit.firmware
    assert load(unit.profile).matches(unit.serial)


async def test_twenty_presses_in_a_row_arrive_once_each(unit: AvrUnit) -> None:
    """On a busy machine an acknowledgement may come late: then a press is repeated, not doubled."""
    with ear(unit.port, unit.profile) as heard:
        sequences: list[Value] = []
        for _ in range(20):
            await unit.press(HOLD_S)
            while (sos := await heard.event("sos"))["sequence"] in sequences:
                pass
            sequences.append(sos["sequence"])
            heard.acknowledge()

    first = sequences[0]
    assert isinstance(first, int)
    assert sequences == [first + n for n in range(20)]


async def test_short_press_is_a_test_and_a_bounce_is_nothing(unit: AvrUnit) -> None:
    with ear(unit.port, unit.profile) as heard:
        await unit.press(0.01)
        await unit.press(SHORT_S)
        first = await heard.event("test")
        await unit.press(SHORT_S)
        second = await heard.event("test")

    assert isinstance(first["sequence"], int)
    assert second["sequence"] == first["sequence"] + 1
    assert not unit.chip.lights.is_on(ALARM)


async def test_press_is_repeated_until_it_is_acknowledged(unit: AvrUnit) -> None:
    with ear(unit.port, unit.profile) as heard:
        await unit.press(HOLD_S)
        first = await heard.event("sos")
        second = await heard.event("sos")
        heard.acknowledge()
        await unit.chip.lights.shows(ACKNOWLEDGED, True)

    assert second == {**first, "attempt": 2}


async def test_acknowledgement_with_a_wrong_checksum_is_refused(unit: AvrUnit) -> None:
    with ear(unit.port, unit.profile) as heard:
        await unit.press(HOLD_S)
        sos = await heard.event("sos")
        heard.say(f"$PAURK,{sos['sequence']}*00\r\n".encode())
        while (answer := await heard.frame())["message"] != "answer":
            pass

    assert answer["answer"] == "refused"
    assert not unit.chip.lights.is_on(ACKNOWLEDGED)


async def test_cancel_needs_an_alarm(unit: AvrUnit) -> None:
    """The same long hold starts an alarm first, and ends it the second time."""
    with ear(unit.port, unit.profile) as heard:
        await unit.press(CANCEL_S)
        await heard.event("sos")
        await unit.chip.lights.shows(ALARM, True)
        await unit.press(CANCEL_S)
        await heard.event("cancel")
        heard.acknowledge()
        await unit.chip.lights.shows(ALARM, False)


async def test_server_ends_the_alarm(unit: AvrUnit) -> None:
    with ear(unit.port, unit.profile) as heard:
        await unit.press(HOLD_S)
        await unit.chip.lights.shows(ALARM, True)
        heard.say(b"STOP\n")
        await unit.chip.lights.shows(ALARM, False)


@pytest.mark.parametrize("millivolts", [2100, 2900, 3600])
async def test_battery_is_measured_by_the_chip(unit: AvrUnit, millivolts: int) -> None:
    """A change is reported unasked; one step of the converter is 5 mV."""
    with ear(unit.port, unit.profile) as heard:
        heard.say(b"BAT\n")
        await heard.event("battery")
        await unit.battery(millivolts)
        report = await heard.event("battery")

    assert isinstance(report["battery_mv"], int)
    assert abs(report["battery_mv"] - millivolts) <= 10


async def test_press_without_a_plug_arrives_when_it_is_back(unit: AvrUnit) -> None:
    with ear(unit.port, unit.profile) as heard:
        await unit.unplug()
        with pytest.raises(serial.SerialException):
            await heard.event("sos")
    with pytest.raises(serial.SerialException), ear(unit.port, unit.profile):
        pass  # there is no such port

    await unit.press(HOLD_S)
    await unit.plug()
    with ear(unit.port, unit.profile) as heard:
        sos = await heard.event("sos")

    assert isinstance(sos["attempt"], int)
    assert sos["attempt"] >= 2


async def test_plug_can_be_pulled_twenty_times(unit: AvrUnit) -> None:
    for _ in range(20):
        await unit.unplug()
        await unit.unplug()
        await unit.plug()
        await unit.plug()
        with ear(unit.port, unit.profile) as heard:
            heard.say(b"\nID\n")
            while (await heard.frame())["message"] != "identity":
                pass


async def test_noise_on_the_wire_does_not_stop_the_unit(unit: AvrUnit) -> None:
    with ear(unit.port, unit.profile) as heard:
        heard.say(bytes(range(256)) + b"\n" + b"A" * 300 + b"\n$PAURK,\n")
        await unit.press(SHORT_S)
        await heard.event("test")


async def test_any_bytes_leave_the_unit_alive(unit: AvrUnit) -> None:
    """Noise of every length, alone and behind the beginning of each command."""
    heads = (b"", b"$", b"$PAURK,", b"$PAURQ,", b"$PAURH,", b"ID*")
    with ear(unit.port, unit.profile) as heard:
        for number in range(60):
            noise = hashlib.sha256(bytes([number])).digest()[: number % 33]
            heard.say(b"\n" + heads[number % len(heads)] + noise + b"\n")
        heard.say(b"\nID\n")
        while (await heard.frame())["message"] != "identity":
            pass


async def test_reset_counts_the_boots(unit: AvrUnit) -> None:
    """Sequence numbers begin again, so an event is named by both."""
    with ear(unit.port, unit.profile) as heard:
        await unit.press(SHORT_S)
        before = await heard.event("test")
        await unit.chip.reset()
        after = await heard.event("boot")

    assert (before["boot"], after["boot"], after["sequence"]) == (0, 1, 1)


@pytest.mark.parametrize("hold_s", [0.0, -1.0, 601.0])
async def test_finger_cannot_hold_for_ever(unit: AvrUnit, hold_s: float) -> None:
    with pytest.raises(EmulatedActError, match="1 ms to 10 minutes"):
        await unit.press(hold_s)


@pytest.mark.parametrize("millivolts", [-1, 5001])
async def test_battery_beyond_the_converter_is_refused(unit: AvrUnit, millivolts: int) -> None:
    with pytest.raises(EmulatedActError, match="0 to 5000 mV"):
        await unit.battery(millivolts)


async def test_two_fingers_press_one_after_the_other(unit: AvrUnit) -> None:
    with ear(unit.port, unit.profile) as heard:
        await asyncio.gather(unit.press(SHORT_S), unit.press(SHORT_S))
        await heard.event("test")
        await heard.event("test")


async def test_death_of_the_emulator_pulls_the_plug_and_is_told(unit: AvrUnit) -> None:
    with ear(unit.port, unit.profile) as heard:
        os.kill(unit.chip.pid, signal.SIGKILL)
        with pytest.raises(serial.SerialException):
            await heard.event("sos")

    with pytest.raises(EmulatorDiedError, match="simavr was killed by signal 9") as caught:
        await unit.press(SHORT_S)
    assert "Start the emulated unit anew" in str(caught.value)
