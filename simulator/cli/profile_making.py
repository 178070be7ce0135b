"""`aurasim profiles new` and `aurasim profiles draft`: a profile for a device nobody described."""

import re
import sys
from pathlib import Path

import click

from simulator.errors import InputError
from simulator.profile import DeviceKind, ProfileError, read
from simulator.profile.making import NETWORKS, NewProfile, draft_of, profile_text, read_capture

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_KINDS = tuple(kind.value for kind in DeviceKind)
_out = click.option(
    "--out", type=click.Path(path_type=Path), help="File.  [default: profiles/NAME.toml]"
)


@click.command()
@click.argument("name", required=False)
@click.option("--title", help="What the device is called in tables and reports.")
@click.option("--kind", type=click.Choice(_KINDS), help="[default: panic-button]")
@click.option("--network", type=click.Choice(NETWORKS), help="[default: direct]")
@click.option("--gestures", help="What calls for help, with commas between.  [default: press]")
@click.option("--supplier", help="As registered at AURA.  [default: ExampleBrand]")
@click.option("--type-id", type=int, help="The device_type_id at AURA.  [default: 900]")
@_out
def new(
    *,
    name: str | None,
    title: str | None,
    kind: str | None,
    network: str | None,
    gestures: str | None,
    supplier: str | None,
    type_id: int | None,
    out: Path | None,
) -> None:
    """Write a commented profile to begin with; it runs as it stands.

    \b
    aurasim profiles new                                  # asks, on a terminal
    aurasim profiles new acme-button --network lorawan    # takes what is given, for scripts

    Its frames are stated field by field and invented: replace them by those of your device.
    """
    asks = sys.stdin.isatty()
    name = name or _asked(asks, "Name, in small letters", None)
    made = NewProfile(
        name=_checked_name(name),
        title=title or _asked(asks, "Title", name.replace("-", " ").capitalize()),
        kind=DeviceKind(kind or _asked(asks, "Kind", _KINDS[0], _KINDS)),
        network=network or _asked(asks, "Network", "direct", NETWORKS),
        gestures=_words(gestures or _asked(asks, "Gestures that call for help", "press")),
        supplier=supplier or _asked(asks, "Supplier at AURA", "ExampleBrand"),
        device_type_id=type_id or int(_asked(asks, "device_type_id at AURA", "900")),
    )
    path = _written(out, made.name, profile_text(made))
    click.echo(f"{path} is written, and sound.")
    _next_steps(path)


@click.command()
@click.argument("capture", type=click.Path(path_type=Path))
@click.option("--name", help="Of the profile.  [default: that of the file]")
@_out
def draft(capture: Path, name: str | None, out: Path | None) -> None:
    """Propose a profile from labelled frames, and say what is doubtful.

    \b
    {"frame_hex": "a501...", "label": "press", "battery_percent": 87, "latitude": -26.1}
    {"frame_hex": "a503...", "label": "battery", "battery_percent": 86}

    CAPTURE has one such JSON object a line, in the order of sending. The more frames, and the more
    known values that differ, the surer the draft.
    """
    samples = read_capture(capture)
    name = _checked_name(name or re.sub(r"[^a-z0-9]+", "-", capture.stem.lower()).strip("-"))
    made = draft_of(samples, name)
    path = _written(out, name, made.text)
    click.echo(f"{path} is written from {made.frames} frames.")
    click.echo(f"{made.repeated} of them are read and written again byte by byte.")
    for doubt in made.doubts:
        click.echo(f"doubt: {doubt}")
    doubtful = made.text.count("# DOUBTFUL")
    click.echo(f"{doubtful} fields are marked DOUBTFUL; read them against the maker's manual.")
    _next_steps(path)


def _asked(asks: bool, question: str, default: str | None, choices: tuple[str, ...] = ()) -> str:
    """Return the answer of a person, or the default where nobody can be asked."""
    if asks:
        sort = click.Choice(choices) if choices else None
        answer: str = click.prompt(question, default=default, type=sort)
        return answer
    if default is None:
        message = "Name the profile, for example: aurasim profiles new acme-button"
        raise click.UsageError(message)
    return default


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        message = f"'{name}' is no name of a profile. Use small letters, digits and dashes."
        raise InputError(message)
    return name


def _words(text: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    if not words:
        message = "A device needs a gesture that calls for help, such as --gestures press,double."
        raise InputError(message)
    return words


def _written(out: Path | None, name: str, text: str) -> Path:
    """Write a new file and read it as a profile; a file that is there is left alone."""
    path = out or Path("profiles") / f"{name}.toml"
    if path.exists():
        message = f"{path} is there already. Name another file with --out, or remove it."
        raise InputError(message)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}. Name a file with --out."
        raise InputError(message) from error
    try:
        read(path)
    except ProfileError as error:
        message = f"The draft is written but not sound yet: {error}"
        raise InputError(message) from error
    return path


def _next_steps(path: Path) -> None:
    click.echo("\nNext:")
    click.echo("  edit it: [layout] and [frames] say the bytes, [behaviour] when they are sent")
    click.echo(f"  aurasim profiles check {path}")
    click.echo(f"  aurasim encode {path} press")
    click.echo(f"  aurasim run --profile {path}=5 --for 1h")
