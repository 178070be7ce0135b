"""OpenTelemetry spans of a sample of the messages: one for the message, one for each stage of it.

They are made in the runner's process from what the workers measured anyway, so they cost the
generator nothing, and they count from when a message was due: a trace shows the waiting too. Where
they go is said by the usual variables (OTEL_EXPORTER_OTLP_ENDPOINT).
"""

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from simulator.clock import monotonic_s, wall_s
from simulator.errors import InputError, UnavailableError
from simulator.load.result import Stage
from simulator.load.rows import CALLOUT, DTYPE, reason_of
from simulator.load.schedule import KINDS

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
    from opentelemetry.trace import Tracer

_STAGES = {
    Stage.LATENESS: ("due", "taken"),
    Stage.QUEUE: ("taken", "sent"),
    Stage.SEND: ("sent", "flushed"),
    Stage.ANSWER: ("flushed", "done"),
}
_TIMEOUT_S = 3
_FLUSH_MS = 10_000
_MOST_QUEUED = 20_000


class SpansUnavailableError(UnavailableError):
    """OpenTelemetry is not installed."""


class Spans:
    """Makes spans of one message in so many, and sends them behind the test's back.

    Use as a context manager: leaving it sends what is left.
    """

    def __init__(
        self, share: float, about: Mapping[str, str], exporter: "SpanExporter | None" = None
    ) -> None:
        if not 0 < share <= 1:
            message = f"A sample of {share:g} is none. Say for example --otel-sample 0.01."
            raise InputError(message)
        self._every = max(1, round(1 / share))
        self._seen = 0
        self._made = 0
        self._shift_s = wall_s() - monotonic_s()
        self._counting = _Counting(exporter or _exporter())
        self._provider, self._tracer = _provider(self._counting, about)

    def __enter__(self) -> "Spans":
        return self

    def __exit__(self, *_: object) -> None:
        self._provider.force_flush(_FLUSH_MS)
        self._provider.shutdown()

    @property
    def sent(self) -> int:
        """Return how many spans were taken by the collector."""
        return self._counting.sent

    @property
    def lost(self) -> int:
        """Return how many were not, once all are sent."""
        return self._made - self._counting.sent

    def take(self, payload: bytes) -> None:
        """Look at packed rows, and make spans of the sample."""
        rows = np.frombuffer(payload, DTYPE)
        first = -self._seen % self._every
        self._seen += len(rows)
        for row in rows[first :: self._every]:
            self._message(row)

    def _message(self, row: np.void) -> None:
        from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

        ends_s = max(float(row[name]) for name in ("due", "taken", "sent", "flushed", "done"))
        status = int(row["status"])
        root = self._tracer.start_span(
            KINDS[int(row["kind"])].value,
            kind=SpanKind.CLIENT,
            start_time=self._ns(float(row["due"])),
            attributes=_attributes(row),
        )
        if not 200 <= status < 300:
            root.set_status(Status(StatusCode.ERROR, reason_of(status)))
        inside = set_span_in_context(root)
        for stage, (begin, end) in _STAGES.items():
            if row[begin] and row[end]:
                child = self._tracer.start_span(
                    stage.value, context=inside, start_time=self._ns(float(row[begin]))
                )
                child.end(self._ns(float(row[end])))
                self._made += 1
        self._made += 1
        root.end(self._ns(ends_s))

    def _ns(self, at_s: float) -> int:
        return round((at_s + self._shift_s) * 1e9)


def _attributes(row: np.void) -> dict[str, str | int]:
    attributes: dict[str, str | int] = {
        "aurasim.attempts": int(row["attempts"]) & (CALLOUT - 1),
    }
    status = int(row["status"])
    if status > 0:
        attributes["http.response.status_code"] = status
    if not 200 <= status < 300:
        attributes["error.type"] = reason_of(status)
    return attributes


class _Counting:
    """An exporter that counts the spans which were taken."""

    def __init__(self, inner: "SpanExporter") -> None:
        self._inner = inner
        self.sent = 0

    def export(self, spans: "Sequence[ReadableSpan]") -> "SpanExportResult":
        """Send spans."""
        from opentelemetry.sdk.trace.export import SpanExportResult

        try:
            result = self._inner.export(spans)
        except OSError:  # requests' errors are all OSErrors
            result = SpanExportResult.FAILURE
        if result is SpanExportResult.SUCCESS:
            self.sent += len(spans)
        return result

    def shutdown(self) -> None:
        """Close the line."""
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what the inner exporter keeps."""
        return self._inner.force_flush(timeout_millis)


def _exporter() -> "SpanExporter":
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError as error:
        message = "Spans need OpenTelemetry: pip install 'aurasim[load]'."
        raise SpansUnavailableError(message) from error
    # its complaints are counted, and told once in the end
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    return OTLPSpanExporter(timeout=_TIMEOUT_S)


def _provider(exporter: _Counting, about: Mapping[str, str]) -> "tuple[TracerProvider, Tracer]":
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({"service.name": "aurasim-load", **about})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=_MOST_QUEUED))  # type: ignore[arg-type]  # it quacks
    return provider, provider.get_tracer("aurasim.load")
