"""Small runs on disk, cut off where a test wants it."""

from pathlib import Path

from simulator.device import People
from simulator.journal import FileJournal, JournalForm, journal_path, open_journal
from simulator.run import Run, RunSettings

SETTINGS = RunSettings(
    mix={"eview-ev07b": 4, "milesight-ws101": 3, "gt06": 2},
    for_s=4 * 3600.0,
    seed=11,
    people=People(presses=3.0),
)


def ran(folder: Path, settings: RunSettings = SETTINGS) -> bytes:
    """Run to the end; return the bytes of the journal."""
    with FileJournal(folder) as journal:
        Run(settings, journal).execute()
    return journal_path(folder).read_bytes()


def ran_in_columns(folder: Path, settings: RunSettings = SETTINGS) -> None:
    """Run to the end, into a journal of columns."""
    with open_journal(folder, JournalForm.COLUMNS) as journal:
        Run(settings, journal).execute()


def cut(folder: Path, whole: bytes, length: int) -> None:
    """Leave so many bytes of a journal, as a kill does."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "journal.ndjson").write_bytes(whole[:length])
