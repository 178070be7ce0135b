"""`aurasim sandbox`: the embedded AURA as a server of its own."""

import asyncio
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

import click
import simpy

from simulator.cli.show import print_json
from simulator.clock import wall_s
from simulator.sandbox import Sandbox, serve


@click.command()
@click.option("--port", default=8787, show_default=True, help="TCP port; 0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--db", type=click.Path(path_type=Path), help="SQLite file that keeps the state.")
@click.option("--json", "as_json", is_flag=True, help="Print base URL and credentials as JSON.")
def sandbox(port: int, host: str, db: Path | None, as_json: bool) -> None:
    """Serve a sandbox that answers as AURA does, until Ctrl-C.

    Nothing it is told leaves this machine. Any client id makes a tenant of its own; the demo
    credentials are printed. With --db a restart loses nothing.
    """
    with suppress(KeyboardInterrupt):  # the ordinary way to stop it
        asyncio.run(_serve(host, port, db, as_json))


async def _serve(host: str, port: int, db: Path | None, as_json: bool) -> None:
    box = Sandbox(simpy.Environment(), wall_s(), db=db)
    async with serve(box, host=host, port=port) as server:
        told = {
            "baseUrl": server.base_url,
            "clientId": box.demo.client_id,
            "clientSecret": box.demo.client_secret,
        }
        if as_json:
            print_json(told)
        else:
            _introduce(told, host)
        await asyncio.Event().wait()


def _introduce(told: dict[str, str], host: str) -> None:
    if not _is_loopback(host):
        click.echo(
            f"WARNING: listening on {host}: other machines can reach this sandbox.", err=True
        )
    click.echo(f"AURA sandbox at {told['baseUrl']}")
    click.echo(f"AURA_BASE_URL={told['baseUrl']}")
    click.echo(f"AURA_CLIENT_ID={told['clientId']}")
    click.echo(f"AURA_CLIENT_SECRET={told['clientSecret']}")
    click.echo("Stop with Ctrl-C.")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
