"""`aurasim resume`: a run that was killed goes on."""

from pathlib import Path

import click

from simulator.cli.ledger import EXIT_CODES, print_ledger
from simulator.cli.planting import planted
from simulator.cli.progress import bar, shower
from simulator.cli.show import json_option, plain, print_json
from simulator.report import account, ledger_table, write_report
from simulator.rerun import Resumed, Written, read_written
from simulator.rerun import resume as resume_run


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@json_option
def resume(run: Path, as_json: bool) -> None:
    """Let RUN, the folder of a run that was killed or interrupted, go on to its end.

    In virtual time the finished journal is the one that the uninterrupted run would have left, byte
    for byte. In real time nothing is sent twice: presses that were on their way when the run was
    killed are given up, and said so. Ends as a run does.
    """
    written = read_written(run)
    with planted(written.settings.plant):
        done = _resumed(written, quiet=as_json)
    ledger = account(written.folder)
    page = write_report(written.folder, None)
    if as_json:
        told = {"kept": done.kept, "added": done.added, "report": str(page)}
        print_json({**ledger_table(ledger), **told})
    else:
        print_ledger(ledger)
        for left in done.result.untidied:
            click.echo(f"not tidied up: {plain(left)}", err=True)
        click.echo(f"{ledger.verdict}: report {page}")
    raise click.exceptions.Exit(EXIT_CODES[ledger.verdict])


def _resumed(written: Written, *, quiet: bool) -> Resumed:
    settings = written.settings
    if quiet or written.is_finished:
        return resume_run(written.folder)
    click.echo(f"target {settings.target}, seed {settings.seed}, clock {settings.clock}")
    click.echo(f"{written.facts} records, to {written.last_s:.0f} s of {settings.for_s:g} s")
    with bar() as shown:
        done = resume_run(written.folder, shower(shown))
    click.echo(f"{done.kept} records were there and are as they were, {done.added} came to them\n")
    return done
