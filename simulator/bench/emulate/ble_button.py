"""A button that only advertises, as a Shelly BLU Button1: a burst of packets, then silence.

There is no firmware of it to run; the packets are made by the codec of its profile, and the radio
is virtual. What listens to them is bleak's own BlueZ code.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING

from simulator.bench.emulate.contract import EmulatedActError
from simulator.bench.emulate.needs import require, require_bumble
from simulator.frame import Kind
from simulator.profile import BleLink, Profile, codec_of, filled, load

if TYPE_CHECKING:
    from bumble.device import Device

    from simulator.bench.emulate.air import Air

PROFILE = "shelly-blu-button1"
SERIAL = "A4C138B1E001"
_NAME = "SBBT-002C"
_LONG_S = 0.8  # a longer hold is a long press, told while the finger is still down
_LONGEST_S = 600.0


class BleButtonUnit:
    """One unit."""

    port = None
    profile = PROFILE
    firmware = "none: BTHome v2 packets of a virtual button on bumble"

    def __init__(
        self, device: "Device", model: Profile, serial: str, environment: Mapping[str, str]
    ) -> None:
        self.serial = serial
        self.environment = environment
        self._device = device
        self._model = model
        self._link = _ble_link(model)
        self._percent = 100
        self._packet_id = 0
        self._in_range = True
        self._burst: asyncio.Task[None] | None = None

    @property
    def ble(self) -> str:
        """Its address."""
        return ":".join(self.serial[at : at + 2] for at in range(0, len(self.serial), 2))

    async def press(self, hold_s: float) -> None:
        """Hold the button so long; a long press is told before the finger is off."""
        if not 0 < hold_s <= _LONGEST_S:
            raise EmulatedActError(f"A finger can hold for up to 10 minutes, not {hold_s:g} s.")
        await asyncio.sleep(min(hold_s, _LONG_S))
        await self._say("long" if hold_s >= _LONG_S else "short")
        await asyncio.sleep(max(0.0, hold_s - _LONG_S))

    async def battery(self, millivolts: int) -> None:
        """Set the voltage of the cell; the next press tells it in percent."""
        cell = self._model.battery
        share = (millivolts - cell.empty_mv) / (cell.full_mv - cell.empty_mv)
        self._percent = round(100 * min(1.0, max(0.0, share)))

    async def unplug(self) -> None:
        """Leave the range of the radio; what is pressed now, nobody hears."""
        self._in_range = False
        await self.hush()

    async def plug(self) -> None:
        """Come back."""
        self._in_range = True

    async def watch(self) -> None:
        """Wait for ever: there is no program that could end."""
        await asyncio.Event().wait()

    async def hush(self) -> None:
        """End a burst, if one is on."""
        if self._burst is not None:
            self._burst.cancel()
            await asyncio.wait([self._burst])
            self._burst = None

    async def _say(self, gesture: str) -> None:
        self._packet_id = (self._packet_id + 1) % 256
        await self.hush()
        if self._in_range:
            frame = codec_of(self._model).encode(
                {
                    name: filled(value, self._facts(gesture))
                    for name, value in self._model.frames[Kind.PRESS].values.items()
                }
            )
            self._burst = asyncio.create_task(self._advertise(frame))

    def _facts(self, gesture: str) -> dict[str, str | int]:
        return {
            "packet_id": self._packet_id,
            "battery_percent": self._percent,
            "gesture": gesture,
        }

    async def _advertise(self, frame: bytes) -> None:
        interval_ms = 1000 * self._link.interval_s
        await self._device.start_advertising(
            advertising_data=_advertisement(frame, self._model.wire.service_data),
            advertising_interval_min=interval_ms,
            advertising_interval_max=interval_ms,
        )
        try:
            await asyncio.sleep(self._link.packets * self._link.interval_s)
        finally:
            await self._device.stop_advertising()


def _ble_link(model: Profile) -> BleLink:
    assert isinstance(model.link, BleLink)  # noqa: S101 - it is our own profile
    return model.link


def _advertisement(frame: bytes, service: str) -> bytes:
    from bumble.core import UUID, AdvertisingData

    said = [
        (AdvertisingData.FLAGS, b"\x06"),
        (AdvertisingData.SERVICE_DATA_16_BIT_UUID, UUID(service).to_bytes() + frame),
        (AdvertisingData.COMPLETE_LOCAL_NAME, _NAME.encode()),
    ]
    return bytes(AdvertisingData(said))


@contextlib.asynccontextmanager
async def unit_in(
    air: "Air", environment: Mapping[str, str], *, serial: str = SERIAL
) -> AsyncIterator[BleButtonUnit]:
    """Run a unit in a space where somebody listens already."""
    address = ":".join(serial[at : at + 2] for at in range(0, len(serial), 2))
    device = air.device(_NAME, address)
    await device.power_on()
    unit = BleButtonUnit(device, load(PROFILE), serial, environment)
    try:
        yield unit
    finally:
        await unit.hush()
        await device.power_off()


@contextlib.asynccontextmanager
async def emulated(serial: str = SERIAL) -> AsyncIterator[BleButtonUnit]:
    """Run a unit next to a machine with Bluetooth of its own."""
    require("ble-button", "ble")
    require_bumble("ble-button")
    from simulator.bench.emulate.air import Air, bluez_in

    air = Air()
    async with bluez_in(air) as environment, unit_in(air, environment, serial=serial) as unit:
        yield unit
