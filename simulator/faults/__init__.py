"""What goes wrong on purpose: frames broken, replayed, cloned or spoofed, by seed."""

from simulator.faults.corpus import CorpusLine, corpus, frame_of
from simulator.faults.frames import Mutant, Mutation, Mutator
from simulator.faults.tampering import Tampering

__all__ = [
    "CorpusLine",
    "Mutant",
    "Mutation",
    "Mutator",
    "Tampering",
    "corpus",
    "frame_of",
]
