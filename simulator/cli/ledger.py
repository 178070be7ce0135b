"""`aurasim ledger`: what became of every press of a run."""

from pathlib import Path

import click

from simulator.cli.show import json_option, print_json
from simulator.journal import read_journal
from simulator.report import Ledger, ledger_of, ledger_table


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--presses", is_flag=True, help="List every press, not only the sums.")
@json_option
def ledger(run: Path, presses: bool, as_json: bool) -> None:
    """Account for every press of RUN, the folder of a run or its journal.

    Ends with exit code 1 when a press is unexplained or doubled or an invariant is broken, and with
    4 when the run cannot be judged.
    """
    result = ledger_of(read_journal(run))
    if as_json:
        print_json(ledger_table(result))
    else:
        print_ledger(result, with_presses=presses)
    raise click.exceptions.Exit(result.verdict.exit_code)


def print_ledger(result: Ledger, *, with_presses: bool = False) -> None:
    """Print the sums, what failed, and on request every press."""
    raise NotImplementedError
