"""Reports of a run: functions of its journal alone."""

from simulator.report.account import account
from simulator.report.breach import Breach, Invariant
from simulator.report.counts import Counts, EventCount
from simulator.report.entries import LedgerEntry, Outcome, Place, Stages
from simulator.report.gherkin import Feature, feature_of, scenario_of
from simulator.report.html import ReportUnwritableError, write_report
from simulator.report.invariants import BUDGET_S, Watch, check
from simulator.report.junit import junit_xml
from simulator.report.latency import StageLatency, latency_of
from simulator.report.ledger import Ledger, Verdict, ledger_of
from simulator.report.table import LedgerTable, breach_row, ledger_table, write_csv
from simulator.report.tables import write_junit, write_tables

__all__ = [
    "BUDGET_S",
    "Breach",
    "Counts",
    "EventCount",
    "Feature",
    "Invariant",
    "Ledger",
    "LedgerEntry",
    "LedgerTable",
    "Outcome",
    "Place",
    "ReportUnwritableError",
    "StageLatency",
    "Stages",
    "Verdict",
    "Watch",
    "account",
    "breach_row",
    "check",
    "feature_of",
    "junit_xml",
    "latency_of",
    "ledger_of",
    "ledger_table",
    "scenario_of",
    "write_csv",
    "write_junit",
    "write_report",
    "write_tables",
]
