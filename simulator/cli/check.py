"""`aurasim check`: the promises of a run, watched again over its journal."""

from pathlib import Path

import click

from simulator.cli.show import json_option, plain, print_json, print_table
from simulator.clock import duration_s
from simulator.errors import ExitCode
from simulator.journal import read_journal
from simulator.report import BUDGET_S, Breach, Invariant, Watch, breach_row


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--budget", metavar="SPAN", help="From a press's arrival to its callout.  [default: 60s]"
)
@json_option
def check(run: Path, budget: str | None, as_json: bool) -> None:
    """Watch every promise over RUN, the folder of a run or its journal, record by record.

    A broken promise is told with the records that show it. Ends with exit code 1 when one is
    broken, and with 4 when the journal has no last record and what it has breaks none.
    """
    watch = Watch(duration_s(budget) if budget else BUDGET_S)
    records = 0
    for record in read_journal(run):
        watch.add(record)
        records += 1
    breaches = watch.finish()
    if as_json:
        print_json(_table(watch, breaches, records))
    else:
        _print(watch, breaches)
        click.echo(f"{records} records, {_verdict(watch)}: {run}")
    raise click.exceptions.Exit(_exit_code(watch))


def _print(watch: Watch, breaches: tuple[Breach, ...]) -> None:
    for breach in breaches:
        click.echo(plain(str(breach)))
    if breaches:
        click.echo()
    rows = [[promise.value, watch.broken[promise] or "held"] for promise in Invariant]
    print_table("", ["promise", "broken"], rows)
    click.echo()


def _table(watch: Watch, breaches: tuple[Breach, ...], records: int) -> dict[str, object]:
    return {
        "verdict": _verdict(watch),
        "records": records,
        "whole": watch.has_ended,
        "invariants": {promise.value: watch.broken[promise] for promise in Invariant},
        "breaches": [breach_row(breach) for breach in breaches],
    }


def _verdict(watch: Watch) -> str:
    broken = watch.broken.total()
    if broken:
        return f"broken {broken} time{'s' if broken > 1 else ''}"
    return "all promises held" if watch.has_ended else "no promise broken so far"


def _exit_code(watch: Watch) -> ExitCode:
    if watch.broken:
        return ExitCode.FAILED
    return ExitCode.PASS if watch.has_ended else ExitCode.VOID
