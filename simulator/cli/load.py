"""`aurasim load`: a load test that is open loop, counts what it drops, and says when it is void."""

import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

import click

from simulator.cli.native import delivery_of
from simulator.cli.show import json_option, print_json, print_table
from simulator.clock import duration_s
from simulator.load.histogram import Histogram
from simulator.load.live import Beside
from simulator.load.page import write_load_report, write_tables
from simulator.load.plans import load_file as named_load_file
from simulator.load.plans import plans
from simulator.load.result import LoadResult, Stage, Verdict, to_json
from simulator.load.runner import LoadTest
from simulator.load.schedule import ReplaySchedule
from simulator.load.settings import LINK, TAKE, TRANSPORTS, LoadSettings, read_load_file
from simulator.load.shapes import Form, Shape
from simulator.load.spans import Spans
from simulator.run import read_run_file
from simulator.run.shapes import run_file

_WORDS = {
    Verdict.PASS: "passed",
    Verdict.FAIL: "failed",
    Verdict.VOID: "void",
    Verdict.ENVIRONMENT: "not run: environment",
}


@click.command()
@click.argument("load_file", required=False)
@click.option("--list", "lists", is_flag=True, help="List the load files that ship, and end.")
@click.option("--profile", "mix", multiple=True, metavar="NAME=COUNT", help="Devices; repeatable.")
@click.option("--rate", type=float, help="Messages a second, at the height of the shape.")
@click.option("--for", "for_", metavar="SPAN", help="How long, such as 30s or 10m.  [default: 60s]")
@click.option(
    "--shape",
    "form",
    type=click.Choice([form.value for form in Form]),
    help="fleet is the model's own; saturate finds the limit.  [default: by what is given]",
)
@click.option("--base", type=float, help="Messages a second outside the height of the shape.")
@click.option("--run", metavar="FILE", help="Run file, or shape that ships, whose fleet it is.")
@click.option("--replay", type=click.Path(path_type=Path), help="Run or journal to send again.")
@click.option("--speed", type=float, help="How much faster a replay or a run file goes.")
@click.option("--target", help="sandbox, staging, a name, or a base URL.  [default: sandbox]")
@click.option("--out", type=click.Path(path_type=Path), help="Folder.  [default: runs/load]")
@click.option("--seed", type=int, help="Same seed, same schedule.  [default: 1]")
@click.option("--workers", type=int, help="Processes that share the devices.  [default: 1]")
@click.option("--connections", type=int, help="The most of each worker.  [default: 256]")
@click.option("--timeout", metavar="SPAN", help="For an answer.  [default: 20s]")
@click.option("--drain", metavar="SPAN", help="For answers when the time is up.  [default: 30s]")
@click.option(
    "--deliver",
    type=click.Choice(["normalised", "native"]),
    help="As AURA device events, or natively to your middleware.  [default: normalised]",
)
@click.option("--to", multiple=True, metavar="[PROFILE=]URL", help="Native: http, tcp, udp, mqtt.")
@click.option("--envelope", "envelopes", multiple=True, metavar="[PROFILE=]NAME", help="Native.")
@click.option("--transport", type=click.Choice(TRANSPORTS), help="The fast one, or aiohttp.")
@click.option(
    "--pacer",
    type=click.Choice(["timerfd", "loop"]),
    help="What keeps the pace.  [default: timerfd, where the system has it]",
)
@click.option("--pin", "cpus", multiple=True, type=int, help="Core for the workers; repeatable.")
@click.option("--trust", type=click.Path(path_type=Path), help="PEM of certificates to trust.")
@click.option("--allow", "allowed", multiple=True, metavar="HOST", help="Host that may be tested.")
@click.option(
    "--devices",
    "setup",
    type=click.Choice([LINK, TAKE]),
    help="link them at the target first, or take them as linked.  [default: link]",
)
@click.option("--live/--no-live", default=None, help="Draw it.  [default: on a terminal]")
@click.option("--web", type=click.IntRange(0, 65535), metavar="PORT", help="Serve a live page.")
@click.option(
    "--prometheus", type=click.IntRange(0, 65535), metavar="PORT", help="Serve live metrics."
)
@click.option(
    "--otel-sample",
    type=float,
    metavar="SHARE",
    help="Send OpenTelemetry spans of this share of the messages, such as 0.01.",
)
@click.option("--sockets", hidden=True, help="Descriptors of the lines to workers elsewhere.")
@json_option
def load(
    *,
    load_file: str | None,
    lists: bool,
    mix: tuple[str, ...],
    rate: float | None,
    for_: str | None,
    form: str | None,
    base: float | None,
    run: str | None,
    replay: Path | None,
    speed: float | None,
    target: str | None,
    out: Path | None,
    seed: int | None,
    workers: int | None,
    connections: int | None,
    timeout: str | None,
    drain: str | None,
    deliver: str | None,
    to: tuple[str, ...],
    envelopes: tuple[str, ...],
    transport: str | None,
    pacer: str | None,
    cpus: tuple[int, ...],
    trust: Path | None,
    allowed: tuple[str, ...],
    setup: str | None,
    live: bool | None,
    web: int | None,
    prometheus: int | None,
    otel_sample: float | None,
    sockets: str | None,
    as_json: bool,
) -> None:
    """Test a target under load, open loop, with a verdict.

    \b
    aurasim load --profile aura-structured=200 --rate 500 --for 8s --target sandbox
    aurasim load stadium-evacuation --target http://127.0.0.1:8787/panic-api/v2 --workers 2
    aurasim load --profile milesight-ws101=1000 --shape spike --rate 2000 --base 100 --for 60s
    aurasim load --replay runs/latest --speed 10
    aurasim load --run stadium-evacuation --speed 60
    aurasim load --profile gt06=1000 --rate 500 --for 30s --deliver native --to tcp://127.0.0.1:7001

    A message is due when the schedule says, whatever the target does; latency counts from then.
    LOAD_FILE (TOML) may hold the same settings and thresholds; flags win. Ends with exit code 1
    when a threshold or the ledger fails, 3 when the target cannot be tested, and 4 when the test is
    void: the generator was too slow to be trusted, or was stopped.
    """
    if lists:
        list_plans(as_json)
        return
    given = read_load_file(named_load_file(load_file)) if load_file else {}
    flags = {
        "mix": _mix(mix),
        "run": run and run_file(run),
        "shape": _shape(given.get("shape"), form, rate, base, replay),
        "native": delivery_of(deliver, to, envelopes, "whole", allowed),
        "for_s": for_ and duration_s(for_),
        "target": target,
        "out": out,
        "seed": seed,
        "workers": workers,
        "connections": connections,
        "timeout_s": timeout and duration_s(timeout),
        "drain_s": drain and duration_s(drain),
        "transport": transport,
        "precise": pacer and pacer == "timerfd",
        "cpus": cpus or None,
        "trust": trust,
        "allowed": allowed or None,
        "setup": setup,
        "replay": replay,
        "speed": speed,
    }
    given |= {name: value for name, value in flags.items() if value is not None}
    settings = LoadSettings(**{"mix": {}, **_followed(_replayed(given))})  # type: ignore[arg-type]
    elsewhere = [socket.socket(fileno=int(one)) for one in sockets.split(",")] if sockets else []
    is_drawn = sys.stdout.isatty() and not as_json if live is None else live
    beside = Beside(settings.out, with_screen=is_drawn, web=web, prometheus=prometheus)
    spans = _spans(otel_sample, settings)
    if not as_json:
        _announce(settings)
    with beside, spans or nullcontext():
        tell = _teller(quiet=as_json, is_drawn=is_drawn)
        result = _execute(settings, elsewhere, spans, tell)
    if spans:
        click.echo(f"spans: {spans.sent} sent, {spans.lost} lost", err=True)
    write_tables(result, settings.out)
    page = write_load_report(result, settings.out)
    if as_json:
        click.echo(to_json(result))
    else:
        show(result, page)
    raise click.exceptions.Exit(result.verdict.exit_code)


def list_plans(as_json: bool) -> None:
    """Print the load files that ship."""
    told = [
        {"name": path.stem, "purpose": read_load_file(path)["purpose"], "path": str(path)}
        for path in plans()
    ]
    if as_json:
        print_json(told)
        return
    print_table("", ["load file", "purpose"], [[one["name"], one["purpose"]] for one in told])


def _mix(names: tuple[str, ...]) -> dict[str, int] | None:
    """Read NAME=COUNT, each once."""
    mix: dict[str, int] = {}
    for text in names:
        name, _, number = text.partition("=")
        if not number.isdecimal() or not int(number):
            message = f"'{text}' is no part of a mix. Write NAME=COUNT, for example {name}=50."
            raise click.UsageError(message)
        if name in mix:
            message = f"{name} is named twice. Name each profile once, with its count."
            raise click.UsageError(message)
        mix[name] = int(number)
    return mix or None


def _shape(
    given: object, form: str | None, rate: float | None, base: float | None, replay: Path | None
) -> Shape | None:
    """Return the shape of the flags, on top of that of the file."""
    old = given if isinstance(given, Shape) else None
    if form is None and rate is None and base is None and replay is None and old is not None:
        return old
    wanted = Form(form) if form else _usual(old, rate, replay)
    return Shape(
        form=wanted,
        rate=rate if rate is not None else old.rate if old else 0.0,
        base=base if base is not None else old.base if old else None,
        steps=old.steps if old else 5,
        at=old.at if old else 0.5,
        width=old.width if old else 0.1,
    )


def _usual(old: Shape | None, rate: float | None, replay: Path | None) -> Form:
    """Return the form that is meant where none is said: without a rate the model's schedule."""
    if replay:
        return Form.REPLAY
    if old:
        return old.form
    return Form.FLEET if rate is None else Form.CONSTANT


def _followed(given: dict[str, object]) -> dict[str, object]:
    """Add what a run file says of its fleet; a run file alone is followed as it is."""
    path = given.get("run")
    if not isinstance(path, Path):
        return given
    told = read_run_file(path)
    speed, for_s = given.get("speed"), told.get("for_s")
    if isinstance(speed, float) and isinstance(for_s, float):
        told["for_s"] = for_s / speed
    known: dict[str, object] = {
        name: told[name] for name in ("mix", "for_s", "seed") if name in told
    }
    return {**known, **given, "mix": given.get("mix") or known.get("mix", {})}


def _replayed(given: dict[str, object]) -> dict[str, object]:
    """Add what the journal of a replay says: its devices, and how long it lasts."""
    journal, speed = given.get("replay"), given.get("speed")
    if not isinstance(journal, Path):
        return given
    schedule = ReplaySchedule(journal, speed=speed if isinstance(speed, float) else 1.0)
    return {"for_s": max(1.0, schedule.lasts_s), **given, "mix": schedule.mix}


def _announce(settings: LoadSettings) -> None:
    devices = ", ".join(f"{count} {name}" for name, count in settings.mix.items())
    shape = settings.shape
    at = f" at {shape.rate:g} messages a second" if shape.has_rate else ""
    click.echo(f"target {settings.target}, seed {settings.seed}, {shape.form}{at}")
    click.echo(f"{devices} for {settings.for_s:g} s")


def _teller(*, quiet: bool, is_drawn: bool) -> Callable[[str], None]:
    """Return what says how far the test is; once it is drawn, the drawing says it."""
    said: list[str] = []

    def tell(phase: str) -> None:
        if not quiet and not (is_drawn and "running" in said):
            click.echo(f"... {phase}")
        said.append(phase)

    return tell


def _execute(
    settings: LoadSettings,
    elsewhere: Sequence[socket.socket],
    spans: Spans | None,
    tell: Callable[[str], None],
) -> LoadResult:
    test = LoadTest(
        settings,
        on_phase=tell,
        elsewhere=elsewhere,
        on_rows=spans.take if spans else lambda _: None,
    )
    return test.execute()


def _spans(share: float | None, settings: LoadSettings) -> Spans | None:
    if share is None:
        return None
    about = {"target": settings.target, "shape": settings.shape.form, "seed": str(settings.seed)}
    return Spans(share, {f"aurasim.{name}": value for name, value in about.items()})


def show(result: LoadResult, page: Path) -> None:
    """Print a result: messages, stages, thresholds, the generator's health, the verdict."""
    _print_messages(result)
    _print_stages(result)
    _print_thresholds(result)
    health = result.generator
    click.echo(
        f"\ngenerator: {health.workers} x {health.transport}, pace by {health.pacer}, "
        f"{health.cpu_share * 100:.0f} % of a core, waited {health.run_wait_share * 100:.1f} % for "
        f"it, {health.connections_most} connections at most, {health.memory_peak_mib:.0f} MiB"
    )
    if result.ledger:
        told = ", ".join(f"{n} {name}" for name, n in result.ledger.totals.items() if n)
        click.echo(f"ledger: {result.ledger.presses} presses: {told or 'none'}")
    for reason in result.reasons:
        click.echo(f"- {reason}")
    if result.verdict is Verdict.VOID and health.honest_rate is not None:
        click.echo(f"- honest would have been {health.honest_rate:.0f} messages a second")
    click.echo(f"{_WORDS[result.verdict]}: {page}")


def _print_messages(result: LoadResult) -> None:
    rows = [
        [kind, t.due, t.sent, t.answered, t.errors, t.dropped, t.unfinished]
        for kind, t in [*result.kinds.items(), ("all", result.total)]
    ]
    columns = ["messages", "due", "sent", "answered", "errors", "dropped", "unfinished"]
    print_table("", columns, rows)
    for what, reasons in (("errors", result.errors), ("dropped", result.drops)):
        if reasons:
            told = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
            click.echo(f"{what}: {told}")
    click.echo(
        f"{result.sent_rate:.0f} sent and {result.answered_rate:.0f} answered a second "
        f"in {result.lasted_s:.1f} s\n"
    )


def _print_stages(result: LoadResult) -> None:
    rows = [
        [stage.value, *_spread(result.stage(stage)), stage.meaning]
        for stage in Stage
        if stage in result.stages
    ]
    print_table("", ["stage", "n", "p50 ms", "p90", "p99", "p99.9", "max", ""], rows)


def _spread(histogram: Histogram) -> list[object]:
    spans = [histogram.percentile_s(percent) for percent in (50, 90, 99, 99.9, 100)]
    return [histogram.n, *("" if s is None else f"{s * 1000:.3f}" for s in spans)]


def _print_thresholds(result: LoadResult) -> None:
    if not result.thresholds:
        return
    click.echo()
    rows = [
        [
            "met" if one.is_met else "MISSED",
            one.text,
            "" if one.measured is None else f"{one.measured:.6g}",
            one.unit,
        ]
        for one in result.thresholds
    ]
    print_table("", ["threshold", "", "measured", ""], rows)
