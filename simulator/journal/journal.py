"""Where the facts of a run go, and the journal that keeps them in memory."""

from typing import Protocol

from simulator.journal.records import Record


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
