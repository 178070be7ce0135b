"""Virtual radio: bumble controllers that hear one another, and a machine with Bluetooth among them.

There is no loss and no distance in it, and everybody is heard at -50 dBm.
"""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping

from bumble.controller import Controller
from bumble.device import Device, DeviceConfiguration
from bumble.hci import Address
from bumble.link import LocalLink

from simulator.bench.emulate.bluez import bluez_on, private_bus

OUR_ADDRESS = "F1:A5:5A:00:00:02"


class Air:
    """A space; whoever is in it is heard by all others in it."""

    def __init__(self) -> None:
        self.link = _local_link()

    def device(self, name: str, address: str) -> Device:
        """Return a device in this space, not switched on yet."""
        controller = Controller(name, link=self.link)
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
