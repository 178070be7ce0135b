"""The ledger of a journal of columns is that of the journal of lines."""

from pathlib import Path

import msgspec
from click.testing import CliRunner

from simulator.cli.journal import journal as journal_command
from simulator.journal import JournalForm, open_journal, read_journal
from simulator.report import account, ledger_table, write_report
from simulator.run import Run, RunSettings


def ran(folder: Path, form: JournalForm) -> Path:
    """Run a fleet that loses, repeats and cancels."""
    mix = {"eview-ev07b": 4, "simplepack-plus": 4, "milesight-ws101": 4}
    with open_journal(folder, form) as journal:
        Run(RunSettings(mix=mix, for_s=14400.0, out=folder, mutate=0.05), journal).execute()
    return folder


def test_both_forms_give_the_same_ledger_and_a_page(tmp_path: Path) -> None:
    """Counted by columns or record by record: presses, events, losses and repetitions."""
    lines = account(ran(tmp_path / "lines", JournalForm.LINES))
    columns = account(ran(tmp_path / "columns", JournalForm.COLUMNS))

    table = ledger_table(lines)
    assert table == ledger_table(columns)
    assert table["counts"]["duplicates_dropped"]
    assert table["counts"]["lost_frames"]
    assert write_report(tmp_path / "columns").parent == tmp_path / "columns"
    assert write_report(tmp_path / "columns" / "journal").parent == tmp_path / "columns"


def test_a_span_of_a_journal_is_printed_as_lines(tmp_path: Path) -> None:
    """Also of one device, and of one kind."""
    run = ran(tmp_path, JournalForm.COLUMNS)
    asked = [str(run), "--from", "30m", "--to", "1h", "--device", "eview-ev07b/1"]

    printed = CliRunner().invoke(journal_command, [*asked, "--type", "frame"]).output

    told = [msgspec.json.decode(line) for line in printed.splitlines()]
    wanted = [
        record.t
        for record in read_journal(run)
        if 1800 <= record.t < 3600
        and getattr(record, "device", "") == "eview-ev07b/1"
        and msgspec.to_builtins(record)["type"] == "frame"
    ]
    assert wanted
    assert [record["t"] for record in told] == wanted
