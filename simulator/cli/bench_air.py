"""`aurasim bench air`: virtual radio that several commands share, with nothing plugged in."""

import asyncio
from contextlib import AsyncExitStack

import click

from simulator.bench.emulate.needs import require, require_bumble
from simulator.errors import UnavailableError
from simulator.run.reaching import terminable

_KIND = "air"


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="TCP port of its adapters.  [default: a free one]",
)
def air(*, port: int) -> None:
    """Be a room full of radio until Ctrl-C: who is in it hears one another.

    \b
    aurasim bench air
    aurasim bench listen shelly-blu-button1 --ble any           # in another terminal
    aurasim run --profile shelly-blu-button1=3 ... --via ble --port tcp-client:127.0.0.1:PORT

    Who has the printed DBUS_SYSTEM_BUS_ADDRESS in its environment has Bluetooth as on Linux. Each
    program that opens the printed tcp-client: transport has an adapter of its own, to be a device
    with. There is no loss and no distance.
    """
    asyncio.run(_be(port))


async def _be(port: int) -> None:
    require(_KIND, "ble")
    require_bumble(_KIND)
    from simulator.bench.emulate.air import Air, bluez_in
    from simulator.bench.emulate.hci_door import HOST, hci_door

    space = Air()
    async with AsyncExitStack() as stack:
        stack.enter_context(terminable())
        environment = await stack.enter_async_context(bluez_in(space))
        try:
            transport = await stack.enter_async_context(hci_door(space, port))
        except OSError as error:
            message = f"{HOST}:{port} cannot be had: {error.strerror}. Take another --port."
            raise UnavailableError(message) from error
        click.echo("To hear what is on the air (bench ports, listen, check), in another terminal:")
        for name, value in environment.items():
            click.echo(f"  export {name}={value}")
        click.echo("  aurasim bench ports")
        click.echo("To be a device, or a fleet (each program is an adapter of its own):")
        click.echo(f"  aurasim bench emulate shelly-blu-button1 --on ble:{transport}")
        click.echo(
            "  aurasim run --profile shelly-blu-button1=3 --clock real --for 60s --target URL "
            f"--via ble --port {transport}"
        )
        click.echo("Ctrl-C ends it.")
        await asyncio.Event().wait()
