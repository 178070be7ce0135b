"""Virtual radio that programs share: adapters over TCP, and the command that serves them."""

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from bumble.device import Device
from bumble.hci import Address

from simulator.bench.being.ble_button import BlePeripheral, BleVoice
from simulator.bench.being.ble_identity import ble_identity, has_ble_form
from simulator.bench.being.voices import open_voice
from simulator.bench.emulate.air import OUR_ADDRESS, Air
from simulator.bench.emulate.hci_door import hci_door
from simulator.bench.links import AdvertLink, Aim, Chunk, GattLink, LinkReason, open_radio
from simulator.bench.links.dongle import radio_of
from simulator.bench.links.hci import hci_transport
from simulator.profile import Wire, load
from tests.bench.conftest import PATIENCE_S, opened

ADVERTS = Wire(service_data="fcd2")
GATT = Wire(service="ffe0", notify=["ffe1"], write="ffe2")
BUTTON = "F0:00:00:00:00:01"


class Dead:
    """The place of a program that was killed."""

    def on_packet(self, packet: bytes) -> None:
        """Take what the adapter says, and do nothing."""


async def test_an_adapter_over_tcp_is_in_the_space() -> None:
    """To hear with, by the option of a dongle, and to be a device with."""
    air = Air()
    async with (
        hci_door(air) as transport,
        open_radio(f"bumble:{transport}") as radio,
        hci_transport(transport) as hci,
    ):
        device = Device.with_hci("x", Address(BUTTON), hci.source, hci.sink)
        button = BlePeripheral(device, ADVERTS, name="X")
        await button.start()
        async with opened(AdvertLink(Aim(BUTTON, ADVERTS), radio)) as log:
            await button.say(b"hello")
            await log.until_bytes(5)
        await button.stop()

    assert log.data[:5] == b"hello"


async def test_who_was_connected_is_told_when_the_program_ends() -> None:
    """A killed program's adapter is out of the space, as one that was carried away."""
    air = Air()
    central = air.device("central", OUR_ADDRESS)
    await central.power_on()
    async with hci_door(air) as transport:
        async with hci_transport(transport) as hci:
            device = Device.with_hci("x", Address(BUTTON), hci.source, hci.sink)
            button = BlePeripheral(device, GATT, name="X")
            await button.start()
            link = GattLink(Aim(BUTTON, GATT), radio_of(central))
            await link.open()
            hci.source.set_packet_sink(Dead())  # the program is killed: it does nothing any more
        happenings = link.happenings()
        async with asyncio.timeout(PATIENCE_S):
            told = [await anext(happenings), await anext(happenings)]
        await link.close()

    assert getattr(told[1], "reason", None) is LinkReason.LOST
    assert len(air.link.controllers) == 1


async def test_a_reset_ends_what_the_program_before_was_at() -> None:
    """An adapter that was left advertising is silent for its next user."""
    air = Air()
    central = air.device("central", OUR_ADDRESS)
    await central.power_on()
    adapter = air.device("button", BUTTON)
    left = BlePeripheral(adapter, ADVERTS, name="X")
    await left.start()
    await left.say(b"old")

    await adapter.host.reset()
    async with opened(AdvertLink(Aim("any", ADVERTS), radio_of(central))) as log:
        await BlePeripheral(
            other := air.device("other", "F0:00:00:00:00:02"), ADVERTS, name="Y"
        ).start()
        await BlePeripheral(other, ADVERTS, name="Y").say(b"new")
        await log.until_bytes(9)

    assert {log.data[at : at + 3] for at in range(0, 9, 3)} == {b"new"}


def test_a_unit_has_one_address_and_name_in_every_run() -> None:
    """Its serial, where that is a radio address; else one of the static random kind."""
    shelly, avr = load("shelly-blu-button1"), load("aurasim-avr-button")

    assert ble_identity(shelly, "A4C138B1E001") == ("A4:C1:38:B1:E0:01", "SBBT-E001")
    first, again, second = (ble_identity(avr, one) for one in ("AB12F00D", "AB12F00D", "AB12F00E"))
    assert first == again != second
    assert first.name == "AURA-F00D"
    assert int(first.address[:2], 16) & 0xC0 == 0xC0
    assert [has_ble_form(load(name)) for name in ("shelly-blu-button1", "gt06")] == [True, False]


def test_the_command_says_how_to_hear_and_how_to_be(needs: Callable[..., None]) -> None:
    """And a device that joins it is heard by `bench ports`; SIGTERM ends it."""
    needs("ble")
    command = [sys.executable, "-m", "simulator.cli", "bench"]
    with subprocess.Popen(
        [*command, "air"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as air:
        assert air.stdout
        told = ""
        while "Ctrl-C ends it." not in told:
            line = air.stdout.readline()
            assert line, told
            told += line
        bus = re.search(r"export (DBUS_SYSTEM_BUS_ADDRESS)=(\S+)", told)
        door = re.search(r"--port (tcp-client:\S+)", told)
        air.send_signal(signal.SIGTERM)
        rest, _ = air.communicate(timeout=PATIENCE_S)

    assert bus is not None
    assert door is not None
    assert "Traceback" not in rest
    assert air.returncode == 4


def test_a_port_that_is_taken_is_told(needs: Callable[..., None]) -> None:
    """With what to take in its place."""
    needs("ble")
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "simulator.cli",
                "bench",
                "air",
                "--port",
                str(taken.getsockname()[1]),
            ],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    assert done.returncode == 3
    assert "Take another --port" in done.stderr


@pytest.mark.parametrize("size", [0, 5])
async def test_an_advertiser_is_silent_until_it_has_something_to_say(size: int) -> None:
    """As a button is that nobody pressed."""
    air = Air()
    device = air.device("x", BUTTON)
    button = BlePeripheral(device, ADVERTS, name="X")

    await button.start()
    if size:
        await button.say(bytes(size))

    assert device.is_advertising == bool(size)
    await button.hush()
    assert not device.is_advertising


async def test_an_emulated_advertiser_says_its_event_in_a_burst() -> None:
    """As its profile says, at the address of its serial; and then it is silent."""
    air, shelly = Air(), load("shelly-blu-button1")
    central = air.device("central", OUR_ADDRESS)
    await central.power_on()
    link = AdvertLink(Aim("any", shelly.wire), radio_of(central))
    async with (
        hci_door(air) as transport,
        open_voice(f"ble:{transport}", shelly, lambda _: None, serial="A4C138000007") as voice,
        opened(link) as log,
    ):
        assert isinstance(voice, BleVoice)
        await voice.say(bytes.fromhex("44000001633a01"))
        await voice.until_silent()
        heard = [one for one in log.seen if isinstance(one, Chunk)]

    assert voice.where == "--ble A4:C1:38:00:00:07"
    assert {one.address for one in heard} == {"A4:C1:38:00:00:07"}
    assert 0 < len(heard) <= 22  # virtual adapters say each twice, to who scans actively
