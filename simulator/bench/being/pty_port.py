"""The device's end of a pseudo terminal, under a path that stays the same when it is plugged anew.

The path is a symbolic link, as udev's `by-id` is. What was written just before the plug is pulled
may be lost, as on a real port.
"""

import asyncio
import os
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from simulator.errors import UnavailableError

_ROOM = 65536


class PtyPort:
    """One port; `hear` is told what the other end writes. Plug it before anything else."""

    def __init__(self, path: Path, hear: Callable[[bytes], object] = lambda _: None) -> None:
        self.path = path
        self._hear = hear
        self._ends: tuple[int, int] | None = None
        self._may_write = asyncio.Lock()

    @property
    def is_plugged(self) -> bool:
        """Return whether the port is there."""
        return self._ends is not None

    def plug(self) -> None:
        """Let the port appear; raise UnavailableError where its path cannot be had."""
        if self._ends is not None:
            return
        device, port = os.openpty()
        tty.setraw(port)  # held open by us too, or the device reads an error until somebody comes
        os.set_blocking(device, False)
        self._ends = device, port
        try:
            _point(self.path, os.ttyname(port))
        except OSError as error:
            self.unplug()
            message = (
                f"The port cannot appear as {self.path}: {error.strerror}. Name another path, in a "
                "folder that you may write, with --port."
            )
            raise UnavailableError(message) from error
        asyncio.get_running_loop().add_reader(device, self._read)

    def unplug(self) -> None:
        """Let the port vanish at once."""
        if self._ends is None:
            return
        device, port = self._ends
        self._ends = None
        with suppress(RuntimeError, ValueError):
            asyncio.get_running_loop().remove_reader(device)
        with suppress(OSError):
            self.path.unlink()
        os.close(device)
        os.close(port)

    async def write(self, data: bytes) -> None:
        """Write to the port; wait while the other end does not read. An unplugged port takes none.

        Raises BrokenPipeError when it is unplugged in the middle.
        """
        async with self._may_write:
            rest = memoryview(data)
            while rest:
                if self._ends is None:
                    raise BrokenPipeError("the port is unplugged")
                try:
                    rest = rest[os.write(self._ends[0], rest) :]
                except BlockingIOError:
                    await _writable(self._ends[0])

    def put(self, data: bytes) -> int:
        """Write what there is room for, without waiting; return how many bytes that was."""
        if self._ends is None:
            return 0
        with suppress(BlockingIOError):
            return os.write(self._ends[0], data)
        return 0

    def _read(self) -> None:
        if self._ends is None:
            return
        with suppress(BlockingIOError):
            try:
                data = os.read(self._ends[0], _ROOM)
            except OSError:
                return
            self._hear(data)


def _point(path: Path, target: str) -> None:
    """Make a symbolic link, in place of an older one, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_symlink():
        raise FileExistsError(17, "there is a file that is no link of ours", str(path))
    made = path.with_name(f".{path.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        made.unlink()
    made.symlink_to(target)
    made.replace(path)


async def _writable(handle: int) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_writer(handle, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_writer(handle)
