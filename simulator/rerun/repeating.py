"""Runs a run once more from its journal's settings, and says whether it is the same to the byte."""

from collections.abc import Callable

from simulator.errors import InputError
from simulator.journal import Record
from simulator.rerun.verifying import VerifiedJournal
from simulator.rerun.written import Written
from simulator.run import Progress, Run


class _Nowhere:
    """A journal that keeps nothing."""

    def write(self, record: Record) -> None:
        """Forget a record."""

    def flush(self) -> None:
        """Do nothing."""


def repeat(written: Written, on_progress: Callable[[Progress], None] = lambda _: None) -> int:
    """Return how many records are the same; raise DifferentRunError at the first that is not.

    Raises InputError for a run in real time: nothing repeats that.
    """
    if not written.settings.clock.is_virtual:
        message = "A run in real time cannot be repeated; leave --again away to play its journal."
        raise InputError(message)
    verified = VerifiedJournal(_Nowhere(), written.read())
    if Run(written.settings, verified, on_progress).execute().reason == "interrupted":
        raise KeyboardInterrupt
    return verified.checked
