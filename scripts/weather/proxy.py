"""A small TCP proxy that breaks connections: drops, resets or stalls a share of what passes."""

import socket
import struct
import threading
from contextlib import suppress
from enum import StrEnum

from simulator.rng import Rng, Stream

_CHUNK = 65536
_STALL_S = 3.0


class Break(StrEnum):
    """How a connection is broken."""

    DROP = "drop"
    RESET = "reset"
    STALL = "stall"


class Proxy:
    """Passes connections on to a port of this machine; while `is_on`, breaks some of them."""

    def __init__(self, to_port: int, how: Break, share: float, seed: int) -> None:
        self.broken = 0
        self.is_on = False
        self._to_port = to_port
        self._how = how
        self._share = share
        self._rng = Rng(seed)
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accept no more; connections that there are end with who uses them."""
        self._over.set()
        self._listener.close()

    def _accept(self) -> None:
        number = 0
        while not self._over.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            number += 1
            try:
                server = socket.create_connection(("127.0.0.1", self._to_port), timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            for name, source, sink in (("up", client, server), ("down", server, client)):
                chance = self._rng.stream(number, name)
                threading.Thread(
                    target=self._pump, args=(source, sink, chance), daemon=True
                ).start()

    def _pump(self, source: socket.socket, sink: socket.socket, chance: Stream) -> None:
        with suppress(OSError):
            while True:
                chunk = source.recv(_CHUNK)
                if not chunk:
                    break
                if self.is_on and chance.random() < self._share:
                    self._break(chunk, source, sink)
                    if self._how is not Break.STALL:
                        break
                sink.sendall(chunk)
        for one in (source, sink):
            with suppress(OSError):
                if self._how is not Break.RESET or not self.is_on:
                    one.shutdown(socket.SHUT_RDWR)  # wakes who waits in recv on the other thread
                one.close()

    def _break(self, chunk: bytes, source: socket.socket, sink: socket.socket) -> None:
        self.broken += 1
        match self._how:
            case Break.STALL:
                self._over.wait(_STALL_S)
            case Break.RESET:
                with suppress(OSError):
                    sink.sendall(chunk[: len(chunk) // 2])
                for one in (source, sink):
                    with suppress(OSError):
                        linger = struct.pack("ii", 1, 0)  # close says RST
                        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                        one.shutdown(socket.SHUT_RD)  # wakes who waits in recv on the other thread
            case Break.DROP:
                with suppress(OSError):
                    source.shutdown(socket.SHUT_RDWR)
