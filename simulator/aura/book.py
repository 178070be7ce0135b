"""The open list: what was opened at AURA outside the sandbox, written down before it is sent.

One file a process and target, of NDJSON, kept for the day on which the process does not come to its
end. Whoever holds its lock lives; a list without a holder was left by a killed run, and the next
command can end what is on it. Nothing secret is written: hosts, ids and the client id.
"""

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from simulator.aura.http import Request, Response
from simulator.aura.openings import Kind, Thing, about, ended, opened
from simulator.aura.state import StateError, made, state_folder
from simulator.aura.targets import Target, Tier
from simulator.clock import iso, wall_s
from simulator.errors import InputError

if sys.platform != "win32":
    import fcntl

FORMAT = 1
_log = logging.getLogger(__name__)
_SUFFIX = ".open.ndjson"
_CALLERS = ("customer ", "device ")
"""Who may call again and again is written down once, and asked about after a kill."""


class Head(Struct, frozen=True, tag="head", kw_only=True):
    """Whose list it is."""

    format: int
    base_url: str
    tier: str
    client_id: str
    started: str
    pid: int
    run: str = ""  # the folder of the run, where it has one


class _About(Struct, frozen=True, tag="about"):
    """Something may be opened for this; written before the request is sent."""

    what: str


class _Settled(Struct, frozen=True, tag="settled"):
    """What came of it is known."""

    what: str


class _Opened(Struct, frozen=True, tag="open"):
    kind: Kind
    id: str
    of: str = ""


class _Ended(Struct, frozen=True, tag="end"):
    kind: Kind
    id: str


_Line = Head | _About | _Settled | _Opened | _Ended


class BookError(InputError):
    """A list cannot be read: `path` and `reason`."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"The open list {path} {reason}")
        self.path = path
        self.reason = reason


class Book:
    """A list, open for writing and locked; made by `begin`, or taken over by `take`.

    `things` are open as far as is known. `uncertain` names what a request without an answer was
    about: something may be open there. Mutable, and used by one thread.
    """

    def __init__(self, path: Path, head: Head, descriptor: int) -> None:
        self.path = path
        self.head = head
        self.uncertain: set[str] = set()
        self._things: dict[tuple[Kind, str], Thing] = {}
        self._ended: set[tuple[Kind, str]] = set()
        self._abouts: set[str] = set()
        self._owners: dict[str, str] = {}
        self._descriptor = descriptor
        self._is_synced = head.tier != Tier.SANDBOX

    @classmethod
    def begin(
        cls, target: Target, client_id: str, *, run: str = "", folder: Path | None = None
    ) -> "Book":
        """Begin a list for a target; raise StateError where it cannot be kept."""
        place = made(folder or open_folder())
        pid, started_s = os.getpid(), wall_s()
        head = Head(
            format=FORMAT,
            base_url=target.origin + target.prefix,
            tier=target.tier.value,
            client_id=client_id,
            started=iso(started_s),
            pid=pid,
            run=run,
        )
        path, number = place, 0
        while True:
            path = place / f"{started_s * 1000:.0f}-{pid}-{number}{_SUFFIX}"
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
                descriptor = os.open(path, flags, 0o600)
                break
            except FileExistsError:
                number += 1
            except OSError as error:
                raise StateError(path, error.strerror or str(error)) from error
        book = cls(path, head, descriptor)
        _lock(descriptor)
        book._write(head)
        return book

    @classmethod
    def take(cls, path: Path) -> "Book | None":
        """Take over the list of a process that is no more; None while somebody holds it.

        Raises BookError for what is no list.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BookError(path, f"cannot be opened: {error.strerror}") from error
        if not _lock(descriptor):
            os.close(descriptor)
            return None
        try:
            return cls._read(path, descriptor)
        except BookError:
            os.close(descriptor)
            raise

    @classmethod
    def _read(cls, path: Path, descriptor: int) -> "Book":
        """Read a list; a last line without its end was never answered for, and is left out."""
        whole = path.read_bytes()
        end = whole.rfind(b"\n") + 1
        decoder = msgspec.json.Decoder(_Line)
        try:
            lines = [decoder.decode(line) for line in whole[:end].splitlines()]
        except (msgspec.DecodeError, RecursionError) as error:
            raise BookError(path, f"is damaged: {error}. Look at it, and delete it.") from error
        if not lines or not isinstance(lines[0], Head) or lines[0].format != FORMAT:
            raise BookError(path, "is empty, or not of this version. Look at it, and delete it.")
        if end < len(whole):
            os.ftruncate(descriptor, end)
        book = cls(path, lines[0], descriptor)
        for line in lines[1:]:
            book._take_in(line)
        book.uncertain = set(book._abouts)
        return book

    @property
    def things(self) -> tuple[Thing, ...]:
        """Return what is open, in the order in which it is to be ended."""
        order = list(Kind)
        return tuple(sorted(self._things.values(), key=lambda thing: order.index(thing.kind)))

    def owner_of(self, device: str) -> str:
        """Return the customer of a device that was linked, unlinked since or not; "" if unknown."""
        return self._owners.get(device.lower(), "")

    @property
    def has_callouts(self) -> bool:
        """Return whether a response may be under way because of this list."""
        return bool(self.uncertain) or any(t.kind is Kind.CALLOUT for t in self._things.values())

    @property
    def is_settled(self) -> bool:
        """Return whether nothing is left to end."""
        return not self._things and not self.uncertain

    def before(self, request: Request) -> None:
        """Write down what a request is about to open; raise StateError where that cannot be."""
        what = about(request)
        if what is not None and what not in self._abouts:
            self._write(_About(what))
            self._abouts.add(what)

    def after(self, request: Request, response: Response | None) -> None:
        """Write down what an answer opened or ended; without an answer, nobody knows.

        A thing that cannot be written down is still known to this process.
        """
        what = about(request)
        if response is None:
            if what is not None:
                self.uncertain.add(what)
            return
        if what is not None:
            thing = opened(request, response)
            if thing is not None and not self._is_known(thing):
                self._note(_Opened(thing.kind, thing.id, thing.of))
            if not what.startswith(_CALLERS) and what not in self.uncertain:
                self._note(_Settled(what))
        over = ended(request, response)
        if over is not None:
            self.end(over)

    def end(self, thing: Thing) -> None:
        """Write down that a thing is no more."""
        key = _key(thing.kind, thing.id)
        if key in self._things or (thing.kind is Kind.CALLOUT and key not in self._ended):
            self._note(_Ended(thing.kind, thing.id))

    def close(self) -> None:
        """Let go of the list, and delete it if nothing is left to end."""
        if self.is_settled:
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def discard(self) -> None:
        """Delete the list, whatever it says."""
        self.path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def _is_known(self, thing: Thing) -> bool:
        key = _key(thing.kind, thing.id)
        return key in self._things or key in self._ended

    def _note(self, line: _Settled | _Opened | _Ended) -> None:
        self._take_in(line)
        try:
            self._write(line)
        except StateError as error:
            _log.warning("%s", error)

    def _take_in(self, line: _Line) -> None:
        match line:
            case _About(what):
                self._abouts.add(what)
            case _Settled(what):
                self._abouts.discard(what)
            case _Opened(kind, thing, of):
                if kind is Kind.DEVICE:
                    self._owners[thing.lower()] = of
                self._things[_key(kind, thing)] = Thing(kind, thing, of)
            case _Ended(kind, thing):
                self._things.pop(_key(kind, thing), None)
                if kind is Kind.CALLOUT:
                    self._ended.add(_key(kind, thing))

    def _write(self, line: _Line) -> None:
        try:
            text = msgspec.json.encode(line) + b"\n"
            if os.write(self._descriptor, text) != len(text):
                raise StateError(self.path, "the disk is full")
            if self._is_synced:
                os.fsync(self._descriptor)
        except OSError as error:
            if isinstance(error, StateError):
                raise
            raise StateError(self.path, error.strerror or str(error)) from error


def open_folder() -> Path:
    """Return where the lists are."""
    return state_folder() / "open"


def abandoned(folder: Path | None = None) -> Iterator[Book]:
    """Take over, one after the other, the lists nobody holds; close each. Damaged ones are told."""
    place = folder or open_folder()
    for path in sorted(place.glob(f"*{_SUFFIX}")):
        try:
            book = Book.take(path)
        except BookError as error:
            _log.warning("%s", error)
            continue
        if book is not None:
            yield book


def _key(kind: Kind, thing: str) -> tuple[Kind, str]:
    return kind, thing.lower()


def _lock(descriptor: int) -> bool:
    """Lock a file until its process ends; return whether it was free."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
