"""How far a run is, as a bar on the terminal."""

from collections.abc import Callable

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from simulator.cli.show import console
from simulator.run import Progress as RunProgress


def bar() -> Progress:
    """Return a bar that goes away when it is done."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[counts]}"),
        TimeRemainingColumn(),
        console=console(),
        transient=True,
    )


def shower(shown: Progress) -> Callable[[RunProgress], None]:
    """Return what moves a bar on."""
    task = shown.add_task("linking", total=None, counts="")

    def show(progress: RunProgress) -> None:
        counts = f"{progress.linked} linked, {progress.frames} frames, {progress.presses} presses"
        shown.update(
            task,
            description=progress.phase,
            total=progress.for_s,
            completed=progress.done_s,
            counts=counts,
        )

    return show
