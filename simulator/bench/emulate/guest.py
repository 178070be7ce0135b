"""Genuine bluetoothd: Linux, its Bluetooth and BlueZ's daemon in a QEMU guest, on virtual radio.

Only these run in the guest, which is slow: bleak and the devices stay here. The guest's adapter is
a bumble controller in the space where the devices are; bleak speaks D-Bus with the guest over TCP.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from bumble import hci
from bumble.transport import open_transport
from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.auth import AuthExternal

from simulator.bench.emulate.air import Air, AirController
from simulator.bench.emulate.child import Child, EmulatorDiedError, child
from simulator.bench.emulate.initrd import initrd, kernel
from simulator.bench.emulate.needs import require

_BOOT_S = 150.0
_POWER_S = 60.0
_PAUSE_S = 0.1
_TRIES = 3  # a free port may be taken before QEMU has it
_HCI_PORT, _BUS_PORT = 6001, 6002  # of the relay, in the guest


@contextlib.asynccontextmanager
async def bluetoothd_in(air: Air) -> AsyncIterator[Mapping[str, str]]:
    """Be a Linux machine in a space; give the environment that leads bleak to it.

    Raises EmulatorMissingError where it cannot run, EmulatorDiedError where the guest does not.
    """
    require("bluetoothd", "bluetoothd")
    image, system = kernel(), await initrd()
    async with contextlib.AsyncExitStack() as stack:
        guest, hci_port, bus_port = await _booted(stack, image, system)
        transport = await stack.enter_async_context(
            await open_transport(f"tcp-client:127.0.0.1:{hci_port}")
        )
        controller = AirController(
            "bluetoothd", host_source=transport.source, host_sink=transport.sink, link=air.link
        )
        # without a public address, or BlueZ connects from it while the link sends from the other
        controller.le_features &= ~(
            hci.LeFeatureMask.LL_PRIVACY | hci.LeFeatureMask.LE_EXTENDED_ADVERTISING
        )
        await _power_on(guest, bus_port)
        yield {
            "DBUS_SYSTEM_BUS_ADDRESS": f"tcp:host=127.0.0.1,port={bus_port}",
            "BLEAK_DBUS_AUTH_UID": "0",
        }


async def _booted(
    stack: contextlib.AsyncExitStack, image: Path, system: Path
) -> tuple[Child, int, int]:
    """Boot a guest with two ports of its own on this machine."""
    for attempt in range(1, _TRIES + 1):
        ports = _free_port(), _free_port()
        guest = await stack.enter_async_context(child("QEMU", _command(image, system, *ports)))
        try:
            await guest.line("GUEST READY", within_s=_BOOT_S)
        except EmulatorDiedError as error:
            if attempt == _TRIES or "host forwarding" not in error.last_words:
                raise
        else:
            return guest, *ports
    raise AssertionError("unreachable")


def _command(image: Path, system: Path, hci_port: int, bus_port: int) -> list[str]:
    doors = "".join(
        f",hostfwd=tcp:127.0.0.1:{here}-:{there}"
        for here, there in ((hci_port, _HCI_PORT), (bus_port, _BUS_PORT))
    )
    words = ["qemu-system-x86_64", "-M", "q35", "-accel", "tcg,thread=multi", "-cpu", "qemu64"]
    words += ["-m", "256", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"]
    words += ["-kernel", str(image), "-initrd", str(system)]
    words += ["-append", "console=ttyS0 quiet panic=-1", "-serial", "stdio", "-monitor", "none"]
    return [*words, "-netdev", f"user,id=n{doors}", "-device", "virtio-net-pci,netdev=n,romfile="]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


async def _power_on(guest: Child, bus_port: int) -> None:
    """Wait for bluetoothd to have the adapter, and switch it on."""
    address = f"tcp:host=127.0.0.1,port={bus_port}"
    bus = MessageBus(bus_address=address, bus_type=BusType.SYSTEM, auth=AuthExternal(uid=0))
    answer = "nothing"
    try:
        async with asyncio.timeout(_POWER_S):
            await bus.connect()
            while True:
                reply = await bus.call(_switch_on())
                if reply is not None and reply.message_type is MessageType.METHOD_RETURN:
                    return
                answer = str(reply.body) if reply is not None else answer
                await asyncio.sleep(_PAUSE_S)
    except TimeoutError as error:
        how = f"showed no adapter within {_POWER_S:g} s; its bluetoothd says {answer}"
        raise EmulatorDiedError("QEMU", how, guest.last_words) from error
    finally:
        bus.disconnect()


def _switch_on() -> Message:
    return Message(
        destination="org.bluez",
        path="/org/bluez/hci0",
        interface="org.freedesktop.DBus.Properties",
        member="Set",
        signature="ssv",
        body=["org.bluez.Adapter1", "Powered", Variant("b", True)],
    )
