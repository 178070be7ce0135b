"""One load test over Locust's workers, on the master's side.

The test itself is `aurasim load`, in a process of its own that knows nothing of Locust: it sets the
fleet up, gives the common start, judges, stops early, keeps the journal and writes the result. Only
its workers are elsewhere: what it would say to a process of this machine goes over Locust's line.
"""

import logging
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import gevent
import gevent.socket
from gevent import subprocess

from simulator.clock import monotonic_s, wall_s
from simulator.load.result import ResultError, read_result
from simulator.load.shard import ROWS
from simulator.load.swarm.frames import Downwards
from simulator.load.swarm.member import DOWN, Parcel
from simulator.load.swarm.table import Table
from simulator.load.worker import Incoming

if TYPE_CHECKING:
    from locust.env import Environment

log = logging.getLogger(__name__)

_PORTION = 1 << 18
_LOOK_S = 0.5
_END_S = 20.0
_MISSING = "missing"


class _Post:
    """The line between the test and one worker."""

    def __init__(self, shard: int, client: str | None, ours: gevent.socket.socket) -> None:
        self.shard = shard
        self.client = client  # None: this very process
        self.ours = ours
        self.down = Downwards(wall_s, monotonic_s)
        self.up = Incoming()
        self.is_open = True

    def close(self) -> None:
        """Let the test know that the worker is no more."""
        if self.is_open:
            self.is_open = False
            self.ours.close()


class Campaign:
    """A test that runs over these workers; ends by itself, by `stop`, or with its process."""

    def __init__(
        self,
        environment: "Environment",
        number: int,
        clients: Sequence[str | None],
        command: Sequence[str],
        out: Path,
    ) -> None:
        self.number = number
        self.out = out
        self.exit_code: int | None = None
        self._environment = environment
        self._table = Table(environment)
        self._posts: list[_Post] = []
        theirs: list[socket.socket] = []
        for shard, client in enumerate(clients):
            ours, other = gevent.socket.socketpair()
            self._posts.append(_Post(shard, client, ours))
            theirs.append(other)
        files = [one.fileno() for one in theirs]
        whole = [*command, "--out", str(out), "--sockets", ",".join(map(str, files))]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "simulator.cli", "load", *whole],
            pass_fds=files,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for Locust, which tells us
        )
        for one in theirs:
            one.close()
        log.info("Load test %d begins on %d workers: %s", number, len(clients), out)
        self._carriers = [gevent.spawn(self._carry, post) for post in self._posts]
        self._watcher = gevent.spawn(self._watch)
        self._teller = gevent.spawn(self._tell)

    @property
    def is_over(self) -> bool:
        """Return whether the test has ended and its result is written."""
        return self.exit_code is not None

    def hear(self, parcel: Parcel) -> None:
        """Take what a worker says; the end of its frames is the end of the worker."""
        if parcel["run"] != self.number or not 0 <= parcel["shard"] < len(self._posts):
            return
        post = self._posts[parcel["shard"]]
        if not parcel["frames"]:
            post.close()
            return
        try:
            for letter, payload in post.up.feed(parcel["frames"]):
                if letter == ROWS:
                    self._table.enter(payload)
        except (ValueError, IndexError):  # whoever says this is no worker of ours
            log.exception("Worker %s is not understood; its shard is lost", post.client)
            post.close()
            return
        self._pass_on(post, parcel["frames"])

    def stop(self) -> None:
        """Let the test come to its end, and wait for its result."""
        if not self.is_over and not self._is_written:
            self._process.send_signal(signal.SIGINT)
        self._teller.join(timeout=_END_S)
        self.close()

    def close(self) -> None:
        """End it at once, if it has not ended."""
        if not self.is_over:
            self._process.kill()
            self._teller.join(timeout=_LOOK_S * 4)
        gevent.killall([*self._carriers, self._watcher])
        for post in self._posts:
            post.close()

    @property
    def _is_written(self) -> bool:
        """Return whether the test has judged, and only tidies up."""
        try:
            return read_result(self.out).is_whole
        except ResultError:
            return False

    def _pass_on(self, post: _Post, frames: bytes) -> None:
        try:
            if post.is_open:
                post.ours.sendall(frames)
        except OSError:
            post.close()  # the test has ended

    def _carry(self, post: _Post) -> None:
        """Send what the test says to its worker."""
        while post.is_open:
            try:
                data = post.ours.recv(_PORTION)
            except OSError:
                data = b""
            if not data:
                return
            frames = post.down.translate(data)
            if frames:
                parcel: Parcel = {"run": self.number, "shard": post.shard, "frames": frames}
                self._environment.runner.send_message(DOWN, parcel, client_id=post.client)  # type: ignore[union-attr]  # there is one

    def _watch(self) -> None:
        """Close the line to a worker that went missing: what it measured stays counted."""
        while True:
            gevent.sleep(_LOOK_S)
            for post in self._posts:
                if post.is_open and post.client is not None and self._is_missing(post.client):
                    log.warning("Worker %s went missing; its shard is lost", post.client)
                    post.close()

    def _is_missing(self, client: str) -> bool:
        clients = self._environment.runner.clients  # type: ignore[union-attr]  # a master has them
        node = clients.get(client)
        return node is None or node.state == _MISSING

    def _tell(self) -> None:
        """Log what the test says, and take note of how it ended."""
        for line in self._process.stdout:
            log.info("aurasim: %s", line.decode(errors="replace").rstrip())
        self.exit_code = self._process.wait()
