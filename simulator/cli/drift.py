"""`aurasim drift`: whether the sandbox still answers as a real AURA does."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict

import click

from simulator import __version__
from simulator.aura import Tier
from simulator.cli.show import json_option, print_json, print_table
from simulator.clock import iso, wall_s
from simulator.drift import Difference, compare
from simulator.drift.targets import Side, hear
from simulator.errors import ExitCode
from simulator.profile import Profile, load
from simulator.sandbox.compared import Comparison, keep


@click.command()
@click.option("--a", "a_name", default="sandbox", show_default=True, help="One side.")
@click.option(
    "--b", "b_name", required=True, help="The other: staging, a name of aurasim.toml, or a URL."
)
@click.option(
    "--profile",
    "profile_name",
    default="aura-structured",
    show_default=True,
    help="The device that is linked; it has to be provisioned for you on both sides.",
)
@click.option("--allow", "allowed", multiple=True, metavar="HOST", help="As for a run; repeatable.")
@json_option
def drift(
    *, a_name: str, b_name: str, profile_name: str, allowed: tuple[str, ...], as_json: bool
) -> None:
    """Have the same conversations with two AURAs, and list what differs.

    \b
    aurasim drift --a sandbox --b staging --allow staging-panic.aura.services

    Answers are reduced to their shape (fields and types) and to the states they pass through.
    Callouts are marked TEST, and all that is opened is ended. Ends with 1 when something differs.
    """
    profile = load(profile_name)
    a, b = asyncio.run(_both(a_name, b_name, profile, allowed))
    found = compare(a.heard, b.heard)
    steps = len(a.heard)
    _keep(a, b, steps, found)
    if as_json:
        print_json(
            {"a": a.name, "b": b.name, "steps": steps, "differences": [asdict(d) for d in found]}
        )
    else:
        _show(a, b, steps, found)
    for left in (*a.left, *b.left):
        click.echo(f"not tidied up: {left}", err=True)
    raise click.exceptions.Exit(ExitCode.FAILED if found else ExitCode.PASS)


async def _both(
    a_name: str, b_name: str, profile: Profile, allowed: tuple[str, ...]
) -> tuple[Side, Side]:
    b = await hear(b_name, profile, allowed)  # first the one that may be refused
    return await hear(a_name, profile, allowed), b


def _keep(a: Side, b: Side, steps: int, found: Sequence[Difference]) -> None:
    """Keep what came of a comparison of the sandbox with an AURA that is none."""
    sides = sorted((a, b), key=lambda side: side.tier is Tier.SANDBOX)
    if [side.tier is Tier.SANDBOX for side in sides] != [False, True]:
        return
    real = sides[0]
    keep(
        Comparison(
            target=real.name,
            tier=real.tier.value,
            at=iso(wall_s()),
            version=__version__,
            steps=steps,
            differences=len(found),
        )
    )


def _show(a: Side, b: Side, steps: int, found: Sequence[Difference]) -> None:
    click.echo(f"a: {a.name} ({a.tier})\nb: {b.name} ({b.tier})")
    if not found:
        click.echo(f"No difference in {steps} steps.")
        return
    columns = ["conversation", "step", "what", "where", "a", "b"]
    rows = [[d.conversation, d.step, d.kind, d.where, d.a, d.b] for d in found]
    print_table("", columns, rows)
    click.echo(f"{len(found)} differences in {steps} steps.")
