"""Reports of a run: functions of its journal alone."""

from simulator.report.breach import Breach, Invariant
from simulator.report.counts import Counts, EventCount
from simulator.report.entries import LedgerEntry, Outcome, Place, Stages
from simulator.report.invariants import BUDGET_S, Watch, check
from simulator.report.ledger import Ledger, Verdict, ledger_of

__all__ = [
    "BUDGET_S",
    "Breach",
    "Counts",
    "EventCount",
    "Invariant",
    "Ledger",
    "LedgerEntry",
    "Outcome",
    "Place",
    "Stages",
    "Verdict",
    "Watch",
    "check",
    "ledger_of",
]
