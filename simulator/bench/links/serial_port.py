"""A serial port, by any URL that pyserial knows, read by one thread that survives an unplug.

A thread and genuine pyserial instead of an asyncio transport: it reads every scheme (`rfc2217://`,
`socket://`, `spy://`, Windows' COM ports), at 0.1 ms a frame.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Lock, Thread

import serial

from simulator.bench.links.contract import Chunk, Happening, LinkCounts, LinkDown, LinkUp
from simulator.bench.links.errors import LINK_FAILURES, LinkError, LinkReason, link_error
from simulator.bench.links.inbox import Inbox
from simulator.clock import monotonic_s
from simulator.profile import Parity, Wire

_LOOK_S = 0.1  # a read that nothing can wake looks so often whether to end
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 1.0
_WRITE_S = 5.0
_LARGEST_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """How the line is set."""

    baud: int = 9600
    parity: Parity = Parity.NONE
    data_bits: int = 8
    stop_bits: int = 1

    @classmethod
    def of(cls, wire: Wire, *, baud: int | None = None) -> "SerialSettings":
        """Return the settings of a profile; a given speed wins."""
        return cls(baud or wire.baud, wire.parity, wire.data_bits, wire.stop_bits)

    def __str__(self) -> str:
        return f"{self.baud} baud, {self.data_bits}{self.parity}{self.stop_bits}"


class SerialLink:
    """A link by a serial port; `seeks` says whether a lost port is waited for."""

    def __init__(
        self, url: str, settings: SerialSettings | None = None, *, seeks: bool = True
    ) -> None:
        self._url = url
        self._settings = settings or SerialSettings()
        self._seeks = seeks
        self._counts = LinkCounts()
        self._stop = Event()
        self._lock = Lock()
        self._port: serial.SerialBase | None = None
        self._inbox: Inbox | None = None
        self._thread: Thread | None = None

    @property
    def name(self) -> str:
        """The URL."""
        return self._url

    @property
    def counts(self) -> LinkCounts:
        """What it has carried so far."""
        return self._counts

    async def open(self) -> None:
        """Open the port and begin to read; raise `LinkError`."""
        self._inbox = Inbox(self._counts)
        port = await asyncio.to_thread(self._opened)
        self._inbox.put(LinkUp(monotonic_s()))
        self._port = port
        self._thread = Thread(target=self._read_on, args=(port,), name=self._url, daemon=True)
        self._thread.start()

    def happenings(self) -> AsyncIterator[Happening]:
        """Yield what happens on the port, until it is closed."""
        if self._inbox is None:
            raise LinkError(self._url, LinkReason.UNKNOWN, "it was not opened")
        return self._inbox.happenings()

    async def send(self, data: bytes) -> None:
        """Write to the port; raise `LinkError` where it is gone."""
        await asyncio.to_thread(self._write, data)

    async def close(self) -> None:
        """Stop reading and close the port."""
        self._stop.set()
        with self._lock:
            port = self._port
        if port is not None and hasattr(port, "cancel_read"):
            port.cancel_read()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
        if self._inbox is not None:
            self._inbox.close()

    def _opened(self) -> serial.SerialBase:
        """Return the open port; raise `LinkError`."""
        settings = self._settings
        try:
            return serial.serial_for_url(
                self._url,
                baudrate=settings.baud,
                parity=str(settings.parity),
                bytesize=settings.data_bits,
                stopbits=settings.stop_bits,
                timeout=_LOOK_S,
                write_timeout=None if "://" in self._url else _WRITE_S,
                **({} if "://" in self._url else {"exclusive": True}),
            )
        except LINK_FAILURES as error:
            raise link_error(self._url, error) from error

    def _write(self, data: bytes) -> None:
        with self._lock:
            port = self._port
        if port is None:
            raise LinkError(self._url, LinkReason.LOST)
        try:
            port.write(data)
            port.flush()
        except LINK_FAILURES as error:
            raise link_error(self._url, error) from error
        self._counts.sent_bytes += len(data)

    # What runs in the thread.

    def _read_on(self, port: serial.SerialBase | None) -> None:
        while port is not None:
            self._read_until_lost(port)
            port = None if self._stop.is_set() or not self._seeks else self._seek()
        if not self._stop.is_set() and self._inbox is not None:
            self._inbox.close()

    def _read_until_lost(self, port: serial.SerialBase) -> None:
        assert self._inbox is not None  # noqa: S101 - made before the thread
        inbox = self._inbox
        try:
            while not self._stop.is_set():
                data = bytearray(port.read(1))
                if data:
                    at_s = monotonic_s()
                    try:
                        _read_waiting(port, data)
                    finally:  # what came before a loss has arrived
                        inbox.put(Chunk(at_s, bytes(data)))
        except LINK_FAILURES as error:
            if not self._stop.is_set():
                lost = link_error(self._url, error)
                inbox.put(LinkDown(monotonic_s(), LinkReason.LOST, lost.detail))
        finally:
            with self._lock:
                self._port = None
            _let_go(port)

    def _seek(self) -> serial.SerialBase | None:
        """Return the port once it is back; None when nobody wants it any more."""
        assert self._inbox is not None  # noqa: S101 - made before the thread
        pause_s = _FIRST_PAUSE_S
        while not self._stop.wait(pause_s):
            try:
                port = self._opened()
            except LinkError:
                pause_s = min(pause_s * 1.5, _LONGEST_PAUSE_S)
                continue
            with self._lock:
                self._port = port
            self._counts.returns += 1
            self._inbox.put(LinkUp(monotonic_s()))
            return port
        return None


def _read_waiting(port: serial.SerialBase, data: bytearray) -> None:
    """Add what else has arrived; a network port says of any number of bytes that it is one."""
    while len(data) < _LARGEST_CHUNK and (waiting := port.in_waiting):
        data += port.read(waiting)


def _let_go(port: serial.SerialBase) -> None:
    with suppress(*LINK_FAILURES):  # what is gone may refuse to be closed
        port.close()
    spied = getattr(getattr(port, "formatter", None), "output", None)
    if spied not in (None, sys.stderr):  # `spy://` leaves its file open
        spied.close()
