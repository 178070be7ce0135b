"""A Locust worker: one shard of the fleet, by our engine, in a native thread.

Under gevent's patches a `threading.Thread` is a greenlet, and an event loop in one freezes the
whole worker. gevent's pool has real threads; there uvloop, our client and our pacer run
undisturbed. The greenlets of this side only carry bytes between that thread and Locust's own line
to the master.
"""

import contextlib
import gc
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import gevent
import gevent.socket
import msgspec
from gevent import monkey

from simulator.clock import monotonic_s, wall_s
from simulator.errors import SimulatorError
from simulator.load.swarm.frames import Upwards, pack
from simulator.load.worker import FAILED, STOP, Failure, fast_loop, work

if TYPE_CHECKING:
    from gevent.threadpool import ThreadResult
    from locust.env import Environment
    from locust.rpc import Message

log = logging.getLogger(__name__)

DOWN, UP = "aurasim_down", "aurasim_up"
"""Messages of ours on Locust's line: to a worker, and to the master."""
_PORTION = 1 << 18
_END_S = 15.0
_SILENCE_S = 10.0
"""A master that is not heard for so long is gone, and nobody watches what is sent."""


class Parcel(TypedDict):
    """What a message holds: which test, which shard, and frames; no frames are the end."""

    run: int
    shard: int
    frames: bytes


@dataclass(slots=True)
class _Engine:
    """A test that runs here."""

    run: int
    shard: int
    sock: gevent.socket.socket
    way: Upwards
    thread: "ThreadResult"
    reader: gevent.Greenlet | None = None


class Member:
    """Hears the master, and runs what it says; one test at a time."""

    def __init__(self, environment: "Environment") -> None:
        self._environment = environment
        self._engine: _Engine | None = None
        self._heard_s = monotonic_s()
        environment.events.heartbeat_received.add_listener(self._beat)

    def hear(self, environment: "Environment", msg: "Message") -> None:
        """Take a message of the master."""
        del environment
        parcel: Parcel = msg.data
        self._beat()
        engine = self._engine
        if engine is None or engine.run != parcel["run"]:
            if engine:
                self._end(engine)
            engine = self._engine = self._begin(parcel["run"], parcel["shard"])
        try:
            told = engine.way.to_engine(parcel["frames"])
        except SimulatorError as error:
            self._refuse(engine, error)
            return
        with contextlib.suppress(OSError):  # the engine has ended; its last words are on their way
            engine.sock.sendall(told)

    def stop(self) -> None:
        """Let the engine come to its end, and wait for that."""
        if self._engine:
            self._end(self._engine)

    @property
    def is_busy(self) -> bool:
        """Return whether a test runs here."""
        reader = self._engine.reader if self._engine else None
        return reader is not None and not reader.dead

    def watch(self) -> None:
        """Stop the engine when the master is gone. Never returns: for a greenlet of its own."""
        while True:
            gevent.sleep(1)
            if self.is_busy and monotonic_s() - self._heard_s > _SILENCE_S:
                log.error("The master has not been heard for %g s; the shard stops", _SILENCE_S)
                self.stop()

    def _beat(self, **_: object) -> None:
        self._heard_s = monotonic_s()

    def _begin(self, run: int, shard: int) -> _Engine:
        ours, theirs = gevent.socket.socketpair()
        # a plain socket for the thread: one of gevent's would look for a hub there
        plain = monkey.get_original("socket", "socket")(fileno=theirs.detach())
        thread = gevent.get_hub().threadpool.spawn(_run, plain)
        engine = _Engine(run, shard, ours, Upwards(wall_s, monotonic_s), thread)
        engine.reader = gevent.spawn(self._carry, engine)
        log.info("Shard %d of the fleet runs here, in a thread of its own", shard)
        return engine

    def _carry(self, engine: _Engine) -> None:
        """Send what the engine says to the master, until it says no more."""
        while data := engine.sock.recv(_PORTION):
            frames = engine.way.to_master(data)
            if frames:  # a portion may end before its first frame does
                self._send(engine, frames)
        try:
            engine.thread.get()
        except Exception:  # the boundary of the thread: record and stop
            log.exception("Shard %d ended by a bug of aurasim; please report it", engine.shard)
        self._send(engine, b"")
        engine.sock.close()

    def _send(self, engine: _Engine, frames: bytes) -> None:
        parcel: Parcel = {"run": engine.run, "shard": engine.shard, "frames": frames}
        self._environment.runner.send_message(UP, parcel)  # type: ignore[union-attr]  # there is one

    def _refuse(self, engine: _Engine, error: SimulatorError) -> None:
        failure = Failure(str(error), int(error.exit_code), type(error).__name__)
        self._send(engine, pack(FAILED, msgspec.json.encode(failure)))
        self._end(engine)

    def _end(self, engine: _Engine) -> None:
        engine.way.withdraw()
        with contextlib.suppress(OSError):
            engine.sock.sendall(pack(STOP, b""))
        gevent.joinall([engine.reader], timeout=_END_S)
        if self.is_busy:
            gevent.killall([engine.reader])
            engine.sock.close()  # the engine takes that for the end
        self._engine = None


def _run(sock: "gevent.socket.socket") -> None:
    """Run one shard to its end; this is a native thread."""
    gc.collect()
    gc.freeze()  # Locust's objects are not to be looked at while messages are due
    loop = fast_loop()()
    try:
        loop.run_until_complete(work(sock))
    finally:
        loop.close()
        sock.close()
