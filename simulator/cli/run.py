"""`aurasim run`: a fleet through a span of time, and what became of every press."""

from contextlib import nullcontext
from pathlib import Path

import click

from simulator.cli.inspect import inspecting
from simulator.cli.ledger import EXIT_CODES, print_ledger
from simulator.cli.native import delivery_of, native_options, try_port
from simulator.cli.planting import planted
from simulator.cli.progress import bar, shower
from simulator.cli.shapes import list_shapes, print_reference
from simulator.cli.show import console, json_option, print_json
from simulator.clock import clock_mode, duration_s
from simulator.device import People
from simulator.journal import JournalForm, open_journal
from simulator.journal.locking import written_alone
from simulator.native import Delivery
from simulator.report import account as account_of
from simulator.report import ledger_table, write_report
from simulator.run import Run, RunResult, RunSettings, check_shared, read_run_file, run_shared
from simulator.run.observer import Observer
from simulator.run.shapes import run_file as named_run_file


@click.command()
@click.argument("run_file", required=False, metavar="[RUN_FILE|SHAPE]")
@click.option("--list", "lists", is_flag=True, help="List the shapes that ship, and end.")
@click.option("--reference", is_flag=True, help="Print the reference of run files, and end.")
@click.option(
    "--scale",
    type=click.FloatRange(min=0, min_open=True),
    help="So many times the devices of the run file, such as 0.1 or 20.",
)
@click.option(
    "--profile", "mix", multiple=True, metavar="NAME[=COUNT]", help="A device model; repeatable."
)
@click.option("--devices", type=click.IntRange(min=1), help="How many, of a NAME without COUNT.")
@click.option("--for", "for_", metavar="SPAN", help="How long, such as 24h or 30s.  [default: 24h]")
@click.option("--clock", metavar="MODE", help="virtual, real or scaled=60.  [default: virtual]")
@click.option("--seed", type=int, help="Same seed, same run.  [default: 1]")
@click.option("--target", help="sandbox, staging, or a base URL.  [default: sandbox]")
@click.option("--out", type=click.Path(path_type=Path), help="Folder.  [default: runs/latest]")
@click.option(
    "--presses",
    type=click.FloatRange(min=0),
    help="Mean number of calls for help of each device over the run.  [default: 1]",
)
@click.option(
    "--mutate",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="Break, replay, clone or spoof this share of all frames, such as 0.01.  [default: 0]",
)
@click.option(
    "--journal",
    type=click.Choice(JournalForm, case_sensitive=False),
    help="lines (NDJSON), or columns (Parquet) for fleets of many thousands.  [default: lines]",
)
@click.option("--cold-start", is_flag=True, help="Switch all devices on: joins and logins first.")
@click.option(
    "--plant",
    metavar="MUTANT",
    help="Break the embedded AURA on purpose, such as device-ids-collide, to see what is noticed.",
)
@click.option(
    "--inspect",
    is_flag=True,
    help="Watch the fleet: counts, rates, the ledger so far, a map, the slowest stage.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes to run in; any number writes the same journal.",
)
@native_options
@json_option
def run(
    *,
    run_file: str | None,
    lists: bool,
    reference: bool,
    scale: float | None,
    mix: tuple[str, ...],
    devices: int | None,
    for_: str | None,
    clock: str | None,
    seed: int | None,
    target: str | None,
    out: Path | None,
    presses: float | None,
    journal: JournalForm | None,
    cold_start: bool,
    mutate: float | None,
    plant: str | None,
    inspect: bool,
    workers: int,
    deliver: str | None,
    to: tuple[str, ...],
    envelopes: tuple[str, ...],
    segments: str,
    allowed: tuple[str, ...],
    via: str | None,
    port: str | None,
    as_json: bool,
) -> None:
    """Run a fleet and account for every press.

    \b
    aurasim run --profile milesight-ws101 --devices 50 --for 24h --seed 7 --out runs/first
    aurasim run --profile milesight-ws101=50 --profile eview-ev07b=20 --clock real --for 30s
    aurasim run fleet.toml --seed 8
    aurasim run stadium-evacuation --scale 10
    aurasim run --profile gt06=20 --clock real --for 60s --target http://127.0.0.1:8787/panic-api/v2
        --deliver native --to tcp://127.0.0.1:7001

    RUN_FILE (TOML) may hold the same settings, and all that happens to the fleet; flags win over
    it. SHAPE is one that ships: --list names them. Ends with exit code 1 when a
    press is unexplained, and 4 when the run was interrupted.
    """
    if lists:
        list_shapes(as_json=as_json)
        return
    if reference:
        print_reference()
        return
    given = read_run_file(named_run_file(run_file)) if run_file else {}
    flags = {
        "mix": _mix(mix, devices),
        "for_s": for_ and duration_s(for_),
        "clock": clock and clock_mode(clock),
        "seed": seed,
        "target": target,
        "allowed": allowed or None,
        "out": out,
        "cold_start": cold_start or None,
        "mutate": mutate,
        "plant": plant,
        "journal": journal,
        "native": delivery_of(deliver, to, envelopes, segments, allowed, via=(via, port)),
        "people": None if presses is None else People(presses=presses),
    }
    given |= {name: value for name, value in flags.items() if value is not None}
    settings = RunSettings(**{"mix": {}, **given})  # type: ignore[arg-type]
    settings = settings.scaled(scale or 1.0)
    try_port(settings)
    result = _execute(settings, workers, quiet=as_json, inspect=inspect)
    account = account_of(settings.out)
    page = write_report(settings.out, None)
    if as_json:
        print_json(ledger_table(account) | {"report": str(page), "run": str(settings.out)})
    else:
        print_ledger(account)
        for left in result.untidied:
            click.echo(f"not tidied up: {left}", err=True)
        click.echo(f"{account.verdict}: report {page}")
    raise click.exceptions.Exit(EXIT_CODES[account.verdict])


def _way_of(native: Delivery) -> str:
    if native.via:
        return f"frames leave by {native.via} port {native.port}"
    return f"delivered natively to {', '.join(native.to.values())}"


def _mix(names: tuple[str, ...], devices: int | None) -> dict[str, int] | None:
    """Read NAME or NAME=COUNT, each once."""
    mix: dict[str, int] = {}
    for text in names:
        name, _, number = text.partition("=")
        if number and not number.isdecimal():
            message = f"'{text}' is no part of a mix. Write NAME=COUNT, for example {name}=50."
            raise click.UsageError(message)
        if name in mix:
            message = f"{name} is named twice. Name each profile once, with its count."
            raise click.UsageError(message)
        mix[name] = int(number) if number else devices or 1
    return mix or None


def _execute(settings: RunSettings, workers: int, *, quiet: bool, inspect: bool) -> RunResult:
    if inspect and (quiet or workers > 1):
        message = "--inspect watches one process on a terminal. Leave --json and --workers away."
        raise click.UsageError(message)
    if workers > 1:
        check_shared(settings, workers)
    if not quiet:
        models = ", ".join(f"{len(settings.numbers(name))} {name}" for name in settings.mix)
        click.echo(f"target {settings.target}, seed {settings.seed}, clock {settings.clock}")
        if settings.plant:
            click.echo(f"AURA is broken on purpose: {settings.plant}")
        if settings.native:
            click.echo(_way_of(settings.native))
        in_many = f" in {workers} processes" if workers > 1 else ""
        click.echo(f"{models} for {settings.for_s:g} s{in_many}")
    if workers > 1:
        with written_alone(settings.out), nullcontext() if quiet else bar() as shown:
            return run_shared(settings, workers, shower(shown) if shown else lambda _: None)
    with (
        planted(settings.plant),
        written_alone(settings.out),
        open_journal(settings.out, settings.journal) as journal,
    ):
        is_paced = not settings.clock.is_virtual
        if quiet:
            return Run(settings, journal, is_controlled=is_paced).execute()
        if is_paced:
            click.echo(f"a hand on the fleet: aurasim control --help, with --run {settings.out}")
        if inspect:
            observer = Observer(journal)
            with inspecting(observer, console(), is_paced=is_paced) as show:
                return Run(settings, observer, show, is_controlled=is_paced).execute()
        with bar() as shown:
            return Run(settings, journal, shower(shown), is_controlled=is_paced).execute()
