"""What a run has left behind: its settings, and how far its journal goes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from simulator.journal import (
    SHARDS,
    JournalError,
    JournalForm,
    Record,
    RunEnded,
    RunStarted,
    Unfinished,
    form_of,
    journal_path,
    read_kept,
)
from simulator.run import RunSettings, settings_in


@dataclass(frozen=True, slots=True)
class Written:
    """A journal on disk. `facts` are its records up to where the run was cut off.

    A run that was interrupted says what was on its way and that it ended; what comes of it when it
    goes on is another end, so those records are no facts.
    """

    folder: Path
    form: JournalForm
    settings: RunSettings
    records: int
    facts: int
    last_s: float
    ended: RunEnded | None

    def read(self) -> Iterator[Record]:
        """Yield the facts."""
        for _, record in zip(range(self.facts), read_kept(self.folder), strict=False):
            yield record

    @property
    def is_finished(self) -> bool:
        """Return whether the run went to its own end."""
        return self.ended is not None and self.ended.reason == "finished"


def read_written(run: Path) -> Written:
    """Look through a journal; raise JournalError or InputError where it tells of no run."""
    records = facts = 0
    last_s = 0.0
    start: RunStarted | None = None
    ended: RunEnded | None = None
    for record in read_kept(run):
        records += 1
        if isinstance(record, RunEnded):
            ended = record
            continue
        if start is None and isinstance(record, RunStarted):
            start = record
        if not isinstance(record, Unfinished):
            facts, last_s, ended = records, record.t, None
    start = start or _of_workers(run)
    if start is None:
        raise JournalError(run, None, "was killed before its first record; run it again.")
    folder = run if run.is_dir() and form_of(run) is JournalForm.LINES else _folder(run)
    settings = replace(settings_in(start), out=folder)
    return Written(folder, form_of(run), settings, records, facts, last_s, ended)


def _of_workers(run: Path) -> RunStarted | None:
    """Return the first record of a run in many processes, whose journal is put together last."""
    begun = run / SHARDS / "00000"
    try:
        first = next(read_kept(begun), None)
    except JournalError:
        return None
    return first if isinstance(first, RunStarted) else None


def _folder(run: Path) -> Path:
    """Return the folder of a run, given it or the journal in it."""
    if form_of(run) is JournalForm.LINES:
        return journal_path(run).parent
    return run if (run / "journal").is_dir() else run.parent
