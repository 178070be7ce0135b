"""What comes of comparing two load tests: rows, and what can be said of all of them together."""

from dataclasses import dataclass
from enum import StrEnum

from simulator.errors import InputError
from simulator.load.result import Stage

ALL = "all"
SHARES = ("errors", "dropped")
DECIDING = (Stage.LATENCY.value, *SHARES)
"""The rows that make a comparison worse or better; the others say where it comes from."""


class Change(StrEnum):
    """What can be said of a figure."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"  # for sure less of a change than matters
    UNSURE = "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What counts as a change: relative, and at least so long or so many of all messages."""

    confidence: float = 0.95
    tolerance: float = 0.05
    least_s: float = 0.00005
    least_share: float = 0.001
    skip_s: float = 0.0  # of the beginning of both, while caches and connections warm up

    def __post_init__(self) -> None:
        if not 0.5 <= self.confidence < 1:
            message = f"A confidence of {self.confidence:g} decides nothing. Say for example 0.95."
            raise InputError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure of both tests. Times in seconds; shares of the messages that were due.

    `change` is relative for times and a difference of shares for shares; None where there is
    nothing to compare, and then `note` says why.
    """

    stage: str
    kind: str
    figure: str
    before: float | None
    after: float | None
    change: float | None
    low: float | None
    high: float | None
    verdict: Change
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All rows, what makes the tests different experiments, and why they cannot be compared."""

    rows: tuple[Row, ...]
    differences: tuple[str, ...]
    obstacles: tuple[str, ...]
    confidence: float

    @property
    def verdict(self) -> Change:
        """Return worse where a deciding row is; else better where one is; same where all are."""
        seen = {row.verdict for row in self.rows if row.stage in DECIDING and not row.note}
        if self.obstacles or not seen:
            return Change.UNSURE
        for verdict in (Change.WORSE, Change.BETTER, Change.UNSURE):
            if verdict in seen:
                return verdict
        return Change.SAME
