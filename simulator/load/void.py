"""Whether a test can be judged at all: was it the target that was measured, or the generator?

A generator that is late measures itself. It is late when it has too little processor (another
process on its core, a host that takes it, its own garbage), or no sockets. The limits are the
product's choice; a test in `scripts/bench load` shows that a busy loop on the generator's core is
told from a quiet core.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.load.histogram import Histogram
from simulator.load.result import GeneratorHealth, Series

LATE_S = 0.001
LATE_SHARE = 0.1
"""Lateness counts when its p99 is over `LATE_S` and over this share of the p99 of latency."""
WAIT_SHARE = 0.10
WAIT_OF_WORK, LEAST_WAIT_SHARE = 0.4, 0.05
"""Or it waited for the core for this share of the time that it worked, and not just for moments."""
STEAL_SHARE = 0.05
PAUSE_S = 0.1
BUSIER = 0.9  # a window counts as less busy than another below this share of its rate
QUIETER = 0.1  # windows with less than this share of the busiest tell nothing
_FIT_SHARE = 0.7  # of a core may be used before answers wait for the generator


@dataclass(frozen=True, slots=True)
class Void:
    """Why a test cannot be judged, the gravest first; none where it can."""

    reasons: tuple[str, ...]
    honest_rate: float | None


def examine(
    health: GeneratorHealth,
    lateness: Histogram,
    latency: Histogram,
    series: Series,
    *,
    saturates: bool = False,
) -> Void:
    """Return what speaks against the generator. A test that saturates has no due times."""
    reasons = list(_of_machine(health))
    if not saturates:
        reasons = [*_of_lateness(lateness, latency), *reasons]
    if not reasons:
        return Void((), None)
    return Void(tuple(reasons), _honest_rate(health, series))


def _of_lateness(lateness: Histogram, latency: Histogram) -> Sequence[str]:
    late, whole = lateness.percentile_s(99), latency.percentile_s(99)
    if late is None or late <= LATE_S:
        return ()
    if whole is not None and late < LATE_SHARE * whole:
        return ()
    said = f"the generator was late: p99 {late * 1000:.1f} ms after the due time"
    if whole:
        said += f", of {whole * 1000:.1f} ms in all"
    return (said,)


def _of_machine(health: GeneratorHealth) -> Sequence[str]:
    found: list[str] = []
    waited, worked = health.run_wait_share, health.cpu_share
    if waited > WAIT_SHARE or (waited > LEAST_WAIT_SHARE and waited > WAIT_OF_WORK * worked):
        found.append(
            f"another process had the generator's core: it waited for it "
            f"{health.run_wait_share * 100:.0f} % of the time"
        )
    if health.steal_share > STEAL_SHARE:
        found.append(f"the host took {health.steal_share * 100:.0f} % of this machine's time")
    if health.gc_longest_s > PAUSE_S:
        found.append(f"collecting garbage stopped it for {health.gc_longest_s * 1000:.0f} ms")
    if health.sockets_refused:
        found.append(
            f"the system had no port or file for {health.sockets_refused} connections: "
            "raise ulimit -n, or lower --connections"
        )
    return found


def _honest_rate(health: GeneratorHealth, series: Series) -> float | None:
    """Return the messages a second that would have been honest; None where no rate would.

    The busiest window counts in which the generator was in time, if it was late in busier ones
    only; else what its share of the processor allows, if the processor was the matter.
    """
    most = max((window.sent_in for window in series.windows), default=0)
    windows = sorted(
        (window.sent_in / series.width_s, window.lateness.percentile_s(99) or 0.0)
        for window in series.windows
        if window.sent_in > most * QUIETER
    )
    least_late = min((rate for rate, late in windows if late > LATE_S), default=None)
    if least_late is not None:
        in_time = [rate for rate, _ in windows if rate < BUSIER * least_late]
        if in_time:
            return in_time[-1]
    sent = sum(window.sent_in for window in series.windows)
    lasted = len(series.windows) * series.width_s
    if not sent or not lasted or health.cpu_share < _FIT_SHARE:
        return None
    left = max(0.0, 1.0 - health.run_wait_share - health.steal_share)
    return sent / lasted * _FIT_SHARE * left / health.cpu_share
