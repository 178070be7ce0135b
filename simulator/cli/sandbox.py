"""`aurasim sandbox`: the embedded AURA as a server of its own."""

import asyncio
from pathlib import Path

import click
import simpy

from simulator.cli.show import print_json
from simulator.clock import Pacer, wall_s
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
    asyncio.run(_serve(host, port, db, as_json))


async def _serve(host: str, port: int, db: Path | None, as_json: bool) -> None:
    env = simpy.Environment()
    box = Sandbox(env, wall_s(), db=db)
    async with serve(box, host=host, port=port) as server:
        if as_json:
            print_json(
                {
                    "baseUrl": server.base_url,
                    "clientId": box.demo.client_id,
                    "clientSecret": box.demo.client_secret,
                }
            )
        else:
            click.echo(f"AURA sandbox at {server.base_url}")
            click.echo(f"demo clientId {box.demo.client_id}")
            click.echo(f"demo clientSecret {box.demo.client_secret}")
            click.echo("Stop with Ctrl-C.")
        await Pacer(env).run(float("inf"))
