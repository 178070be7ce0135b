"""`aurasim bench check`: the acceptance run of one unit."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import msgspec

from simulator.aura.types import CustomerId
from simulator.bench.acceptance import EXIT_CODES, BenchRecord, CheckSettings, Session
from simulator.bench.desk import AuraLink
from simulator.bench.inventory import UnitEntry
from simulator.bench.operators import Command, EmulatedHands, Operator, Person, scripted
from simulator.bench.report import append_history, read_history, write_reports
from simulator.cli.bench_options import Found, Wanted, device_options, found
from simulator.cli.show import json_option, print_table
from simulator.clock import iso, wall_s
from simulator.errors import InputError
from simulator.profile import load

_FOLDER = Path("runs/bench")


@click.command()
@click.argument("profile", required=False)
@device_options
@click.option("--auto", is_flag=True, help="Press the emulated unit without asking a person.")
@click.option("--answers", metavar="LIST", help="Answers in place of a person: done,done,skip,...")
@click.option("--finger", metavar="COMMAND", help="A command that presses, such as a relay's.")
@click.option("--serial", help="The unit's serial, where its frames do not say it.")
@click.option("--key", metavar="HEX", envvar="AURASIM_BENCH_KEY", help="Of encrypted frames.")
@click.option("--presses", type=click.IntRange(1, 1000), help="In place of [acceptance] presses.")
@click.option("--no-move", is_flag=True, help="Do not ask for a walk.")
@click.option(
    "--prompt-s", default=60.0, show_default=True, help="An operator's time to act, in seconds."
)
@click.option("--target", help="sandbox, staging, or a base URL.  [default: sandbox]")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of this session.")
@json_option
def check(
    *,
    profile: str | None,
    auto: bool,
    answers: str | None,
    finger: str | None,
    serial: str | None,
    key: str | None,
    presses: int | None,
    no_move: bool,
    prompt_s: float,
    target: str | None,
    out: Path | None,
    as_json: bool,
    **where: object,
) -> None:
    """Try one unit: press, hold, cancel, move; measure; pass, marginal or fail.

    \b
    aurasim bench check --emulate avr --auto
    aurasim bench check serial-pendant-base --port /dev/ttyUSB0
    aurasim bench check shelly-blu-button1 --ble A4:C1:38:00:00:01 --target staging

    Every press goes all the way: frame, profile, device event, callout at the target, and back.
    Limits are in [acceptance] of the profile. In CI, --auto presses an emulated unit, --finger runs
    a command that moves a finger (it ends with 77 for what it cannot do), --answers speaks for the
    person. Exit codes: 0 passed or marginal, 1 the device failed, 3 the bench is broken, 4 void.
    """
    wanted = Wanted(profile=profile, **where)  # type: ignore[arg-type]  # as click names them
    tell: Callable[[str], object] = (lambda _: None) if as_json else click.echo
    settings = CheckSettings(
        serial=serial,
        key=_key(key),
        prompt_s=prompt_s,
        presses=presses,
        moves=not no_move,
    )
    folder = out or _FOLDER / iso(wall_s()).replace(":", "")
    record = asyncio.run(
        _held(
            wanted,
            lambda one: _operator(one, auto=auto, answers=answers, finger=finger),
            settings,
            folder=folder,
            target=target,
            tell=tell,
        )
    )
    _show(record, folder, as_json=as_json)
    raise click.exceptions.Exit(EXIT_CODES[record.verdict])


async def _held(
    wanted: Wanted,
    operator: Callable[[Found], Operator],
    settings: CheckSettings,
    *,
    folder: Path,
    target: str | None,
    tell: Callable[[str], object],
) -> BenchRecord:
    async with found(wanted) as one:
        known = one.entry
        aim = target or (known.target if known else "") or "sandbox"
        serial = settings.serial or (known.serial if known else "") or _emulated_serial(one)
        key = settings.key or _key(os.environ.get(known.key) if known and known.key else None)
        tell(f"target {aim}, clock real, profile {one.profile.name} on {one.address}")
        session = Session(
            profile=one.profile,
            link=one.link,
            operator=operator(one),
            out=folder,
            target=aim,
            settings=replace(settings, serial=serial or None, key=key, link=_link(known)),
            framing=one.framing,
            unit=one.unit,
            tell=tell,
        )
        return await session.hold()


def _link(known: UnitEntry | None) -> AuraLink | None:
    """Return the AURA link that bench.toml knows of."""
    if known is None or known.customer is None:
        return None
    return AuraLink(CustomerId(known.customer), known.device_id)


def _emulated_serial(one: Found) -> str:
    """Return the serial of an emulated unit, unless it is tried with another model's profile."""
    is_own = one.unit is not None and load(one.unit.profile).name == one.profile.name
    return one.unit.serial if one.unit and is_own else ""


def _operator(one: Found, *, auto: bool, answers: str | None, finger: str | None) -> Operator:
    if sum((auto, answers is not None, finger is not None)) > 1:
        raise InputError("--auto, --answers and --finger are three ways to act. Say one of them.")
    hands = EmulatedHands(one.unit) if one.unit else None
    if auto:
        if hands is None:
            raise InputError("--auto presses emulated units only: say --emulate, or --finger.")
        return hands
    if finger is not None:
        return Command(finger)
    return scripted(answers) if answers is not None else Person(click.echo, hands)


def _key(text: str | None) -> bytes | None:
    try:
        return bytes.fromhex(text) if text else None
    except ValueError as error:
        message = "The key is not hex: write two digits for each byte."
        raise InputError(message) from error


def _show(record: BenchRecord, folder: Path, *, as_json: bool) -> None:
    identity = record.identity
    history = read_history(_FOLDER, identity.profile, identity.serial)
    page = write_reports(folder, record, history)
    append_history(_FOLDER, record, folder)
    if as_json:
        click.echo(msgspec.json.encode(record).decode())
        return
    rows = [
        (row.title, row.shown, row.limits, row.grade.value, row.note) for row in record.measurements
    ]
    print_table("", ["measurement", "measured", "limit", "", ""], rows)
    for trouble in record.troubles:
        click.echo(f"note: {trouble}")
    for reason in record.reasons:
        click.echo(reason)
    click.echo(f"{record.verdict}: unit {identity.serial}, report {page}")
