"""The sentences and numbers of a report, as people read them."""

from collections.abc import Iterator
from math import log10

from simulator.report.entries import Outcome
from simulator.report.latency import StageLatency
from simulator.report.ledger import Ledger, Verdict

_SHORTEST_S = 0.001


def duration(seconds: float | None) -> str:
    """Write a span of time with two or three digits that matter."""
    if seconds is None:
        return "–"  # noqa: RUF001 - a dash stands for no value
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02d} min"
    return f"{hours // 24} d {hours % 24} h"


def count(number: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def headline(ledger: Ledger) -> str:
    """Return the verdict as one sentence."""
    presses = len(ledger.entries)
    if ledger.verdict is Verdict.PASSED:
        if not presses:
            return "Nobody pressed, and every promise held."
        return f"{count(presses, 'press is', 'presses are')} accounted for, and every promise held."
    if ledger.verdict is Verdict.FAILED:
        return " ".join(_failings(ledger))
    if ledger.ended is None:
        return "The journal has no last record: the run was killed, and cannot be judged."
    why = f" ({ledger.ended.detail})" if ledger.ended.detail else ""
    return f"The run was {_ENDS.get(ledger.ended.reason, 'cut short')}{why}, and cannot be judged."


_ENDS = {"interrupted": "interrupted", "failed": "broken off by an error"}


def _failings(ledger: Ledger) -> Iterator[str]:
    refused = ledger.counts.refused_devices
    if refused:
        yield f"{count(refused, 'device')} could not be linked."
    lost = ledger.totals[Outcome.UNEXPLAINED]
    if lost:
        yield f"{count(lost, 'press', 'presses')} vanished without a trace."
    doubled = ledger.totals[Outcome.DOUBLED]
    if doubled:
        yield f"{count(doubled, 'press', 'presses')} opened more than one callout."
    broken = sum(1 for number in ledger.broken.values() if number)
    if broken:
        yield f"{count(broken, 'promise was', 'promises were')} broken."


class Scale:
    """A logarithmic axis of time for the small charts, from a millisecond to the longest time."""

    def __init__(self, rows: tuple[StageLatency, ...], width: float) -> None:
        longest = max((row.max_s or 0.0 for row in rows), default=0.0)
        self._span = log10(max(longest, 1.0) / _SHORTEST_S)
        self.width = width

    def x(self, seconds: float | None) -> float:
        """Return where a time lies on the axis."""
        if seconds is None:
            return 0.0
        return round(self.width * log10(max(seconds, _SHORTEST_S) / _SHORTEST_S) / self._span, 1)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Return the marks of the axis that fit: place and label."""
        marks = ((0.01, "10 ms"), (0.1, "0.1 s"), (1.0, "1 s"), (10.0, "10 s"), (60.0, "1 min"))
        return [(self.x(at), label) for at, label in marks if self.x(at) <= self.width]
