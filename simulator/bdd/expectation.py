"""What a `Then` found: whether it is so, what was there instead, and what almost was."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from simulator.errors import SimulatorError


@dataclass(frozen=True, slots=True)
class Finding:
    """One look at the world.

    `wanted` and `candidates` are written alike, so that the candidate nearest to what was wanted
    can be named when none is.
    """

    is_met: bool
    seen: str
    expected: str = ""
    wanted: str = ""
    candidates: tuple[str, ...] = ()

    @property
    def nearest(self) -> str:
        """Return the candidate most like what was wanted; empty where there is none."""
        near = ((_likeness(self.wanted, one), one) for one in self.candidates)
        return max(near, default=(0.0, ""))[1]


def equal(seen: object, expected: object, what: str = "") -> Finding:
    """Return the finding of a comparison of two values."""
    lead = f"{what} " if what else ""
    return Finding(seen == expected, f"{lead}{shown(seen)}", f"{lead}{shown(expected)}")


def one_of(wanted: str, candidates: Iterable[str], what: str) -> Finding:
    """Return the finding of a search for a text among others."""
    found = tuple(candidates)
    seen = "; ".join(found[-5:]) or f"no {what}"
    return Finding(wanted in found, seen, wanted, wanted, found)


def shown(value: object) -> str:
    """Return a value as a reader expects it."""
    if value is None:
        return "nothing"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen first at a time of the run, until something else was seen."""

    at_s: float
    finding: Finding


@dataclass(slots=True)
class Watch:
    """All that was seen while waiting; only what changed is kept."""

    looks: list[Look] = field(default_factory=list)
    count: int = 0

    def note(self, at_s: float, finding: Finding) -> None:
        """Take note of one look."""
        self.count += 1
        if not self.looks or self.looks[-1].finding != finding:
            self.looks.append(Look(at_s, finding))


class ExpectationError(SimulatorError, AssertionError):
    """A `Then` is not so; carries what was seen, and when."""

    def __init__(self, watch: Watch, waited: str) -> None:
        self.watch = watch
        self.finding = watch.looks[-1].finding
        self.waited = waited
        super().__init__(f"expected {self.finding.expected or 'otherwise'}; {self.finding.seen}")
