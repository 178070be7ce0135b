"""Where BLE scanners and clients come from: the system's Bluetooth, or bumble on a dongle."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

from bleak import BleakClient, BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner

from simulator.bench.links.errors import LinkError, LinkReason
from simulator.errors import InputError

Heard: TypeAlias = Callable[[BLEDevice, AdvertisementData], None]
BASE = "0000{}-0000-1000-8000-00805f9b34fb"
CONNECT_S = 20.0


@dataclass(frozen=True, slots=True)
class Radio:
    """Makes scanners and clients; without classes of its own it is the system's Bluetooth."""

    name: str = "the system's Bluetooth"
    scanners: type[BaseBleakScanner] | None = None
    clients: type[BaseBleakClient] | None = None

    def scanner(self, heard: Heard) -> BleakScanner:
        """Return a scanner that tells of each advertisement it hears."""
        return BleakScanner(heard, backend=self.scanners)

    def client(self, device: BLEDevice, lost: Callable[[BleakClient], None]) -> BleakClient:
        """Return a client for a device that was heard."""
        return BleakClient(device, lost, timeout=CONNECT_S, backend=self.clients)


SYSTEM = Radio()


@asynccontextmanager
async def open_radio(text: str) -> AsyncIterator[Radio]:
    """Give the radio of `os` or `bumble:TRANSPORT`, such as `bumble:usb:0`, while the block runs.

    Raises LinkError where a dongle cannot be had.
    """
    if text == "os":
        yield SYSTEM
        return
    kind, _, transport = text.partition(":")
    if kind != "bumble" or not transport:
        message = f"'{text}' is no BLE backend. Say os, or bumble:TRANSPORT such as bumble:usb:0."
        raise InputError(message)
    try:
        from simulator.bench.links.dongle import dongle_radio
    except ImportError as error:
        message = "bumble is not installed (pip install 'aurasim[bench]')"
        raise LinkError(text, LinkReason.ADAPTER_OFF, message) from error
    async with dongle_radio(transport) as radio:
        yield radio


def full_uuid(uuid: str) -> str:
    """Return a UUID as bleak writes it; four digits are a short one of the Bluetooth SIG."""
    text = uuid.lower()
    return BASE.format(text.rjust(4, "0")) if len(text) <= 4 else text
