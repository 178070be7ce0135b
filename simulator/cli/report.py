"""`aurasim report`: a run as one page that opens from disk, and as tables for machines."""

from pathlib import Path

import click

from simulator.cli.show import json_option, print_json
from simulator.load.page import write_load_report
from simulator.load.page import write_tables as load_tables
from simulator.load.result import FILE_NAME, read_result
from simulator.report import account, ledger_table, write_junit, write_report, write_tables


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Where to write; beside the journal.")
@click.option("--junit", type=click.Path(path_type=Path), help="Also write a JUnit file, for CI.")
@click.option(
    "--csv", "tables", type=click.Path(path_type=Path), help="Also write CSV files to a folder."
)
@json_option
def report(
    run: Path, out: Path | None, junit: Path | None, tables: Path | None, as_json: bool
) -> None:
    """Write RUN (its folder or journal) as one HTML file that needs no network.

    It shows the verdict, the ledger, the times by stage, the fleet on a map, the life of each
    device, and each press with its requests and webhooks. With --json the ledger is printed.
    Of a load test it shows throughput, latency by stage and over time, errors and the verdict.
    """
    ledger = account(run)
    result = read_result(run) if (run / FILE_NAME).is_file() else None
    if result:
        written = [write_load_report(result, out or run)]
    else:
        written = [write_report(run, out, ledger=ledger)]
    if junit:
        written.append(write_junit(ledger, junit))
    if tables:
        written += load_tables(result, tables) if result else write_tables(ledger, tables)
    if as_json:
        print_json({**ledger_table(ledger), "written": [str(path) for path in written]})
    else:
        for path in written:
            click.echo(path)
