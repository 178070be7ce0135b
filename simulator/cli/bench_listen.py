"""`aurasim bench listen`: what a device says, as it says it."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import click
import msgspec

from simulator.bench.ear import Ear, HeardFrame
from simulator.bench.links import LinkDown
from simulator.bench.listening import Event, Listener
from simulator.bench.suspicion import Finding
from simulator.bench.wire_log import WireLog
from simulator.cli.bench_options import Wanted, device_options, found
from simulator.cli.show import json_option
from simulator.clock import duration_s, monotonic_s
from simulator.errors import ExitCode


@click.command()
@click.argument("profile", required=False)
@device_options
@click.option("--for", "for_", metavar="SPAN", help="How long, such as 30s.  [default: Ctrl-C]")
@click.option("--count", type=click.IntRange(min=1), help="Stop after so many frames.")
@click.option("--no-reply", is_flag=True, help="Do not answer the device as a server does.")
@click.option("--log", type=click.Path(path_type=Path), help="Write a wire log too.")
@json_option
def listen(
    *,
    profile: str | None,
    for_: str | None,
    count: int | None,
    no_reply: bool,
    log: Path | None,
    as_json: bool,
    **where: object,
) -> None:
    """Show the frames of a device, decoded, with what AURA would be told.

    \b
    aurasim bench listen serial-pendant-base --port /dev/ttyUSB0
    aurasim bench listen shelly-blu-button1 --ble any --for 30s

    Says at the end what was no frame; ends with 4 when the device speaks another protocol, and 3
    when the line is disturbed.
    """
    wanted = Wanted(profile=profile, **where)  # type: ignore[arg-type]  # as click names them
    hearing = Hearing(count, is_mute=no_reply, as_json=as_json)
    span_s = duration_s(for_) if for_ else None
    code = asyncio.run(hearing.run(wanted, span_s, log))
    raise click.exceptions.Exit(code)


class Hearing:
    """Listens for a command, and prints."""

    def __init__(self, count: int | None, *, is_mute: bool, as_json: bool) -> None:
        self._count = count
        self._is_mute = is_mute
        self._as_json = as_json
        self._frames = 0
        self._began_s = monotonic_s()

    async def run(self, wanted: Wanted, span_s: float | None, log: Path | None) -> ExitCode:
        """Listen for so long, or until it is cancelled; return the exit code."""
        async with AsyncExitStack() as stack:
            one = await stack.enter_async_context(found(wanted))
            wire = None
            if log:
                wire = WireLog(log, profile=one.profile.name, link=str(one.address))
                stack.enter_context(wire)
            ear = Ear(one.profile, framing=one.framing)
            listener = Listener(one.link, ear, wire)
            await stack.enter_async_context(listener)
            if not self._as_json:
                click.echo(f"listening to {one.profile.name} on {one.address}; Ctrl-C ends it")
            try:
                async with asyncio.timeout(span_s):
                    await self._hear(listener)
            except (TimeoutError, asyncio.CancelledError):
                pass  # the ordinary ways to end
            return self._summary(listener)

    async def _hear(self, listener: Listener) -> None:
        async for event in listener.events():
            self._print(event)
            if not isinstance(event, HeardFrame):
                continue
            if event.reply and not self._is_mute:
                await listener.send(event.reply)
            self._frames += 1
            if self._frames == self._count:
                return

    def _print(self, event: Event) -> None:
        t = event.at_s - self._began_s
        if isinstance(event, HeardFrame):
            if self._as_json:
                told = {
                    "t": round(t, 4),
                    "hex": event.payload.hex(),
                    "means": [kind.value for kind in event.kinds],
                    "values": dict(event.values),
                    "dropped": event.dropped,
                    "address": event.address,
                }
                click.echo(msgspec.json.encode(told).decode())
                return
            means = ", ".join(event.kinds) or event.dropped or "nothing AURA hears of"
            values = ", ".join(f"{key} {value}" for key, value in event.values.items())
            click.echo(f"{t:9.3f}  {means}\n           {event.payload.hex()}\n           {values}")
        elif not self._as_json:
            word = f"link lost: {event.detail}" if isinstance(event, LinkDown) else "link is there"
            click.echo(f"{t:9.3f}  {word}")

    def _summary(self, listener: Listener) -> ExitCode:
        counts, link = listener.ear.counts, listener.link.counts
        suspicion = listener.suspicion()
        if self._as_json:
            told = {
                "frames": counts.frames,
                "unreadable": counts.unreadable,
                "repetitions": counts.repetitions,
                "garbage_bytes": counts.garbage_bytes,
                "half_frames": counts.half_frames + (listener.ear.pending_bytes > 0),
                "received_bytes": link.received_bytes,
                "overflow_bytes": link.overflow_bytes,
                "losses": link.losses,
                "finding": suspicion.finding.value,
                "likelier": list(suspicion.profiles),
            }
            click.echo(msgspec.json.encode(told).decode())
        else:
            click.echo(
                f"{counts.frames} frames, {counts.repetitions} repetitions, {counts.unreadable} "
                f"unreadable, {counts.garbage_bytes} bytes of garbage of {link.received_bytes}, "
                f"link lost {link.losses} times, {link.overflow_bytes} bytes overflowed"
            )
            if suspicion.finding is not Finding.AS_EXPECTED:
                click.echo(suspicion.sentence(listener.ear.profile.name))
        codes = {
            Finding.OTHER_PROTOCOL: ExitCode.VOID,
            Finding.NOISE: ExitCode.ENVIRONMENT,
        }
        return codes.get(suspicion.finding, ExitCode.PASS)
