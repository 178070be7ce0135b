"""BLE through bleak: advertisements, connection, notifications, a device that is carried away."""

import asyncio

import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
)

from simulator.bench.being.ble_button import BlePeripheral
from simulator.bench.links import (
    AdvertLink,
    Aim,
    GattLink,
    LinkError,
    LinkReason,
    Radio,
    link_error,
    open_radio,
)
from simulator.errors import InputError
from simulator.profile import Wire
from tests.bench.conftest import PATIENCE_S, Air, opened

_BUTTON = "F0:00:00:00:00:01"
_ADVERTS = Wire(service_data="fcd2")
_GATT = Wire(service="ffe0", notify=["ffe1"], write="ffe1")


async def test_advertisements_of_a_device_are_frames(air: Air) -> None:
    """Each new frame is heard, whole, with the address it came from; others are not."""
    mine = BlePeripheral(air.device(_BUTTON), _ADVERTS, name="SBBT")
    other = BlePeripheral(air.device("F0:00:00:00:00:02"), _ADVERTS, name="SBBT")
    await mine.start()
    await other.start()
    link = AdvertLink(Aim(_BUTTON, _ADVERTS), air.radio)

    async with opened(link) as log:
        await other.say(b"\x44\x00\x07")
        await mine.say(b"\x44\x00\x01")
        await log.until_bytes(3)
    await mine.stop()
    await other.stop()

    heard = log.seen[1]
    assert getattr(heard, "data", b"") == b"\x44\x00\x01"
    assert getattr(heard, "address", "") == _BUTTON
    assert getattr(heard, "is_whole", False)
    assert b"\x07" not in log.data


async def test_an_advertiser_cannot_be_written_to(air: Air) -> None:
    """The error says so."""
    link = AdvertLink(Aim("any", _ADVERTS), air.radio)

    async with opened(link):
        with pytest.raises(LinkError, match="cannot be written to"):
            await link.send(b"x")


async def test_notifications_arrive_in_order_and_in_pieces(air: Air) -> None:
    """A frame longer than a notification comes in pieces; the pieces are chunks."""
    button = BlePeripheral(air.device(_BUTTON), _GATT, name="HMSoft")
    await button.start()
    said = b"$PAURA,SOS,AB12F00D,2,3496,601*3B\r\n"

    async with opened(GattLink(Aim("HMSoft", _GATT), air.radio)) as log:
        for _ in range(20):
            await button.say(said)
        await log.until_bytes(20 * len(said))
    await button.stop()

    assert log.data == 20 * said


async def test_what_is_sent_is_written_to_the_device(air: Air) -> None:
    """A downlink goes to the characteristic that [wire] names."""
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    button = BlePeripheral(air.device(_BUTTON), _GATT, name="HMSoft", hear=heard.put_nowait)
    await button.start()
    link = GattLink(Aim(_BUTTON, _GATT), air.radio)

    async with opened(link):
        await link.send(b"ID?\n")
        said = await asyncio.wait_for(heard.get(), PATIENCE_S)
    await button.stop()

    assert said == b"ID?\n"


async def test_a_device_that_drops_the_link_is_found_again(air: Air) -> None:
    """The loss is told, the device is sought, and its notifications go on."""
    button = BlePeripheral(air.device(_BUTTON), _GATT, name="HMSoft")
    await button.start()
    link = GattLink(Aim(_BUTTON, _GATT), air.radio)

    async with opened(link) as log:
        await button.say(b"one")
        await log.until_bytes(3)
        await button.drop()
        await log.until_ups(2)
        await button.say(b"two")
        await log.until_bytes(6)
    await button.stop()

    assert log.data == b"onetwo"
    assert [down.reason for down in log.downs] == [LinkReason.LOST]
    assert (link.counts.losses, link.counts.returns) == (1, 1)


async def test_a_device_that_is_not_there_is_missing(air: Air) -> None:
    """The remedy says to wake it."""
    link = GattLink(Aim(_BUTTON, _GATT), air.radio, find_s=0.05)

    with pytest.raises(LinkError, match="not heard") as refused:
        await link.open()

    assert refused.value.reason is LinkReason.MISSING


async def test_a_characteristic_that_is_not_there_is_named(air: Air) -> None:
    """[wire] of the profile is wrong: that is said, not a timeout."""
    button = BlePeripheral(air.device(_BUTTON), _GATT, name="HMSoft")
    await button.start()
    wrong = Wire(notify=["abcd"])

    with pytest.raises(LinkError, match="abcd") as refused:
        await GattLink(Aim(_BUTTON, wrong), air.radio).open()
    await button.stop()

    assert refused.value.reason is LinkReason.WRONG_SETTINGS


async def test_a_machine_without_bluetooth_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Genuine bleak, no D-Bus: the adapter is off, and the remedy names the dongle."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")

    with pytest.raises(LinkError, match="bumble:usb:0") as refused:
        await AdvertLink(Aim("any", _ADVERTS), Radio()).open()

    assert refused.value.reason is LinkReason.ADAPTER_OFF


@pytest.mark.parametrize(
    "error",
    [
        BleakBluetoothNotAvailableError("off", BleakBluetoothNotAvailableReason.POWERED_OFF),
        BleakDBusError("org.bluez.Error.NotReady", []),
    ],
)
def test_an_adapter_that_is_off_is_told(error: Exception) -> None:
    """Both ways in which bleak says it."""
    assert link_error("any", error).reason is LinkReason.ADAPTER_OFF


async def test_a_dongle_that_is_not_there_is_told() -> None:
    """An HCI transport that cannot be opened is an adapter that is off."""
    with pytest.raises(LinkError) as refused:
        async with open_radio("bumble:serial:/nonexistent"):
            pass

    assert refused.value.reason is LinkReason.ADAPTER_OFF


async def test_a_backend_that_does_not_exist_is_refused() -> None:
    """What can be said is in the message."""
    with pytest.raises(InputError, match="bumble:usb:0"):
        async with open_radio("windows"):
            pass
