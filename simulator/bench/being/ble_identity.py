"""Who a device of a model is on the radio: its address and the name that it advertises.

A model that is known by its radio address, as BLE buttons are, has its serial as the address: what
it encrypts is bound to it. Others have an address of the static random kind, made of model and
serial, so that a unit has the same one in every run.
"""

import hashlib
import re
from typing import NamedTuple

from simulator.profile import Profile

_RADIO_ADDRESS = re.compile(r"[0-9A-Fa-f]{12}")
_STATIC = 0xC0  # the two bits by which a static random address is known
_TAIL = 4  # characters of the serial, in the name


class BleIdentity(NamedTuple):
    """An address such as `A4:C1:38:00:00:01`, and a name such as `SBBT-0001`."""

    address: str
    name: str


def ble_identity(profile: Profile, serial: str) -> BleIdentity:
    """Return who the unit of a model with this serial is."""
    if _RADIO_ADDRESS.fullmatch(serial):
        octets = bytes.fromhex(serial)
    else:
        digest = hashlib.sha256(f"{profile.name} {serial}".encode()).digest()
        octets = bytes((digest[0] | _STATIC, *digest[1:6]))
    name = profile.wire.ble_name or profile.title
    return BleIdentity(octets.hex(":").upper(), f"{name}-{serial[-_TAIL:]}")


def has_ble_form(profile: Profile) -> bool:
    """Return whether [wire] of a profile says how its frames go by BLE."""
    return advertises(profile) or bool(profile.wire.service or profile.wire.notify)


def advertises(profile: Profile) -> bool:
    """Return whether frames are in advertisements; else a gateway connects, and is notified."""
    return bool(profile.wire.service_data) or profile.wire.manufacturer is not None
