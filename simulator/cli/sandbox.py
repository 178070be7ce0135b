"""`aurasim sandbox`: the embedded AURA as a server of its own, and questions to one that runs."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

import click
import simpy

from simulator.cli.show import json_option, print_json, print_table
from simulator.cli.talking import ask, running_sandbox
from simulator.clock import wall_s
from simulator.sandbox import Sandbox, Settings, serve
from simulator.sandbox.compared import told as told_comparison
from simulator.sandbox.control_calls import LoggedRequest, advance_callout, logged_requests
from simulator.sandbox.routing import CONTROL
from simulator.sandbox.rows import State


@click.group(invoke_without_command=True)
@click.option("--port", default=8787, show_default=True, help="TCP port; 0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--db", type=click.Path(path_type=Path), help="SQLite file that keeps the state.")
@click.option(
    "--durable/--write-behind",
    "is_durable",
    default=True,
    help="With --db: commit before each answer, or a moment later.  [default: durable]",
)
@click.option("--allow-http-webhooks", is_flag=True, help="Let webhooks go to http:// on loopback.")
@click.option("--json", "as_json", is_flag=True, help="Print base URL and credentials as JSON.")
@click.pass_context
def sandbox(
    context: click.Context,
    *,
    port: int,
    host: str,
    db: Path | None,
    is_durable: bool,
    allow_http_webhooks: bool,
    as_json: bool,
) -> None:
    """Serve a sandbox that answers as AURA does, until Ctrl-C.

    Nothing it is told leaves this machine. Any client id makes a tenant of its own; the demo
    credentials are printed. With --db a restart loses nothing. Its pages are at /__sandbox__/.
    """
    if context.invoked_subcommand:
        return
    settings = Settings(allow_http_webhooks=allow_http_webhooks)
    with suppress(KeyboardInterrupt):  # the ordinary way to stop it
        box = Sandbox(
            simpy.Environment(), wall_s(), settings=settings, db=db, is_durable=is_durable
        )
        with asyncio.Runner(loop_factory=_fast_loop()) as runner:
            runner.run(_serve(box, host, port, as_json))


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop]:
    """Return what makes uvloop's event loop, or asyncio's where there is none."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


async def _serve(box: Sandbox, host: str, port: int, as_json: bool) -> None:
    async with serve(box, host=host, port=port) as server:
        told = {
            "baseUrl": server.base_url,
            "clientId": box.demo.client_id,
            "clientSecret": box.demo.client_secret,
        }
        if as_json:
            print_json(told)
        else:
            _introduce(told, host, f"{server.origin}{CONTROL}/")
        await asyncio.Event().wait()


def _introduce(told: dict[str, str], host: str, pages: str) -> None:
    if not _is_loopback(host):
        click.echo(
            f"WARNING: listening on {host}: other machines can reach this sandbox.", err=True
        )
    click.echo(f"AURA sandbox at {told['baseUrl']}")
    click.echo(f"AURA_BASE_URL={told['baseUrl']}")
    click.echo(f"AURA_CLIENT_ID={told['clientId']}")
    click.echo(f"AURA_CLIENT_SECRET={told['clientSecret']}")
    click.echo(f"Pages to look at: {pages}")
    click.echo(told_comparison(wall_s()))
    click.echo("Stop with Ctrl-C.")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@sandbox.command()
@click.argument("callout", type=int)
@click.option(
    "--to",
    type=click.Choice([state.value for state in State]),
    help="Go on to this state.  [default: the next]",
)
@running_sandbox
@json_option
def advance(
    callout: int, *, to: str | None, url: str, client_id: str, client_secret: str, as_json: bool
) -> None:
    """Take CALLOUT of a running sandbox on, as AURA's control room and responders would."""
    call = advance_callout(callout, State(to) if to else None)
    stands = ask(call, url, client_id, client_secret)
    if as_json:
        print_json(stands)
        return
    following = f"; next is {stands.next_state}" if stands.next_state else ""
    click.echo(f"Callout {callout} is {stands.state}{following}.")


@sandbox.command()
@click.option("--path", help="Only this path; * stands for anything.")
@click.option("--method", help="Only this method.")
@click.option("--device", help="Only what this device said.")
@click.option("--callout", help="Only what is about this callout.")
@click.option("--status", type=int, help="Only what was answered so.")
@running_sandbox
@json_option
def requests(
    *, url: str, client_id: str, client_secret: str, as_json: bool, **wanted: str | int | None
) -> None:
    """List what a running sandbox was asked and what it answered, oldest first."""
    asked = {name: str(value) for name, value in wanted.items() if value is not None}
    page = ask(logged_requests(asked), url, client_id, client_secret)
    if as_json:
        print_json(page)
        return
    columns = ["", "at", "method", "path", "status", "device", "callout"]
    print_table("", columns, [_row(entry) for entry in page.requests])
    if page.forgotten:
        click.echo(f"{page.forgotten} older requests had no room in the log.")


def _row(entry: LoggedRequest) -> list[object]:
    return [
        entry.number,
        entry.at,
        entry.method,
        entry.path,
        entry.status,
        entry.device,
        entry.callout,
    ]
