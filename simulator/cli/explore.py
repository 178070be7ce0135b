"""`aurasim explore`: random lives of devices, until a promise breaks or the time is up."""

from pathlib import Path

import click

from simulator.errors import ExitCode, InputError


class HypothesisMissingError(InputError):
    """The library that draws and shrinks sequences is not installed."""


@click.command()
@click.option("--seed", default=1, show_default=True, help="Seed of the sequences.")
@click.option("--examples", default=100, show_default=True, help="How many sequences to try.")
@click.option("--steps", default=30, show_default=True, help="Longest sequence.")
@click.option("--out", type=click.Path(path_type=Path), help="Write what is found to this file.")
def explore(seed: int, examples: int, steps: int, out: Path | None) -> None:
    """Try random sequences of presses, losses and outages on the sandbox against the promises.

    A sequence that breaks one is shrunk and printed as a feature file that fails; the exit code is
    then 1. Needs the library hypothesis.
    """
    try:
        from simulator.bdd.exploring import explore as look_for
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        message = "Exploring needs the library hypothesis. Install it with: pip install hypothesis"
        raise HypothesisMissingError(message) from error
    found = look_for(seed=seed, examples=examples, steps=steps)
    if found is None:
        click.echo(f"{examples} sequences of up to {steps} steps broke no promise. Seed {seed}.")
        return
    text = found.feature(seed)
    click.echo(text)
    if out:
        out.write_text(text, "utf-8")
        click.echo(f"written: {out}")
    raise click.exceptions.Exit(ExitCode.FAILED)
