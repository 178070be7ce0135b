"""How a feature file can be wrong, as errors that say what was written and what to write."""

from collections.abc import Iterable
from difflib import get_close_matches

from simulator.errors import InputError


class StepUseError(InputError):
    """A sentence is understood, but what it asks for cannot be."""


def unknown(what: str, written: str, known: Iterable[str]) -> StepUseError:
    """Return the error for a name that does not exist; proposes the nearest ones."""
    names = sorted(known)
    near = get_close_matches(written, names, n=3, cutoff=0.4) or names[:8]
    proposal = f" Do you mean {' or '.join(near)}?" if near else ""
    return StepUseError(f"There is no {what} '{written}' here.{proposal}")
