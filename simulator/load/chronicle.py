"""The folder of a load test: its journal, written as lines come, and what is put beside it."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from simulator.journal import FILE_NAME, Record, read_journal
from simulator.load.result import ResultUnwritableError

LEFT_OVER = ("result.json", "report.html", "stages.csv", "seconds.csv")


class Chronicle:
    """Keeps the journal in a folder while the block runs; raises ResultUnwritableError.

    `failure` is why lines could not be kept: who waits for the test has to look.
    """

    def __init__(self, folder: Path) -> None:
        self.failure: ResultUnwritableError | None = None
        self._folder = folder
        self._file: BinaryIO | None = None
        self._encoder = msgspec.json.Encoder()

    def __enter__(self) -> Self:
        folder = self._folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name in LEFT_OVER:  # of a test before: a killed one must not look like it
                (folder / name).unlink(missing_ok=True)
            self._file = (folder / FILE_NAME).open("wb")
        except OSError as error:
            message = (
                f"The load test cannot be written to {folder}: {error.strerror}. "
                "Name a folder that you may write with --out."
            )
            raise ResultUnwritableError(message) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.flush()
        file, self._file = self._file, None
        if file:
            with suppress(OSError):  # it is known what could not be written
                file.close()

    def write(self, record: Record) -> None:
        """Append one record."""
        self.keep(self._encoder.encode(record) + b"\n")

    def keep(self, lines: bytes) -> None:
        """Append whole lines, unless that has failed before."""
        if self._file and not self.failure:
            try:
                self._file.write(lines)
            except OSError as error:
                self._fail(error)

    def flush(self) -> None:
        """Hand what was written to the system."""
        if self._file and not self.failure:
            try:
                self._file.flush()
            except OSError as error:
                self._fail(error)

    def check(self) -> None:
        """Raise what keeps lines from being written."""
        if self.failure:
            raise self.failure

    def read(self) -> Iterable[Record]:
        """Yield what was written."""
        self.flush()
        return read_journal(self._folder)

    def _fail(self, error: OSError) -> None:
        message = (
            f"The journal in {self._folder} cannot be written: {error.strerror}. Free the disk."
        )
        self.failure = ResultUnwritableError(message)
