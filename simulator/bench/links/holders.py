"""Who holds a busy port: what Linux tells of open files, as far as we may look."""

import os
from collections.abc import Iterator
from pathlib import Path

_PROCESSES = Path("/proc")


def holders(port: str) -> str:
    """Return the programs that have a port open, such as `screen (pid 4711)`, for a sentence."""
    found = ", ".join(f"{name} (pid {pid})" for pid, name in holding(port))
    return found or "a program of another user, or on another machine"


def holding(port: str) -> list[tuple[int, str]]:
    """Return (pid, name) of the processes that have a device file open."""
    if not port.startswith("/"):
        return []
    real = os.path.realpath(port)
    return sorted({(pid, _name(pid)) for pid in _processes() if real in _open_files(pid)})


def _processes() -> Iterator[int]:
    if not _PROCESSES.is_dir():
        return
    for entry in _PROCESSES.iterdir():
        if entry.name.isdecimal():
            yield int(entry.name)


def _open_files(pid: int) -> set[str]:
    found = set()
    try:
        for handle in (_PROCESSES / str(pid) / "fd").iterdir():
            found.add(str(handle.readlink()))
    except OSError:  # it has ended, or belongs to somebody else
        return found
    return found


def _name(pid: int) -> str:
    try:
        return (_PROCESSES / str(pid) / "comm").read_text().strip()
    except OSError:
        return "a program that has ended"
