"""Scenarios of BLE: what must hold with any Bluetooth. Three kinds run them unchanged.

They are bleak on bumble, bleak's BlueZ code on our `org.bluez`, and the same on genuine bluetoothd.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from bleak import BleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakError
from bumble.att import ATT_Error, ErrorCode
from bumble.core import AdvertisingData
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.pairing import PairingConfig

from simulator.bench.emulate.air import Air
from simulator.bench.emulate.ble_avr import HM10, BleAvrUnit
from simulator.bench.emulate.ble_avr import unit_in as avr_in
from simulator.bench.emulate.ble_button import unit_in as button_in
from simulator.bench.links import (
    Address,
    Chunk,
    Happening,
    Link,
    LinkDown,
    LinkError,
    LinkReason,
    LinkUp,
    Radio,
    link_to,
)
from simulator.bench.links.agent import pairing_agent
from simulator.bench.links.aim import Aim
from simulator.bench.links.gatt import GattLink
from simulator.codec import FrameError
from simulator.frame import Value
from simulator.profile import Wire, codec_of, load

PATIENCE_S = 60.0
HOLD_S = 0.6
SPEED = 4.0
_UNREADABLE, _PAIRED, _LEAVING = (f"F0:A5:5A:00:00:0{digit}" for digit in "9AB")


@dataclass(frozen=True, slots=True)
class Near:
    """A machine with Bluetooth, and the space around it."""

    air: Air
    radio: Radio
    environment: Mapping[str, str] = field(default_factory=dict)


class Hearing:
    """What a link brings, in frames of a profile."""

    def __init__(self, link: Link, profile: str) -> None:
        self.link = link
        self._happenings = link.happenings()
        self._codec = codec_of(load(profile))
        self._framer = self._codec.framer()
        self._waiting: list[bytes] = []

    async def next(self) -> Happening:
        """Return what happens next."""
        async with asyncio.timeout(PATIENCE_S):
            return await anext(self._happenings)

    async def until(self, kind: type[LinkUp] | type[LinkDown]) -> None:
        """Wait for the link to come or to go."""
        while not isinstance(await self.next(), kind):
            pass

    async def frame(self) -> dict[str, Value]:
        """Return the next frame; pieces are put together, torn lines are left out."""
        while True:
            while self._waiting:
                try:
                    return self._codec.decode(self._waiting.pop(0))
                except FrameError:
                    continue
            happening = await self.next()
            if isinstance(happening, Chunk) and self._framer and not happening.is_whole:
                self._waiting += self._framer.feed(happening.data)
            elif isinstance(happening, Chunk):
                self._waiting.append(happening.data)

    async def event(self, name: str) -> dict[str, Value]:
        """Return the next frame that tells of an event."""
        while (values := await self.frame()).get("event") != name:
            pass
        return values

    async def acknowledge(self, values: Mapping[str, Value]) -> None:
        """Answer a frame as its profile says."""
        reply = self._codec.reply(self._codec.encode(values))
        assert reply
        await self.link.send(reply)


@asynccontextmanager
async def heard(link: Link, profile: str) -> AsyncIterator[Hearing]:
    """Open a link and listen."""
    await link.open()
    try:
        yield Hearing(link, profile)
    finally:
        await link.close()


@asynccontextmanager
async def avr(near: Near, wire: Wire | None = None) -> AsyncIterator[tuple[BleAvrUnit, Hearing]]:
    """Run our firmware behind a BLE module, and be connected to it."""
    async with avr_in(near.air, near.environment, speed=SPEED, wire=wire) as unit:
        aim = Aim(unit.ble, wire or load(unit.profile).wire)
        async with heard(GattLink(aim, near.radio, find_s=PATIENCE_S), unit.profile) as hearing:
            yield unit, hearing


async def firmware_answers_in_pieces(near: Near) -> None:
    async with avr(near) as (unit, hearing):
        await hearing.link.send(b"\nID\n")
        while (answer := await hearing.frame())["message"] != "identity":
            pass

        assert answer["serial"] == unit.serial


async def press_is_heard_and_acknowledged(near: Near) -> None:
    async with avr(near) as (unit, hearing):
        await unit.press(HOLD_S)
        sos = await hearing.event("sos")
        await hearing.acknowledge(sos)
        await unit.chip.lights.shows("B4", True)

        assert sos["serial"] == unit.serial


async def ten_presses_come_once_each(near: Near) -> None:
    async with avr(near) as (unit, hearing):
        sequences: list[Value] = []
        for _ in range(10):
            await unit.press(HOLD_S)
            while (sos := await hearing.event("sos"))["sequence"] in sequences:
                pass
            await hearing.acknowledge(sos)
            sequences.append(sos["sequence"])

        first = sequences[0]
        assert isinstance(first, int)
        assert sequences == list(range(first, first + 10))


async def battery_is_told(near: Near) -> None:
    async with avr(near) as (unit, hearing):
        await unit.battery(2400)
        millivolts = (await hearing.event("battery"))["battery_mv"]

        assert isinstance(millivolts, int)
        assert abs(millivolts - 2400) <= 10


async def link_that_is_lost_comes_back(near: Near) -> None:
    """What was pressed meanwhile arrives: the firmware repeats it."""
    async with avr(near) as (unit, hearing):
        await hearing.until(LinkUp)
        await unit.unplug()
        await hearing.until(LinkDown)
        await unit.press(HOLD_S)
        await unit.plug()
        await hearing.until(LinkUp)
        sos = await hearing.event("sos")

        assert sos["serial"] == unit.serial
        assert hearing.link.counts.returns == 1


async def one_characteristic_serves_both_ways(near: Near) -> None:
    async with avr(near, HM10) as (unit, hearing):
        await hearing.link.send(b"\nID\n")
        while (answer := await hearing.frame())["message"] != "identity":
            pass

        assert answer["serial"] == unit.serial


async def advertised_press_is_heard_without_connection(near: Near) -> None:
    async with button_in(near.air, near.environment) as unit:
        link = link_to(Address(ble=unit.ble), load(unit.profile), near.radio)
        async with heard(link, unit.profile) as hearing:
            await unit.battery(2500)
            await unit.press(0.1)
            short = await hearing.frame()
            await unit.press(1.0)
            while (long := await hearing.frame()) == short:
                pass

    assert (short["buttons"], short["battery_percent"]) == (["short"], 50)
    assert long["buttons"] == ["long"]
    assert long["packet_id"] != short["packet_id"]


async def unreadable_value_is_an_error(near: Near) -> None:
    device = _button_with_secret(near.air, _UNREADABLE)
    await device.power_on()
    await _advertise(device)
    found = await _find(near, _UNREADABLE)

    async with near.radio.client(found, _nobody) as client:
        value = await client.read_gatt_char("ffe2")
        with pytest.raises(BleakError, match=r"(?i)read.not.permitted"):
            await client.read_gatt_char("ffe3")

    assert value == b"\x5b"
    await device.power_off()


async def connection_that_failed_does_no_harm(near: Near) -> None:
    """The device left between the scan and the connection; it comes back, and all is well."""
    device = _button_with_secret(near.air, _LEAVING)
    await device.power_on()
    await _advertise(device)
    found = await _find(near, _LEAVING)
    await device.stop_advertising()
    with pytest.raises((BleakError, TimeoutError)):
        await BleakClient(found, timeout=1.0, backend=near.radio.clients).connect()

    await _advertise(device)
    async with near.radio.client(await _find(near, _LEAVING), _nobody) as client:
        value = await client.read_gatt_char("ffe2")

    assert value == b"\x5b"
    await device.power_off()


async def missing_characteristic_is_named(near: Near) -> None:
    async with avr_in(near.air, near.environment, speed=SPEED) as unit:
        aim = Aim(unit.ble, Wire(notify=["1234"]))
        link = GattLink(aim, near.radio, find_s=PATIENCE_S)
        with pytest.raises(LinkError, match="no characteristic 1234") as caught:
            await link.open()

    assert caught.value.reason is LinkReason.WRONG_SETTINGS


async def device_that_is_not_there_is_missing(near: Near) -> None:
    link = GattLink(Aim("F0:00:00:00:0F:FF", Wire()), near.radio, find_s=0.5)

    with pytest.raises(LinkError) as caught:
        await link.open()

    assert caught.value.reason is LinkReason.MISSING


async def pairing_asks_for_consent_and_encrypts(near: Near) -> None:
    """BlueZ only: where nobody registered an agent, nobody consents; ours does."""
    device = _button_with_secret(near.air, _PAIRED, is_encrypted=True)
    await device.power_on()
    await _advertise(device)
    found = await _find(near, _PAIRED)
    with pytest.raises(BleakError, match="AuthenticationFailed"):
        async with near.radio.client(found, _nobody) as client:
            await client.pair()

    async with pairing_agent(_PAIRED), near.radio.client(found, _nobody) as client:
        await client.pair()
        value = await client.read_gatt_char("ffe2")
        links = tuple(device.connections.values())

        assert value == b"\x5b"
        assert [link.is_encrypted for link in links] == [True]
    await device.power_off()


SCENARIOS: tuple[Callable[[Near], Awaitable[None]], ...] = (
    firmware_answers_in_pieces,
    press_is_heard_and_acknowledged,
    ten_presses_come_once_each,
    battery_is_told,
    link_that_is_lost_comes_back,
    one_characteristic_serves_both_ways,
    advertised_press_is_heard_without_connection,
    unreadable_value_is_an_error,
    connection_that_failed_does_no_harm,
    missing_characteristic_is_named,
    device_that_is_not_there_is_missing,
)


def _button_with_secret(air: Air, address: str, *, is_encrypted: bool = False) -> Device:
    """Return a device with a value to read, and one that may only be written.

    Their UUIDs are nobody's: bluetoothd reads those it knows, such as a battery, by itself.
    """
    device = air.device("SECRET", address)
    can = Characteristic.Properties

    def refuse(connection: Connection) -> bytes:
        del connection
        raise ATT_Error(ErrorCode.READ_NOT_PERMITTED)

    secret: CharacteristicValue[bytes] = CharacteristicValue(read=refuse)
    may = Characteristic.READABLE
    if is_encrypted:
        may |= Characteristic.READ_REQUIRES_ENCRYPTION
        device.pairing_config_factory = lambda _: PairingConfig(sc=True, mitm=False, bonding=True)
    readable: Characteristic[bytes] = Characteristic("FFE2", can.READ, may, b"\x5b")
    unreadable: Characteristic[bytes] = Characteristic(
        "FFE3", can.READ | can.WRITE, Characteristic.READABLE, secret
    )
    device.add_service(Service("FFE0", [readable, unreadable]))
    return device


def _nobody(client: BleakClient) -> None:
    """Care not that a link was lost."""
    del client


async def _find(near: Near, address: str) -> BLEDevice:
    found: asyncio.Future[BLEDevice] = asyncio.get_running_loop().create_future()

    def hear(device: BLEDevice, said: AdvertisementData) -> None:
        del said
        if device.address == address and not found.done():
            found.set_result(device)

    async with near.radio.scanner(hear), asyncio.timeout(PATIENCE_S):
        return await found


async def _advertise(device: Device) -> None:
    await device.start_advertising(
        advertising_data=_advertisement(),
        advertising_interval_min=50.0,
        advertising_interval_max=50.0,
        auto_restart=True,
    )


def _advertisement() -> bytes:
    return bytes(AdvertisingData([(AdvertisingData.FLAGS, b"\x06")]))
