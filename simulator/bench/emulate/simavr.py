"""An ATmega with a program in it, executed instruction by instruction in simavr.

The program runs in a process of its own, `firmware/simavr_host.c`, built on first use. Its time is
the wall clock's as long as the machine keeps up; on a busy one the chip is late, never hasty.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from simulator.bench.emulate.child import Child, child
from simulator.bench.emulate.contract import EmulatedActError
from simulator.bench.emulate.needs import require
from simulator.bench.emulate.uart import Uart, uart
from simulator.bench.emulate.workshop import built

PANIC_BUTTON = "panic_button.c"
BUTTON = "D2"
LEDS = ("B5", "B4")
"""Of our own program: an alarm is on, the server has acknowledged it."""
_HIGHEST_MV = 5000
_START_S = 30.0
_PATIENCE = 10  # how many times slower than the clock a busy machine may be


class Chip:
    """A running chip: its UART, a finger on its button, its battery, its LEDs."""

    def __init__(self, host: Child, wire: Uart, lights: "Lights") -> None:
        self.uart = wire
        self.lights = lights
        self._host = host
        self._finger = asyncio.Lock()

    @property
    def pid(self) -> int:
        """Return the id of the process that the chip runs in."""
        return self._host.pid

    async def watch(self) -> None:
        """Wait for simavr to end, and raise EmulatorDiedError then."""
        await self._host.watch()

    async def press(self, hold_s: float) -> None:
        """Hold the button so long, in the time of the chip."""
        hold_ms = round(hold_s * 1000)
        if not 0 < hold_ms <= 600_000:
            raise EmulatedActError(f"A finger can hold for 1 ms to 10 minutes, not {hold_s:g} s.")
        async with self._finger:
            await self._host.ask(f"hold {hold_ms}")
            await self._host.line("released", within_s=_START_S + hold_s * _PATIENCE)

    async def battery(self, millivolts: int) -> None:
        """Set the voltage at the battery pin."""
        if not 0 <= millivolts <= _HIGHEST_MV:
            message = f"The chip measures 0 to {_HIGHEST_MV} mV, not {millivolts}."
            raise EmulatedActError(message)
        await self._host.ask(f"adc 0 {millivolts}")

    async def reset(self) -> None:
        """Pull the reset pin: the program starts again."""
        await self._host.ask("reset")


class Lights:
    """The LEDs of a chip, by pin."""

    def __init__(self) -> None:
        self._is_on: dict[str, bool] = {}
        self._changed = asyncio.Event()

    def is_on(self, pin: str) -> bool:
        """Return whether an LED is lit."""
        return self._is_on.get(pin, False)

    async def shows(self, pin: str, is_on: bool, *, within_s: float = 30.0) -> None:
        """Wait until an LED is lit, or dark; raise TimeoutError."""
        async with asyncio.timeout(within_s):
            while self.is_on(pin) is not is_on:
                self._changed.clear()
                await self._changed.wait()

    def hear(self, line: str) -> bool:
        """Take a line such as `led B5 1` of the host."""
        words = line.split()
        if len(words) != 3 or words[0] != "led":
            return False
        self._is_on[words[1]] = words[2] == "1"
        self._changed.set()
        return True


async def program() -> Path:
    """Return our panic button, compiled for the chip."""
    flags = ("-mmcu=atmega328p", "-Os", "-std=gnu11", "-Wall", "-Wextra", "-Werror")
    return await built(PANIC_BUTTON, ("avr-gcc", *flags))


@contextlib.asynccontextmanager
async def chip(
    *,
    serial: str = "",
    elf: Path | None = None,
    button: str = BUTTON,
    leds: Sequence[str] = LEDS,
    speed: float = 1.0,
) -> AsyncIterator[Chip]:
    """Run a program, ours if none is given; raise EmulatorMissingError where it cannot run.

    The time of the chip runs `speed` times as fast as the clock.
    """
    require("avr", "avr")
    host = await built(
        "simavr_host.c",
        ("gcc", "-O2", "-Wall", "-I/usr/include/simavr"),
        ("-lsimavr", "-lelf"),
    )
    elf = elf or await program()
    lights = Lights()
    with uart() as (ours, theirs):
        command = [str(host), str(elf), str(theirs.fileno()), button, f"{speed:g}", serial, *leds]
        async with child(
            "simavr", command, descriptors=[theirs.fileno()], hear=lights.hear
        ) as running:
            theirs.close()
            await running.line("ready", within_s=_START_S)
            yield Chip(running, ours, lights)
