"""All mutants, by their names."""

from simulator.bdd.mistakes import unknown
from simulator.bdd.mutants.answers import ANSWERS
from simulator.bdd.mutants.interactions import INTERACTIONS
from simulator.bdd.mutants.pipeline import PIPELINE
from simulator.bdd.mutants.planting import Mutant
from simulator.bdd.mutants.rules import RULES

MUTANTS: tuple[Mutant, ...] = (*ANSWERS, *RULES, *PIPELINE)


def mutant_named(name: str) -> Mutant:
    """Return a mutant; raise `StepUseError` where there is none of this name."""
    found = {mutant.name: mutant for mutant in (*MUTANTS, *INTERACTIONS)}
    if name not in found:
        raise unknown("mutant", name, found)
    return found[name]
