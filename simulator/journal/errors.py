"""What goes wrong with a journal."""

from pathlib import Path

from simulator.errors import InputError, UnavailableError


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
