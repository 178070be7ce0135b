"""The units of a station: `bench.toml`, who they are, and who works with which of them now."""

import getpass
import json
import os
import re
import socket
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from serial.tools import list_ports

from simulator.bench.discovery import PortInfo
from simulator.bench.links import Address, LinkError, LinkReason
from simulator.clock import wall_s
from simulator.errors import InputError, UnavailableError

FILE_NAME = "bench.toml"


class UnitEntry(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One unit as `bench.toml` has it; known by what stays the same, not by a path or a MAC."""

    profile: str
    serial: str = ""  # the unit's own, as its frames say it
    usb: Annotated[str, Meta(pattern="^([0-9A-F]{4}:[0-9A-F]{4})?$")] = ""  # VID:PID
    usb_serial: str = ""  # of the USB adapter
    port: str = ""  # a pyserial URL, where there is no USB identity
    ble: str = ""  # a BLE name, or an address
    key: str = ""  # what its frames are encrypted with, the name of an environment variable
    target: str = ""  # where it is linked: sandbox, staging, a URL
    customer: int | None = None  # the AURA link that is there already: whose it is,
    device_id: str = ""  # and what it is called; without, each session makes a link of its own
    baud: int | None = None
    framing: str = ""


class _File(Struct, forbid_unknown_fields=True):
    units: dict[str, UnitEntry] = {}


class InventoryError(InputError):
    """`bench.toml` cannot be used: where (`path`) and why (`reason`)."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class UnitLockedError(UnavailableError):
    """Somebody else works with the unit: who (`owner`), and since when (`age_s`)."""

    def __init__(self, unit: str, owner: str, age_s: float) -> None:
        super().__init__(
            f"{unit} is in use by {owner}, for {_told(age_s)}. Wait until that ends, or end it."
        )
        self.unit = unit
        self.owner = owner
        self.age_s = age_s


def read_inventory(path: Path | None = None) -> dict[str, UnitEntry]:
    """Return the units of a file; of `bench.toml` here, which need not be there."""
    file = path or Path(FILE_NAME)
    if path is None and not file.exists():
        return {}
    try:
        table = tomllib.loads(file.read_text("utf-8"))
        units = msgspec.convert(table, _File, strict=True).units
    except (OSError, UnicodeDecodeError) as error:
        raise InventoryError(file, f"cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise InventoryError(file, f"is not valid TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise InventoryError(file, str(error)) from error
    for name, unit in units.items():
        if not (unit.usb or unit.port or unit.ble):
            raise InventoryError(file, f"units.{name}: say usb, port or ble: how is it reached?")
        if (unit.customer is None) == bool(unit.device_id):
            raise InventoryError(file, f"units.{name}: customer and device_id belong together")
        if unit.customer is not None and unit.target in ("", "sandbox"):
            reason = "a link that is there already needs its target, such as staging"
            raise InventoryError(file, f"units.{name}: {reason}")
    return units


def unit_named(units: dict[str, UnitEntry], name: str) -> UnitEntry:
    """Return a unit; raise InputError with the names there are."""
    if name not in units:
        known = ", ".join(units) or "none; write them into bench.toml"
        message = f"There is no unit '{name}' on this bench. Known: {known}."
        raise InputError(message)
    return units[name]


def address_of(
    unit: UnitEntry, listed: Callable[[], Iterable[PortInfo]] = list_ports.comports
) -> Address:
    """Return where a unit is now; raise `LinkError` where its adapter is not plugged in."""
    if unit.ble:
        return Address(ble=unit.ble)
    if unit.port:
        return Address(port=unit.port, baud=unit.baud)
    for info in listed():
        usb = "" if info.vid is None or info.pid is None else f"{info.vid:04X}:{info.pid:04X}"
        if usb == unit.usb and unit.usb_serial in ("", info.serial_number or ""):
            return Address(port=info.device, baud=unit.baud)
    identity = f"{unit.usb} {unit.usb_serial}".strip()
    raise LinkError(f"USB {identity}", LinkReason.MISSING)


@contextmanager
def locked(*things: str) -> Iterator[None]:
    """Hold ports and units while the block runs; raise `UnitLockedError` where one is taken.

    The system lets go of a lock when its process ends, however it ends.
    """
    handles: list[int] = []
    try:
        handles.extend(_lock(thing) for thing in things)
        yield
    finally:
        for handle in handles:
            os.close(handle)


def lock_of(thing: str) -> tuple[str, float] | None:
    """Return who holds a port or a unit, and for how many seconds; None when nobody does."""
    try:
        os.close(_lock(thing, is_look=True))
    except UnitLockedError as error:
        return error.owner, error.age_s
    return None


def _lock(thing: str, *, is_look: bool = False) -> int:
    import fcntl  # POSIX only, as device files are

    path = _path(thing)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise UnitLockedError(thing, *_owner(path)) from error
    if not is_look:
        told = {"owner": _myself(), "since": wall_s()}
        os.truncate(handle, 0)
        os.pwrite(handle, json.dumps(told).encode(), 0)
    return handle


def _path(thing: str) -> Path:
    real = os.path.realpath(thing) if thing.startswith("/") else thing
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", real)
    return Path(tempfile.gettempdir()) / f"aurasim-bench-{os.getuid()}" / f"{plain}.lock"


def _owner(path: Path) -> tuple[str, float]:
    try:
        told = json.loads(path.read_text())
        return str(told["owner"]), max(0.0, wall_s() - float(told["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return "another program", 0.0


def _myself() -> str:
    return f"{getpass.getuser()}@{socket.gethostname()} (pid {os.getpid()})"


def _told(age_s: float) -> str:
    if age_s < 90:
        return f"{age_s:.0f} s"
    return f"{age_s / 60:.0f} min" if age_s < 5400 else f"{age_s / 3600:.1f} h"


@dataclass(frozen=True, slots=True)
class UnitState:
    """A unit of the inventory and whether it is free."""

    name: str
    entry: UnitEntry
    holder: str = ""
    age_s: float = 0.0


def states(units: dict[str, UnitEntry]) -> list[UnitState]:
    """Return the units with who works with them."""
    found = []
    for name, entry in units.items():
        holder, age_s = lock_of(f"unit {name}") or ("", 0.0)
        found.append(UnitState(name, entry, holder, age_s))
    return found
