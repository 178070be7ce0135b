"""`aurasim bench emulate`: be a device, with real firmware or with a model of the fleet."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from threading import Thread

import click

from simulator.bench.being.virtual import VirtualDevice
from simulator.bench.being.voices import on_the_wire, open_voice
from simulator.bench.emulate import KINDS, Emulated, avr, emulated
from simulator.errors import InputError
from simulator.frame import Frame
from simulator.profile import load

_HELP = (
    "press [SECONDS|GESTURE], cancel [SECONDS], battery MILLIVOLTS|PERCENT, unplug, plug, reset, "
    "quit"
)


@click.command()
@click.argument("what")
@click.option(
    "--on",
    "place",
    default="pty",
    show_default=True,
    help="Of a profile: pty[:PATH], tcp[:PORT], rfc2217[:PORT] or ble:TRANSPORT.",
)
@click.option("--serial", help="Of a firmware: the serial of the unit, where several run.")
@click.option(
    "--firmware",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Of avr: a program of yours (ELF), button at D2, battery at ADC0, UART 0.",
)
@click.option("--profile", "model", help="Of a program of yours: the profile of its frames.")
@click.option("--framing", default="", help="Of a profile: line, cobs, slip, hex, length:N.")
@click.option("--number", default=1, show_default=True, help="Of a profile: which unit it is.")
@click.option("--seed", default=1, show_default=True, help="Of a profile: same seed, same unit.")
def emulate(
    *,
    what: str,
    place: str,
    framing: str,
    number: int,
    seed: int,
    serial: str | None,
    firmware: Path | None,
    model: str | None,
) -> None:
    """Be a device until Ctrl-C: WHAT is avr, microbit, ble-avr, ble-button, or a profile.

    \b
    aurasim bench emulate avr
    aurasim bench emulate avr --firmware panic.elf --profile my-device --serial 00000001
    aurasim bench emulate serial-pendant-base --on rfc2217:7001
    aurasim bench emulate shelly-blu-button1 --on ble:usb:0

    It does what it is told on standard input, a line each: press, cancel, battery, unplug, plug,
    reset. A model logs in when it is switched on: say reset once somebody listens.
    """
    if firmware is not None:
        asyncio.run(_firmware(_own(what, firmware, model, serial)))
    elif what in KINDS:
        asyncio.run(_firmware(emulated(what, serial)))
    else:
        asyncio.run(_model(what, place, framing, number, seed))


def _own(
    what: str, firmware: Path, model: str | None, serial: str | None
) -> AbstractAsyncContextManager[Emulated]:
    """Return a unit with a program of the user's."""
    if what != "avr" or model is None:
        message = "--firmware is for avr, and needs the --profile of its frames."
        raise InputError(message)
    return avr.emulated(
        serial or load(model).identity.serial_of(1), elf=firmware, profile=load(model).name
    )


async def _firmware(emulator: AbstractAsyncContextManager[Emulated]) -> None:
    async with emulator as unit:
        where = f"--port {unit.port}" if unit.port else f"--ble {unit.ble}"
        click.echo(f"{unit.firmware}, serial {unit.serial}")
        for name, value in unit.environment.items():
            click.echo(f"export {name}={value}")
        click.echo(f"aurasim bench check {unit.profile} {where} --serial {unit.serial}")

        async def obey(word: str, rest: str) -> None:
            match word:
                case "press" | "hold":
                    await unit.press(_number(rest, 1.0))
                case "cancel":
                    await unit.press(_number(rest, 3.0))
                case "battery":
                    await unit.battery(round(_number(rest, 3000.0)))
                case "unplug":
                    await unit.unplug()
                case "plug":
                    await unit.plug()
                case _:
                    raise InputError(f"'{word}' is nothing it can do. Say {_HELP}.")

        await _until_either(_obeying(obey), unit.watch())


async def _until_either(*works: Coroutine[object, object, None]) -> None:
    """Do several things until one of them ends, and raise what it raises."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _model(name: str, place: str, framing: str, number: int, seed: int) -> None:
    profile = load(name)
    async with AsyncExitStack() as stack:
        heard: list[Callable[[bytes], object]] = []
        voice = await stack.enter_async_context(
            open_voice(
                place,
                profile,
                lambda data: [hear(data) for hear in heard],
                serial=profile.identity.serial_of(number),
            )
        )

        async def tell(frame: Frame) -> None:
            await voice.say(on_the_wire(place, profile, frame.payload, framing))
            click.echo(f"said {frame.kind}: {frame.payload.hex()}")

        unit = _Powered(lambda: VirtualDevice(profile, tell, number=number, seed=seed, cold=True))
        heard.append(unit.hear)
        click.echo(f"{profile.title}, serial {unit.device.firmware.serial}")
        click.echo(f"aurasim bench check {profile.name} {voice.where}")

        async def obey(word: str, rest: str) -> None:
            match word:
                case "press" | "hold":
                    unit.device.press(rest)
                case "cancel":
                    unit.device.cancel()
                case "battery":
                    unit.device.battery(_number(rest, 50.0))
                case "reset":
                    await unit.reset()
                case "unplug":
                    await voice.unplug()
                case "plug":
                    await voice.plug()
                case _:
                    raise InputError(f"'{word}' is nothing it can do. Say {_HELP}.")

        try:
            await _obeying(obey)
        finally:
            await unit.off()


class _Powered:
    """A virtual device that is on, and can be switched off and on again."""

    def __init__(self, make: Callable[[], VirtualDevice]) -> None:
        self._make = make
        self.device = make()
        self._living = asyncio.create_task(self.device.live())

    def hear(self, data: bytes) -> None:
        """Take what the server says."""
        self.device.hear(data)

    async def off(self) -> None:
        """Switch it off."""
        self._living.cancel()
        await asyncio.wait([self._living])

    async def reset(self) -> None:
        """Switch it off and on: it joins or logs in anew."""
        await self.off()
        self.device = self._make()
        self._living = asyncio.create_task(self.device.live())


async def _obeying(obey: Callable[[str, str], Awaitable[None]]) -> None:
    """Do what lines of standard input say, until `quit` or Ctrl-C; its end changes nothing."""
    click.echo(f"say: {_HELP}")
    lines = _lines()
    while True:
        words = (await lines.get()).split(maxsplit=1)
        if not words:
            continue
        if words[0] == "quit":
            return
        try:
            await obey(words[0], words[1].strip() if len(words) > 1 else "")
        except InputError as error:
            click.echo(str(error), err=True)


def _lines() -> "asyncio.Queue[str]":
    """Return the lines of standard input; a thread reads them, because a read cannot be left."""
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)

    Thread(target=read, name="input", daemon=True).start()
    return lines


def _number(text: str, usual: float) -> float:
    try:
        return float(text) if text else usual
    except ValueError as error:
        raise InputError(f"'{text}' is no number.") from error
