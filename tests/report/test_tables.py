"""The ledger for programs: JSON, CSV, JUnit, and the percentiles in them."""

import csv
import io
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given

from simulator.journal import Record
from simulator.report import (
    Invariant,
    Ledger,
    LedgerTable,
    Outcome,
    junit_xml,
    latency_of,
    ledger_of,
    ledger_table,
    write_csv,
)
from simulator.report.latency import percentile
from tests.report.journals import Telling
from tests.report.strategies import journals


def _csv(ledger: Ledger) -> list[list[str]]:
    out = io.StringIO()
    write_csv(ledger, out)
    return list(csv.reader(out.getvalue().splitlines()))


def _cases(ledger: Ledger) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(junit_xml(ledger))  # noqa: S314 - our own text
    return {case.attrib["name"]: case for case in root.iter("testcase")}


@pytest.fixture
def mixed(run: Telling) -> Telling:
    """One press delivered, one lost in the air, one unexplained."""
    run.deliver(run.press(), 501)
    lost = run.press()
    run.air(lost, run.frame(lost), lost="air")
    run.press()
    return run


def test_the_table_says_every_class_and_every_press(mixed: Telling) -> None:
    table = ledger_table(ledger_of(mixed.end()))

    assert table["verdict"] == "failed"
    assert list(table["totals"]) == [outcome.value for outcome in Outcome]
    assert table["lost"] == {"air": 1}
    assert [row["outcome"] for row in table["entries"]] == ["delivered", "lost", "unexplained"]


def test_the_table_is_json_of_its_own_type(mixed: Telling) -> None:
    table = ledger_table(ledger_of(mixed.end()))

    assert msgspec.json.decode(msgspec.json.encode(table), type=LedgerTable) == table


def test_the_table_of_a_torn_journal_does_not_say_how_it_ended(mixed: Telling) -> None:
    assert ledger_table(ledger_of(mixed.records))["ended"] is None


def test_the_csv_has_a_line_for_each_press(mixed: Telling) -> None:
    header, *lines = _csv(ledger_of(mixed.end()))

    assert header[:4] == ["press", "device", "at_s", "outcome"]
    assert header[-1] == "total_s"
    assert [line[3] for line in lines] == ["delivered", "lost", "unexplained"]


def test_a_device_named_like_a_formula_is_harmless_in_a_spreadsheet(run: Telling) -> None:
    run.press("=cmd|' /C calc'!A0/1")

    assert _csv(ledger_of(run.end()))[1][1].startswith("'=")


def test_junit_has_a_case_for_each_class_and_promise(mixed: Telling) -> None:
    cases = _cases(ledger_of(mixed.end()))

    assert len(cases) == 1 + len(Outcome) + len(Invariant)
    failed = [name for name, case in cases.items() if case.find("failure") is not None]
    assert failed == ["unexplained presses"]


def test_junit_says_where_presses_were_lost(mixed: Telling) -> None:
    told = _cases(ledger_of(mixed.end()))["lost presses"].findtext("system-out")

    assert told is not None
    assert "(air: air)" in told


def test_junit_shows_the_trace_of_a_breach(run: Telling) -> None:
    run.answer(None, None, "battery", seq=7)

    failure = _cases(ledger_of(run.end()))[Invariant.UNASKED].find("failure")

    assert failure is not None
    assert "answer  device=" in (failure.text or "")


def test_junit_calls_a_void_run_an_error(mixed: Telling) -> None:
    lost = Telling().begin()

    assert (
        _cases(ledger_of(lost.end("interrupted")))["the run can be judged"].find("error")
        is not None
    )


def test_junit_names_a_few_presses_and_counts_the_rest(run: Telling) -> None:
    for _ in range(30):
        run.press()

    failure = _cases(ledger_of(run.end()))["unexplained presses"].find("failure")

    assert failure is not None
    assert (failure.text or "").endswith("and 10 more")


def test_junit_survives_names_that_xml_cannot_say(run: Telling) -> None:
    run.press("<a>\x00\ud800&/1")

    assert _cases(ledger_of(run.end()))


@pytest.mark.parametrize(
    ("percent", "value"), [(50, 50.0), (90, 90.0), (99, 99.0), (100, 100.0), (1, 1.0)]
)
def test_percentiles_are_exact(percent: float, value: float) -> None:
    assert percentile([float(n) for n in range(1, 101)], percent) == value


def test_the_percentile_of_one_value_is_that_value() -> None:
    assert [percentile([7.0], p) for p in (50, 99)] == [7.0, 7.0]


def test_a_stage_counts_the_presses_that_passed_it(mixed: Telling) -> None:
    by_stage = {row.stage: row for row in latency_of(ledger_of(mixed.end()).entries)}

    assert by_stage["press to frame"].presses == 2
    assert by_stage["frame to gateway"].presses == 1
    assert by_stage["press to answer"].max_s == pytest.approx(0.5)


def test_a_stage_that_nobody_passed_has_no_times() -> None:
    assert {row.p50_s for row in latency_of([])} == {None}


def test_reasons_without_number_are_told_apart_up_to_a_limit(run: Telling) -> None:
    for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ":
        run.ask(None, "move", seq=9)
        run.fail(None, letter * 2, "move", seq=9)

    failed = ledger_of(run.end()).counts.events["move"].failed

    assert len(failed) == 41
    assert failed["other reasons"] == 12


@given(journals)
def test_any_ledger_can_be_written_in_every_form(records: list[Record]) -> None:
    ledger = ledger_of(records)

    assert msgspec.json.encode(ledger_table(ledger))
    assert len(_csv(ledger)) == 1 + len(ledger.entries)
    assert _cases(ledger)
