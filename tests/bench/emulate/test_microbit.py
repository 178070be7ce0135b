"""MicroPython on an emulated micro:bit, read through genuine pyserial."""

import os
import signal
from collections.abc import AsyncIterator, Callable

import pytest
import serial

from simulator.bench.emulate import EmulatedActError, emulated
from simulator.bench.emulate.child import EmulatorDiedError
from simulator.bench.emulate.microbit import MicrobitUnit
from simulator.frame import Value
from simulator.profile import load
from tests.bench.emulate.hearing import Ear, ear

HOLD_S = 1.0  # twice what is needed, for a machine that is busy
CANCEL_S = 3.0
BAUD = 115200


@pytest.fixture
async def unit(needs: Callable[..., None]) -> AsyncIterator[MicrobitUnit]:
    needs("microbit")
    async with emulated("microbit") as made:
        assert isinstance(made, MicrobitUnit)
        yield made


async def identity(heard: Ear) -> dict[str, Value]:
    """Ask the unit who it is."""
    heard.say(b'\n{"do":"id"}\n')
    return await heard.event("identity")


async def test_unit_says_who_it_is(unit: MicrobitUnit) -> None:
    with ear(unit.port, unit.profile, BAUD) as heard:
        answer = await identity(heard)

    assert answer["serial"] == unit.serial
    assert str(answer["firmware"]) in unit.firmware
    assert load(unit.profile).matches(unit.serial)


async def test_press_acknowledged_and_cancelled(unit: MicrobitUnit) -> None:
    with ear(unit.port, unit.profile, BAUD) as heard:
        await identity(heard)
        await unit.press(HOLD_S)
        sos = await heard.event("sos")
        heard.acknowledge()
        await unit.press(CANCEL_S)
        cancel = await heard.event("cancel")
        heard.acknowledge()

    assert sos["boot"] == cancel["boot"]
    assert isinstance(sos["sequence"], int)
    assert isinstance(cancel["sequence"], int)
    assert cancel["sequence"] > sos["sequence"]


async def test_press_is_repeated_until_it_is_acknowledged(unit: MicrobitUnit) -> None:
    with ear(unit.port, unit.profile, BAUD) as heard:
        await identity(heard)
        await unit.press(HOLD_S)
        first = await heard.event("sos")
        second = await heard.event("sos")

    assert second == {**first, "attempt": 2}


async def test_plug_can_be_pulled(unit: MicrobitUnit) -> None:
    with ear(unit.port, unit.profile, BAUD) as heard:
        await identity(heard)
        await unit.unplug()
        with pytest.raises(serial.SerialException):
            await heard.frame()
    await unit.plug()

    with ear(unit.port, unit.profile, BAUD) as heard:
        await identity(heard)


async def test_nonsense_is_refused_and_the_unit_lives(unit: MicrobitUnit) -> None:
    with ear(unit.port, unit.profile, BAUD) as heard:
        heard.say(b'\n{"do":"ack","sequence":x}\n')
        await heard.event("refused")
        await identity(heard)


async def test_there_is_no_battery(unit: MicrobitUnit) -> None:
    with pytest.raises(EmulatedActError, match="no battery to measure"):
        await unit.battery(2900)


@pytest.mark.parametrize("hold_s", [0.0, -1.0, 601.0])
async def test_finger_cannot_hold_for_ever(unit: MicrobitUnit, hold_s: float) -> None:
    with pytest.raises(EmulatedActError, match="up to 10 minutes"):
        await unit.press(hold_s)


async def test_death_of_qemu_pulls_the_plug_and_is_told(unit: MicrobitUnit) -> None:
    with ear(unit.port, unit.profile, BAUD) as heard:
        await identity(heard)
        os.kill(unit.pid, signal.SIGKILL)
        with pytest.raises(serial.SerialException):
            await heard.frame()

    with pytest.raises(EmulatorDiedError, match="QEMU was killed by signal 9"):
        await unit.press(HOLD_S)
