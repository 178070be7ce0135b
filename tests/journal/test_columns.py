"""The journal of columns holds the same records, in the same order, as the journal of lines."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.journal import (
    Answered,
    Columns,
    FileJournal,
    FrameSent,
    JournalError,
    JournalForm,
    JournalUnwritableError,
    OnAir,
    Pressed,
    Received,
    Record,
    RunEnded,
    Same,
    form_of,
    open_journal,
    read_journal,
)
from simulator.journal.columns import ColumnJournal
from simulator.journal.parts import concern_of, read_concerned
from simulator.run import Run, RunSettings
from tests.journal.some_records import FRAME, PRESS, START

AIR = OnAir(t=1.8, device="d/1", seq=0, press="d/1#1", copies=1)
DROPPED = Received(t=2.0, device="d/1", seq=0, dropped="repetition")
MEANT = Received(t=2.0, device="d/1", seq=0, means=["press", "battery"])
ANSWER = Answered(t=2.5, device="d/1", message="m", kind="press", status=200, callout=992011)
END = RunEnded(t=60.0, reason="finished")
ALL: list[Record] = [START, PRESS, FRAME, AIR, DROPPED, MEANT, ANSWER, END]


def written(folder: Path, records: list[Record], *, part_rows: int = 1000) -> Path:
    """Write records as a run does."""
    with ColumnJournal(folder, part_rows) as journal:
        for record in records:
            journal.write(record)
    return folder


@pytest.mark.parametrize("part_rows", [1, 2, 3, 1000])
def test_records_are_read_back_in_their_order(tmp_path: Path, part_rows: int) -> None:
    """Also those of the same moment, and however the parts are cut."""
    run = written(tmp_path, ALL, part_rows=part_rows)

    assert form_of(run) is JournalForm.COLUMNS
    assert list(read_journal(run)) == ALL
    assert list(read_journal(run / "journal")) == ALL


def test_a_run_has_the_same_records_in_both_forms(tmp_path: Path) -> None:
    """A fleet with losses, repetitions, replies and cancels."""
    mix = {"eview-ev07b": 3, "simplepack-plus": 3, "milesight-ws101": 3}
    runs = []
    for form in JournalForm:
        folder = tmp_path / form
        with open_journal(folder, form) as journal:
            Run(RunSettings(mix=mix, for_s=7200.0, out=folder), journal).execute()
        runs.append(list(read_journal(folder)))

    lines, columns = runs
    assert lines == columns
    assert len({type(record) for record in lines}) > 8


def test_columns_and_single_records_are_one_journal(tmp_path: Path) -> None:
    """A batch whose arrivals reach into the next part is sorted in."""
    with ColumnJournal(tmp_path, part_rows=10_000) as journal:
        journal.write(START)
        t = np.array([1.0, 3.0, 9.0])
        devices = ["d/1", "d/2", "d/3"]
        payload = [b"\x01", b"\x02", b"\x03"]
        columns: Columns = {"t": t, "device": devices, "seq": np.arange(3), "payload": payload}
        journal.write_columns(FrameSent, {**columns, "kind": Same("battery")})
        journal.write_columns(
            Received,
            {"t": t + 5, "device": devices, "seq": np.arange(3), "means": [["battery"]] * 3},
        )
        journal.cut()
        journal.write(Pressed(t=7.0, press="d/9#1", device="d/9", gesture="short"))
        journal.cut()
        journal.write(END)

    read = list(read_journal(tmp_path))

    assert [record.t for record in read] == [0.0, 1.0, 3.0, 6.0, 7.0, 8.0, 9.0, 14.0, 60.0]
    assert read[1] == FrameSent(t=1.0, device="d/1", seq=0, kind="battery", hex="01")
    assert read[3] == Received(t=6.0, device="d/1", seq=0, means=["battery"])


def test_a_part_can_be_reduced_to_what_concerns_presses(tmp_path: Path) -> None:
    """The ledger of a million devices reads no more than that."""
    idle = FrameSent(t=1.6, device="d/2", seq=0, kind="battery", hex="00")
    run = written(tmp_path, [START, PRESS, idle, FRAME, END])

    read = [record for part in read_concerned(run, concern_of(run)) for record in part.records()]

    assert read == [START, PRESS, FRAME, END]


def test_a_column_that_is_needed_is_asked_for(tmp_path: Path) -> None:
    """And one of another length is refused: both are mistakes of the caller."""
    journal = ColumnJournal(tmp_path)

    with pytest.raises(ValueError, match="FrameSent needs the column device"):
        journal.write_columns(FrameSent, {"t": [1.0]})
    with pytest.raises(ValueError, match="seq has 2 rows, and t has 1"):
        journal.write_columns(OnAir, {"t": [1.0], "device": ["d/1"], "seq": [1, 2]})


def test_what_a_killed_run_leaves_is_readable(tmp_path: Path) -> None:
    """Whole parts count; a part that was being written does not."""
    journal = ColumnJournal(tmp_path, part_rows=3)
    for record in ALL:
        journal.write(record)
    (tmp_path / "journal" / ".part-00002").mkdir()

    assert list(read_journal(tmp_path)) == ALL[:6]


def test_a_damaged_part_is_refused_by_its_path(tmp_path: Path) -> None:
    """Not skipped: a hole in the truth is an error."""
    run = written(tmp_path, ALL)
    path = run / "journal" / "part-00000" / "frame.parquet"
    path.write_bytes(path.read_bytes()[:50])

    with pytest.raises(JournalError, match=r"frame\.parquet"):
        list(read_journal(run))


def test_a_run_replaces_the_earlier_one_of_the_other_form(tmp_path: Path) -> None:
    """One folder holds one run."""
    written(tmp_path, ALL)
    with open_journal(tmp_path, JournalForm.LINES) as journal:
        journal.write(START)
    assert list(read_journal(tmp_path)) == [START]
    with open_journal(tmp_path, JournalForm.COLUMNS) as journal:
        journal.write(START)
        journal.write(END)
    assert list(read_journal(tmp_path)) == [START, END]


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """The message names the folder and the flag."""
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")

    with pytest.raises(JournalUnwritableError, match="--out"):
        ColumnJournal(in_the_way / "run")


@given(st.lists(st.tuples(st.floats(0, 100), st.sampled_from(ALL[1:7])), max_size=40))
def test_any_order_of_kinds_is_kept(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[float, Record]]
) -> None:
    """Against the journal of lines, given the same records in the order of time."""
    import msgspec

    records = [START, *(msgspec.structs.replace(r, t=t) for t, r in sorted(drawn, key=_time))]
    folder = tmp_path_factory.mktemp("run")
    with FileJournal(folder / "lines") as lines:
        for record in records:
            lines.write(record)
    written(folder / "columns", list(records), part_rows=7)

    assert list(read_journal(folder / "columns")) == list(read_journal(folder / "lines"))


def _time(drawn: tuple[float, Record]) -> float:
    return drawn[0]
