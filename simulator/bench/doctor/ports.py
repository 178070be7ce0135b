"""Serial ports, their permissions and holders, and the BLE adapter."""

import asyncio
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from serial.tools import list_ports

from simulator.bench.discovery import PortInfo, adverts
from simulator.bench.doctor.checks import Finding, note, ok, problem
from simulator.bench.links import LinkError, holding, open_radio

_GROUPS = Path("/etc/group")
_SCAN_S = 0.5


def port_checks(
    listed: Callable[[], Iterable[PortInfo]] = list_ports.comports, extra: str | None = None
) -> Iterator[Finding]:
    """Yield how each serial port is; `extra` is a port that need not be in the system's list."""
    devices = [info.device for info in listed()]
    if extra and extra not in devices:
        devices.append(extra)
    if not devices:
        yield note(
            "serial ports", "none", "plug a device in; `dmesg | tail` shows what the kernel says"
        )
    for device in devices:
        yield port_check(device)


def port_check(device: str) -> Finding:
    """Look at one port: is it there, may we open it, does somebody else have it?"""
    name = f"port {device}"
    if "://" in device:
        return ok(name, "a network port; it is tried when it is opened")
    try:
        about = Path(device).stat()
    except OSError as error:
        fix = "plug it in; `aurasim bench ports` lists what is there"
        return problem(name, error.strerror or str(error), fix)
    if not stat.S_ISCHR(about.st_mode):
        return problem(name, "is no device", "name a serial port, such as /dev/ttyUSB0")
    if not os.access(device, os.R_OK | os.W_OK):
        group = _group(about.st_gid)
        fix = f"sudo usermod -aG {group} $USER, then log in anew"
        if about.st_mode & 0o060 != 0o060:
            fix = (
                'a udev rule: SUBSYSTEM=="tty", MODE="0660", GROUP="dialout" in '
                "/etc/udev/rules.d/50-aurasim.rules"
            )
        return problem(name, f"you may not open it (group {group})", fix)
    holders = [(pid, who) for pid, who in holding(device) if pid != os.getpid()]
    if holders:
        told = ", ".join(f"{who} (pid {pid})" for pid, who in holders)
        return problem(name, f"held by {told}", f"end it: kill {holders[0][0]}")
    return ok(name, "free")


def _group(number: int) -> str:
    """Return the name of a group; its number where it has none."""
    try:
        lines = _GROUPS.read_text().splitlines()
    except OSError:
        return str(number)
    named = (line.split(":") for line in lines)
    return next((one[0] for one in named if len(one) > 2 and one[2] == str(number)), str(number))


async def ble_check(backend: str = "os", *, scan_s: float = _SCAN_S) -> Finding:
    """Scan for a moment: that is the one question which every system answers truly."""
    try:
        async with asyncio.timeout(scan_s + 10.0), open_radio(backend) as radio:
            heard = await adverts(radio, scan_s, models=())
    except LinkError as error:
        fix = "bluetoothctl power on, or a dongle: --ble-backend bumble:usb:0"
        return note("ble adapter", error.detail or str(error.reason), fix)
    except TimeoutError:
        return problem("ble adapter", "does not answer", "systemctl restart bluetooth")
    return ok("ble adapter", f"{len(heard)} devices heard in {scan_s:g} s")
