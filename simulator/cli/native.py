"""The options of `aurasim run` that say how frames leave it, shared as one decorator."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import click

from simulator.native import ENVELOPES, Delivery, Segments
from simulator.profile import load
from simulator.run import RunSettings

_Command = TypeVar("_Command", bound=Callable[..., object])
_OPTIONS = (
    click.option(
        "--deliver",
        type=click.Choice(["normalised", "native"]),
        help="As AURA device events, or natively to your middleware.  [default: normalised]",
    ),
    click.option(
        "--to",
        multiple=True,
        metavar="[PROFILE=]URL",
        help="Native: where frames go, http(s)://, tcp:// or udp://; repeatable.",
    ),
    click.option(
        "--envelope",
        "envelopes",
        multiple=True,
        metavar="[PROFILE=]NAME",
        help=f"Native: {', '.join(ENVELOPES)}; +strings makes Sigfox's numbers texts.",
    ),
    click.option(
        "--via",
        type=click.Choice(["serial", "ble"]),
        help="Let frames leave by a real port; with --port.",
    ),
    click.option(
        "--port",
        metavar="PORT",
        help="Of --via: a serial port; for BLE usb:0 or another HCI transport (aurasim bench air).",
    ),
    click.option(
        "--segments",
        type=click.Choice([str(way) for way in Segments]),
        default="whole",
        show_default=True,
        help="Native: how frames are cut on a TCP line.",
    ),
    click.option(
        "--allow",
        "allowed",
        multiple=True,
        metavar="HOST",
        help="A host beyond this machine that may be sent to; production never is. Repeatable.",
    ),
)


def native_options(command: _Command) -> _Command:
    """Give a command the options of native delivery."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def delivery_of(
    deliver: str | None,
    to: tuple[str, ...],
    envelopes: tuple[str, ...],
    segments: str,
    allowed: tuple[str, ...],
    *,
    via: tuple[str | None, str | None] = (None, None),
) -> Delivery | None:
    """Return the native delivery that is asked for; None where frames go to our own gateway.

    `via` is the kind of a port that frames leave by, and the port.
    """
    if any(via):
        return _wired(*via, is_alone=not (deliver or to or envelopes))
    if deliver == "native":
        return Delivery.parse(to, envelopes, segments=segments, allowed=allowed)
    if to or envelopes:
        message = "--to and --envelope are for native delivery. Add --deliver native."
        raise click.UsageError(message)
    return None


def _wired(kind: str | None, port: str | None, *, is_alone: bool) -> Delivery:
    from simulator.bench import via  # brings pyserial and bleak

    if not (kind and port):
        message = (
            "--via and --port belong together: --via serial --port /dev/ttyUSB0, or --via ble "
            "--port usb:0."
        )
        raise click.UsageError(message)
    if not is_alone:
        raise click.UsageError("--via is a delivery of its own: leave --deliver and --to away.")
    return via.serial_delivery(port) if kind == "serial" else via.ble_delivery(port)


def try_port(settings: RunSettings) -> None:
    """Try the port that frames are to leave by, before a run counts on it.

    Raises DeliveryError for a profile that cannot leave so, LinkError where the port is not to be
    had.
    """
    native = settings.native
    if native is None or not native.via:
        return
    from simulator.bench.via import probe

    native.check([load(name) for name in settings.mix])
    asyncio.run(probe(native))
