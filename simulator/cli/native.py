"""The options of `aurasim run` that say how frames leave it, shared as one decorator."""

from collections.abc import Callable
from typing import TypeVar

import click

from simulator.native import ENVELOPES, Delivery, Segments

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
) -> Delivery | None:
    """Return the native delivery that is asked for; None where frames go to our own gateway."""
    if deliver == "native":
        return Delivery.parse(to, envelopes, segments=segments, allowed=allowed)
    if to or envelopes:
        message = "--to and --envelope are for native delivery. Add --deliver native."
        raise click.UsageError(message)
    return None
