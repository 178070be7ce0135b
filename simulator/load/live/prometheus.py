"""A running load test as Prometheus reads it."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from simulator.errors import UnavailableError
from simulator.load.histogram import Histogram, middle_ns
from simulator.load.result import LoadResult

if TYPE_CHECKING:
    from prometheus_client import Metric

BOUNDS_S = tuple(
    lead * 10.0**power for power in range(-5, 2) for lead in (1.0, 2.5, 5.0)
)  # 10 us .. 50 s
_GAUGES = (
    "cpu_share",
    "run_wait_share",
    "steal_share",
    "gc_pauses",
    "gc_longest_s",
    "stall_longest_s",
    "connections_most",
    "waiting_most",
    "sockets_refused",
    "memory_peak_mib",
)


class MetricsUnavailableError(UnavailableError):
    """The metrics cannot be served."""


class LoadCollector:
    """Turns the latest result into metrics whenever they are asked for."""

    def __init__(self, latest: Callable[[], LoadResult | None]) -> None:
        self._latest = latest

    def collect(self) -> "Iterable[Metric]":
        """Yield the metrics of the moment; none before the test began."""
        result = self._latest()
        if result is None:
            return
        yield from _counts(result)
        yield _times(result)
        yield from _gauges(result)


def serve_metrics(port: int, latest: Callable[[], LoadResult | None]) -> int:
    """Serve metrics on loopback from a thread of their own; return the port."""
    try:
        from prometheus_client import CollectorRegistry, start_http_server
    except ImportError as error:
        message = "Metrics need prometheus_client: pip install 'aurasim[load]'."
        raise MetricsUnavailableError(message) from error
    registry = CollectorRegistry()
    registry.register(LoadCollector(latest))
    try:
        server, _ = start_http_server(port, addr="127.0.0.1", registry=registry)
    except OSError as error:
        message = f"Metrics cannot be served on port {port}: {error.strerror}. Choose another port."
        raise MetricsUnavailableError(message) from error
    return int(server.server_port)


def _counts(result: LoadResult) -> "Iterable[Metric]":
    from prometheus_client.core import CounterMetricFamily

    fates = ("due", "sent", "answered", "errors", "dropped")
    messages = CounterMetricFamily(
        "aurasim_load_messages", "Messages by kind and fate.", labels=("kind", "fate")
    )
    for kind, tally in sorted(result.kinds.items()):
        for fate in fates:
            messages.add_metric((kind, fate), getattr(tally, fate))
    yield messages
    for name, told, counts in (
        ("errors", "Messages that failed, by reason.", result.errors),
        ("drops", "Messages that were not sent, by reason.", result.drops),
    ):
        family = CounterMetricFamily(f"aurasim_load_{name}", told, labels=("reason",))
        for reason, number in sorted(counts.items()):
            family.add_metric((reason,), number)
        yield family


def _times(result: LoadResult) -> "Metric":
    from prometheus_client.core import HistogramMetricFamily

    family = HistogramMetricFamily(
        "aurasim_load_stage_seconds", "Durations by stage and kind.", labels=("stage", "kind")
    )
    for stage, by_kind in result.stages.items():
        for kind, histogram in sorted(by_kind.items()):
            buckets = cumulative(histogram)
            family.add_metric((stage.value, kind), buckets, sum_value=histogram.sum_ns / 1e9)
    return family


def _gauges(result: LoadResult) -> "Iterable[Metric]":
    from prometheus_client.core import GaugeMetricFamily

    for name in _GAUGES:
        full = f"aurasim_load_generator_{name}".replace("_longest_s", "_longest_seconds")
        value = float(getattr(result.generator, name))
        yield GaugeMetricFamily(full, f"Generator health: {name}.", value=value)
    met = GaugeMetricFamily(
        "aurasim_load_threshold_met", "1 where a threshold holds so far.", labels=("name",)
    )
    for threshold in result.thresholds:
        met.add_metric((threshold.name,), float(threshold.is_met))
    yield met
    settings = result.settings
    info = GaugeMetricFamily(
        "aurasim_load_info",
        "What is tested; 1.",
        labels=("target", "shape", "seed", "version"),
    )
    labels = (settings.target, settings.shape, str(settings.seed), result.version)
    info.add_metric(labels, 1.0)
    yield info


def cumulative(histogram: Histogram) -> list[tuple[str, float]]:
    """Return the counts up to each bound, as Prometheus wants them."""
    totals = [0] * (len(BOUNDS_S) + 1)
    for bucket, count in histogram.counts.items():
        value = middle_ns(bucket) / 1e9
        at = next((at for at, bound in enumerate(BOUNDS_S) if value <= bound), len(BOUNDS_S))
        totals[at] += count
    rows: list[tuple[str, float]] = []
    running = 0
    for bound, number in zip((*BOUNDS_S, float("inf")), totals, strict=True):
        running += number
        rows.append(("+Inf" if bound == float("inf") else f"{bound:g}", float(running)))
    return rows
