"""Virtual radio: bumble controllers that hear one another, and a machine with Bluetooth among them.

There is no loss and no distance in it, and everybody is heard at -50 dBm.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping

from bumble import hci, ll
from bumble.controller import Controller
from bumble.device import Device, DeviceConfiguration
from bumble.hci import Address
from bumble.link import LocalLink

from simulator.bench.emulate.bluez import bluez_on, private_bus

OUR_ADDRESS = "F1:A5:5A:00:00:02"


class AirController(Controller):
    """A controller that gives up, and begins anew, as real ones do.

    bumble's does not tell that an attempt to connect was given up: a host then waits for ever, and
    a kernel loses its way. Nor does its reset end what it is at.
    """

    def on_hci_reset_command(
        self, _command: hci.HCI_Reset_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Be silent and connected to nobody, as after power came on."""
        self.hush()
        for connection in tuple(self.le_connections.values()):
            gone = hci.HCI_ErrorCode.REMOTE_DEVICE_TERMINATED_CONNECTION_DUE_TO_POWER_OFF_ERROR
            connection.send_ll_control_pdu(ll.TerminateInd(gone))
        self.le_connections.clear()
        return super().on_hci_reset_command(_command)

    def hush(self) -> None:
        """End all advertisements."""
        self.le_legacy_advertiser.stop()
        for each in self.advertising_sets.values():
            each.stop()
        self.advertising_sets.clear()

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Give the attempt up, and say so once the command is answered."""
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        ended = hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
            connection_handle=0,
            role=hci.Role.CENTRAL,
            peer_address_type=pending.peer_address_type,
            peer_address=pending.peer_address,
            connection_interval=0,
            peripheral_latency=0,
            supervision_timeout=0,
            central_clock_accuracy=0,
        )
        asyncio.get_running_loop().call_soon(self.send_hci_packet, ended)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)


class Air:
    """A space; whoever is in it is heard by all others in it."""

    def __init__(self) -> None:
        self.link = _local_link()

    def device(self, name: str, address: str) -> Device:
        """Return a device in this space, not switched on yet."""
        controller = AirController(name, link=self.link)
        configuration = DeviceConfiguration(name=name, address=Address(address))
        return Device.from_config_with_hci(configuration, controller, controller)


def _local_link() -> LocalLink:
    made: Callable[[], LocalLink] = LocalLink  # its __init__ has no types
    return made()


@contextlib.asynccontextmanager
async def bluez_in(air: Air) -> AsyncIterator[Mapping[str, str]]:
    """Be a machine with BlueZ in a space; give the environment that leads bleak to it."""
    central = air.device("aurasim", OUR_ADDRESS)
    await central.power_on()
    try:
        async with private_bus() as address, bluez_on(address, central):
            yield {"DBUS_SYSTEM_BUS_ADDRESS": address}
    finally:
        await central.power_off()
