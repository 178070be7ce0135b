"""Links to a device on the desk, one interface for wire and radio; nobody else touches them."""

from simulator.bench.links.adverts import AdvertLink
from simulator.bench.links.aim import Aim, frame_in, knows
from simulator.bench.links.contract import Chunk, Happening, Link, LinkCounts, LinkDown, LinkUp
from simulator.bench.links.errors import LINK_FAILURES, LinkError, LinkReason, link_error
from simulator.bench.links.gatt import GattLink
from simulator.bench.links.holders import holders, holding
from simulator.bench.links.opening import Address, link_to
from simulator.bench.links.radio import SYSTEM, Radio, full_uuid, open_radio
from simulator.bench.links.serial_port import SerialLink, SerialSettings
from simulator.bench.links.wild import WildLink, channel_of

__all__ = [
    "LINK_FAILURES",
    "SYSTEM",
    "Address",
    "AdvertLink",
    "Aim",
    "Chunk",
    "GattLink",
    "Happening",
    "Link",
    "LinkCounts",
    "LinkDown",
    "LinkError",
    "LinkReason",
    "LinkUp",
    "Radio",
    "SerialLink",
    "SerialSettings",
    "WildLink",
    "channel_of",
    "frame_in",
    "full_uuid",
    "holders",
    "holding",
    "knows",
    "link_error",
    "link_to",
    "open_radio",
]
