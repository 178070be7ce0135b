"""`aurasim mutate`: what feature files notice when AURA or the pipeline is broken on purpose."""

from pathlib import Path

import click

from simulator.cli.show import json_option, print_json, print_table
from simulator.errors import ExitCode


@click.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--only", multiple=True, help="Plant this mutant only; may be repeated.")
@click.option("--jobs", default=2, show_default=True, help="How many are played at a time.")
@click.option(
    "--at-least", default=95.0, show_default=True, help="Percent of mutants that must be noticed."
)
@json_option
def mutate(path: Path, only: tuple[str, ...], jobs: int, at_least: float, as_json: bool) -> None:
    """Play the feature files under PATH against planted faults, one at a time.

    A fault that no scenario notices is listed as survivor. Ends with exit code 1 when too many
    survive.
    """
    from simulator.bdd.mutants import MUTANTS, mutant_named
    from simulator.bdd.mutants.campaign import Fate, Verdict, campaign, score

    chosen = tuple(mutant_named(name) for name in only) or MUTANTS

    def told(verdict: Verdict) -> None:
        if not as_json:
            click.echo(f"{verdict.fate:<9} {verdict.mutant}", err=True)

    verdicts = campaign(path, chosen, jobs=jobs, told=told)
    share = score(verdicts)
    if as_json:
        print_json({"score": share, "mutants": [one._asdict() for one in verdicts]})
    else:
        columns = ["fate", "mutant", "what is wrong", "noticed first by"]
        ordered = sorted(verdicts, key=lambda one: one.fate is Fate.KILLED)
        rows = [[one.fate, one.mutant, one.says, one.by] for one in ordered]
        print_table("", columns, rows)
        click.echo(f"{share:.1f} % of {len(verdicts)} mutants noticed")
    if share < at_least:
        raise click.exceptions.Exit(ExitCode.FAILED)
