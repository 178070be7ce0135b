"""What `aurasim run` says of run files without running one: those that ship, and the reference."""

import click

from simulator.cli.show import print_json, print_table
from simulator.run.reference import reference
from simulator.run.shapes import shapes


def list_shapes(*, as_json: bool) -> None:
    """Print the shapes that ship, each with its purpose."""
    if as_json:
        told = [
            {"name": one.name, "purpose": one.purpose, "asks": one.asks, "path": str(one.path)}
            for one in shapes()
        ]
        print_json(told)
    else:
        print_table("", ["shape", "purpose"], [[one.name, one.purpose] for one in shapes()])


def print_reference() -> None:
    """Print the reference of run files as Markdown."""
    click.echo(reference(), nl=False)
