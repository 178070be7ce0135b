"""Reports of a run: functions of its journal alone."""

from simulator.report.counts import Counts, EventCount
from simulator.report.entries import LedgerEntry, Outcome, Place, Stages
from simulator.report.ledger import Ledger, Verdict, ledger_of

__all__ = [
    "Counts",
    "EventCount",
    "Ledger",
    "LedgerEntry",
    "Outcome",
    "Place",
    "Stages",
    "Verdict",
    "ledger_of",
]
