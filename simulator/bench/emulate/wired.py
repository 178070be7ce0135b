"""What every emulated unit on a wire has: a chip's UART, joined to a serial port.

What the chip says while the plug is out, or while nobody reads, is lost, as on a real port.
"""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from simulator.bench.being import PtyPort
from simulator.bench.emulate.uart import Uart

NO_ENVIRONMENT: Mapping[str, str] = MappingProxyType({})
_NAME = "ttyAURA0"


class Plug:
    """A port with a chip behind it; `lost_bytes` counts what nobody took."""

    def __init__(self, port: PtyPort) -> None:
        self.lost_bytes = 0
        self._port = port

    @property
    def path(self) -> str:
        """Return the path of the port; it stays the same over unplug and plug."""
        return str(self._port.path)

    def say(self, data: bytes) -> None:
        """Put on the wire what the chip says."""
        self.lost_bytes += len(data) - self._port.put(data)

    def pull(self) -> None:
        """Let the port vanish under whoever has it open."""
        self._port.unplug()

    def put_back(self) -> None:
        """Let the port appear again."""
        self._port.plug()


@contextlib.contextmanager
def plugged(chip: Uart) -> Iterator[Plug]:
    """Give a chip a serial port; should the chip end, the port vanishes."""
    with tempfile.TemporaryDirectory(prefix="aurasim-bench-") as folder:
        port = PtyPort(Path(folder) / _NAME, chip.write)
        plug = Plug(port)
        chip.heard, chip.ended = plug.say, plug.pull
        plug.put_back()
        try:
            yield plug
        finally:
            chip.heard, chip.ended = _ignore, _nothing
            plug.pull()


def _ignore(data: bytes) -> None:
    del data


def _nothing() -> None:
    return
