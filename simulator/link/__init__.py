"""How a frame travels: air time, duty cycle, quota, loss, delay, repetition, replies.

A link is pure like a device: `send(now, frame)` says when copies of a frame arrive at the gateway,
or why none does. One object stands for the radio of one unit.
"""

from simulator.link._contract import CoarsePosition, Link, Passage
from simulator.link.ble import Ble
from simulator.link.cellular import Cellular
from simulator.link.coverage import Coverage, CoveredLink
from simulator.link.direct import Direct
from simulator.link.lorawan import Lorawan
from simulator.link.sigfox import Sigfox
from simulator.profile import (
    BleLink,
    CellularLink,
    DirectLink,
    LorawanLink,
    Profile,
    SigfoxLink,
)
from simulator.rng import Rng

__all__ = [
    "Ble",
    "Cellular",
    "CoarsePosition",
    "Coverage",
    "CoveredLink",
    "Direct",
    "Link",
    "Lorawan",
    "Passage",
    "Sigfox",
    "link_of",
]


def link_of(profile: Profile, device: int, rng: Rng) -> Link:
    """Return the radio of one unit (`device` is its key)."""
    air = rng.stream(device, "air")
    match profile.link:
        case SigfoxLink() as radio:
            return Sigfox(radio, air)
        case LorawanLink() as radio:
            return Lorawan(radio, air)
        case CellularLink() as radio:
            return Cellular(radio, air)
        case BleLink() as radio:
            return Ble(radio, air)
        case DirectLink() as radio:
            return Direct(radio, air)
