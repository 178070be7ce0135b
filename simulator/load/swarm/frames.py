"""What happens to the frames of a worker on their way between machines.

Times of the monotonic clock mean nothing elsewhere. So the common start travels by the time of
day, and rows are moved from the worker's clock to the master's. Secrets stay at home: a worker of
another machine has credentials of its own.
"""

from collections.abc import Callable, Iterator

import msgspec
import numpy as np

from simulator.aura import Credentials, Target, Tier
from simulator.aura.access import Access
from simulator.errors import InputError, SimulatorError
from simulator.load.rows import DTYPE
from simulator.load.shard import ROWS, Task
from simulator.load.worker import END, GO, HEAD, STOP, TASK, Incoming

_MOMENTS = ("due", "taken", "sent", "flushed", "done")


class ParcelError(InputError):
    """A message between master and worker is not what it should be."""


def pack(letter: bytes, payload: bytes) -> bytes:
    """Return a frame as it travels."""
    return HEAD.pack(letter, len(payload)) + payload


class Downwards:
    """Frames from the runner to a worker elsewhere, on the master's side."""

    def __init__(self, wall_s: Callable[[], float], monotonic_s: Callable[[], float]) -> None:
        self._incoming = Incoming()
        self._wall_s = wall_s
        self._monotonic_s = monotonic_s

    def translate(self, data: bytes) -> bytes:
        """Return what travels; frames that are not complete yet come with the next portion."""
        return b"".join(pack(*self._frame(*frame)) for frame in self._incoming.feed(data))

    def _frame(self, letter: bytes, payload: bytes) -> tuple[bytes, bytes]:
        if letter == TASK:
            return letter, without_secret(payload)
        if letter == GO:
            start_s = float(payload)
            at_s = self._wall_s() + (start_s - self._monotonic_s())
            return letter, f"{at_s!r} {start_s!r}".encode()
        return letter, payload


class Upwards:
    """Frames on the worker's machine: from the master to the engine, and rows back."""

    def __init__(self, wall_s: Callable[[], float], monotonic_s: Callable[[], float]) -> None:
        self._down, self._up = Incoming(), Incoming()
        self._wall_s = wall_s
        self._monotonic_s = monotonic_s
        self._shift_s = 0.0
        self._is_told_to_stop = False
        self._is_withdrawn = False

    def withdraw(self) -> None:
        """Leave the test before its end, without being told: this shard is then not whole."""
        self._is_withdrawn = not self._is_told_to_stop

    def to_engine(self, data: bytes) -> bytes:
        """Return what the engine is told; raise ParcelError for what no master of ours says."""
        try:
            return b"".join(pack(*self._told(*frame)) for frame in self._down.feed(data))
        except (msgspec.MsgspecError, ValueError) as error:
            if isinstance(error, SimulatorError):
                raise
            message = (
                f"What the master says is not understood ({error}). "
                "Run the same version of aurasim on all machines."
            )
            raise ParcelError(message) from error

    def to_master(self, data: bytes) -> bytes:
        """Return what the master is told; rows by the master's clock."""
        frames = (self._said(*frame) for frame in self._up.feed(data))
        if self._is_withdrawn:
            frames = (frame for frame in frames if frame[0] != END)
        return b"".join(pack(*frame) for frame in frames)

    def _told(self, letter: bytes, payload: bytes) -> tuple[bytes, bytes]:
        if letter == TASK:
            return letter, with_secret(payload)
        self._is_told_to_stop |= letter == STOP
        if letter == GO:
            at_s, master_s = (float(part) for part in payload.split())
            start_s = self._monotonic_s() + (at_s - self._wall_s())
            self._shift_s = master_s - start_s
            return letter, repr(start_s).encode()
        return letter, payload

    def _said(self, letter: bytes, payload: bytes) -> tuple[bytes, bytes]:
        if letter != ROWS or not self._shift_s:
            return letter, payload
        return letter, shifted(payload, self._shift_s)


def frames_in(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the frames of complete data."""
    yield from Incoming().feed(data)


def shifted(payload: bytes, by_s: float) -> bytes:
    """Return rows with all their moments moved; 0 stands for a moment that never was."""
    rows = np.frombuffer(payload, DTYPE).copy()
    for name in _MOMENTS:
        moments = rows[name]
        moments[moments != 0.0] += by_s
    return rows.tobytes()


def without_secret(payload: bytes) -> bytes:
    """Return a task that may travel: the secret of a sandbox on this machine is none."""
    task = msgspec.json.decode(payload, type=Task)
    if Target.parse(task.base_url, allowed=task.allowed).tier is Tier.SANDBOX:
        return payload
    return msgspec.json.encode(msgspec.structs.replace(task, client_secret="", proxy_url=None))


def with_secret(payload: bytes) -> bytes:
    """Return a task with the credentials of this machine, where it came without any.

    Raises CredentialsMissingError.
    """
    task = msgspec.json.decode(payload, type=Task)
    if task.client_secret:
        return payload
    ours = Credentials.from_environment()
    replaced = msgspec.structs.replace(
        task,
        client_id=ours.client_id,
        client_secret=ours.client_secret.reveal(),
        proxy_url=Access.read().proxy_url,
    )
    return msgspec.json.encode(replaced)
