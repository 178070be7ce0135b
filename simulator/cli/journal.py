"""`aurasim journal`: the records of a run, as lines of JSON."""

from pathlib import Path

import click
import msgspec

from simulator.clock import duration_s
from simulator.journal import read_journal


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--from", "from_", metavar="SPAN", help="Run time of the first, such as 10h.")
@click.option("--to", metavar="SPAN", help="Run time before which the last one is.")
@click.option("--device", help="Only the records of this device, such as gt06/17.")
@click.option("--type", "kind", metavar="KIND", help="Only of this type: press, frame, answer ...")
def journal(
    run: Path, from_: str | None, to: str | None, device: str | None, kind: str | None
) -> None:
    """Print the records of RUN, the folder of a run or its journal, whichever form it has.

    \b
    aurasim journal runs/first --from 10h --to 10h30m
    aurasim journal runs/year --device gt06/17 --type frame
    """
    begins_s = duration_s(from_) if from_ else 0.0
    ends_s = duration_s(to) if to else float("inf")
    encoder = msgspec.json.Encoder()
    for record in read_journal(run):
        if record.t >= ends_s:
            break
        is_wanted = (
            record.t >= begins_s
            and (device is None or getattr(record, "device", None) == device)
            and (kind is None or type(record).__struct_config__.tag == kind)
        )
        if is_wanted:
            click.echo(encoder.encode(record).decode())
