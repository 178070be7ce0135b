"""A BBC micro:bit in QEMU with the MicroPython of Debian: a firmware that is not ours.

Our panic button is a script that it runs, put into its flash as an editor would. The finger is on
the real pin; QEMU's qtest protocol moves it. There is no battery in this machine.
"""

import asyncio
import contextlib
import socket
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from simulator.bench.emulate.child import Child, child
from simulator.bench.emulate.contract import EmulatedActError
from simulator.bench.emulate.needs import require
from simulator.bench.emulate.uart import Uart, uart
from simulator.bench.emulate.wired import NO_ENVIRONMENT, Plug, plugged
from simulator.bench.emulate.workshop import FIRMWARE

PROFILE = "aurasim-microbit-button"
SERIAL = "MB000001"
_MICROPYTHON = "/usr/share/firmware-microbit-micropython/firmware.hex"
_SCRIPT = "panic_button.micropython"
_SCRIPT_AT = 0x3E000
_BUTTON_A = 17  # the pin of the chip; on the board it is also P5
_SOC = "/machine/nrf51"  # its GPIO block is one level deeper, but to name that aborts QEMU
_START_S = 60.0
_ANSWER_S = 30.0
_REST_S = 0.1  # no finger comes back sooner
_LONGEST_S = 600.0


class MicrobitUnit:
    """One unit."""

    ble = None
    environment = NO_ENVIRONMENT
    firmware = "MicroPython of Debian with aurasim panic_button 1.0.0 on a micro:bit in QEMU"
    profile = PROFILE

    def __init__(self, board: "_Board", plug: Plug, serial: str) -> None:
        self.serial = serial
        self._board = board
        self._plug = plug
        self._finger = asyncio.Lock()

    @property
    def pid(self) -> int:
        """Return the id of QEMU's process."""
        return self._board.pid

    @property
    def port(self) -> str:
        """The path of the port; it stays the same over unplug and plug."""
        return self._plug.path

    async def press(self, hold_s: float) -> None:
        """Hold button A so long."""
        if not 0 < hold_s <= _LONGEST_S:
            raise EmulatedActError(f"A finger can hold for up to 10 minutes, not {hold_s:g} s.")
        async with self._finger:
            await self._board.pin(_BUTTON_A, is_high=False)
            await asyncio.sleep(hold_s)
            await self._board.pin(_BUTTON_A, is_high=True)
            await asyncio.sleep(_REST_S)

    async def battery(self, millivolts: int) -> None:
        """Refuse: QEMU's micro:bit has nothing that measures."""
        del millivolts
        message = "QEMU's micro:bit has no battery to measure; the unit avr has one."
        raise EmulatedActError(message)

    async def unplug(self) -> None:
        """Pull the plug; the unit runs on."""
        self._plug.pull()

    async def plug(self) -> None:
        """Put the plug back."""
        self._plug.put_back()

    async def watch(self) -> None:
        """Wait for QEMU to end, and raise EmulatorDiedError then."""
        await self._board.watch()


class _Board:
    """QEMU, its pins by the qtest protocol."""

    def __init__(
        self, qemu: Child, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._qemu = qemu
        self._reader = reader
        self._writer = writer

    @property
    def pid(self) -> int:
        return self._qemu.pid

    async def watch(self) -> None:
        await self._qemu.watch()

    async def pin(self, number: int, *, is_high: bool) -> None:
        """Set the level at a pin; raise EmulatorDiedError where QEMU is gone."""
        order = f"set_irq_in {_SOC} unnamed-gpio-in {number} {int(is_high)}\n"
        try:
            self._writer.write(order.encode())
            async with asyncio.timeout(_ANSWER_S):
                answer = await self._reader.readline()
        except OSError as error:  # a timeout is one too
            raise await self._qemu.death() from error
        if not answer.startswith(b"OK"):
            raise await self._qemu.death()


@contextlib.asynccontextmanager
async def emulated(serial: str = SERIAL) -> AsyncIterator[MicrobitUnit]:
    """Run a unit; raise EmulatorMissingError where it cannot run."""
    require("microbit", "microbit")
    with tempfile.TemporaryDirectory(prefix="aurasim-microbit-") as folder:
        script = Path(folder) / "script.bin"
        script.write_bytes(_appended(serial))
        async with _board(script) as (board, chip):
            with plugged(chip) as plug:
                yield MicrobitUnit(board, plug, serial)


@contextlib.asynccontextmanager
async def _board(script: Path) -> AsyncIterator[tuple[_Board, Uart]]:
    """Run QEMU until MicroPython has started our script."""
    ours, theirs = socket.socketpair()
    with ours, theirs, uart() as (wire, chip_end):
        said = asyncio.Event()
        wire.heard = lambda _: said.set()
        wire.ended = said.set
        ends = (chip_end.fileno(), theirs.fileno())
        async with child("QEMU", _command(script, *ends), descriptors=ends) as qemu:
            chip_end.close()
            theirs.close()
            ours.setblocking(False)
            reader, writer = await asyncio.open_connection(sock=ours)
            try:
                async with asyncio.timeout(_START_S):
                    await said.wait()
                board = _Board(qemu, reader, writer)
                await board.pin(_BUTTON_A, is_high=True)
                yield board, wire
            finally:
                writer.close()


def _command(script: Path, uart_end: int, qtest_end: int) -> list[str]:
    loader = f"loader,file={script},addr={_SCRIPT_AT:#x},force-raw=on"
    words = ["qemu-system-arm", "-M", "microbit", "-display", "none", "-monitor", "none"]
    words += ["-device", f"loader,file={_MICROPYTHON}", "-device", loader]
    words += ["-chardev", f"socket,id=uart,fd={uart_end}", "-serial", "chardev:uart"]
    words += ["-chardev", f"socket,id=pins,fd={qtest_end}"]
    return [*words, "-object", "qtest,id=qtest,chardev=pins,log=/dev/null"]


def _appended(serial: str) -> bytes:
    """Return our script as MicroPython looks for it in flash; comments need no room there."""
    lines = (FIRMWARE / _SCRIPT).read_text(encoding="ascii").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    source = text.replace("@SERIAL@", serial).encode("ascii") + b"\n"
    return b"MP" + len(source).to_bytes(2, "little") + source
