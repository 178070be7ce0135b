"""The service on the bus: takes the calls of bleak, and answers as BlueZ does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

from bumble.core import BaseBumbleError, ProtocolError
from bumble.device import Advertisement, Device
from dbus_fast import BusType, Message, MessageFlag, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusError

from simulator.bench.emulate.bluez.peer import CONNECT_S, Peer, path_of
from simulator.bench.emulate.bluez.tree import ObjectTree, Properties
from simulator.bench.emulate.bluez.words import (
    ADAPTER,
    AGENT_MANAGER,
    BLUEZ,
    DEVICE,
    att_failed,
    failed,
)
from simulator.bench.links.heard import said_in

_HCI0 = "/org/bluez/hci0"
_UNKNOWN_METHOD = "org.freedesktop.DBus.Error.UnknownMethod"
_SHORT = 17

Answer: TypeAlias = tuple[str, list[object]]
_DONE: Answer = ("", [])


class BluezService:
    """One adapter, and the devices that it hears."""

    def __init__(self, bus: MessageBus, central: Device) -> None:
        self._bus = bus
        self._central = central
        self._tree = ObjectTree(bus.send)
        self._peers: dict[str, Peer] = {}
        self._scans = 0
        self._awaited: dict[str, asyncio.Future[None]] = {}
        self._connecting = asyncio.Lock()
        self._agents: set[tuple[str | None, str]] = set()
        self._calls: set[asyncio.Task[None]] = set()
        self._handlers: dict[str, Callable[[Message], Awaitable[Answer]]] = {
            "ObjectManager.GetManagedObjects": self._managed,
            "Properties.Get": self._get,
            "Properties.GetAll": self._get_all,
            "Properties.Set": self._set,
            "Adapter1.SetDiscoveryFilter": self._filter,
            "Adapter1.StartDiscovery": self._start_discovery,
            "Adapter1.StopDiscovery": self._stop_discovery,
            "Adapter1.RemoveDevice": self._remove,
            "AgentManager1.RegisterAgent": self._register,
            "AgentManager1.RequestDefaultAgent": self._default,
            "AgentManager1.UnregisterAgent": self._unregister,
            "Device1.Connect": self._connect,
            "Device1.Disconnect": self._disconnect,
            "Device1.Pair": self._pair,
            "GattCharacteristic1.ReadValue": self._read,
            "GattCharacteristic1.WriteValue": self._write,
            "GattCharacteristic1.StartNotify": self._notify,
            "GattCharacteristic1.StopNotify": self._hush,
            "GattDescriptor1.ReadValue": self._read,
            "GattDescriptor1.WriteValue": self._write,
        }

    async def start(self) -> None:
        """Show the adapter and take calls."""
        self._tree.add(BLUEZ_PATH, {AGENT_MANAGER: {}})
        self._tree.add(_HCI0, {ADAPTER: _adapter(str(self._central.random_address)[:_SHORT])})
        self._bus.add_message_handler(self._take)
        await self._bus.request_name(BLUEZ)
        self._central.on("advertisement", self._hear)

    async def stop(self) -> None:
        """Drop all connections and take no more calls."""
        self._central.remove_listener("advertisement", self._hear)
        self._bus.remove_message_handler(self._take)
        for call in tuple(self._calls):
            call.cancel()
        if self._calls:
            await asyncio.wait(tuple(self._calls))
        for peer in self._peers.values():
            with contextlib.suppress(BaseBumbleError):
                await peer.disconnect()

    def _hear(self, heard: Advertisement) -> None:
        if heard.is_scan_response:
            return  # bumble's controllers answer a scan with the advertisement once more
        path = path_of(_HCI0, heard.address)
        if path in self._awaited and not self._awaited[path].done():
            self._awaited[path].set_result(None)
        if not self._scans:
            return
        if path not in self._peers:
            self._peers[path] = Peer(self._tree, _HCI0, self._central, heard.address)
        self._peers[path].hear(said_in(heard))

    def _take(self, message: Message) -> bool | None:
        if message.message_type is not MessageType.METHOD_CALL:
            return None
        call = asyncio.create_task(self._answer(message))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        return True

    async def _answer(self, message: Message) -> None:
        try:
            signature, body = await self._call(message)
            reply = Message.new_method_return(message, signature, body)
        except DBusError as error:
            reply = Message.new_error(message, error.type, error.text)
        except ProtocolError as error:
            told = att_failed(error)
            reply = Message.new_error(message, told.type, told.text)
        except (BaseBumbleError, TimeoutError) as error:
            reply = Message.new_error(message, f"{BLUEZ}.Error.Failed", str(error) or "no answer")
        if not message.flags & MessageFlag.NO_REPLY_EXPECTED:
            await self._bus.send(reply)

    async def _call(self, message: Message) -> Answer:
        name = f"{(message.interface or '').rpartition('.')[2]}.{message.member}"
        if name not in self._handlers:
            raise DBusError(_UNKNOWN_METHOD, f"there is no method {name}")
        if message.path != "/" and message.interface and message.interface.startswith(BLUEZ):
            self._tree.properties(message.path or "", message.interface)
        return await self._handlers[name](message)

    async def _managed(self, message: Message) -> Answer:
        del message
        return "a{oa{sa{sv}}}", [dict(self._tree.objects)]

    async def _get(self, message: Message) -> Answer:
        interface, name = message.body
        return "v", [self._tree.value(message.path or "", interface, name)]

    async def _get_all(self, message: Message) -> Answer:
        return "a{sv}", [self._tree.properties(message.path or "", message.body[0])]

    async def _set(self, message: Message) -> Answer:
        interface, name, value = message.body
        self._tree.value(message.path or "", interface, name)
        self._tree.change(message.path or "", interface, {name: value})
        return _DONE

    async def _filter(self, message: Message) -> Answer:
        del message  # a filter saves power; there is none to save
        return _DONE

    async def _start_discovery(self, message: Message) -> Answer:
        del message
        self._scans += 1
        await self._listen()
        self._tree.change(_HCI0, ADAPTER, {"Discovering": Variant("b", True)})
        return _DONE

    async def _stop_discovery(self, message: Message) -> Answer:
        del message
        if not self._scans:
            raise failed("No discovery started")
        self._scans -= 1
        if not self._scans:
            await self._listen()
            self._tree.change(_HCI0, ADAPTER, {"Discovering": Variant("b", False)})
            for path in self._peers:  # as BlueZ does: how strong it was is known no more
                if path in self._tree.objects:
                    self._tree.forget(path, DEVICE, "RSSI")
        return _DONE

    async def _remove(self, message: Message) -> Answer:
        path = str(message.body[0])
        await self._peer(path).disconnect()
        del self._peers[path]
        self._tree.remove(path)
        return _DONE

    async def _register(self, message: Message) -> Answer:
        self._agents.add((message.sender, str(message.body[0])))
        return _DONE

    async def _default(self, message: Message) -> Answer:
        if (message.sender, str(message.body[0])) not in self._agents:
            raise failed("Does Not Exist", "DoesNotExist")
        return _DONE

    async def _unregister(self, message: Message) -> Answer:
        self._agents.discard((message.sender, str(message.body[0])))
        return _DONE

    async def _connect(self, message: Message) -> Answer:
        """Connect as Linux does: listen for the device, and connect once it is heard.

        Thus one that is gone does not hold up the others.
        """
        peer = self._peer(message.path)
        if not peer.is_connected:
            await self._until_heard(peer.path)
        async with self._connecting:
            await peer.connect()
        return _DONE

    async def _until_heard(self, path: str) -> None:
        if path in self._awaited:
            raise failed("Operation already in progress", "InProgress")
        self._awaited[path] = asyncio.get_running_loop().create_future()
        try:
            await self._listen()
            async with asyncio.timeout(CONNECT_S):
                await self._awaited[path]
        except TimeoutError as error:
            raise failed("le-connection-abort-by-local") from error
        finally:
            del self._awaited[path]
            await self._listen()

    async def _listen(self) -> None:
        """Have the radio on while somebody discovers, or waits for a device."""
        is_wanted = bool(self._scans or self._awaited)
        if is_wanted and not self._central.is_scanning:
            await self._central.start_scanning(active=True, filter_duplicates=False)
        elif not is_wanted and self._central.is_scanning:
            await self._central.stop_scanning()

    async def _disconnect(self, message: Message) -> Answer:
        peer = self._peer(message.path)
        waiting = self._awaited.get(peer.path)
        if waiting is not None and not waiting.done():
            waiting.set_exception(failed("le-connection-abort-by-local"))
        await peer.disconnect()
        return _DONE

    async def _pair(self, message: Message) -> Answer:
        if not self._agents:  # nobody to ask for consent
            raise failed("Authentication Failed", "AuthenticationFailed")
        await self._peer(message.path).pair()
        return _DONE

    async def _read(self, message: Message) -> Answer:
        value = await self._peer(message.path).read(message.path or "")
        return "ay", [value]

    async def _write(self, message: Message) -> Answer:
        data, options = message.body
        kind = options.get("type", Variant("s", "request")).value
        await self._peer(message.path).write(
            message.path or "", bytes(data), with_response=kind != "command"
        )
        return _DONE

    async def _notify(self, message: Message) -> Answer:
        await self._peer(message.path).notify(message.path or "")
        return _DONE

    async def _hush(self, message: Message) -> Answer:
        await self._peer(message.path).hush(message.path or "")
        return _DONE

    def _peer(self, path: str | None) -> Peer:
        device = (path or "").partition("/service")[0]
        if device not in self._peers:
            raise failed("Does Not Exist", "DoesNotExist")
        return self._peers[device]


BLUEZ_PATH = "/org/bluez"


def _adapter(address: str) -> Properties:
    return {
        "Address": Variant("s", address),
        "AddressType": Variant("s", "random"),
        "Name": Variant("s", "aurasim"),
        "Alias": Variant("s", "aurasim"),
        "Powered": Variant("b", True),
        "Discovering": Variant("b", False),
        "Roles": Variant("as", ["central"]),
        "UUIDs": Variant("as", []),
    }


@contextlib.asynccontextmanager
async def bluez_on(address: str, central: Device) -> AsyncIterator[None]:
    """Serve a bumble device that is switched on as the adapter `hci0` of a bus."""
    bus = await MessageBus(bus_address=address, bus_type=BusType.SYSTEM).connect()
    service = BluezService(bus, central)
    try:
        await service.start()
        yield
    finally:
        await service.stop()
        bus.disconnect()
