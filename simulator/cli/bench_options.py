"""The options that bench commands share, and what they come to."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from simulator.bench.discovery import wire_of
from simulator.bench.emulate import KINDS, Emulated, emulated
from simulator.bench.environment import environment
from simulator.bench.framing import framing_named
from simulator.bench.inventory import (
    UnitEntry,
    address_of,
    locked,
    read_inventory,
    unit_named,
)
from simulator.bench.links import (
    SYSTEM,
    Address,
    Link,
    SerialLink,
    SerialSettings,
    WildLink,
    link_to,
    open_radio,
)
from simulator.errors import InputError
from simulator.profile import Profile, load

_Command = TypeVar("_Command", bound=Callable[..., object])

_WHERE = (
    click.option("--port", help="Serial: a device or any pyserial URL, such as /dev/ttyUSB0."),
    click.option("--ble", help="BLE: an address, a name, or `any` of the profile's."),
    click.option(
        "--emulate", "kind", type=click.Choice(KINDS), help="Real firmware in an emulator."
    ),
    click.option("--unit", "unit_name", help="A unit of bench.toml."),
    click.option(
        "--inventory",
        type=click.Path(path_type=Path),
        help="The file of --unit.  [default: bench.toml]",
    ),
    click.option("--baud", type=click.IntRange(min=1), help="In place of [wire] of the profile."),
    click.option(
        "--framing", default="", help="In place of the profile's: line, cobs, slip, hex, length:N."
    ),
    click.option(
        "--ble-backend",
        default="os",
        show_default=True,
        help="os, or bumble:TRANSPORT for an HCI dongle.",
    ),
)


def device_options(command: _Command) -> _Command:
    """Give a command the options that say which device."""
    for option in reversed(_WHERE):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which device a command is for, as it was typed."""

    profile: str | None
    port: str | None
    ble: str | None
    kind: str | None
    unit_name: str | None
    inventory: Path | None
    baud: int | None
    framing: str
    ble_backend: str


@dataclass(frozen=True, slots=True)
class Found:
    """The device that was meant; `unit` where it is emulated, `entry` where bench.toml has it."""

    profile: Profile
    link: Link
    address: Address
    framing: str
    unit: Emulated | None = None
    entry: UnitEntry | None = None


@asynccontextmanager
async def found(wanted: Wanted) -> AsyncIterator[Found]:
    """Give the device that is meant, locked for us while the block runs; its link is not open yet.

    Raises InputError, EmulatorMissingError, LinkError and UnitLockedError.
    """
    _check(wanted)
    async with AsyncExitStack() as stack:
        if wanted.kind:
            unit = await stack.enter_async_context(emulated(wanted.kind))
            stack.enter_context(environment(unit.environment))
            profile = load(wanted.profile or unit.profile)
            address = Address(port=unit.port, ble=unit.ble, baud=wanted.baud)
            yield Found(profile, link_to(address, profile), address, wanted.framing, unit)
            return
        entry = None
        things = []
        if wanted.unit_name:
            entry = unit_named(read_inventory(wanted.inventory), wanted.unit_name)
            things.append(f"unit {wanted.unit_name}")
        profile = load(_profile_name(wanted, entry))
        address = _address(wanted, entry)
        stack.enter_context(locked(*things, str(address)))
        radio = SYSTEM
        if address.ble:
            radio = await stack.enter_async_context(open_radio(wanted.ble_backend))
        link = link_to(address, profile, radio)
        framing = wanted.framing or (entry.framing if entry else "")
        yield Found(profile, link, address, framing, None, entry)


@dataclass(frozen=True, slots=True)
class FoundBlind:
    """A device of which nobody said the profile; `setting` is what a person may want to change."""

    link: Link
    address: Address
    framing: str
    setting: str


def is_blind(wanted: Wanted) -> bool:
    """Return whether a command says where a device is, and not what it is."""
    return wanted.profile is None and not (wanted.kind or wanted.unit_name)


@asynccontextmanager
async def found_blind(wanted: Wanted) -> AsyncIterator[FoundBlind]:
    """Give the device that is meant, as `found` does, where its profile is not known."""
    _check(wanted)
    address = Address(port=wanted.port, ble=wanted.ble, baud=wanted.baud)
    async with AsyncExitStack() as stack:
        stack.enter_context(locked(str(address)))
        if address.ble:
            radio = await stack.enter_async_context(open_radio(wanted.ble_backend))
            link: Link = WildLink(address.ble, radio)
            yield FoundBlind(link, address, wanted.framing, "what it advertises, or notifies")
            return
        settings = SerialSettings.of(wire_of(str(address)), baud=wanted.baud)
        link = SerialLink(str(address), settings)
        yield FoundBlind(link, address, wanted.framing, f"{settings}; --baud sets another speed")


def _check(wanted: Wanted) -> None:
    ways = [wanted.port, wanted.ble, wanted.kind, wanted.unit_name]
    if sum(way is not None for way in ways) != 1:
        message = (
            "Say which device: --port, --ble, --unit or --emulate, one of them. `aurasim bench "
            "ports` lists what is there; with nothing plugged in say --emulate avr."
        )
        raise InputError(message)
    if wanted.framing:
        framing_named(wanted.framing)


def _profile_name(wanted: Wanted, entry: UnitEntry | None) -> str:
    name = wanted.profile or (entry.profile if entry else None)
    if name is None:
        message = (
            "Say which profile: `aurasim profiles list` names them, `aurasim bench listen` finds "
            "out which it is."
        )
        raise InputError(message)
    return name


def _address(wanted: Wanted, entry: UnitEntry | None) -> Address:
    if entry is not None:
        return address_of(entry)
    return Address(port=wanted.port, ble=wanted.ble, baud=wanted.baud)
