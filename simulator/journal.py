"""The journal of a run: append-only, typed, versioned NDJSON.

Every arrow of the pipeline writes one record; reports, ledger and replay are functions of the
journal alone. Times `t` are seconds of the run; the first record says when the run began. The file
is written in batches of whole lines, so what a killed run leaves is readable up to its last batch;
a torn last line is ignored.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Protocol

import msgspec
from msgspec import Struct

from simulator.errors import InputError, UnavailableError

FORMAT = 1
FILE_NAME = "journal.ndjson"
_BATCH = 256  # records a write


class _Record(Struct, frozen=True, tag_field="type", kw_only=True, omit_defaults=True):
    t: float


class RunStarted(_Record, frozen=True, tag="run"):
    """The first record: all that is needed to repeat the run."""

    format: int
    version: str
    seed: int
    clock: str
    target: str
    tier: str
    started: str  # ISO 8601, UTC: the time of day at t = 0
    for_s: float
    mix: dict[str, int]
    mutate: float = 0.0  # the share of all frames that is mutated


class DeviceLinked(_Record, frozen=True, tag="device"):
    """A unit is linked to its customer at AURA."""

    device: str
    profile: str
    serial: str
    device_id: str
    customer: int
    latitude: float
    longitude: float


class LinkRefused(_Record, frozen=True, tag="device-refused"):
    """A unit could not be set up at AURA; it takes no part in the run."""

    device: str
    reason: str


class Pressed(_Record, frozen=True, tag="press"):
    """A person asked for help."""

    press: str
    device: str
    gesture: str


class Regretted(_Record, frozen=True, tag="regret"):
    """The person no longer needs help: by the device's own gesture, or by calling the operator."""

    press: str
    device: str
    by: str  # native | operator


class Silent(_Record, frozen=True, tag="silent"):
    """The device could not say what the person asked it to."""

    device: str
    press: str
    reason: str


class FrameSent(_Record, frozen=True, tag="frame"):
    """The device handed a frame to its radio."""

    device: str
    seq: int
    kind: str
    hex: str
    press: str | None = None
    port: int | None = None
    attempt: int = 1
    battery: int | None = None  # percent
    latitude: float | None = None  # where the device truly is, not what it says
    longitude: float | None = None
    mutation: str | None = None  # what was done to the frame on purpose


class OnAir(_Record, frozen=True, tag="air"):
    """What became of a frame on its way: how many copies arrive, or why none does."""

    device: str
    seq: int
    press: str | None = None
    copies: int = 0
    lost: str | None = None
    air_s: float = 0.0
    wait_s: float = 0.0  # waited for the radio to be allowed to send


class Received(_Record, frozen=True, tag="gateway"):
    """The gateway has a frame: the messages it means, or why it is dropped."""

    device: str
    seq: int
    press: str | None = None
    means: list[str] = []
    dropped: str | None = None


class Replied(_Record, frozen=True, tag="reply"):
    """The server's answer to a frame, on its way back to the device."""

    device: str
    seq: int
    hex: str
    lost: bool = False


class EventSent(_Record, frozen=True, tag="event"):
    """A device event, or an operator's request, goes to AURA."""

    device: str
    message: str
    kind: str
    press: str | None = None
    seq: int | None = None


class Answered(_Record, frozen=True, tag="answer"):
    """AURA answered; `attempts` counts the requests that it took."""

    device: str
    message: str
    kind: str
    status: int
    press: str | None = None
    callout: int | None = None
    attempts: int = 1
    took_s: float = 0.0


class Failed(_Record, frozen=True, tag="failed"):
    """AURA refused a message for good, or could not be reached in time."""

    device: str
    message: str
    kind: str
    reason: str
    status: int | None = None
    press: str | None = None
    attempts: int = 1


class CalloutClosed(_Record, frozen=True, tag="closed"):
    """The run saw a callout end: cancelled, or closed by the control room."""

    device: str
    callout: int
    by: str


class Unfinished(_Record, frozen=True, tag="unfinished"):
    """The run ended while this press was still on its way."""

    press: str
    device: str
    where: str


class RunEnded(_Record, frozen=True, tag="end"):
    """The last record: why the run ended."""

    reason: str  # finished | interrupted | failed
    detail: str | None = None


Record = (
    RunStarted
    | DeviceLinked
    | LinkRefused
    | Pressed
    | Regretted
    | Silent
    | FrameSent
    | OnAir
    | Received
    | Replied
    | EventSent
    | Answered
    | Failed
    | CalloutClosed
    | Unfinished
    | RunEnded
)


class JournalError(InputError):
    """A journal cannot be read: `path`, `line`, `reason`."""

    def __init__(self, path: Path, line: int | None, reason: str) -> None:
        place = f"{path}:{line}" if line else str(path)
        super().__init__(f"{place}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


class JournalUnwritableError(UnavailableError):
    """The folder of a run cannot be written."""


class Journal(Protocol):
    """Where the facts of a run go."""

    def write(self, record: Record) -> None:
        """Append one record."""
        ...

    def flush(self) -> None:
        """Make what was written readable for others, and safe from a kill."""
        ...


class MemoryJournal:
    """A journal that keeps its records: for tests and scenarios."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def write(self, record: Record) -> None:
        """Append one record."""
        self.records.append(record)

    def flush(self) -> None:
        """Do nothing: the records are readable at once."""


class FileJournal:
    """A journal in a file; use as a context manager, so that it is whole at the end."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self.count = 0
        self._encoder = msgspec.json.Encoder()
        self._buffer = bytearray()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file: IO[bytes] = self.path.open("wb")
        except OSError as error:
            message = (
                f"The run cannot be written to {folder}: {error.strerror}. "
                "Name a folder that you may write with --out."
            )
            raise JournalUnwritableError(message) from error

    def write(self, record: Record) -> None:
        """Append one record."""
        self._encoder.encode_into(record, self._buffer, -1)
        self._buffer += b"\n"
        self.count += 1
        if self.count % _BATCH == 0:
            self.flush()

    def flush(self) -> None:
        """Hand what is buffered to the operating system."""
        try:
            self._file.write(self._buffer)
            self._file.flush()
        except OSError as error:
            message = f"The journal {self.path} cannot be written: {error.strerror}. Free the disk."
            raise JournalUnwritableError(message) from error
        self._buffer.clear()

    def __enter__(self) -> "FileJournal":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.flush()
        finally:
            self._file.close()


def journal_path(run: Path) -> Path:
    """Return the journal of a run, given its folder or the file itself."""
    return run / FILE_NAME if run.is_dir() else run


def read_journal(run: Path) -> Iterator[Record]:
    """Yield the records of a run, given its folder or its journal; ignore a torn last line."""
    path = journal_path(run)
    decoder = msgspec.json.Decoder(Record)
    try:
        file = path.open("rb")
    except OSError as error:
        reason = f"cannot be read: {error.strerror}. Name the folder given as --out to a run."
        raise JournalError(path, None, reason) from error
    with file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return
            try:
                record = decoder.decode(line)
            except msgspec.DecodeError as error:
                raise JournalError(path, number, f"is no record of a journal: {error}") from error
            if number == 1:
                _check_first(path, record)
            yield record


def _check_first(path: Path, record: Record) -> None:
    if not isinstance(record, RunStarted):
        raise JournalError(path, 1, "does not begin with a run; the file is no journal.")
    if record.format != FORMAT:
        reason = f"has journal format {record.format}; this version reads {FORMAT}."
        raise JournalError(path, 1, reason)
