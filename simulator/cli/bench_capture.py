"""`aurasim bench capture`: every byte of a device into a file, to look at and to play again."""

import asyncio
from pathlib import Path

import click

from simulator.cli.bench_listen import Hearing
from simulator.cli.bench_options import Wanted, device_options
from simulator.cli.show import json_option
from simulator.clock import duration_s


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--profile", required=False, help="Its model; found out if not said.")
@device_options
@click.option("--for", "for_", metavar="SPAN", help="How long, such as 30s.  [default: Ctrl-C]")
@click.option(
    "--count", type=click.IntRange(min=1), help="Stop after so many frames; repeated ones aside."
)
@click.option("--no-reply", is_flag=True, help="Do not answer the device as a server does.")
@json_option
def capture(
    *,
    out: Path,
    profile: str | None,
    for_: str | None,
    count: int | None,
    no_reply: bool,
    as_json: bool,
    **where: object,
) -> None:
    """Write the wire log OUT: both directions, with times, losses and returns.

    \b
    aurasim bench capture press.ndjson --profile serial-pendant-base --port /dev/ttyUSB0
    aurasim bench capture unknown.ndjson --port /dev/ttyUSB0 --for 60s
    aurasim bench replay press.ndjson --on tcp:7001

    Every byte is written as it came; without --profile, also what no profile reads.
    """
    wanted = Wanted(profile=profile, **where)  # type: ignore[arg-type]  # as click names them
    hearing = Hearing(count, is_mute=no_reply, as_json=as_json, is_raw=True)
    span_s = duration_s(for_) if for_ else None
    code = asyncio.run(hearing.run(wanted, span_s, out))
    if not as_json:
        click.echo(f"wire log {out}")
    raise click.exceptions.Exit(code)
