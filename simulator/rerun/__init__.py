"""Runs that are run again: resumed after a kill, compared with their journal, shrunk to the least.

All that is needed is in the journal: its first record has the settings, and the same settings give
the same run.
"""

from simulator.rerun.resume import NothingToResumeError, Resumed, resume
from simulator.rerun.verifying import DifferentRunError, VerifiedJournal
from simulator.rerun.written import Written, read_written

__all__ = [
    "DifferentRunError",
    "NothingToResumeError",
    "Resumed",
    "VerifiedJournal",
    "Written",
    "read_written",
    "resume",
]
