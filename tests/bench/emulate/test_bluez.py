"""Our `org.bluez` against the words of BlueZ, asked over D-Bus as any program would."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest
from bumble.core import AdvertisingData
from bumble.device import Device
from bumble.gatt import Characteristic, CharacteristicValue, Service
from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from simulator.bench.emulate.air import Air, bluez_in
from simulator.bench.links.agent import pairing_agent
from simulator.bench.links.radio import full_uuid

ADAPTER = "/org/bluez/hci0"
DEVICE = f"{ADAPTER}/dev_F0_A5_5A_00_00_0C"
ADDRESS = "F0:A5:5A:00:00:0C"
PATIENCE_S = 30.0


@dataclass(slots=True)
class Caller:
    """A program on the bus, and all signals that it heard."""

    bus: MessageBus
    address: str
    device: Device
    signals: list[Message]
    written: asyncio.Queue[bytes]
    _news: asyncio.Event

    async def call(self, path: str, name: str, signature: str = "", *body: object) -> Message:
        """Call a method such as `Device1.Connect`."""
        short, _, member = name.partition(".")
        standard = short in ("Properties", "ObjectManager", "DBus")
        interface = f"org.freedesktop.DBus.{short}" if standard else f"org.bluez.{short}"
        reply = await self.bus.call(
            Message(
                destination="org.bluez",
                path=path,
                interface=interface,
                member=member,
                signature=signature,
                body=list(body),
            )
        )
        assert reply
        return reply

    async def error(self, path: str, name: str, signature: str = "", *body: object) -> str:
        """Return the name of the error that a call must lead to."""
        reply = await self.call(path, name, signature, *body)
        assert reply.message_type is MessageType.ERROR, reply.body
        return str(reply.error_name).rpartition(".")[2]

    async def names(self) -> set[str]:
        """Return the names of all connections to the bus."""
        bus = "org.freedesktop.DBus"
        reply = await self.bus.call(Message(bus, "/org/freedesktop/DBus", bus, "ListNames"))
        assert reply
        return {name for name in reply.body[0] if name.startswith(":")}

    async def objects(self) -> dict[str, dict[str, dict[str, Variant]]]:
        """Return what is on the bus."""
        reply = await self.call("/", "ObjectManager.GetManagedObjects")
        found: dict[str, dict[str, dict[str, Variant]]] = reply.body[0]
        return found

    async def until(self, is_it: Callable[[Message], bool]) -> Message:
        """Return a signal, heard already or to come."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for signal in self.signals:
                    if is_it(signal):
                        return signal
                self._news.clear()
                await self._news.wait()

    async def until_changed(self, name: str, value: object) -> None:
        """Wait until a property of the device is said to be so."""

        def is_it(signal: Message) -> bool:
            if signal.member != "PropertiesChanged" or signal.path != DEVICE:
                return False
            changed = signal.body[1].get(name)
            return changed is not None and changed.value == value

        await self.until(is_it)

    async def until_heard(self) -> None:
        """Scan until the device is on the bus."""
        assert not (await self.call(ADAPTER, "Adapter1.StartDiscovery")).body
        await self.until(lambda one: one.member == "InterfacesAdded" and one.body[0] == DEVICE)

    async def connect(self) -> dict[str, str]:
        """Connect, and return the paths of the attributes by their UUID."""
        await self.until_heard()
        await self.call(DEVICE, "Device1.Connect")
        await self.until_changed("ServicesResolved", True)
        return {
            properties["UUID"].value: path
            for path, interfaces in (await self.objects()).items()
            for properties in interfaces.values()
            if "/char" in path
        }


@pytest.fixture
async def caller(needs: Callable[..., None]) -> AsyncIterator[Caller]:
    needs("ble")
    air = Air()
    can = Characteristic.Properties
    device = air.device("CALLED", ADDRESS)
    silent: Characteristic[bytes] = Characteristic(
        "2A19", can.READ, Characteristic.READABLE, b"\x5b"
    )
    voice: Characteristic[bytes] = Characteristic(
        "FFE1", can.NOTIFY, Characteristic.READABLE, b"\x00"
    )
    written: asyncio.Queue[bytes] = asyncio.Queue()
    taken: CharacteristicValue[bytes] = CharacteristicValue(
        read=lambda _: b"", write=lambda _, data: written.put_nowait(bytes(data))
    )
    ear: Characteristic[bytes] = Characteristic(
        "FFE2", can.WRITE | can.WRITE_WITHOUT_RESPONSE, Characteristic.WRITEABLE, taken
    )
    device.add_services([Service("FFE0", [silent, voice, ear])])
    await device.power_on()
    said = [(AdvertisingData.FLAGS, b"\x06"), (AdvertisingData.COMPLETE_LOCAL_NAME, b"CALLED")]
    await device.start_advertising(
        advertising_data=bytes(AdvertisingData(said)),
        advertising_interval_min=30.0,
        advertising_interval_max=30.0,
    )
    async with bluez_in(air) as environment:
        address = environment["DBUS_SYSTEM_BUS_ADDRESS"]
        bus = await MessageBus(bus_address=address, bus_type=BusType.SYSTEM).connect()
        made = Caller(bus, address, device, [], written, asyncio.Event())

        def hear(message: Message) -> None:
            if message.message_type is MessageType.SIGNAL:
                made.signals.append(message)
                made._news.set()

        bus.add_message_handler(hear)
        await bus.call(
            Message(
                destination="org.freedesktop.DBus",
                path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus",
                member="AddMatch",
                signature="s",
                body=["type='signal',sender='org.bluez'"],
            )
        )
        yield made
        bus.disconnect()
    await device.power_off()


async def test_adapter_is_shown_as_a_central(caller: Caller) -> None:
    adapter = (await caller.objects())[ADAPTER]["org.bluez.Adapter1"]

    assert adapter["Powered"].value is True
    assert adapter["Roles"].value == ["central"]


async def test_device_is_shown_with_what_it_advertises(caller: Caller) -> None:
    await caller.until_heard()

    device = (await caller.objects())[DEVICE]["org.bluez.Device1"]

    assert device["Address"].value == ADDRESS
    assert device["AddressType"].value == "random"
    assert device["Alias"].value == device["Name"].value == "CALLED"
    assert device["Connected"].value is False


async def test_strength_is_forgotten_when_a_scan_ends(caller: Caller) -> None:
    """bleak waits for it to come back, to know that a device was heard anew."""
    await caller.until_heard()

    await caller.call(ADAPTER, "Adapter1.StopDiscovery")
    await caller.until(lambda one: one.path == DEVICE and one.body[-1] == ["RSSI"])

    assert "RSSI" not in (await caller.objects())[DEVICE]["org.bluez.Device1"]
    assert await caller.error(ADAPTER, "Adapter1.StopDiscovery") == "Failed"


async def test_attributes_have_the_places_that_bluez_gives_them(caller: Caller) -> None:
    found = await caller.connect()

    assert set(found) >= {full_uuid("2a19"), full_uuid("ffe1")}
    place = rf"{DEVICE}/service[0-9a-f]{{4}}/char[0-9a-f]{{4}}(/desc[0-9a-f]{{4}})?"
    assert all(re.fullmatch(place, path) for path in found.values())


async def test_value_is_read_and_notified(caller: Caller) -> None:
    found = await caller.connect()
    voice = found[full_uuid("ffe1")]

    battery = await caller.call(
        found[full_uuid("2a19")], "GattCharacteristic1.ReadValue", "a{sv}", {}
    )
    await caller.call(voice, "GattCharacteristic1.StartNotify")
    for service in caller.device.gatt_server.attributes:
        if isinstance(service, Characteristic) and service.uuid.to_hex_str() == "FFE1":
            await caller.device.notify_subscribers(service, b"pressed")
    signal = await caller.until(lambda one: one.path == voice and "Value" in one.body[1])
    again = await caller.error(voice, "GattCharacteristic1.StartNotify")
    await caller.call(voice, "GattCharacteristic1.StopNotify")

    assert bytes(battery.body[0]) == b"\x5b"
    assert bytes(signal.body[1]["Value"].value) == b"pressed"
    assert again == "InProgress"
    assert await caller.error(voice, "GattCharacteristic1.StopNotify") == "Failed"


async def test_drop_takes_the_services_away(caller: Caller) -> None:
    found = await caller.connect()

    for connection in tuple(caller.device.connections.values()):
        await connection.disconnect()
    await caller.until_changed("Connected", False)

    assert not [path for path in await caller.objects() if "/service" in path]
    path = found[full_uuid("2a19")]
    name = "GattCharacteristic1.ReadValue"
    assert await caller.error(path, name, "a{sv}", {}) == "UnknownObject"


async def test_device_that_left_cannot_be_connected_to(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.bench.emulate.bluez.service.CONNECT_S", 0.2)
    await caller.until_heard()
    await caller.device.stop_advertising()

    reply = await caller.call(DEVICE, "Device1.Connect")

    assert reply.error_name == "org.bluez.Error.Failed"
    assert reply.body == ["le-connection-abort-by-local"]


async def test_connecting_twice_is_connecting_once(caller: Caller) -> None:
    await caller.connect()

    reply = await caller.call(DEVICE, "Device1.Connect")
    await caller.call(DEVICE, "Device1.Disconnect")
    await caller.until_changed("Connected", False)

    assert reply.message_type is MessageType.METHOD_RETURN
    assert not caller.device.connections


async def test_value_is_written_in_both_ways(caller: Caller) -> None:
    path = (await caller.connect())[full_uuid("ffe2")]

    for kind in ("request", "command"):
        options = {"type": Variant("s", kind)}
        reply = await caller.call(
            path, "GattCharacteristic1.WriteValue", "aya{sv}", kind.encode(), options
        )
        assert reply.message_type is MessageType.METHOD_RETURN
        async with asyncio.timeout(PATIENCE_S):
            assert await caller.written.get() == kind.encode()


async def test_what_bluez_refuses_is_refused(caller: Caller) -> None:
    found = await caller.connect()
    battery = found[full_uuid("2a19")]

    assert await caller.error(battery, "GattCharacteristic1.StartNotify") == "NotSupported"
    assert await caller.error(DEVICE, "Device1.Dance") == "UnknownMethod"
    assert await caller.error(f"{ADAPTER}/dev_00", "Device1.Connect") == "UnknownObject"
    assert await caller.error(DEVICE, "Adapter1.StartDiscovery") == "UnknownInterface"
    assert await caller.error(DEVICE, "Properties.Get", "ss", "org.bluez.Device1", "Size") == (
        "UnknownProperty"
    )
    assert await caller.error(DEVICE, "Device1.Pair") == "AuthenticationFailed"
    assert await caller.error("/org/bluez", "AgentManager1.RequestDefaultAgent", "o", "/a") == (
        "DoesNotExist"
    )


@pytest.mark.parametrize(
    ("question", "error"),
    [
        (("RequestAuthorization", "o", [DEVICE]), None),
        (("RequestConfirmation", "ou", [DEVICE, 123456]), None),
        (("Cancel", "", []), None),
        (("RequestAuthorization", "o", [f"{ADAPTER}/dev_F0_A5_5A_00_00_0D"]), "Rejected"),
        (("RequestPasskey", "o", [DEVICE]), "Rejected"),
        (("RequestPinCode", "o", [DEVICE]), "Rejected"),
    ],
)
async def test_agent_consents_to_the_device_that_is_meant(
    caller: Caller,
    monkeypatch: pytest.MonkeyPatch,
    question: tuple[str, str, list[object]],
    error: str | None,
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", caller.address)
    known = await caller.names()
    member, signature, body = question

    async with pairing_agent(ADDRESS) as asked:
        (agent,) = await caller.names() - known
        message = Message(agent, "/aurasim/agent", "org.bluez.Agent1", member)
        message.signature, message.body = signature, body
        reply = await caller.bus.call(message)

    assert reply
    assert asked == [member]
    assert reply.error_name == (error and f"org.bluez.Error.{error}")


async def test_device_can_be_removed(caller: Caller) -> None:
    await caller.connect()
    await caller.call(ADAPTER, "Adapter1.StopDiscovery")

    await caller.call(ADAPTER, "Adapter1.RemoveDevice", "o", DEVICE)

    assert [path for path in await caller.objects() if path.startswith(DEVICE)] == []
    assert await caller.error(ADAPTER, "Adapter1.RemoveDevice", "o", DEVICE) == "DoesNotExist"


async def test_properties_can_be_asked_and_set(caller: Caller) -> None:
    every = await caller.call(ADAPTER, "Properties.GetAll", "s", "org.bluez.Adapter1")
    await caller.call(
        ADAPTER, "Properties.Set", "ssv", "org.bluez.Adapter1", "Alias", Variant("s", "bench")
    )
    alias = await caller.call(ADAPTER, "Properties.Get", "ss", "org.bluez.Adapter1", "Alias")

    assert every.body[0]["Alias"].value == "aurasim"
    assert alias.body[0].value == "bench"
