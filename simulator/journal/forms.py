"""The two forms of a journal: lines of JSON, or columns for runs of many million records."""

import shutil
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.errors import UnavailableError
from simulator.journal.errors import JournalError
from simulator.journal.lines import FILE_NAME, FileJournal, read_lines
from simulator.journal.records import Record

if TYPE_CHECKING:
    from simulator.journal.columns import ColumnJournal

COLUMNS_FOLDER = "journal"
SHARDS = "shards"  # where each worker of a run has a folder, until their journals become one


class JournalForm(StrEnum):
    """How a journal is kept on disk."""

    LINES = "lines"  # journal.ndjson: readable by eye, whole up to the last batch
    COLUMNS = "columns"  # journal/part-*/KIND.parquet: a tenth of the size, whole up to a part


def open_journal(
    folder: Path, form: JournalForm, *, first_row: int = 0
) -> "FileJournal | ColumnJournal":
    """Begin the journal of a run in its folder, in the place of an earlier one of either form.

    `first_row` is where the rows of columns are counted from.
    """
    if form is JournalForm.LINES:
        journal = FileJournal(folder)
        shutil.rmtree(folder / COLUMNS_FOLDER, ignore_errors=True)
        return journal
    _require_arrow()
    from simulator.journal.columns import ColumnJournal

    columns = ColumnJournal(folder, first_row=first_row)
    (folder / FILE_NAME).unlink(missing_ok=True)
    return columns


def form_of(run: Path) -> JournalForm:
    """Return how the journal of a run is kept, given its folder or the journal itself."""
    is_columnar = (run / COLUMNS_FOLDER).is_dir() or (run / "part-00000").is_dir()
    return JournalForm.COLUMNS if is_columnar else JournalForm.LINES


def journal_folder(run: Path) -> Path:
    """Return the folder of a run, given it or its journal."""
    is_journal = run.is_file() or (run / "part-00000").is_dir()
    return run.parent if is_journal else run


def read_journal(run: Path) -> Iterator[Record]:
    """Yield the records of a run, given its folder or its journal, in the order of time.

    A torn end, as a killed run leaves it, is ignored. Raises JournalError where the journals of
    several processes have not become one.
    """
    refuse_shards(run)
    return read_kept(run)


def refuse_shards(run: Path) -> None:
    """Raise JournalError where there is nothing yet but the journals of a run's workers."""
    if not (run / SHARDS).is_dir():
        return
    lines = run / FILE_NAME
    has_parts = any((run / COLUMNS_FOLDER).glob("part-*"))
    if not has_parts and not (lines.exists() and lines.stat().st_size):
        reason = (
            f"there are only the journals of its workers, in {SHARDS}: the run goes on, or the "
            f"process that led it was killed. Then `aurasim resume {run}` makes the whole journal; "
            "each worker's folder can be read by itself."
        )
        raise JournalError(run, None, reason)


def read_kept(run: Path) -> Iterator[Record]:
    """Yield the records of a run as far as there are any in its own journal."""
    if form_of(run) is JournalForm.LINES:
        return read_lines(run)
    _require_arrow()
    from simulator.journal.parts import read_columns

    return read_columns(run)


def _require_arrow() -> None:
    try:
        import pyarrow as _  # noqa: F401 - asks whether it is there
    except ImportError as error:
        message = (
            "A journal of columns needs pyarrow. Install it with: pip install 'aurasim[columns]'"
        )
        raise UnavailableError(message) from error
