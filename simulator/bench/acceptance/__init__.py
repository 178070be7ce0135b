"""The acceptance run of a unit: a session, what it measured, and its verdict."""

from simulator.bench.acceptance.findings import CheckSettings
from simulator.bench.acceptance.measures import Grade, Measurement
from simulator.bench.acceptance.record import EXIT_CODES, BenchRecord, Verdict
from simulator.bench.acceptance.session import Session

__all__ = [
    "EXIT_CODES",
    "BenchRecord",
    "CheckSettings",
    "Grade",
    "Measurement",
    "Session",
    "Verdict",
]
