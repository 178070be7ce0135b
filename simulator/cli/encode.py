"""`aurasim encode`: the native frame that says something."""

from typing import BinaryIO

import click

from simulator.cli.show import json_option, print_json
from simulator.codec import Context
from simulator.codec._batch import encode_line
from simulator.device import Firmware, Place, Speech
from simulator.errors import InputError
from simulator.frame import Kind, Value
from simulator.profile import codec_of, load
from simulator.rng import Rng


@click.command()
@click.argument("profile", required=False)
@click.argument("kind", required=False, type=click.Choice([kind.value for kind in Kind]))
@click.argument("fields", nargs=-1)
@click.option("--batch", type=click.File("rb"), help="Encode JSON lines of a file; - for stdin.")
@json_option
def encode(
    *,
    profile: str | None,
    kind: str | None,
    fields: tuple[str, ...],
    batch: BinaryIO | None,
    as_json: bool,
) -> None:
    """Print the frame a device sends on an occasion.

    \b
    aurasim encode milesight-ws101 press
    aurasim encode milesight-ws101 press press=double battery_percent=12
    aurasim encode --batch FILE    # lines in the form of the test vectors, "expected" is encoded

    FIELDS are values of the frame, name=value; the profile's own frame fills in the rest.
    """
    if batch:
        for line in batch:
            if line.strip():
                print_json(encode_line(line))
        return
    if not (profile and kind):
        message = "Name a profile and a kind, for example: aurasim encode milesight-ws101 press"
        raise click.UsageError(message)
    values, payload, is_text = _encoded(profile, Kind(kind), dict(map(_field, fields)))
    shown = payload.decode("latin-1") if is_text else payload.hex()
    if as_json:
        print_json({"frame_text" if is_text else "frame_hex": shown, "values": values})
    else:
        click.echo(shown)


def _encoded(
    name: str, kind: Kind, fields: dict[str, Value]
) -> tuple[dict[str, Value], bytes, bool]:
    profile = load(name)
    template = profile.frames.get(kind)
    if template is None:
        said = ", ".join(sorted(profile.frames))
        message = f"{profile.name} has no {kind} frame. It has: {said}."
        raise InputError(message)
    unit = Firmware(Speech(profile), 1, Rng(0), place=Place(), epoch_s=0.0)
    values = unit.would_say(0.0, kind) | fields
    speaker = codec_of(profile)
    return values, speaker.encode(values, Context(port=template.port)), speaker.is_text


def _field(text: str) -> tuple[str, Value]:
    """Read name=value; a value is JSON where it can be read as such, else text."""
    name, found, value = text.partition("=")
    if not found or not name:
        message = f"'{text}' is no field. Write name=value, for example battery_percent=12."
        raise click.UsageError(message)
    return name, json_or_text(value)


def json_or_text(text: str) -> Value:
    """Return a value written on a command line: 12, true, [1,2] or plain text."""
    import msgspec

    try:
        value: Value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
    return value
