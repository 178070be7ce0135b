"""Plays a journal: its records at their times, with pause, seek and any rate.

The player knows no wall clock: whoever turns it says how much time has passed. Memory does not grow
with the journal: to go back, it is read again from its beginning.
"""

from collections.abc import Callable, Iterator

from simulator.journal import Record
from simulator.report import Ledger

SLOWEST, FASTEST = 0.125, 1_048_576.0


class Player:
    """One journal being played. `ledger` accounts for what has been played so far.

    `rate` is run seconds a second. Mutable; feed it with `pass_time`.
    """

    def __init__(self, read: Callable[[], Iterator[Record]], rate: float = 1.0) -> None:
        self._read = read
        self.rate = rate
        self.is_paused = False
        self.now_s = 0.0
        self._records: Iterator[Record] = iter(())
        self._next: Record | None = None
        self._begin()

    @property
    def is_over(self) -> bool:
        """Return whether all records have been played."""
        return self._next is None

    def pass_time(self, wall_s: float) -> Iterator[Record]:
        """Let wall time pass; yield the records that fall into it."""
        if not self.is_paused:
            yield from self.play_to(self.now_s + wall_s * self.rate)

    def play_to(self, at_s: float) -> Iterator[Record]:
        """Yield the records up to a run time, and be there; never goes back."""
        while self._next is not None and self._next.t <= at_s:
            record = self._next
            self._next = next(self._records, None)
            self.now_s = max(self.now_s, record.t)
            self.ledger.add(record)
            yield record
        if self._next is not None:
            self.now_s = max(self.now_s, at_s)

    def play_next(self) -> Record | None:
        """Play the next record, whenever it is."""
        return None if self._next is None else next(self.play_to(self._next.t))

    def seek(self, at_s: float) -> None:
        """Go to a run time, forwards or back."""
        at_s = max(0.0, at_s)
        if at_s < self.now_s:
            self._begin()
        for _ in self.play_to(at_s):
            pass
        self.now_s = min(self.now_s, at_s)

    def faster(self, times: float) -> None:
        """Change the rate, within reason."""
        self.rate = min(FASTEST, max(SLOWEST, self.rate * times))

    def _begin(self) -> None:
        self.ledger = Ledger()
        self._records = self._read()
        self._next = next(self._records, None)
        self.now_s = 0.0
