"""Runs that are run again: resumed after a kill, compared with their journal, shrunk to the least.

All that is needed is in the journal: its first record has the settings, and the same settings give
the same run.
"""

from simulator.rerun.player import Player
from simulator.rerun.repeating import repeat
from simulator.rerun.resume import NothingToResumeError, Resumed, resume
from simulator.rerun.shrink import NothingFailsError, Shrinker, Shrunk, Size, suspects_of
from simulator.rerun.symptoms import Symptom, symptoms_of
from simulator.rerun.verifying import DifferentRunError, VerifiedJournal
from simulator.rerun.written import Written, read_written

__all__ = [
    "DifferentRunError",
    "NothingFailsError",
    "NothingToResumeError",
    "Player",
    "Resumed",
    "Shrinker",
    "Shrunk",
    "Size",
    "Symptom",
    "VerifiedJournal",
    "Written",
    "read_written",
    "repeat",
    "resume",
    "suspects_of",
    "symptoms_of",
]
