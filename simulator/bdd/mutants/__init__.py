"""Planted faults: what a suite of feature files must notice, one at a time.

A mutant swaps one function of the sandbox or of the pipeline for a broken one. It says in a
sentence what is then wrong, as a tester would notice it.
"""

from simulator.bdd.mutants.catalogue import MUTANTS, mutant_named
from simulator.bdd.mutants.planting import Mutant, MutantError

__all__ = ["MUTANTS", "Mutant", "MutantError", "mutant_named"]
