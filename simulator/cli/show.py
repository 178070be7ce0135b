"""How commands print: tables on a terminal, JSON for programs."""

import sys
from collections.abc import Sequence

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def console() -> Console:
    """Return a console that keeps colour to terminals and honours NO_COLOR."""
    width = None if sys.stdout.isatty() else 120
    return Console(highlight=False, width=width)


def plain(text: str) -> str:
    """Return a text whose names cannot steer a terminal; line breaks stay."""
    return "".join(one if one.isprintable() or one == "\n" else "\ufffd" for one in text)


def print_json(value: object) -> None:
    """Print one line of JSON."""
    click.echo(msgspec.json.encode(value).decode())


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; texts are shown as they are, without markup."""
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if cell is None else plain(str(cell))) for cell in row))
    console().print(table)
