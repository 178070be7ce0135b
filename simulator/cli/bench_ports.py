"""`aurasim bench ports`: what is plugged in and what is on the air."""

import asyncio
from dataclasses import asdict
from pathlib import Path

import click

from simulator.bench.discovery import AdvertSeen, adverts, serial_ports
from simulator.bench.inventory import read_inventory, states
from simulator.bench.links import LinkError, open_radio
from simulator.cli.show import json_option, print_json, print_table


@click.command()
@click.option("--ble/--no-ble", "has_ble", default=True, help="Listen for BLE devices too.")
@click.option("--for", "for_s", default=3.0, show_default=True, help="Seconds to listen on BLE.")
@click.option("--ble-backend", default="os", show_default=True, help="os, or bumble:TRANSPORT.")
@click.option("--inventory", type=click.Path(path_type=Path), help="[default: bench.toml]")
@json_option
def ports(
    *, has_ble: bool, for_s: float, ble_backend: str, inventory: Path | None, as_json: bool
) -> None:
    """List serial ports and BLE devices, the profiles they fit, and the command to run next."""
    wired = serial_ports()
    trouble, heard = "", list[AdvertSeen]()
    if has_ble:
        try:
            heard = asyncio.run(_heard(ble_backend, for_s))
        except LinkError as error:
            trouble = str(error)
    units = states(read_inventory(inventory))
    if as_json:
        print_json(
            {
                "ports": [asdict(one) | {"command": one.command} for one in wired],
                "ble": [
                    asdict(one) | {"profiles": sorted(one.profiles), "command": one.command}
                    for one in heard
                ],
                "ble_trouble": trouble,
                "units": [
                    {"name": one.name, "profile": one.entry.profile, "held_by": one.holder}
                    for one in units
                ],
            }
        )
        return
    if wired:
        rows = [
            (p.device, p.usb, p.usb_serial, p.description, p.held_by or "free", p.command)
            for p in wired
        ]
        print_table("", ["port", "usb", "serial", "what", "held by", "try"], rows)
    else:
        click.echo("No serial ports. Plug a device in; `aurasim doctor` looks at permissions.")
    if heard:
        known = [(a.address, a.name, f"{a.rssi} dBm", a.command) for a in heard]
        print_table("", ["ble address", "name", "signal", "try"], known)
    elif has_ble:
        click.echo(trouble or f"No BLE device was heard in {for_s:g} s.")
    if units:
        listed = [
            (u.name, u.entry.profile, u.entry.serial, u.holder or "free", f"--unit {u.name}")
            for u in units
        ]
        print_table("", ["unit", "profile", "serial", "in use by", "try"], listed)
    if not wired and not heard:
        click.echo("With nothing plugged in: aurasim bench check --emulate avr --auto")


async def _heard(backend: str, for_s: float) -> list[AdvertSeen]:
    async with open_radio(backend) as radio:
        return await adverts(radio, for_s)
