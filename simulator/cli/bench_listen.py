"""`aurasim bench listen`: what a device says, as it says it."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import click

from simulator.bench.ear import Ear, HeardFrame
from simulator.bench.links import LinkError
from simulator.bench.listening import Listener
from simulator.bench.recognising import BlindListener
from simulator.bench.suspicion import Finding
from simulator.bench.wire_log import WireLog
from simulator.cli.bench_options import Wanted, device_options, found, found_blind, is_blind
from simulator.cli.bench_screen import Screen
from simulator.cli.show import json_option
from simulator.clock import duration_s
from simulator.errors import ExitCode
from simulator.run.reaching import terminable


@click.command()
@click.argument("profile", required=False)
@device_options
@click.option("--for", "for_", metavar="SPAN", help="How long, such as 30s.  [default: Ctrl-C]")
@click.option(
    "--count", type=click.IntRange(min=1), help="Stop after so many frames; repeated ones aside."
)
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
    aurasim bench listen --port /dev/ttyUSB0

    Without PROFILE, bytes are shown as they come until a profile reads them, and then as frames.
    Says at the end what was no frame; ends with 4 when the device speaks another protocol, and 3
    when the line is disturbed, or no profile reads it.
    """
    wanted = Wanted(profile=profile, **where)  # type: ignore[arg-type]  # as click names them
    hearing = Hearing(count, is_mute=no_reply, as_json=as_json)
    span_s = duration_s(for_) if for_ else None
    code = asyncio.run(hearing.run(wanted, span_s, log))
    raise click.exceptions.Exit(code)


class Hearing:
    """Listens for a command, and prints; `is_raw` is for one that wants the bytes, whatever."""

    def __init__(
        self, count: int | None, *, is_mute: bool, as_json: bool, is_raw: bool = False
    ) -> None:
        self._count = count
        self._is_mute = is_mute
        self._is_raw = is_raw
        self._screen = Screen(as_json=as_json)
        self._frames = 0

    async def run(self, wanted: Wanted, span_s: float | None, log: Path | None) -> ExitCode:
        """Listen for so long, or until it is cancelled; return the exit code."""
        async with AsyncExitStack() as stack:
            stack.enter_context(terminable())
            listener: Listener | BlindListener
            if is_blind(wanted):
                listener = await self._blind(wanted, log, stack)
            else:
                listener = await self._sighted(wanted, log, stack)
            try:
                async with asyncio.timeout(span_s):
                    await self._hear(listener)
            except (TimeoutError, asyncio.CancelledError):
                pass  # the ordinary ways to end
            return self._summary(listener)

    async def _sighted(self, wanted: Wanted, log: Path | None, stack: AsyncExitStack) -> Listener:
        one = await stack.enter_async_context(found(wanted))
        wire = _wire_log(log, one.profile.name, str(one.address), stack)
        listener = Listener(one.link, Ear(one.profile, framing=one.framing), wire)
        await stack.enter_async_context(listener)
        self._screen.say(f"listening to {one.profile.name} on {one.address}; Ctrl-C ends it")
        return listener

    async def _blind(
        self, wanted: Wanted, log: Path | None, stack: AsyncExitStack
    ) -> BlindListener:
        one = await stack.enter_async_context(found_blind(wanted))
        wire = _wire_log(log, "", str(one.address), stack)
        listener = BlindListener(one.link, framing=one.framing, log=wire)
        await stack.enter_async_context(listener)
        self._screen.say(
            f"listening on {one.address} ({one.setting}); bytes as they come, until a profile "
            "reads them; Ctrl-C ends it"
        )
        return listener

    async def _hear(self, listener: Listener | BlindListener) -> None:
        async for event in listener.events():
            self._screen.show(event)
            if not isinstance(event, HeardFrame):
                continue
            if event.reply and not self._is_mute:
                await self._answer(listener, event.reply)
            self._frames += not event.is_repetition
            if self._frames == self._count:
                return

    async def _answer(self, listener: Listener | BlindListener, reply: bytes) -> None:
        """Answer as a server does; a device that does not take it is told of, and heard on."""
        try:
            await listener.send(reply)
        except LinkError as error:
            self._screen.say(f"not answered: {error}")

    def _summary(self, listener: Listener | BlindListener) -> ExitCode:
        suspicion = listener.suspicion()
        self._screen.end(listener, suspicion)
        if self._is_raw and isinstance(listener, BlindListener):
            return ExitCode.PASS
        codes = {
            Finding.OTHER_PROTOCOL: ExitCode.VOID,
            Finding.NOISE: ExitCode.ENVIRONMENT,
        }
        if isinstance(listener, BlindListener):
            del codes[Finding.OTHER_PROTOCOL]
        return codes.get(suspicion.finding, ExitCode.PASS)


def _wire_log(path: Path | None, profile: str, link: str, stack: AsyncExitStack) -> WireLog | None:
    return stack.enter_context(WireLog(path, profile=profile, link=link)) if path else None
