"""`aurasim bench replay`: a wire log as a device."""

import asyncio
from pathlib import Path

import click

from simulator.bench.being.voices import open_voice
from simulator.bench.replaying import Played
from simulator.bench.replaying import replay as play
from simulator.bench.wire_log import WireHead, WireLine, read_wire_log
from simulator.cli.show import json_option, print_json
from simulator.profile import load


@click.command()
@click.argument("log", type=click.Path(path_type=Path))
@click.option(
    "--on",
    "place",
    default="pty",
    show_default=True,
    help="pty[:PATH], tcp[:PORT], rfc2217[:PORT] or ble:TRANSPORT.",
)
@click.option("--speed", default=1.0, show_default=True, help="Times as fast as it was recorded.")
@click.option("--wait/--no-wait", default=True, help="Begin when somebody presses Enter.")
@click.option("--times", type=click.IntRange(min=1), default=1, show_default=True)
@json_option
def replay(*, log: Path, place: str, speed: float, wait: bool, times: int, as_json: bool) -> None:
    """Play what a device said, at the original or a scaled timing, with its unplugs.

    \b
    aurasim bench replay press.ndjson --on pty:/tmp/ttyAURA --speed 10
    """
    head, lines = read_wire_log(log)
    played = asyncio.run(_played(head, lines * times, place, speed, wait=wait, quiet=as_json))
    if as_json:
        print_json(
            {
                "chunks": played.chunks,
                "bytes": played.sent_bytes,
                "plugs": played.plugs,
                "late_s": round(played.late_s, 6),
            }
        )
    else:
        click.echo(
            f"played {played.chunks} chunks, {played.sent_bytes} bytes; at most "
            f"{1000 * played.late_s:.1f} ms late"
        )


async def _played(
    head: WireHead, lines: list[WireLine], place: str, speed: float, *, wait: bool, quiet: bool
) -> Played:
    profile = load(head.profile) if head.profile else None
    async with open_voice(place, profile, lambda _: None) as voice:
        if not quiet:
            click.echo(f"{head.profile or 'raw bytes'}, recorded {head.started} on {head.link}")
            click.echo(
                " ".join(("aurasim bench listen", head.profile, voice.where)).replace("  ", " ")
            )
        if wait:
            click.echo("Enter begins.", err=True)
            await asyncio.to_thread(input)
        return await play(lines, voice, speed=speed)
