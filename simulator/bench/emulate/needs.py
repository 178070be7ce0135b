"""What a machine must have for an emulated unit, and what to type where it has not.

`scripts/install-bench` installs the same; a test holds the two lists together.
"""

import importlib.util
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from simulator.bench.emulate.contract import EmulatorMissingError


class Need(NamedTuple):
    """A program or a file, and the package of Debian that brings it."""

    what: str
    package: str


NEEDS: Mapping[str, tuple[Need, ...]] = {
    "avr": (
        Need("gcc", "gcc"),
        Need("/usr/include/simavr/sim_avr.h", "libsimavr-dev"),
        Need("/usr/include/libelf.h", "libelf-dev"),
        Need("avr-gcc", "gcc-avr"),
        Need("/usr/lib/avr/include/avr/io.h", "avr-libc"),
    ),
    "microbit": (
        Need("qemu-system-arm", "qemu-system-arm"),
        Need(
            "/usr/share/firmware-microbit-micropython/firmware.hex",
            "firmware-microbit-micropython",
        ),
    ),
    "ble": (Need("dbus-daemon", "dbus-daemon"),),
    "bluetoothd": (
        Need("qemu-system-x86_64", "qemu-system-x86"),
        Need("/usr/libexec/bluetooth/bluetoothd", "bluez"),
        Need("dbus-daemon", "dbus-daemon"),
        Need("/bin/busybox", "busybox-static"),
        Need("depmod", "kmod"),
        Need("gcc", "gcc"),
    ),
}
"""By the word that `scripts/install-bench` takes."""


def missing(part: str) -> tuple[Need, ...]:
    """Return what this machine lacks for a part of the bench."""
    return tuple(need for need in NEEDS[part] if not _is_here(need.what))


def require(kind: str, *parts: str) -> None:
    """Raise EmulatorMissingError with the command that helps, unless all is here."""
    lacking = [need for part in parts for need in missing(part)]
    if lacking:
        packages = " ".join(dict.fromkeys(need.package for need in lacking))
        remedy = (
            f"Run scripts/install-bench {' '.join(parts)}, or "
            f"apt-get install --no-install-recommends {packages}."
        )
        raise EmulatorMissingError(kind, ", ".join(need.what for need in lacking), remedy)


def require_bumble(kind: str) -> None:
    """Raise EmulatorMissingError where the Python package of virtual radio is missing."""
    if importlib.util.find_spec("bumble") is None:
        raise EmulatorMissingError(kind, "bumble", "Run pip install 'aurasim[bench]'.")


def _is_here(what: str) -> bool:
    if what.startswith("/"):
        return Path(what).exists()
    return (shutil.which(what) or shutil.which(what, path="/usr/sbin:/sbin")) is not None
