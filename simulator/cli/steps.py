"""`aurasim steps`: the sentences that feature files are made of, and whether files keep to them."""

from pathlib import Path

import click

from simulator.cli.show import json_option, print_json, print_table
from simulator.errors import ExitCode

_write = click.option(
    "--write", is_flag=True, help="Write the page into the folder instead of printing it."
)


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def steps(context: click.Context, as_json: bool) -> None:
    """List the steps of the library, or check feature files against them."""
    if context.invoked_subcommand:
        return
    from simulator.bdd.dictionary import entries

    found = entries()
    if as_json:
        print_json(found)
        return
    rows = [[one["keyword"], one["sentence"], one["summary"]] for one in found]
    print_table("", ["", "step", "what it does"], rows)


@steps.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@json_option
def check(path: Path, as_json: bool) -> None:
    """Name the undefined, ambiguous and unused steps of the feature files under PATH.

    Nothing is played. Ends with exit code 1 when there is something to complain of.
    """
    from simulator.bdd.checking import check as complaints_of

    complaints = complaints_of(path)
    if as_json:
        print_json(complaints)
    for complaint in [] if as_json else complaints:
        click.echo(str(complaint))
    if complaints:
        raise click.exceptions.Exit(ExitCode.FAILED)
    if not as_json:
        click.echo("Every step is defined once.")


@steps.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True), default="features")
@_write
def page(folder: Path, write: bool) -> None:
    """Print the step dictionary as a page, or write it to FOLDER/STEPS.md."""
    from simulator.bdd.dictionary import page as dictionary

    _put(folder / "STEPS.md", dictionary(), write)


@steps.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True), default="features")
@_write
def statements(folder: Path, write: bool) -> None:
    """Print which scenario proves which statement, or write it to FOLDER/README.md."""
    from simulator.bdd.statements import PAGE
    from simulator.bdd.statements import page as table

    _put(folder / PAGE, table(folder), write)


def _put(path: Path, text: str, write: bool) -> None:
    if write:
        path.write_text(text, "utf-8")
        click.echo(f"written: {path}")
    else:
        click.echo(text, nl=False)
