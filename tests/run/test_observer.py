"""Watching a fleet: what an observer knows, the map, and the view on a terminal or in a pipe."""

import io

from rich.console import Console

from simulator.cli.inspect import Rates, inspecting, line, view
from simulator.cli.map_of import map_of
from simulator.clock import Duration
from simulator.device import People
from simulator.faults import Loss, StuckButton
from simulator.journal import MemoryJournal
from simulator.report import ledger_of
from simulator.run import Progress, Run, RunSettings
from simulator.run.life import Life
from simulator.run.observer import Observer, Spot

SETTINGS = RunSettings(
    mix={"milesight-ws101": 4, "eview-ev07b": 2},
    for_s=7200.0,
    people=People(presses=3.0),
    life=Life(
        faults=(
            StuckButton(devices=("milesight-ws101/1",), to_s=Duration(300.0)),
            Loss(name="fog", strength=0.2),
        )
    ),
)


def observed() -> tuple[Observer, MemoryJournal, list[tuple[Progress, str]]]:
    """Return the observer of a whole run, its journal, and a line for each look."""
    journal = MemoryJournal()
    observer, rates, seen = Observer(journal), Rates(), list[tuple[Progress, str]]()

    def look(progress: Progress) -> None:
        seen.append((progress, line(observer, progress, rates)))

    Run(SETTINGS, observer, look).execute()
    return observer, journal, seen


def test_an_observer_knows_what_the_journal_says() -> None:
    """And passes every record on; at the end its ledger is the ledger."""
    observer, journal, _ = observed()
    account = ledger_of(journal.records)
    totals = observer.totals

    assert observer.records == len(journal.records)
    assert totals.pop("on its way") == 0
    assert totals == {outcome.value: number for outcome, number in account.totals.items()}
    assert set(observer.spots) == {f"milesight-ws101/{n}" for n in range(1, 5)} | {
        "eview-ev07b/1",
        "eview-ev07b/2",
    }
    assert observer.faults == {"stuck-button": True, "fog": True}
    assert observer.struck["stuck-button"] == 9
    assert observer.slowest is not None


def test_lines_tell_how_a_run_goes_on() -> None:
    """In words, with the ledger so far."""
    _, _, seen = observed()

    assert any(text.startswith("1 h 00 min (50 %) running: 6 devices") for _, text in seen)
    assert "callouts open" in seen[-1][1]
    assert "faults struck" in seen[-1][1]


def test_in_a_pipe_the_view_is_a_few_lines(capsys: object) -> None:
    """One for each tenth of a run in virtual time."""
    observer, out = Observer(MemoryJournal()), io.StringIO()
    with inspecting(observer, Console(file=out), is_paced=False) as show:
        Run(SETTINGS, observer, show).execute()

    lines = capsys.readouterr().out.splitlines()  # type: ignore[attr-defined]
    assert 8 <= len(lines) <= 13
    assert "linking" in lines[0]


def test_on_a_terminal_the_view_is_drawn() -> None:
    """Counts, ledger, map and faults; it goes away when the run is over."""
    observer, out = Observer(MemoryJournal()), io.StringIO()
    console = Console(file=out, force_terminal=True, width=120, height=50)
    with inspecting(observer, console, is_paced=False) as show:
        Run(SETTINGS, observer, show).execute()
    console.print(view(observer, Progress("running", 3600.0, 7200.0, 6, 10, 2), Rates()))

    drawn = out.getvalue()
    for word in ("fleet", "ledger so far", "map", "faults", "slowest stage", "fog", "unexplained"):
        assert word in drawn


def test_a_map_has_the_north_at_the_top() -> None:
    """Marks say how many are in a place, who has a callout, and who is dead."""
    spots = [Spot(1.0, 0.0, has_callout=True), Spot(0.0, 1.0, is_dead=True), Spot(0.0, 0.0)]
    spots += [Spot(0.5, 0.5) for _ in range(6)]

    drawn = map_of(spots, 9, 3)

    assert drawn == ["!        ", "    O    ", ".       x"]


def test_who_is_far_away_does_not_stretch_the_map() -> None:
    """They are drawn at the edge."""
    spots = [Spot(0.01 * n, 0.01 * n) for n in range(100)] + [Spot(50.0, 50.0)]

    drawn = map_of(spots, 20, 20)

    assert sum(mark != " " for text in drawn for mark in text) > 15


def test_a_map_of_nobody_is_empty() -> None:
    """And one device is in the middle."""
    assert map_of([], 5, 3) == []
    assert map_of([Spot(1.0, 1.0)], 5, 3) == ["     ", "  .  ", "     "]
