"""The view of `aurasim run --inspect`: a running fleet on the terminal, or as lines elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from simulator.cli.map_of import map_of
from simulator.clock import monotonic_s
from simulator.report.words import duration
from simulator.run import Progress
from simulator.run.observer import Observer

_MAP = 44, 14
_LINES = 10  # of a run that is not watched on a terminal
_LINE_S = 10.0  # wall time between two lines, of a run by the wall clock
_LOOK_S = 0.2  # wall time between two looks
_FAULTS = 6
_Show = Callable[[Progress], None]


@contextmanager
def inspecting(observer: Observer, console: Console, *, is_paced: bool) -> Iterator[_Show]:
    """Yield what shows how far a run is: a live view on a terminal, lines of text elsewhere."""
    if not console.is_terminal:
        yield _Lines(observer, is_paced=is_paced).show
        return
    rates = Rates()
    with Live(console=console, auto_refresh=False, transient=True) as live:

        def show(progress: Progress) -> None:
            if not rates.is_due:
                return
            rates.note(observer, progress)
            live.update(view(observer, progress, rates), refresh=True)

        yield show


class Rates:
    """How fast a run goes, between two looks. Mutable: it remembers the look before."""

    def __init__(self) -> None:
        self._before: tuple[float, float, int, int] | None = None
        self.speed = 0.0  # run seconds a second
        self.frames_a_s = 0.0  # of wall time
        self.presses_a_h = 0.0  # of run time

    @property
    def is_due(self) -> bool:
        """Return whether it is time for another look: the view must not slow the run down."""
        return self._before is None or monotonic_s() - self._before[0] >= _LOOK_S

    def note(self, observer: Observer, progress: Progress) -> None:
        """Take a look."""
        now = monotonic_s(), progress.done_s, progress.frames, observer.presses
        if self._before:
            wall_s, run_s = now[0] - self._before[0], progress.done_s - self._before[1]
            if wall_s > 0:
                self.speed = run_s / wall_s
                self.frames_a_s = (now[2] - self._before[2]) / wall_s
            if run_s > 0:
                self.presses_a_h = (now[3] - self._before[3]) / run_s * 3600.0
        self._before = now


class _Lines:
    """A line now and then, for a log or a pipe."""

    def __init__(self, observer: Observer, *, is_paced: bool) -> None:
        self._observer = observer
        self._is_paced = is_paced
        self._next = 0.0
        self._rates = Rates()

    def show(self, progress: Progress) -> None:
        """Print a line when one is due: by the share of the run, or by the wall clock."""
        at = monotonic_s() if self._is_paced else progress.done_s
        if at < self._next:
            return
        self._next = at + (_LINE_S if self._is_paced else progress.for_s / _LINES)
        self._rates.note(self._observer, progress)
        click.echo(line(self._observer, progress, self._rates))


def line(observer: Observer, progress: Progress, rates: Rates) -> str:
    """Return how a run is, as one line."""
    totals = ", ".join(f"{number} {name}" for name, number in observer.totals.items() if number)
    slowest = observer.slowest
    stage = f"; slowest {slowest.stage} {duration(slowest.p90_s)}" if slowest else ""
    share = round(100 * progress.done_s / progress.for_s)
    faults = f"; faults struck {observer.struck.total()} times" if observer.struck else ""
    return (
        f"{duration(progress.done_s)} ({share} %) {progress.phase}: {progress.linked} devices, "
        f"{progress.frames} frames, {observer.presses} presses ({totals or 'none yet'}), "
        f"{observer.open_callouts} callouts open, {observer.dead} dead{faults}{stage}"
    )


def view(observer: Observer, progress: Progress, rates: Rates) -> RenderableType:
    """Return how a run is, as panels."""
    share = progress.done_s / progress.for_s
    width = 30
    bar = "█" * round(share * width) + "░" * (width - round(share * width))
    head = Text.assemble(
        (f"{progress.phase} ", "bold"),
        f"{bar} {100 * share:3.0f} %  {duration(progress.done_s)} of {duration(progress.for_s)}",
        (f"  {rates.speed:,.0f} times real time", "dim"),
    )
    columns = Columns(
        [
            Panel(_counts(observer, progress, rates), title="fleet"),
            Panel(_ledger(observer), title="ledger so far"),
            Panel(_map(observer), title="map  ! callout  x dead"),
            Panel(_troubles(observer), title="faults"),
        ]
    )
    return Group(head, columns)


def _counts(observer: Observer, progress: Progress, rates: Rates) -> Table:
    table = Table.grid(padding=(0, 2))
    slowest = observer.slowest
    rows: list[tuple[str, str]] = [
        ("devices", f"{progress.linked:,}"),
        ("frames", f"{progress.frames:,}  ({rates.frames_a_s:,.0f} a second)"),
        ("presses", f"{observer.presses:,}  ({rates.presses_a_h:,.1f} an hour of the run)"),
        ("callouts open", f"{observer.open_callouts:,}"),
        ("batteries empty", f"{observer.dead:,}"),
        *((f"  {kind}", f"{count:,}") for kind, count in observer.frames.most_common(6)),
    ]
    if slowest:
        rows.append(("slowest stage", f"{slowest.stage}, p90 {duration(slowest.p90_s)}"))
    for name, value in rows:
        table.add_row(name, value)
    return table


def _ledger(observer: Observer) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, number in observer.totals.items():
        is_bad = number and name in ("doubled", "unexplained")
        table.add_row(name, Text(f"{number:,}", style="bold red" if is_bad else ""))
    return table


def _map(observer: Observer) -> Text:
    lines = map_of(observer.spots.values(), *_MAP)
    text = Text("\n".join(lines), no_wrap=True)
    text.highlight_regex("!", "bold red")
    text.highlight_regex("x", "dim")
    return text


def _troubles(observer: Observer) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, is_on in list(observer.faults.items())[:_FAULTS]:
        table.add_row(name, f"{observer.struck[name]:,}" if is_on else "ended")
    if not observer.faults:
        table.add_row("none", "")
    return table
