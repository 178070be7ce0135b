"""`aurasim bench twin`: a unit beside its virtual twin."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict

import click

from simulator.bench.ear import Ear
from simulator.bench.listening import Listener
from simulator.bench.operators import (
    Command,
    EmulatedHands,
    Operator,
    Person,
    scripted,
)
from simulator.bench.scripting import played
from simulator.bench.twin import Comparison, Done, compare
from simulator.cli.bench_options import Found, Wanted, device_options, found
from simulator.cli.show import json_option, print_json, print_table
from simulator.errors import ExitCode
from simulator.profile import Profile


@click.command()
@click.argument("profile", required=False)
@device_options
@click.option("--auto", is_flag=True, help="Press the emulated unit without asking a person.")
@click.option("--answers", metavar="LIST", help="Answers in place of a person: done,done,...")
@click.option("--finger", metavar="COMMAND", help="A command that presses, such as a relay's.")
@click.option("--presses", type=click.IntRange(1, 100), default=2, show_default=True)
@click.option("--ignore", default="", help="Values that may differ, separated by commas.")
@json_option
def twin(
    *,
    profile: str | None,
    auto: bool,
    answers: str | None,
    finger: str | None,
    presses: int,
    ignore: str,
    as_json: bool,
    **where: object,
) -> None:
    """Let a unit and its virtual twin do the same, and compare frame by frame, field by field.

    \b
    aurasim bench twin --emulate avr --auto
    aurasim bench twin serial-pendant-base --port /dev/ttyUSB0 --ignore battery_percent

    It shows where the profile is not what the device is: ends with 1 when they differ.
    """
    wanted = Wanted(profile=profile, **where)  # type: ignore[arg-type]  # as click names them

    def operator(one: Found) -> Operator:
        hands = EmulatedHands(one.unit) if one.unit else None
        if auto and hands:
            return hands
        if finger:
            return Command(finger)
        return scripted(answers) if answers else Person(click.echo, hands)

    names = frozenset(name.strip() for name in ignore.split(",") if name.strip())
    model, script, found_differences = asyncio.run(_compared(wanted, operator, presses, names))
    _show(model, script, found_differences, as_json=as_json)
    is_same = found_differences.frames and not found_differences.mismatches
    raise click.exceptions.Exit(ExitCode.PASS if is_same else ExitCode.FAILED)


async def _compared(
    wanted: Wanted, operator: Callable[[Found], Operator], presses: int, ignore: frozenset[str]
) -> tuple[Profile, list[Done], Comparison]:
    async with found(wanted) as one:
        ear = Ear(one.profile, framing=one.framing)
        async with Listener(one.link, ear) as listener:
            script = await played(listener, operator(one), presses)
        return one.profile, script, compare(one.profile, script, ignore=ignore)


def _show(profile: Profile, script: list[Done], compared: Comparison, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "profile": profile.name,
                "acts": len(script),
                "frames": compared.frames,
                "fields": compared.fields,
                "mismatches": [asdict(one) for one in compared.mismatches],
            }
        )
        return
    rows = [
        (one.act, one.kind, one.field, one.difference, one.unit, one.twin)
        for one in compared.mismatches
    ]
    if rows:
        print_table("", ["act", "frame", "field", "difference", "unit", "twin"], rows)
    click.echo(
        f"{len(script)} acts, {compared.frames} frames and {compared.fields} fields compared, "
        f"{len(rows)} differences"
    )
