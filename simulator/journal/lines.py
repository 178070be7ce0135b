"""The journal as lines of JSON (NDJSON), written in batches of whole lines.

What a killed run leaves is readable up to its last batch; a torn last line is ignored.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec

from simulator.journal.errors import JournalError, JournalUnwritableError
from simulator.journal.records import FORMAT, Record, RunStarted
from simulator.unbroken import unbroken

FILE_NAME = "journal.ndjson"
_BATCH = 256  # records a write
_LONGEST_LINE = 16 * 1024 * 1024  # bytes of a record, far above any that is written
_TAIL = 1 << 16  # bytes that are looked through at once


class FileJournal:
    """A journal in a file; use as a context manager, so that it is whole at the end."""

    def __init__(self, folder: Path, *, keep: int = 0) -> None:
        """Begin a journal; with `keep`, go on after so many lines of the one that is there."""
        self.path = folder / FILE_NAME
        self.count = 0
        self._encoder = msgspec.json.Encoder()
        self._buffer = bytearray()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file: IO[bytes] = self.path.open("r+b" if keep else "wb")
            for _ in range(keep):
                self._file.readline()
            self._file.truncate()
        except OSError as error:
            message = (
                f"The run cannot be written to {folder}: {error.strerror}. "
                "Name a folder that you may write with --out."
            )
            raise JournalUnwritableError(message) from error

    def write(self, record: Record) -> None:
        """Append one record."""
        self._buffer += self._encoder.encode_lines([record])  # at once: Ctrl-C leaves whole lines
        self.count += 1
        if self.count % _BATCH == 0 or self.count == 1:  # the first has what repeats the run
            self.flush()

    @unbroken()
    def flush(self) -> None:
        """Hand what is buffered to the operating system."""
        try:
            self._file.write(self._buffer)
            self._file.flush()
        except OSError as error:
            self._give_up()
            message = f"The journal {self.path} cannot be written: {error.strerror}. Free the disk."
            raise JournalUnwritableError(message) from error
        self._buffer.clear()

    def _give_up(self) -> None:
        """Keep what was written, up to its last whole line, and write no more."""
        self._buffer.clear()
        with suppress(OSError):
            self._file.close()
        with suppress(OSError), self.path.open("rb+") as written:
            written.truncate(_whole(written))
        self._file = Path(os.devnull).open("wb")  # noqa: SIM115 - closed on leaving, as its forerunner

    def __enter__(self) -> "FileJournal":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.flush()
        finally:
            self._file.close()


def _whole(file: IO[bytes]) -> int:
    """Return how many bytes of a file are whole lines."""
    size = file.seek(0, os.SEEK_END)
    while size:
        begins = max(0, size - _TAIL)
        file.seek(begins)
        end = file.read(size - begins).rfind(b"\n")
        if end >= 0:
            return begins + end + 1
        size = begins
    return 0


def journal_path(run: Path) -> Path:
    """Return the journal of a run, given its folder or the file itself."""
    return run / FILE_NAME if run.is_dir() else run


def read_lines(run: Path) -> Iterator[Record]:
    """Yield the records of a run, given its folder or its journal; ignore a torn last line."""
    path = journal_path(run)
    decoder = msgspec.json.Decoder(Record)
    try:
        file = path.open("rb")
    except OSError as error:
        reason = f"cannot be read: {error.strerror}. Name the folder given as --out to a run."
        raise JournalError(path, None, reason) from error
    with file:
        for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE), b""), 1):
            if len(line) == _LONGEST_LINE:
                raise JournalError(path, number, "is no record of a journal: it is too long.")
            if not line.endswith(b"\n"):
                return
            try:
                record = decoder.decode(line)
            except (msgspec.DecodeError, RecursionError) as error:
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
