"""`aurasim replay`: a journal, played at its own pace or any other."""

import sys
from pathlib import Path
from threading import Event

import click

from simulator.cli.ledger import EXIT_CODES, print_ledger
from simulator.cli.planting import planted
from simulator.cli.replaying import Screen
from simulator.cli.show import json_option, plain, print_json
from simulator.clock import duration_s
from simulator.errors import ExitCode, InputError
from simulator.journal import RunStarted, read_journal
from simulator.report import ledger_table
from simulator.report.breach import line
from simulator.rerun import DifferentRunError, Player, read_written, repeat


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--rate",
    type=click.FloatRange(min=0),
    help="Run seconds a second; 0: as fast as it goes.  [default: 60 on a terminal, else 0]",
)
@click.option("--from", "from_", metavar="SPAN", help="Where to begin, such as 10h.")
@click.option("--to", metavar="SPAN", help="Where to end.")
@click.option("--again", is_flag=True, help="Run the run again, and compare record by record.")
@json_option
def replay(
    *,
    run: Path,
    rate: float | None,
    from_: str | None,
    to: str | None,
    again: bool,
    as_json: bool,
) -> None:
    """Play RUN, the folder of a run or its journal, and account for what was played.

    On a terminal: space pauses, arrows and brackets seek, plus and minus change the rate, q quits.
    A whole journal gives the ledger of its run. With --again the run itself is run again from its
    settings: ends with 1 where it is not the same to the byte.
    """
    if again:
        _again(run, as_json=as_json)
        return
    if rate is None:
        rate = 60.0 if sys.stdin.isatty() and sys.stdout.isatty() and not as_json else 0.0
    player = Player(lambda: read_journal(run), rate)
    if from_:
        player.seek(duration_s(from_))
    if rate and sys.stdin.isatty() and sys.stdout.isatty() and not as_json:
        Screen(player, _lasts_s(run)).play()
    else:
        _print(player, duration_s(to) if to else float("inf"), quiet=as_json)
    ledger = player.ledger.finish()
    if as_json:
        print_json(ledger_table(ledger))
    else:
        print_ledger(ledger)
        click.echo(f"{ledger.verdict}: {run}, played to {player.now_s:.1f} s")
    raise click.exceptions.Exit(EXIT_CODES[ledger.verdict])


def _print(player: Player, ends_s: float, *, quiet: bool) -> None:
    """Print a line a record, at their times or as fast as it goes."""
    if player.rate:
        pause = Event()
        while not player.is_over and player.now_s < ends_s:
            then_s = player.now_s
            record = player.play_next()
            if record is None or record.t > ends_s:
                return
            pause.wait((player.now_s - then_s) / player.rate)
            if not quiet:
                click.echo(plain(line(record)))
        return
    for record in player.play_to(ends_s):
        if not quiet:
            click.echo(plain(line(record)))


def _lasts_s(run: Path) -> float:
    first = next(read_journal(run), None)
    return first.for_s if isinstance(first, RunStarted) else 0.0


def _again(run: Path, *, as_json: bool) -> None:
    written = read_written(run)
    try:
        with planted(written.settings.plant):
            same = repeat(written)
    except DifferentRunError as error:
        if as_json:
            print_json({"same": False, "difference": str(error)})
        else:
            click.echo(plain(f"Not the same run: {error}"))
        raise click.exceptions.Exit(ExitCode.FAILED) from error
    if same != written.facts:
        message = f"Only {same} of {written.facts} records came again."
        raise InputError(message)
    if as_json:
        print_json({"same": True, "records": same})
    else:
        click.echo(f"All {same} records are the same: {run}")
