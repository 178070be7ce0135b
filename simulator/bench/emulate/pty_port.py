"""The serial port of an emulated unit: a pty under a name that outlives unplugging.

The name is a symbolic link, as udev's `by-id` links are: gone while the plug is out, and leading to
a new pty after it is put back. Unix only.
"""

import asyncio
import contextlib
import os
import tty
from collections.abc import Callable
from pathlib import Path

_CHUNK = 4096


class PtyPort:
    """A port at `path`; `heard` is called with what the other side writes."""

    def __init__(self, path: Path, heard: Callable[[bytes], None]) -> None:
        self.path = path
        self.lost_bytes = 0  # said while the plug was out, or while nobody read
        self._heard = heard
        self._ends: tuple[int, int] | None = None

    def plug(self) -> None:
        """Let the port appear; nothing happens where it is there."""
        if self._ends is not None:
            return
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        self._ends = master, slave  # with our own slave open, nobody's close ends the pty
        new = self.path.with_name(f".{self.path.name}")
        new.unlink(missing_ok=True)
        new.symlink_to(os.ttyname(slave))
        new.replace(self.path)
        asyncio.get_running_loop().add_reader(master, self._read, master)

    def unplug(self) -> None:
        """Let the port vanish under whoever has it open."""
        if self._ends is None:
            return
        asyncio.get_running_loop().remove_reader(self._ends[0])
        for end in self._ends:
            os.close(end)
        self._ends = None
        self.path.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        """Put bytes on the wire; as with a real one, they are lost where nobody takes them."""
        taken = 0
        if self._ends is not None:
            with contextlib.suppress(BlockingIOError):
                taken = os.write(self._ends[0], data)
        self.lost_bytes += len(data) - taken

    def _read(self, master: int) -> None:
        with contextlib.suppress(BlockingIOError):
            self._heard(os.read(master, _CHUNK))
