"""From what a person typed to a link: `--port` is a wire, `--ble` is a radio."""

from dataclasses import dataclass

from simulator.bench.links.adverts import AdvertLink
from simulator.bench.links.aim import Aim
from simulator.bench.links.contract import Link
from simulator.bench.links.gatt import GattLink
from simulator.bench.links.radio import SYSTEM, Radio
from simulator.bench.links.serial_port import SerialLink, SerialSettings
from simulator.errors import InputError
from simulator.profile import Profile


@dataclass(frozen=True, slots=True)
class Address:
    """Where a device is: a pyserial URL, or a BLE address or name; `baud` wins over [wire]."""

    port: str | None = None
    ble: str | None = None
    baud: int | None = None

    def __post_init__(self) -> None:
        if (self.port is None) == (self.ble is None):
            message = (
                "Say where the device is: --port (such as /dev/ttyUSB0) or --ble (an address or a "
                "name), one of them. `aurasim bench ports` lists what is there."
            )
            raise InputError(message)

    def __str__(self) -> str:
        return self.port or self.ble or ""


def link_to(address: Address, profile: Profile, radio: Radio = SYSTEM) -> Link:
    """Return the link, not yet open, by which a device of a model is reached."""
    wire = profile.wire
    if address.port is not None:
        return SerialLink(address.port, SerialSettings.of(wire, baud=address.baud))
    aim = Aim(address.ble or "any", wire)
    advertises = bool(wire.service_data) or wire.manufacturer is not None
    return AdvertLink(aim, radio) if advertises else GattLink(aim, radio)
