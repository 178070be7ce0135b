"""`aurasim decode`: what a native frame says."""

from typing import BinaryIO

import click

from simulator.cli.show import json_option, print_json, print_table
from simulator.codec import Context
from simulator.codec._batch import decode_line
from simulator.errors import InputError
from simulator.frame import Direction
from simulator.profile import codec_of, load, meanings


@click.command()
@click.argument("profile", required=False)
@click.argument("frame", required=False)
@click.option("--port", type=int, help="LoRaWAN port; the profile's own when left out.")
@click.option("--downlink", is_flag=True, help="The frame goes from the server to the device.")
@click.option("--key", help="AES or bind key in hex, for encrypted frames.")
@click.option("--address", help="BLE address of the advertiser, for encrypted frames.")
@click.option("--batch", type=click.File("rb"), help="Decode JSON lines of a file; - for stdin.")
@json_option
def decode(
    *,
    profile: str | None,
    frame: str | None,
    port: int | None,
    downlink: bool,
    key: str | None,
    address: str | None,
    batch: BinaryIO | None,
    as_json: bool,
) -> None:
    """Print what a frame says, and what it means to AURA.

    \b
    aurasim decode milesight-ws101 017564ff2e02
    aurasim decode --batch FILE    # lines in the form of the test vectors; one JSON line each

    FRAME is hex, or text for protocols of text.
    """
    if batch:
        for line in batch:
            if line.strip():
                print_json(decode_line(line))
        return
    if not (profile and frame):
        message = "Name a profile and a frame, for example: aurasim decode milesight-ws101 017564"
        raise click.UsageError(message)
    device = load(profile)
    ports = {template.port for template in device.frames.values()} - {None}
    context = Context(
        direction=Direction.DOWNLINK if downlink else Direction.UPLINK,
        port=port if port is not None or len(ports) != 1 else ports.pop(),
        key=_bytes("--key", key) if key else None,
        address=address,
    )
    speaker = codec_of(device)
    payload = frame.encode("latin-1") if speaker.is_text else _bytes("The frame", frame)
    values = speaker.decode(payload, context)
    kinds = [kind.value for kind in meanings(device, values, None, False)]
    if as_json:
        print_json({"values": values, "means": kinds})
        return
    print_table("", ["field", "value"], list(values.items()))
    click.echo(f"means to AURA: {', '.join(kinds) or 'nothing'}")


def _bytes(what: str, text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        message = f"{what} is not hex: {error}. Write two digits a byte, for example 017564."
        raise InputError(message) from error
