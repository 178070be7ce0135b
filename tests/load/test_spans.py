"""Spans of a sample: a trace that begins when a message was due."""

from collections.abc import Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from simulator.errors import InputError
from simulator.load.rows import CALLOUT, ROW, STALE
from simulator.load.schedule import MOVE, PRESS
from simulator.load.spans import Spans

ANSWERED = ROW.pack(10.0, 10.001, 10.003, 10.004, 10.05, PRESS, 200, 2 + CALLOUT)
DROPPED = ROW.pack(11.0, 11.5, 0.0, 0.0, 11.5, MOVE, STALE, 1)


class Deaf(SpanExporter):
    """A collector that is not there."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Fail as a refused connection does."""
        del spans
        raise ConnectionError

    def shutdown(self) -> None:
        """Nothing to close."""


def spans_of(*rows: bytes, share: float = 1.0) -> tuple[ReadableSpan, ...]:
    """Return the spans that rows make."""
    memory = InMemorySpanExporter()
    with Spans(share, {"aurasim.seed": "7"}, memory) as spans:
        spans.take(b"".join(rows))
        spans._provider.force_flush()
        return memory.get_finished_spans()


def length_ms(span: ReadableSpan) -> float:
    """Return how long a span lasted."""
    assert span.start_time is not None
    assert span.end_time is not None
    return (span.end_time - span.start_time) / 1e6


def test_a_message_is_a_span_with_its_stages_inside() -> None:
    """From due to answered."""
    found = {span.name: span for span in spans_of(ANSWERED)}

    root = found["press"]
    assert length_ms(root) == pytest.approx(50, abs=0.01)
    assert length_ms(found["lateness"]) == pytest.approx(1, abs=0.01)
    assert length_ms(found["answer"]) == pytest.approx(46, abs=0.01)
    assert root.attributes == {"aurasim.attempts": 2, "http.response.status_code": 200}
    assert root.resource.attributes["aurasim.seed"] == "7"
    assert root.context is not None
    for name in ("lateness", "queue", "send", "answer"):
        parent = found[name].parent
        assert parent is not None
        assert parent.span_id == root.context.span_id


def test_a_message_that_was_never_sent_says_why() -> None:
    """And has only the stages that it went through."""
    found = {span.name: span for span in spans_of(DROPPED)}

    assert set(found) == {"move", "lateness"}
    assert found["move"].status.status_code is StatusCode.ERROR
    assert found["move"].status.description == "too late to send"


def test_the_sample_is_one_in_so_many_over_all_batches() -> None:
    """However the rows come."""
    memory = InMemorySpanExporter()
    with Spans(0.1, {}, memory) as spans:
        for _ in range(7):
            spans.take(ANSWERED * 13)
        spans._provider.force_flush()
        roots = [span for span in memory.get_finished_spans() if span.parent is None]

    assert len(roots) == 10


def test_a_collector_that_is_not_there_costs_nothing_but_the_spans() -> None:
    """They are counted as lost."""
    with Spans(1.0, {}, Deaf()) as spans:
        spans.take(ANSWERED * 3)

    assert (spans.sent, spans.lost) == (0, 15)


@pytest.mark.parametrize("share", [0.0, -1.0, 1.5, float("nan")])
def test_a_sample_that_is_none_is_refused(share: float) -> None:
    """With an example."""
    with pytest.raises(InputError, match=r"--otel-sample 0\.01"):
        Spans(share, {}, InMemorySpanExporter())
