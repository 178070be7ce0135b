"""A running load test on a terminal: rates, percentiles, drops, ledger and generator health."""

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from simulator.load.histogram import Histogram
from simulator.load.live.following import Followed
from simulator.load.live.recent import Recent, ledger_line, rates, recent
from simulator.load.page.words import share, span
from simulator.load.result import GeneratorHealth, LoadResult, Stage, Verdict

SILENT_S = 5.0
"""After so long without news the view says so."""
_BARS = " ▁▂▃▄▅▆▇█"
_COLUMNS = 60
_VERDICTS = {
    Verdict.PASS: "green",
    Verdict.FAIL: "red",
    Verdict.VOID: "yellow",
    Verdict.ENVIRONMENT: "red",
}


def screen(followed: Followed) -> RenderableType:
    """Return the view of a moment."""
    result = followed.result
    if result is None:
        return Text(f"waiting for the test to begin ({followed.unchanged_s:.0f} s)", "dim")
    now = recent(result)
    parts: list[RenderableType] = [_head(result), Text(_line(rates(result, _COLUMNS)), "cyan")]
    parts += [_rates(result, now), _times(result, now), _messages(result)]
    parts += _wrongs(result)
    parts += _thresholds(result)
    parts.append(_health(result.generator))
    parts.append(Text(f"ledger     {ledger_line(result)}"))
    if followed.unchanged_s > SILENT_S and not result.is_whole:
        told = f"no news for {followed.unchanged_s:.0f} s: the test may have been killed"
        parts.append(Text(told, "yellow"))
    return Group(*parts)


def _head(result: LoadResult) -> Text:
    settings = result.settings
    text = Text()
    if result.is_whole:
        text.append(f"{result.verdict.value} ", _VERDICTS[result.verdict])
    text.append(f"{settings.target}  ", "bold")
    text.append(f"{settings.shape} {settings.rate:,g}/s, seed {settings.seed}  ", "dim")
    text.append(f"{span(result.lasted_s)} of {span(settings.for_s)}")
    return text


def _line(values: Sequence[float]) -> str:
    """Return a line of bars: answers a second so far."""
    most = max(values, default=0.0)
    if not most:
        return ""
    return "".join(_BARS[round(value / most * (len(_BARS) - 1))] for value in values)


def _rates(result: LoadResult, now: Recent) -> Table:
    total = result.total
    rows = (
        ("due", now.due, total.due),
        ("sent", now.sent, total.sent),
        ("answered", now.answered, total.answered),
        ("errors", now.errors, total.errors),
        ("dropped", now.dropped, total.dropped),
    )
    table = _table("", "a second", "in all")
    for name, rate, count in rows:
        style = "red" if name in ("errors", "dropped") and count else ""
        table.add_row(name, f"{rate:,.0f}", f"{count:,}", style=style)
    return table


def _times(result: LoadResult, now: Recent) -> Table:
    table = _table("10 s", "p50", "p90", "p99", "max", "all: p50", "p99", "max")
    pairs = (
        (Stage.LATENCY, now.latency),
        (Stage.SERVICE, now.service),
        (Stage.LATENESS, now.lateness),
    )
    for stage, last in pairs:
        whole = result.stage(stage)
        table.add_row(stage.value, *_spans(last, (50, 90, 99, 100)), *_spans(whole, (50, 99, 100)))
    return table


def _messages(result: LoadResult) -> Table:
    table = _table("message", "due", "answered", "errors", "dropped", "on their way", "p99")
    for kind, tally in sorted(result.kinds.items()):
        counts = (tally.due, tally.answered, tally.errors, tally.dropped, tally.unfinished)
        p99 = result.stage(Stage.LATENCY, kind).percentile_s(99)
        table.add_row(kind, *(f"{count:,}" for count in counts), span(p99))
    return table


def _wrongs(result: LoadResult) -> Iterable[RenderableType]:
    wrong = [*result.errors.items(), *((f"dropped: {why}", n) for why, n in result.drops.items())]
    for reason, number in sorted(wrong, key=lambda pair: -pair[1])[:6]:
        yield Text(f"{number:>10,}  {reason}", "red")


def _thresholds(result: LoadResult) -> Iterable[RenderableType]:
    for threshold in result.thresholds:
        mark, style = ("✓", "green") if threshold.is_met else ("✕", "red")
        yield Text(f"{mark} {threshold.text}", style)


def _health(health: GeneratorHealth) -> Text:
    text = Text("generator  ", "dim")
    text.append(f"{share(health.cpu_share)} of a core, ")
    text.append(f"waited {share(health.run_wait_share)}, stolen {share(health.steal_share)}, ")
    text.append(f"longest stall {span(health.stall_longest_s)}, ")
    text.append(f"{health.connections_most:,} connections, {health.waiting_most:,} waited")
    if health.sockets_refused:
        text.append(f", {health.sockets_refused:,} sockets refused", "red")
    return text


def _spans(histogram: Histogram, percents: Sequence[float]) -> Iterable[str]:
    return (span(histogram.percentile_s(percent)) for percent in percents)


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(first, min_width=10)
    for name in others:
        table.add_column(name, justify="right", min_width=8)
    return table
