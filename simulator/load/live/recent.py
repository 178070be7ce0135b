"""The last moments of a running test: its rates and percentiles now, beside those of the whole."""

from dataclasses import dataclass

from simulator.load.histogram import Histogram, merged
from simulator.load.result import LoadResult, Stage, Tally, Window

_SPAN_S = 10.0


@dataclass(frozen=True, slots=True)
class Recent:
    """Rates a second and histograms over the last seconds that are over."""

    due: float
    sent: float
    answered: float
    errors: float
    dropped: float
    waiting: int
    latency: Histogram
    service: Histogram
    lateness: Histogram


def recent(result: LoadResult) -> Recent:
    """Return what the last ten seconds show; the second under way is left out."""
    width = result.series.width_s
    done = finished(result)
    windows = done[-max(1, round(_SPAN_S / width)) :]
    span = max(1, len(windows)) * width
    return Recent(
        due=sum(window.tally.due for window in windows) / span,
        sent=sum(window.sent_in for window in windows) / span,
        answered=sum(window.answered_in for window in windows) / span,
        errors=sum(window.tally.errors for window in windows) / span,
        dropped=sum(window.tally.dropped for window in windows) / span,
        waiting=max((window.waiting for window in windows), default=0),
        latency=merged(window.latency for window in windows),
        service=merged(window.service for window in windows),
        lateness=merged(window.lateness for window in windows),
    )


def rates(result: LoadResult, columns: int) -> list[float]:
    """Return answers a second, window by window, the last ones."""
    width = result.series.width_s
    return [window.answered_in / width for window in finished(result)[-columns:]]


def ledger_line(result: LoadResult) -> str:
    """Return what became of the presses: the ledger's sums, or what is known before its end."""
    if result.ledger:
        totals = ", ".join(f"{n:,} {what}" for what, n in result.ledger.totals.items() if n)
        return f"{result.ledger.presses:,} presses: {totals or 'none'}"
    presses = result.kinds.get("press", Tally())
    cancels = result.kinds.get("cancel", Tally())
    told = {
        "with a callout": result.stage(Stage.CALLOUT).n,
        "cancelled": cancels.answered,
        "on their way": presses.unfinished,
        "not taken": presses.errors + presses.dropped,
    }
    known = ", ".join(f"{number:,} {what}" for what, number in told.items() if number)
    return f"{presses.due:,} presses so far: {known or 'none'}"


def finished(result: LoadResult) -> list[Window]:
    """Return the windows that are over: one under way looks like a drop of the rate."""
    windows = result.series.windows
    return windows if result.is_whole else windows[:-1]
