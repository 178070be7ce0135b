"""Python, packages, emulators, D-Bus: what is installed."""

import importlib.metadata
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing

from simulator.bench.doctor.checks import Finding, note, ok, problem
from simulator.bench.emulate.needs import NEEDS, missing

_OLDEST = (3, 11)
_PACKAGES = {
    "pyserial": ("pip install aurasim", True),
    "bleak": ("pip install aurasim", True),
    "bumble": ("pip install 'aurasim[bench]'", False),
}
_SYSTEM_BUS = "unix:path=/run/dbus/system_bus_socket"


def machine_checks(environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Yield what is installed, and what is not."""
    yield _python()
    yield from _packages()
    yield from _emulators()
    yield dbus_check(environment)


def _python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    text = ".".join(map(str, version))
    if version[:2] < _OLDEST:
        oldest = ".".join(map(str, _OLDEST))
        return problem("python", text, f"install Python {oldest} or newer")
    return ok("python", text)


def _packages() -> Iterator[Finding]:
    for name, (fix, is_needed) in _PACKAGES.items():
        try:
            yield ok(name, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            make = problem if is_needed else note
            yield make(name, "not installed", fix)


def _emulators() -> Iterator[Finding]:
    for part in NEEDS:
        lacking = missing(part)
        name = f"emulator {part}"
        if lacking:
            what = ", ".join(need.what for need in lacking)
            yield note(name, f"lacks {what}", f"scripts/install-bench {part}")
        else:
            yield ok(name, "installed")


def dbus_check(environment: Mapping[str, str]) -> Finding:
    """Look whether the bus that BlueZ lives on takes calls; only Linux has one."""
    address = environment.get("DBUS_SYSTEM_BUS_ADDRESS", _SYSTEM_BUS)
    path = next(
        (
            part.partition("=")[2]
            for part in address.partition(":")[2].split(",")
            if "path=" in part
        ),
        "",
    )
    if not sys.platform.startswith("linux"):
        return ok("d-bus", "not needed here")
    if not path:
        return ok("d-bus", f"{address} (not tried)")
    try:
        with closing(socket.socket(socket.AF_UNIX)) as bus:
            bus.settimeout(2.0)
            bus.connect(path)
    except OSError as error:
        seen = f"{path}: {error.strerror or error}"
        return note("d-bus", seen, "systemctl start dbus (BLE needs it on Linux)")
    return ok("d-bus", path)
