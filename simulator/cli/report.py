"""`aurasim report`: a run as one page that opens from disk."""

from pathlib import Path

import click

from simulator.report import write_report


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Where to write; beside the journal.")
def report(run: Path, out: Path | None) -> None:
    """Write RUN (its folder or journal) as one HTML file: verdict, ledger, times, presses."""
    click.echo(write_report(run, out))
