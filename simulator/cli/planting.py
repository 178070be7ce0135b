"""A fault that is planted into the embedded AURA on purpose, for the time of a run."""

from contextlib import AbstractContextManager, nullcontext


def planted(name: str | None) -> AbstractContextManager[None]:
    """Return what plants a mutant by its name; nothing without one. Raises `StepUseError`."""
    if name is None:
        return nullcontext()
    from simulator.bdd.mutants.catalogue import mutant_named

    return mutant_named(name).planted()
