"""`aurasim ledger`: what became of every press of a run."""

from pathlib import Path

import click

from simulator.cli.show import json_option, print_json, print_table
from simulator.errors import ExitCode
from simulator.report import Ledger, LedgerEntry, Verdict, ledger_table
from simulator.report import account as account_of

EXIT_CODES = {
    Verdict.PASSED: ExitCode.PASS,
    Verdict.FAILED: ExitCode.FAILED,
    Verdict.VOID: ExitCode.VOID,
}


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--presses", is_flag=True, help="List every press, not only the sums.")
@json_option
def ledger(run: Path, presses: bool, as_json: bool) -> None:
    """Account for every press of RUN, the folder of a run or its journal.

    Ends with exit code 1 when a press is unexplained or doubled or an invariant is broken, and with
    4 when the run cannot be judged.
    """
    account = account_of(run)
    if as_json:
        print_json(ledger_table(account))
    else:
        print_ledger(account, with_presses=presses)
        click.echo(f"{account.verdict}: {run}")
    raise click.exceptions.Exit(EXIT_CODES[account.verdict])


def print_ledger(account: Ledger, *, with_presses: bool = False) -> None:
    """Print the sums, what was lost where, and on request every press."""
    if with_presses:
        rows = [_row(entry) for entry in account.entries]
        print_table("", ["at s", "press", "outcome", "where", "callout", "why"], rows)
        click.echo()
    counts = account.counts
    click.echo(
        f"{counts.devices} devices, {counts.frames} frames of which {counts.lost_frames} lost, "
        f"{counts.duplicates_dropped} repetitions dropped"
    )
    if counts.refused_devices:
        click.echo(f"{counts.refused_devices} devices could not be linked and took no part")
    if counts.faults:
        rows = [[name, number] for name, number in counts.faults.items()]
        click.echo()
        print_table("", ["fault", "struck"], rows)
        click.echo()
    events = [[kind, e.sent, e.answered, _reasons(e.failed)] for kind, e in counts.events.items()]
    print_table("", ["message", "sent", "answered", "failed"], events)
    click.echo()
    totals = account.totals
    rows = [[outcome.value, number, outcome.meaning] for outcome, number in totals.items()]
    rows.append(["presses", sum(totals.values()), ""])
    print_table("", ["ledger", "presses", ""], rows)


def _row(entry: LedgerEntry) -> list[object]:
    return [
        f"{entry.at_s:.1f}",
        entry.press,
        entry.outcome.value,
        entry.where or "",
        entry.callout or "",
        entry.detail,
    ]


def _reasons(failed: dict[str, int]) -> str:
    return ", ".join(f"{number} {reason}" for reason, number in sorted(failed.items()))
