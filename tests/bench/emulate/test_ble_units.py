"""The emulated units on the radio, as the bench gets them: `emulated(...)` and an environment."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from dbus_fast import BusType, Message
from dbus_fast.aio import MessageBus

from simulator.bench.emulate import Emulated, EmulatedActError, EmulatorMissingError, emulated
from simulator.bench.emulate.ble_serial import PIECE_BYTES
from simulator.bench.links import Address, Chunk, Link, LinkDown, LinkUp, link_to
from simulator.codec import UPLINK
from simulator.frame import Value
from simulator.profile import BleLink, codec_of, load
from tests.bench.emulate.near import PATIENCE_S


async def _linked(unit: Emulated, monkeypatch: pytest.MonkeyPatch) -> Link:
    for name, value in unit.environment.items():
        monkeypatch.setenv(name, value)
    link = link_to(Address(ble=unit.ble), load(unit.profile))
    await link.open()
    return link


async def _chunks(link: Link, count: int) -> list[Chunk]:
    found: list[Chunk] = []
    async with asyncio.timeout(PATIENCE_S):
        async for happening in link.happenings():
            if isinstance(happening, Chunk):
                found.append(happening)
            if len(found) == count:
                break
    return found


@pytest.fixture
async def button(needs: Callable[..., None]) -> AsyncIterator[Emulated]:
    needs("ble")
    async with emulated("ble-button") as unit:
        yield unit


def _said(unit: Emulated, chunk: Chunk) -> dict[str, Value]:
    return codec_of(load(unit.profile)).decode(chunk.data, UPLINK)


async def test_press_is_one_burst_of_equal_packets(
    button: Emulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    radio = load(button.profile).link
    assert isinstance(radio, BleLink)
    link = await _linked(button, monkeypatch)

    await button.press(0.05)
    chunks = await _chunks(link, radio.packets)
    await button.press(0.05)
    (following,) = await _chunks(link, 1)
    await link.close()

    assert len({chunk.data for chunk in chunks}) == 1
    assert {chunk.address for chunk in chunks} == {button.ble}
    assert _said(button, chunks[0])["packet_id"] == 1
    assert _said(button, following)["packet_id"] == 2


async def test_press_out_of_range_is_heard_by_nobody(
    button: Emulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = await _linked(button, monkeypatch)

    await button.unplug()
    await button.press(0.05)
    await button.plug()
    await button.press(0.05)
    (chunk,) = await _chunks(link, 1)
    await link.close()

    assert _said(button, chunk)["packet_id"] == 2


@pytest.mark.parametrize("hold_s", [0.0, 601.0])
async def test_finger_cannot_hold_for_ever(button: Emulated, hold_s: float) -> None:
    with pytest.raises(EmulatedActError, match="up to 10 minutes"):
        await button.press(hold_s)


async def test_serial_is_the_address_and_of_its_profile(button: Emulated) -> None:
    assert button.ble
    assert button.serial == button.ble.replace(":", "")
    assert load(button.profile).matches(button.serial)


@pytest.fixture
async def firmware(needs: Callable[..., None]) -> AsyncIterator[Emulated]:
    needs("avr", "ble")
    async with emulated("ble-avr") as unit:
        yield unit


async def test_module_sends_no_piece_over_its_size(
    firmware: Emulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = await _linked(firmware, monkeypatch)

    await link.send(b"\nID\n")
    chunks = await _chunks(link, 2)
    await link.close()

    assert len(chunks[0].data) == PIECE_BYTES
    assert b"".join(chunk.data for chunk in chunks).startswith(b"$PAURI,AB12F00D")


async def test_lost_links_leave_no_connection_to_the_bus(
    firmware: Emulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each drop would otherwise cost a D-Bus connection, until the bus takes no more."""
    link = await _linked(firmware, monkeypatch)
    happenings = link.happenings()
    counts = []
    async with asyncio.timeout(PATIENCE_S):
        while not isinstance(await anext(happenings), LinkUp):
            pass
        for _ in range(3):
            await firmware.unplug()
            while not isinstance(await anext(happenings), LinkDown):
                pass
            await firmware.plug()
            while not isinstance(await anext(happenings), LinkUp):
                pass
            counts.append(await _connections(firmware))
    await link.close()

    assert len(set(counts)) == 1


async def _connections(unit: Emulated) -> int:
    address = unit.environment["DBUS_SYSTEM_BUS_ADDRESS"]
    bus = await MessageBus(bus_address=address, bus_type=BusType.SYSTEM).connect()
    reply = await bus.call(
        Message(
            destination="org.freedesktop.DBus",
            path="/org/freedesktop/DBus",
            interface="org.freedesktop.DBus",
            member="ListNames",
        )
    )
    bus.disconnect()
    assert reply
    return len(reply.body[0])


async def test_radio_without_bumble_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.bench.emulate.needs._is_here", lambda what: True)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    for kind in ("ble-button", "ble-avr"):
        with pytest.raises(EmulatorMissingError, match=r"pip install 'aurasim\[bench\]'"):
            async with emulated(kind):
                pass
