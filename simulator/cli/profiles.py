"""`aurasim profiles`: which devices there are, and what is known of each."""

from pathlib import Path

import click

from simulator import profile as rooms
from simulator.cli import profile_card as card
from simulator.cli.profile_making import draft, new
from simulator.cli.show import json_option, print_json, print_table
from simulator.codec import layout_faults
from simulator.errors import ExitCode
from simulator.faults import corpus as mutants
from simulator.profile import Profile, ProfileError


@click.group()
def profiles() -> None:
    """List, show, check and make device profiles."""


@profiles.command("list")
@json_option
def list_profiles(as_json: bool) -> None:
    """List the devices that can be simulated."""
    found = rooms.profiles()
    if as_json:
        print_json([_summary(profile) for profile in found])
        return
    columns = ["profile", "kind", "network", "gestures", "cancel", "codec", "title"]
    rows = [[_summary(profile)[column] for column in columns] for profile in found]
    print_table("", columns, rows)


@profiles.command()
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show one profile: what the device can do, what it says, and where each number comes from.

    NAME is the name of a profile, or the path of a profile file.
    """
    profile = rooms.load(name)
    if as_json:
        print_json(profile)
        return
    click.echo(f"{profile.title} ({profile.name})\n{profile.summary}\n")
    click.echo(f"kind {profile.kind}, network {profile.network}, codec {profile.codec}")
    click.echo(f"serial {profile.identity.serial}, for example {profile.identity.serial_of(1)}")
    template = profile.aura
    click.echo(
        f"AURA device_type_id {template.device_type_id}, supplier {template.supplier}, "
        f"{template.payload} payload\n"
    )
    for ability in card.abilities(profile):
        click.echo(f"  {ability}")
    click.echo()
    print_table("", ["frame", "port", "says"], card.frames(profile))
    click.echo()
    print_table("", ["setting", "value", "origin", "source"], card.fidelity(profile))
    layout = rooms.layout_of(profile)
    if layout:
        click.echo("\nframes, field by field")
        print_table("", ["message", "at", "size", "field", "meaning"], layout.rows)


@profiles.command()
def reference() -> None:
    """Print the reference of the profile format, as in profiles/README.md."""
    click.echo(rooms.reference(), nl=False)


@profiles.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@json_option
def check(paths: tuple[Path, ...], as_json: bool) -> None:
    """Check profile files; without a path, all profiles that are found.

    A layout is tried at the borders of every field: what it says must be read back. Ends with exit
    code 2 when one is refused, and says file, line, key and reason.
    """
    checked = [_checked(str(path)) for path in paths or rooms.profile_names()]
    if as_json:
        print_json(checked)
    for result in [] if as_json else checked:
        click.echo(f"refused  {result['error']}" if result["error"] else f"ok  {result['profile']}")
    if any(result["error"] for result in checked):
        raise click.exceptions.Exit(ExitCode.USAGE)


@profiles.command()
@click.argument("name")
@click.option("--count", type=click.IntRange(min=1), default=100, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same frames.")
def corpus(name: str, count: int, seed: int) -> None:
    """Print mutated frames of a device as JSON lines, for the tests of any decoder.

    \b
    aurasim profiles corpus eview-ev07b --count 1000 > corpus.jsonl

    Each line says what was done to the frame, and what our own decoder makes of it.
    """
    for line in mutants(rooms.load(name), count, seed):
        print_json(line)


profiles.add_command(new)
profiles.add_command(draft)


def _checked(name: str) -> dict[str, str | None]:
    try:
        layout = rooms.layout_of(rooms.load(name))
    except ProfileError as error:
        return {"profile": name, "error": str(error)}
    reason = next(layout_faults(layout), None) if layout else None
    return {"profile": name, "error": reason and f"{name}: {reason}"}


def _summary(profile: Profile) -> dict[str, str]:
    return {
        "profile": profile.name,
        "title": profile.title,
        "kind": profile.kind.value,
        "network": profile.network,
        "codec": profile.codec,
        "gestures": ", ".join(profile.behaviour.gestures),
        "cancel": profile.behaviour.cancel_source.value,
    }
