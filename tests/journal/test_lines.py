"""The journal: what is written is read back, torn lines are ignored, wrong files are refused."""

from pathlib import Path

import pytest

from simulator.journal import (
    FileJournal,
    JournalError,
    JournalUnwritableError,
    MemoryJournal,
    Record,
    RunEnded,
    read_journal,
)
from tests.journal.some_records import FRAME, PRESS, START


def written(folder: Path, *records: Record) -> Path:
    """Write records as a run does."""
    with FileJournal(folder) as journal:
        for record in records:
            journal.write(record)
    return folder


def test_records_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    """Types, order and values; by folder or by file."""
    folder = written(tmp_path / "run", START, PRESS, FRAME, RunEnded(t=60.0, reason="finished"))

    assert list(read_journal(folder)) == [
        START,
        PRESS,
        FRAME,
        RunEnded(t=60.0, reason="finished"),
    ]
    assert list(read_journal(folder / "journal.ndjson"))[1] == PRESS


def test_a_torn_last_line_is_ignored(tmp_path: Path) -> None:
    """What a killed run leaves stays readable."""
    folder = written(tmp_path / "run", START, PRESS, FRAME)
    path = folder / "journal.ndjson"
    path.write_bytes(path.read_bytes()[:-20])

    assert list(read_journal(folder)) == [START, PRESS]


def test_batches_reach_the_disk_before_the_end(tmp_path: Path) -> None:
    """A kill loses at most the last batch."""
    journal = FileJournal(tmp_path)
    for _ in range(1000):
        journal.write(PRESS)

    lines = journal.path.read_bytes().count(b"\n")
    journal.__exit__()

    assert lines > 700


def test_a_broken_line_is_refused_with_its_number(tmp_path: Path) -> None:
    """Not skipped: a hole in the truth is an error."""
    folder = written(tmp_path / "run", START, PRESS)
    path = folder / "journal.ndjson"
    path.write_text(path.read_text() + '{"type": "press"}\n')

    with pytest.raises(JournalError) as caught:
        list(read_journal(folder))

    assert caught.value.line == 3


def test_what_is_no_journal_is_refused(tmp_path: Path) -> None:
    """A missing file, another file, another format."""
    with pytest.raises(JournalError, match="--out"):
        list(read_journal(tmp_path / "absent"))
    other = written(tmp_path / "other", PRESS)
    with pytest.raises(JournalError, match="does not begin with a run"):
        list(read_journal(other))
    newer = tmp_path / "newer"
    newer.mkdir()
    first = written(tmp_path / "run", START) / "journal.ndjson"
    text = first.read_text().replace('"format":1', '"format":99')
    (newer / "journal.ndjson").write_text(text)
    with pytest.raises(JournalError, match="format 99"):
        list(read_journal(newer))


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """The message names the folder and the flag."""
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")

    with pytest.raises(JournalUnwritableError, match="--out"):
        FileJournal(in_the_way / "run")


def test_memory_journal_keeps_its_records() -> None:
    """For scenarios and tests."""
    journal = MemoryJournal()
    journal.write(PRESS)

    assert journal.records == [PRESS]
