"""What is there now: serial ports and BLE advertisements, and which profiles they fit."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from serial.tools import list_ports

from simulator.bench.links import (
    LINK_FAILURES,
    LinkError,
    LinkReason,
    Radio,
    frame_in,
    holding,
    knows,
    link_error,
)
from simulator.codec import Context, FrameError
from simulator.profile import Profile, Wire, codec_of, load, profiles


class PortInfo(Protocol):
    """What pyserial tells of a port."""

    device: str
    description: str
    vid: int | None
    pid: int | None
    serial_number: str | None


@dataclass(frozen=True, slots=True)
class PortSeen:
    """A serial port: `usb` is VID:PID, `held_by` who has it open."""

    device: str
    description: str
    usb: str
    usb_serial: str
    profiles: tuple[str, ...]
    held_by: str

    @property
    def command(self) -> str:
        """Return the command to run next."""
        if self.profiles:
            return f"aurasim bench check {self.profiles[0]} --port {self.device}"
        return f"aurasim bench listen --port {self.device}"


@dataclass(slots=True)
class AdvertSeen:
    """A BLE device that was heard. Mutable: later advertisements say more."""

    address: str
    name: str = ""
    rssi: int = 0
    times: int = 0
    profiles: set[str] = field(default_factory=set)

    @property
    def command(self) -> str:
        """Return the command to run next."""
        if self.profiles:
            return f"aurasim bench check {min(self.profiles)} --ble {self.address}"
        return f"aurasim bench listen --ble {self.address}"


def serial_ports(
    listed: Callable[[], Iterable[PortInfo]] = list_ports.comports,
    models: Sequence[Profile] | None = None,
) -> list[PortSeen]:
    """Return the serial ports of this machine, those that fit a profile first."""
    known = profiles() if models is None else models
    seen = [_port(info, known) for info in listed()]
    return sorted(seen, key=lambda port: (not port.profiles, port.device))


def wire_of(device: str) -> Wire:
    """Return how a port is set: as the profile of what is plugged in there, if USB tells it."""
    fitting = next((port.profiles for port in serial_ports() if port.device == device), ())
    return load(fitting[0]).wire if fitting else Wire()


def _port(info: PortInfo, known: Sequence[Profile]) -> PortSeen:
    usb = "" if info.vid is None or info.pid is None else f"{info.vid:04X}:{info.pid:04X}"
    fitting = tuple(one.name for one in known if usb and usb in one.wire.usb)
    holders = ", ".join(f"{name} (pid {pid})" for pid, name in holding(info.device))
    return PortSeen(
        info.device, info.description or "", usb, info.serial_number or "", fitting, holders
    )


async def adverts(
    radio: Radio, for_s: float, models: Sequence[Profile] | None = None
) -> list[AdvertSeen]:
    """Return what advertises within a time, what fits a profile first; raise `LinkError`."""
    known = profiles() if models is None else models
    seen: dict[str, AdvertSeen] = {}

    def hear(device: BLEDevice, heard: AdvertisementData) -> None:
        one = seen.setdefault(device.address, AdvertSeen(device.address))
        one.name = heard.local_name or device.name or one.name
        one.rssi = heard.rssi
        one.times += 1
        one.profiles |= {p.name for p in known if _fits(p, one.name, device.address, heard)}

    scanner = radio.scanner(hear)
    try:
        async with scanner:
            await asyncio.sleep(for_s)
    except LINK_FAILURES as error:
        found = link_error("BLE", error)
        if found.reason in (LinkReason.MISSING, LinkReason.UNKNOWN):
            raise LinkError("BLE", LinkReason.ADAPTER_OFF, found.detail) from error
        raise found from error
    return sorted(seen.values(), key=lambda one: (not one.profiles, -one.rssi, one.address))


def _fits(profile: Profile, name: str, address: str, heard: AdvertisementData) -> bool:
    """Return whether an advertisement is one of a profile; what is in it must be readable."""
    if not knows(profile.wire, name, heard):
        return False
    frame = frame_in(profile.wire, heard)
    if frame is None:
        return True
    is_keyed = profile.identity.key is not None
    try:
        said = codec_of(profile).decode(frame, Context(address=address.replace(":", "")))
    except FrameError as error:
        return is_keyed and "key" in error.reason
    return bool(said.get("encrypted", False)) == is_keyed
