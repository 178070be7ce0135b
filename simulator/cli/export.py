"""`aurasim export`: a run in another form, such as a feature file that can be played."""

from pathlib import Path

import click

from simulator.cli.show import plain
from simulator.errors import UnavailableError
from simulator.report import feature_of


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--gherkin", is_flag=True, help="A feature file; the only form there is so far.")
@click.option("--press", "presses", multiple=True, metavar="NAME", help="Only this; repeatable.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="A file; else it is printed.")
def export(
    run: Path, gherkin: bool, presses: tuple[str, ...], limit: int, out: Path | None
) -> None:
    """Write the stories of RUN as scenarios: one of each kind, or those of chosen presses.

    \b
    aurasim export runs/first --gherkin --out first.feature
    aurasim export runs/first --gherkin --press gt06/3#2
    pytest first.feature

    They play on a sandbox of their own, with the frames lost and the answers refused that were lost
    and refused in the run.
    """
    if not gherkin:
        message = "Say in which form: --gherkin."
        raise click.UsageError(message)
    feature = feature_of(run, presses=presses, limit=limit)
    if out is None:
        click.echo(feature.text, nl=False)
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(feature.text, "utf-8")
    except OSError as error:
        message = f"The feature file {out} cannot be written: {error.strerror}."
        raise UnavailableError(message) from error
    click.echo(f"{feature.scenarios} scenarios: {out}")
    for reason in feature.left_out:
        click.echo(plain(f"not told: {reason}"), err=True)
