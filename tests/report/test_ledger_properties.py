"""What holds for every journal: the classes add up to the presses, torn or not."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.journal import FileJournal, Pressed, Record, RunEnded, read_journal
from simulator.report import Outcome, Verdict, ledger_of
from tests.report.journals import Telling
from tests.report.strategies import journals


def _presses(records: list[Record]) -> list[str]:
    return list(dict.fromkeys(r.press for r in records if isinstance(r, Pressed)))


@given(journals)
def test_the_classes_always_add_up_to_the_presses(records: list[Record]) -> None:
    ledger = ledger_of(records)

    assert [entry.press for entry in ledger.entries] == _presses(records)
    assert sum(ledger.totals.values()) == len(ledger.entries)


@given(journals)
def test_a_journal_without_an_end_has_nothing_unexplained(records: list[Record]) -> None:
    torn = [record for record in records if not isinstance(record, RunEnded)]

    ledger = ledger_of(torn)

    assert ledger.totals[Outcome.UNEXPLAINED] == 0
    assert ledger.verdict is not Verdict.PASSED


@given(journals)
def test_what_is_lost_or_doubled_says_where(records: list[Record]) -> None:
    for entry in ledger_of(records).entries:
        if entry.outcome in (Outcome.LOST, Outcome.DOUBLED):
            assert entry.where is not None
            assert entry.detail


@given(journals)
def test_the_same_journal_gives_the_same_ledger(records: list[Record]) -> None:
    assert ledger_of(records).entries == ledger_of(iter(records)).entries


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(kept=st.floats(0, 1))
def test_a_torn_file_accounts_for_every_press_that_it_still_holds(
    tmp_path: Path, kept: float
) -> None:
    telling = Telling().begin()
    telling.link()
    for callout in (501, 502, 503):
        press = telling.press()
        telling.deliver(press, callout)
        telling.cancel(press, callout)
    with FileJournal(tmp_path) as journal:
        for record in telling.end():
            journal.write(record)
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[: int(len(whole) * kept)])

    records = list(read_journal(tmp_path))

    assert len(ledger_of(records).entries) == len(_presses(records))
