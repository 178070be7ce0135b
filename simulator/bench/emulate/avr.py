"""A panic button with an AVR on a serial port: real firmware, real button, real pyserial."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from simulator.bench.emulate.simavr import Chip, chip
from simulator.bench.emulate.wired import NO_ENVIRONMENT, Plug, plugged

PROFILE = "aurasim-avr-button"
SERIAL = "AB12F00D"
FIRMWARE = "aurasim panic_button.c 1.0.0 on an ATmega328P in simavr"


class AvrUnit:
    """One unit; `chip` has what the bench does not ask for: reset and LEDs."""

    ble = None
    environment = NO_ENVIRONMENT

    def __init__(
        self, running: Chip, plug: Plug, *, profile: str, serial: str, firmware: str
    ) -> None:
        self.chip = running
        self.profile = profile
        self.firmware = firmware
        self.serial = serial
        self._plug = plug

    @property
    def port(self) -> str:
        """The path of the port; it stays the same over unplug and plug."""
        return self._plug.path

    async def press(self, hold_s: float) -> None:
        """Hold the button so long, in the time of the chip."""
        await self.chip.press(hold_s)

    async def battery(self, millivolts: int) -> None:
        """Set the voltage of the battery, 0 to 5000 mV."""
        await self.chip.battery(millivolts)

    async def unplug(self) -> None:
        """Pull the plug; the unit runs on from its battery."""
        self._plug.pull()

    async def plug(self) -> None:
        """Put the plug back."""
        self._plug.put_back()

    async def watch(self) -> None:
        """Wait for the emulator to end, and raise EmulatorDiedError then."""
        await self.chip.watch()


@contextlib.asynccontextmanager
async def emulated(
    serial: str = SERIAL,
    *,
    elf: Path | None = None,
    profile: str = PROFILE,
    speed: float = 1.0,
) -> AsyncIterator[AvrUnit]:
    """Run a unit of ours, or another program for the same pins together with its profile.

    Our program finds its serial in the EEPROM; of another one it is only what we are told. The time
    of the chip runs `speed` times as fast as the clock, for tests that need not wait.
    """
    firmware = FIRMWARE if elf is None else f"{elf.name} on an AVR in simavr"
    async with chip(serial=serial if elf is None else "", elf=elf, speed=speed) as running:
        with plugged(running.uart) as plug:
            yield AvrUnit(running, plug, profile=profile, serial=serial, firmware=firmware)
