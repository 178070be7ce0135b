"""The UART of an emulated chip: a pair of sockets, one end ours, one the emulator's."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator

_CHUNK = 4096


class Uart:
    """Our end; `heard` takes what the chip says, `ended` is called when the emulator is gone."""

    def __init__(self, ours: socket.socket) -> None:
        self.heard: Callable[[bytes], None] = lambda data: None
        self.ended: Callable[[], None] = lambda: None
        self.lost_bytes = 0  # that the chip was too slow to take
        self._ours = ours

    def write(self, data: bytes) -> None:
        """Say bytes to the chip."""
        taken = 0
        with contextlib.suppress(BlockingIOError, ConnectionError):  # its death is told elsewhere
            taken = self._ours.send(data)
        self.lost_bytes += len(data) - taken

    def read(self) -> None:
        """Hand on what the chip said."""
        try:
            data = self._ours.recv(_CHUNK)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        if data:
            self.heard(data)
        else:
            asyncio.get_running_loop().remove_reader(self._ours)
            self.ended()


@contextlib.contextmanager
def uart() -> Iterator[tuple[Uart, socket.socket]]:
    """Make a UART; the second is the emulator's end, to be closed here once it has it."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    made = Uart(ours)
    loop = asyncio.get_running_loop()
    loop.add_reader(ours, made.read)
    try:
        yield made, theirs
    finally:
        loop.remove_reader(ours)
        ours.close()
        theirs.close()
