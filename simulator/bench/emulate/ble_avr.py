"""Our AVR panic button behind a BLE serial module: real firmware, read through bleak."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING

from simulator.bench.emulate.avr import FIRMWARE, PROFILE, SERIAL
from simulator.bench.emulate.needs import require, require_bumble
from simulator.bench.emulate.simavr import Chip, chip
from simulator.profile import Wire, load

if TYPE_CHECKING:
    from simulator.bench.emulate.air import Air
    from simulator.bench.emulate.ble_serial import BleSerial

HM10 = Wire(service="ffe0", notify=["ffe1"], write="ffe1", ble_name="HMSoft")
"""The other usual module, for those who want it."""
_ADDRESS = "F0:A5:5A:00:00:01"


class BleAvrUnit:
    """One unit; `environment` leads bleak to the machine that it is near of."""

    port = None
    profile = PROFILE
    firmware = f"{FIRMWARE}, behind a virtual BLE serial module"

    def __init__(
        self, running: Chip, module: "BleSerial", serial: str, environment: Mapping[str, str]
    ) -> None:
        self.chip = running
        self.serial = serial
        self.environment = environment
        self._module = module

    @property
    def ble(self) -> str:
        """The address of the module."""
        return self._module.address

    async def press(self, hold_s: float) -> None:
        """Hold the button so long, in the time of the chip."""
        await self.chip.press(hold_s)

    async def battery(self, millivolts: int) -> None:
        """Set the voltage of the battery, 0 to 5000 mV."""
        await self.chip.battery(millivolts)

    async def unplug(self) -> None:
        """Leave the range of the radio; the unit runs on."""
        await self._module.vanish()

    async def plug(self) -> None:
        """Come back."""
        await self._module.appear()

    async def watch(self) -> None:
        """Wait for the emulator to end, and raise EmulatorDiedError then."""
        await self.chip.watch()


@contextlib.asynccontextmanager
async def unit_in(
    air: "Air",
    environment: Mapping[str, str],
    *,
    serial: str = SERIAL,
    wire: Wire | None = None,
    speed: float = 1.0,
) -> AsyncIterator[BleAvrUnit]:
    """Run a unit in a space where somebody listens already."""
    from simulator.bench.emulate.ble_serial import on_air

    wire = wire or load(PROFILE).wire
    async with chip(serial=serial, speed=speed) as running:
        device = air.device(wire.ble_name, _ADDRESS)
        async with on_air(device, running.uart, wire) as module:
            yield BleAvrUnit(running, module, serial, environment)


@contextlib.asynccontextmanager
async def emulated(serial: str = SERIAL) -> AsyncIterator[BleAvrUnit]:
    """Run a unit next to a machine with Bluetooth of its own."""
    require("ble-avr", "avr", "ble")
    require_bumble("ble-avr")
    from simulator.bench.emulate.air import Air, bluez_in

    air = Air()
    async with bluez_in(air) as environment, unit_in(air, environment, serial=serial) as unit:
        yield unit
