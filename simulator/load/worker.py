"""A worker: a process of its own that runs one shard, and talks to the runner over a socket.

    python -m simulator.load.worker FD

The runner sends the task, then `go` with the common start, then perhaps `stop`. The worker answers
with frames: a letter, a length, and bytes. When the runner dies, the worker stops.
"""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Callable
from struct import Struct

import msgspec

from simulator.errors import ExitCode, SimulatorError
from simulator.load.shards import AnyShard, shard_of
from simulator.load.task import Task

HEAD = Struct("<cI")
TASK, GO, STOP, READY, FAILED, END = b"T", b"G", b"S", b"Y", b"F", b"E"
_BUFFER = 1 << 20
_LARGEST = 1 << 30


class Failure(msgspec.Struct, frozen=True):
    """Why a worker could not do its task."""

    message: str
    exit_code: int
    kind: str


class Outgoing:
    """Frames on their way to the runner; a runner that is slow never stops the worker."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._left = bytearray()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)

    def emit(self, letter: bytes, payload: bytes) -> None:
        """Send a frame, or keep what cannot be sent yet."""
        self._left += HEAD.pack(letter, len(payload))
        self._left += payload
        self._push()

    def _push(self) -> None:
        with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
            while self._left:
                sent = self._sock.send(self._left, socket.MSG_DONTWAIT)
                del self._left[:sent]

    def finish(self) -> None:
        """Send all that is left."""
        self._sock.setblocking(True)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._sock.sendall(self._left)


class Incoming:
    """Frames from the other side, from portions of bytes."""

    def __init__(self) -> None:
        self._heard = bytearray()

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """Return the frames that are complete; raises ValueError for what is no frame."""
        self._heard += data
        frames: list[tuple[bytes, bytes]] = []
        at = 0
        while len(self._heard) - at >= HEAD.size:
            letter, size = HEAD.unpack_from(self._heard, at)
            if size > _LARGEST:
                message = f"a frame of {size} bytes is none of ours"
                raise ValueError(message)
            if len(self._heard) - at - HEAD.size < size:
                break
            begin = at + HEAD.size
            frames.append((letter, bytes(self._heard[begin : begin + size])))
            at = begin + size
        del self._heard[:at]
        return frames


async def work(sock: socket.socket) -> None:
    """Run one shard for the runner at the other end of a socket, which may be anywhere."""
    loop = asyncio.get_running_loop()
    outgoing, incoming = Outgoing(sock), Incoming()
    told: asyncio.Queue[tuple[bytes, bytes]] = asyncio.Queue()
    sock.setblocking(False)
    shard: AnyShard | None = None

    def hear() -> None:
        try:
            data = sock.recv(_BUFFER)
        except BlockingIOError:
            return
        except ConnectionResetError:
            data = b""
        frames = incoming.feed(data) if data else [(STOP, b"")]
        if not data:
            loop.remove_reader(sock)
        for letter, payload in frames:
            if letter == STOP and shard is not None:
                shard.stop()
            told.put_nowait((letter, payload))

    loop.add_reader(sock, hear)
    try:
        letter, payload = await told.get()
        if letter != TASK:
            return
        shard = shard_of(msgspec.json.decode(payload, type=Task), outgoing.emit)
        await shard.prepare()
        outgoing.emit(READY, b"")
        letter, payload = await told.get()
        if letter == GO:
            await shard.run(float(payload))
        outgoing.emit(END, b"")
    except SimulatorError as error:
        failure = Failure(str(error), int(error.exit_code), type(error).__name__)
        outgoing.emit(FAILED, msgspec.json.encode(failure))
    finally:
        loop.remove_reader(sock)
        outgoing.finish()


def fast_loop() -> Callable[[], asyncio.AbstractEventLoop]:
    """Return what makes uvloop's event loop, or asyncio's where there is none."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def allow_files() -> None:
    """Take as many open files as this machine lets a process have: connections are files."""
    if sys.platform != "win32":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def main() -> None:
    """Run one shard; the runner decides what Ctrl-C does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    allow_files()
    with (
        socket.socket(fileno=int(sys.argv[1])) as sock,
        asyncio.Runner(loop_factory=fast_loop()) as runner,
    ):
        runner.run(work(sock))
    sys.exit(ExitCode.PASS)


if __name__ == "__main__":
    main()
