"""A run that was killed goes on.

In virtual time the run is run again from its settings, which costs no more than computing: as far
as the journal goes each record must be the very same, and from there on the run is new. The new
journal takes the place of the old one when it is whole, so that a second kill loses nothing. In
real time it goes on from where it was, see `going_on`.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from simulator.errors import InputError
from simulator.journal import SHARDS, JournalForm, journal_path, open_journal
from simulator.journal.locking import written_alone
from simulator.rerun.going_on import go_on
from simulator.rerun.verifying import VerifiedJournal
from simulator.rerun.written import Written, read_written
from simulator.run import Progress, Run, RunResult

_WORKSHOP = ".resuming"


class NothingToResumeError(InputError):
    """The run is over, or cannot go on."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """How a resumed run ended, and how many records were there before and came to them."""

    result: RunResult
    kept: int
    added: int


def resume(run: Path, on_progress: Callable[[Progress], None] = lambda _: None) -> Resumed:
    """Let a run go on from where its journal ends; given its folder or its journal."""
    written = read_written(run)
    if written.is_finished:
        message = f"The run in {written.folder} is finished; there is nothing to resume."
        raise NothingToResumeError(message)
    with written_alone(written.folder):
        if written.settings.clock.is_virtual:
            return _again(written, on_progress)
        result, added = go_on(written, on_progress)
        return Resumed(result, written.facts, added)


def _again(written: Written, on_progress: Callable[[Progress], None]) -> Resumed:
    """Run again, into a folder of its own, and put the journal in place of the old one."""
    settings = replace(written.settings, out=written.folder)
    workshop = written.folder / _WORKSHOP
    shutil.rmtree(workshop, ignore_errors=True)
    try:
        with open_journal(workshop, written.form) as journal:
            verified = VerifiedJournal(journal, written.read())
            result = Run(settings, verified, on_progress).execute()
        if verified.checked == written.facts:
            _replace(workshop, written.folder, written.form)
            shutil.rmtree(written.folder / SHARDS, ignore_errors=True)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return Resumed(result, verified.checked, verified.added)


def _replace(workshop: Path, folder: Path, form: JournalForm) -> None:
    if form is JournalForm.LINES:
        journal_path(workshop).replace(journal_path(folder))
        return
    shutil.rmtree(folder / "journal")
    (workshop / "journal").rename(folder / "journal")
