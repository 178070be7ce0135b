"""A panic button with an AVR on a serial port: real firmware, real button, real pyserial."""

import contextlib
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from simulator.bench.emulate.pty_port import PtyPort
from simulator.bench.emulate.simavr import Chip, chip

PROFILE = "aurasim-avr-button"
SERIAL = "AB12F00D"
_NAME = "ttyAURA0"


class AvrUnit:
    """One unit; `chip` has what the bench does not ask for: reset and LEDs."""

    ble = None
    environment: Mapping[str, str] = {}

    def __init__(self, running: Chip, port: PtyPort, *, profile: str, serial: str) -> None:
        self.chip = running
        self.profile = profile
        self.serial = serial
        self.firmware = "aurasim panic_button.c 1.0.0 on an ATmega328P in simavr"
        self._port = port

    @property
    def port(self) -> str:
        """The path of the port; it stays the same over unplug and plug."""
        return str(self._port.path)

    async def press(self, hold_s: float) -> None:
        """Hold the button so long, in the time of the chip."""
        await self.chip.press(hold_s)

    async def battery(self, millivolts: int) -> None:
        """Set the voltage of the battery, 0 to 5000 mV."""
        await self.chip.battery(millivolts)

    async def unplug(self) -> None:
        """Pull the plug; the unit runs on from its battery."""
        self._port.unplug()

    async def plug(self) -> None:
        """Put the plug back."""
        self._port.plug()


@contextlib.asynccontextmanager
async def emulated(
    serial: str = SERIAL,
    *,
    elf: Path | None = None,
    profile: str = PROFILE,
    speed: float = 1.0,
) -> AsyncIterator[AvrUnit]:
    """Run a unit of ours, or another program for the same pins together with its profile.

    Its time runs `speed` times as fast as the clock, for tests that need not wait.
    """
    with tempfile.TemporaryDirectory(prefix="aurasim-avr-") as folder:
        async with chip(serial=serial, elf=elf, speed=speed) as running:
            port = PtyPort(Path(folder) / _NAME, running.uart.write)
            running.uart.heard = port.write
            running.uart.ended = port.unplug
            port.plug()
            try:
                yield AvrUnit(running, port, profile=profile, serial=serial)
            finally:
                port.unplug()
