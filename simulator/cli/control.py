"""`aurasim control`: a hand on a running fleet, from another terminal."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from simulator.cli.show import json_option, print_json, print_table
from simulator.run.control import ControlClient

_F = TypeVar("_F", bound=Callable[..., object])
_SOME = 20  # names that are printed in full


@click.group()
def control() -> None:
    """Press, move, cancel, drain, break and mend devices of a run that goes on.

    \b
    aurasim run --profile gt06=20 --clock real --for 10m --out runs/live
    aurasim control press gt06/7 --run runs/live
    aurasim control break no-coverage --devices 'gt06/*' --for 2m --run runs/live

    A run listens on this machine only, while it goes by the wall clock (--clock real or scaled=60).
    DEVICE is a name (gt06/7), a profile (gt06) for all of its units, or a pattern ('gt06/1*').
    """


def _run_option(command: _F) -> _F:
    return click.option(
        "--run",
        "folder",
        type=click.Path(path_type=Path),
        default=Path("runs/latest"),
        show_default=True,
        help="The folder of the run.",
    )(command)


def _devices(command: _F) -> _F:
    return click.argument("devices", nargs=-1, required=True, metavar="DEVICE...")(command)


@control.command()
@_devices
@click.option("--gesture", default="", help="One of the profile's; the usual one, if not said.")
@_run_option
@json_option
def press(*, devices: tuple[str, ...], gesture: str, folder: Path, as_json: bool) -> None:
    """Press devices now."""
    order = {"devices": devices, "gesture": gesture}
    _do(folder, "press", order, "presses", "pressed", as_json=as_json)


@control.command()
@_devices
@click.option("--code", type=click.Choice(["right", "wrong"]), help="In the app: the safe code.")
@_run_option
@json_option
def cancel(*, devices: tuple[str, ...], code: str | None, folder: Path, as_json: bool) -> None:
    """Take the latest press back, as the device has it, or in AURA's app."""
    order = {"devices": devices, "code": code}
    _do(folder, "cancel", order, "presses", "taken back", as_json=as_json)


@control.command(context_settings={"ignore_unknown_options": True})
@click.argument("device")
@click.argument("latitude", type=click.FloatRange(-90, 90))
@click.argument("longitude", type=click.FloatRange(-180, 180))
@click.option("--speed", type=float, metavar="KMH", help="Carry it there; at once, if not said.")
@_run_option
@json_option
def move(
    *,
    device: str,
    latitude: float,
    longitude: float,
    speed: float | None,
    folder: Path,
    as_json: bool,
) -> None:
    """Carry a device to a place, in degrees."""
    order = {
        "devices": [device],
        "latitude": latitude,
        "longitude": longitude,
        "speed_kmh": speed,
    }
    _do(folder, "move", order, "devices", "on the way", as_json=as_json)


@control.command()
@click.argument("device")
@click.argument("percent", type=click.FloatRange(0, 100))
@_run_option
@json_option
def drain(*, device: str, percent: float, folder: Path, as_json: bool) -> None:
    """Set the charge of a battery, in percent."""
    order = {"devices": [device], "percent": percent}
    _do(folder, "drain", order, "devices", f"at {percent:g} %", as_json=as_json)


@control.command("break")
@click.argument("kind")
@click.option("--name", default="", help="To end it by, and for the ledger; the kind, if not said.")
@click.option("--devices", multiple=True, metavar="DEVICE", help="Repeatable; all, if not said.")
@click.option("--for", "for_", metavar="SPAN", help="How long; to the end, if not said.")
@click.option("--share", type=float, help="Of these devices.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Keys of the fault.")
@_run_option
@json_option
def break_(
    *,
    kind: str,
    name: str,
    devices: tuple[str, ...],
    for_: str | None,
    share: float | None,
    settings: tuple[str, ...],
    folder: Path,
    as_json: bool,
) -> None:
    """Let a fault come, such as loss, stuck-button or reboot-loop.

    The kinds and their keys are those of [[faults]] in a run file: aurasim run --reference.

    \b
    aurasim control break loss --set strength=0.3 --for 5m
    aurasim control break clock --devices gt06 --set skew_s=-3600
    """
    said = {"name": name, "devices": devices, "to": for_, "share": share}
    fault: dict[str, object] = {"kind": kind} | {k: v for k, v in said.items() if v}
    fault |= dict(_setting(one) for one in settings)
    _do(folder, "break", {"fault": fault}, "fault", "broken", as_json=as_json)


@control.command()
@click.argument("fault")
@_run_option
@json_option
def mend(*, fault: str, folder: Path, as_json: bool) -> None:
    """Let a fault end, by its name."""
    _do(folder, "mend", {"fault": fault}, "fault", "mended", as_json=as_json)


@control.command()
@click.argument("devices", nargs=-1, metavar="[DEVICE...]")
@_run_option
@json_option
def state(*, devices: tuple[str, ...], folder: Path, as_json: bool) -> None:
    """Tell where devices are, their batteries, and what is wrong with them."""
    answer = ControlClient(folder).ask("state", {"devices": devices or ("*",)})
    if as_json:
        print_json(answer)
        return
    found = answer["devices"]
    assert isinstance(found, list)  # noqa: S101 - it is, where the run answered
    columns = ["device", "latitude", "longitude", "battery", "presses", "state", "faults"]
    print_table("", columns, [_row(one) for one in found])


def _row(device: dict[str, object]) -> list[object]:
    state = "dead" if device["is_dead"] else "emergency" if device["is_in_emergency"] else ""
    faults = device["faults"]
    named = ", ".join(faults) if isinstance(faults, list) else ""
    names = ("device", "latitude", "longitude", "battery", "presses")
    return [*(device[name] for name in names), state, named]


def _setting(text: str) -> tuple[str, object]:
    """Read KEY=VALUE; the value is TOML, or else a text."""
    import tomllib

    key, equals, value = text.partition("=")
    if not equals or not key:
        message = f"'{text}' is no setting. Write KEY=VALUE, for example strength=0.5."
        raise click.UsageError(message)
    try:
        return key, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key, value


def _do(folder: Path, deed: str, order: object, key: str, done: str, *, as_json: bool) -> None:
    answer = ControlClient(folder).ask(deed, order)
    if as_json:
        print_json(answer)
        return
    what = answer[key]
    names = what if isinstance(what, list) else [what]
    more = f" and {len(names) - _SOME} more" if len(names) > _SOME else ""
    click.echo(f"{', '.join(map(str, names[:_SOME]))}{more}: {done}")
