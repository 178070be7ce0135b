"""`aurasim watch`: a load test while it runs, on the terminal, as a page, and for Prometheus."""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import click
from rich.live import Live

from simulator.cli.show import console
from simulator.errors import ExitCode
from simulator.load.live import Followed, LivePage, follow, screen, serve_metrics
from simulator.load.result import LoadResult

_LOOK_S = 0.5
_NICE = 10  # the generator goes first


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--web", type=click.IntRange(0, 65535), metavar="PORT", help="Serve a page; 0: any.")
@click.option(
    "--prometheus", type=click.IntRange(0, 65535), metavar="PORT", help="Serve metrics; 0: any."
)
@click.option("--screen/--no-screen", "with_screen", default=True, help="Draw on the terminal.")
@click.option("--once", is_flag=True, help="Show the present moment and end.")
@click.option("--child", is_flag=True, hidden=True, help="End when standard input is closed.")
def watch(
    run: Path,
    *,
    web: int | None,
    prometheus: int | None,
    with_screen: bool,
    once: bool,
    child: bool,
) -> None:
    """Watch the load test that writes to the folder RUN: it costs the generator nothing.

    \b
    aurasim watch runs/load
    aurasim watch runs/load --web 8090 --prometheus 9090

    The page and the metrics are served on loopback only. Ends with the test, and with its exit
    code; with 4 when it is interrupted, or there is nothing to watch.
    """
    latest: list[LoadResult | None] = [None]
    stop = _stop_event(child=child)
    with ExitStack() as stack:
        _serve(stack, web, prometheus, lambda: latest[0])
        show = _shower(stack, with_screen=with_screen and not once, is_transient=child)
        seen = Followed(None, 0.0)
        for seen in follow(run, lambda: not once and not stop.wait(_LOOK_S), only_new=child):
            latest[0] = seen.result
            if seen.result or not child:  # before, the load test itself says what it does
                show(seen)
        if seen.is_over and child and web is not None:
            stop.wait(2 * _LOOK_S)  # the page is to see the end too
    if once:
        console().print(screen(seen))
    raise click.exceptions.Exit(_code(seen, once=once))


def _code(seen: Followed, *, once: bool) -> ExitCode:
    if seen.result is None:
        return ExitCode.VOID
    if seen.is_over:
        return seen.result.verdict.exit_code
    return ExitCode.PASS if once else ExitCode.VOID


def _serve(
    stack: ExitStack,
    web: int | None,
    prometheus: int | None,
    latest: Callable[[], LoadResult | None],
) -> None:
    if web is not None:
        page = stack.enter_context(LivePage(web, latest))
        click.echo(f"page {page.url}", err=True)
    if prometheus is not None:
        port = serve_metrics(prometheus, latest)
        click.echo(f"metrics http://127.0.0.1:{port}/metrics", err=True)


def _shower(
    stack: ExitStack, *, with_screen: bool, is_transient: bool
) -> Callable[[Followed], None]:
    if not with_screen:
        return lambda _: None
    live = stack.enter_context(Live(console=console(), auto_refresh=False, transient=is_transient))
    return lambda seen: live.update(screen(seen), refresh=True)


def _stop_event(*, child: bool) -> threading.Event:
    """Return what is set when the watching is to end."""
    stop = threading.Event()
    if child:
        os.nice(_NICE)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the load test decides when it ends

        def wait_for_the_parent() -> None:
            while os.read(0, 1):  # not sys.stdin: its lock would outlive this thread
                pass
            stop.set()

        threading.Thread(target=wait_for_the_parent, daemon=True).start()
    return stop
