"""A journal that is written again, record by record, against what it was."""

from collections.abc import Iterator

import msgspec

from simulator.errors import InputError
from simulator.journal import Journal, Record, RunEnded, RunStarted, Unfinished


class DifferentRunError(InputError):
    """A run that is run again is not the one that was written."""


class VerifiedJournal:
    """Passes records on to another journal, and checks them as long as there are old ones.

    From the first record that is not what it was, nothing is passed on any more; nor from an end
    that comes before the old records do.
    """

    def __init__(self, inner: Journal, was: Iterator[Record]) -> None:
        self.checked = 0
        self.added = 0
        self._inner = inner
        self._was = was
        self._failure: DifferentRunError | None = None
        self._is_cut = False

    def write(self, record: Record) -> None:
        """Append one record; raise DifferentRunError where it is not what it was."""
        if self._failure or self._is_cut:
            return
        was = next(self._was, None)
        if was is not None and isinstance(record, Unfinished | RunEnded):
            self._is_cut = True
            return
        if was is not None and was != record:
            self._failure = DifferentRunError(_difference(self.checked + 1, was, record))
            raise self._failure
        if was is None:
            self.added += 1
        else:
            self.checked += 1
        self._inner.write(record)

    def flush(self) -> None:
        """Hand on what is buffered."""
        self._inner.flush()


def _difference(number: int, was: Record, now: Record) -> str:
    return (
        f"Record {number} is not what it was: {_reason(was, now)}. It was {_text(was)} and would "
        f"now be {_text(now)}. Nothing was changed. Start the run anew, or use the version and the "
        "profiles that it was begun with."
    )


def _reason(was: Record, now: Record) -> str:
    if isinstance(was, RunStarted) and isinstance(now, RunStarted) and was.version != now.version:
        return f"it was begun by aurasim {was.version}, and this is {now.version}"
    return "profiles, settings or aurasim have changed since"


def _text(record: Record) -> str:
    text = msgspec.json.encode(record).decode()
    return text if len(text) <= 160 else f"{text[:160]}…"
