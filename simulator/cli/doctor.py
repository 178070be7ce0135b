"""`aurasim doctor`: what is wrong with this machine, and the one line that mends it."""

import asyncio

import click

from simulator.bench.doctor import (
    Finding,
    State,
    aura_checks,
    ble_check,
    machine_checks,
    port_checks,
)
from simulator.cli.show import json_option, print_json, print_table
from simulator.errors import ExitCode


@click.command()
@click.option("--target", help="Look at a target too: staging, a name, or a base URL.")
@click.option("--port", help="Look at this port too.")
@click.option("--ble-backend", default="os", show_default=True, help="os, or bumble:TRANSPORT.")
@json_option
def doctor(*, target: str | None, port: str | None, ble_backend: str, as_json: bool) -> None:
    """Look at Python, packages, ports, BLE, emulators, and at a target with its credentials.

    \b
    aurasim doctor
    aurasim doctor --target staging --port /dev/ttyUSB0

    A note is something that is not there and may not be needed; a problem has to be mended: then
    it ends with 3.
    """
    found = asyncio.run(_looked(target, port, ble_backend))
    has_problem = any(one.state is State.PROBLEM for one in found)
    if as_json:
        print_json({"ok": not has_problem, "findings": found})
    else:
        rows = [(one.state, one.name, one.seen) for one in found]
        print_table("", ["", "what", "seen"], rows)
        mends = [one for one in found if one.fix]
        if mends:
            click.echo()
        for one in mends:
            click.echo(f"{one.name}: {one.fix}")
        problems = sum(one.state is State.PROBLEM for one in found)
        notes = sum(one.state is State.NOTE for one in found)
        click.echo(f"{problems} problems, {notes} notes")
    raise click.exceptions.Exit(ExitCode.ENVIRONMENT if has_problem else ExitCode.PASS)


async def _looked(target: str | None, port: str | None, ble_backend: str) -> list[Finding]:
    found = [*machine_checks(), *port_checks(extra=port), await ble_check(ble_backend)]
    if target:
        found += [one async for one in aura_checks(target)]
    return found
