"""A journal that holds a window of time back: what is written after the fact finds its place."""

from simulator.journal import Columns, ColumnsJournal, Journal, Record, records


class Window:
    """A journal that sorts what it holds. While it `is_open` records may come in any order.

    What is kept in `columns` is sorted by its reader, and is not held.
    """

    def __init__(self, journal: Journal, columns: ColumnsJournal | None = None) -> None:
        self._journal = journal
        self._columns = columns
        self._held: list[Record] = []
        self.is_open = False

    def write(self, record: Record) -> None:
        """Append one record."""
        if self.is_open and self._columns is None:
            self._held.append(record)
        else:
            self._journal.write(record)

    def write_columns(self, kind: type[Record], columns: Columns) -> None:
        """Append many records of one kind; those of one moment in the order of writing."""
        if self._columns is not None:
            self._columns.write_columns(kind, columns)
            return
        made = list(records(kind, columns))
        if self.is_open:
            self._held += made
            return
        for record in made:
            self._journal.write(record)

    def flush(self) -> None:
        """Make what was let go readable."""
        self._journal.flush()

    def let_go(self, until_s: float = float("inf")) -> None:
        """Hand on, in the order of time, all records before a time: no more will come of them."""
        held = sorted(self._held, key=_time)
        count = len(held)
        while count and held[count - 1].t >= until_s:
            count -= 1
        written = 0
        try:
            for record in held[:count]:
                written += 1  # first: nothing is written twice, even if Ctrl-C comes in between
                self._journal.write(record)
        finally:
            self._held = held[written:]


def _time(record: Record) -> float:
    return record.t
